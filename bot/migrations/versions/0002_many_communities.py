"""Many communities: the servers and groups they are made of, who belongs to which, who set them up, who coaches.

What was set up by settings comes along where it can be told: a Telegram group is its own place. Of a Discord channel
the settings did not say which server it is in, so there /setup is run once more; what members wrote stays theirs.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them."""
    connection = op.get_bind()
    for column in (
        sa.Column("name", sa.String(length=100), nullable=False, server_default=sa.text("''")),
        sa.Column("contact", sa.String(length=200), nullable=False, server_default=sa.text("''")),
        sa.Column("locale", sa.String(length=16), nullable=False, server_default="en"),
        sa.Column("step", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("weekly", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("communities", column)
    old = (
        connection.execute(sa.text("SELECT community, purpose, platform, channel, thread FROM places")).mappings().all()
    )
    op.drop_table("places")
    op.create_table(
        "homes",
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=32), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("joined_here", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["communities.id"], name=op.f("fk_homes_community"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("platform", "server", name=op.f("pk_homes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_homes_community"), "homes", ["community"], unique=False)
    op.create_table(
        "places",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("broken", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_places_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", "purpose", "platform", "server", name=op.f("pk_places")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_places_channel", "places", ["platform", "channel"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_memberships_member"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_memberships_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member", "community", name=op.f("pk_memberships")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_memberships_community"), "memberships", ["community"], unique=False)
    op.create_table(
        "stewards",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_stewards_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_stewards")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_stewards_lookup"), "stewards", ["lookup"], unique=False)
    op.create_table(
        "named_coaches",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_named_coaches_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_named_coaches")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_named_coaches_community"), "named_coaches", ["community"], unique=False)
    op.create_table(
        "links",
        sa.Column("code", sa.LargeBinary(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["community"], ["communities.id"], name=op.f("fk_links_community"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_links")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "totals",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("counted", sa.JSON(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_totals_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_totals")),
        sqlite_with_rowid=False,
    )
    op.add_column("drafts", sa.Column("community", sa.String(length=16), nullable=True))
    _bring_along(connection, old)


def _bring_along(connection: sa.Connection, old: Sequence[sa.RowMapping]) -> None:
    home = sa.text(
        "INSERT INTO homes VALUES (:platform, :channel, :community, :joined_here) "
        "ON CONFLICT DO UPDATE SET joined_here = joined_here OR excluded.joined_here"
    )
    place = sa.text(
        "INSERT INTO places VALUES (:community, :purpose, :platform, :channel, :channel, :thread, '', NULL, NULL)"
    )
    groups = [row for row in old if row["platform"] == "telegram"]
    posts = any(row["purpose"] == "posts" for row in groups)  # else the desk's group is all there is to run it from
    for row in groups:
        connection.execute(home, {**row, "joined_here": row["purpose"] == "posts" or not posts})
        connection.execute(place, dict(row))
    connection.execute(
        sa.text(
            "INSERT INTO memberships SELECT m.id, c.id, m.joined FROM members m, communities c "
            "WHERE c.id IN (SELECT community FROM homes)"
        )
    )
    connection.execute(
        sa.text("UPDATE communities SET name = CASE WHEN operator = '' THEN 'Unsent' ELSE substr(operator, 1, 100) END")
    )
