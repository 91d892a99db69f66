"""Any number of places for posts, each with a plan of its own, and with who chose it."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OLD = "community, purpose, platform, server, channel, thread, name, role, broken"


def upgrade() -> None:
    """Make the places anew; what was posted each day goes on at its hour."""
    connection = op.get_bind()
    old = connection.execute(sa.text(f"SELECT {OLD} FROM places")).mappings().all()  # noqa: S608 # of names above
    hours = {row.id: row.posts_hour for row in connection.execute(sa.text("SELECT id, posts_hour FROM communities"))}
    op.drop_table("places")
    places = op.create_table(
        "places",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("server", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("broken", sa.String(length=200), nullable=True),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("threads", sa.Boolean(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_places_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", "purpose", "platform", "server", "key", name=op.f("pk_places")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_places_channel", "places", ["platform", "channel"])
    op.create_table(
        "choosers",
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_choosers_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_choosers")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_choosers_community"), "choosers", ["community"])
    op.create_index(op.f("ix_choosers_lookup"), "choosers", ["lookup"])
    rows = [
        dict(row) | {"number": number, "threads": False} | _planned(row["purpose"], hours[row["community"]])
        for number, row in enumerate(old, 1)
    ]
    if rows:
        connection.execute(places.insert(), rows)
    op.drop_column("communities", "posts_hour")
    op.drop_table("posted")
    connection.execute(sa.text("DELETE FROM due WHERE job = 'advice.post'"))


def _planned(purpose: str, hour: int) -> dict[str, object]:
    if purpose != "posts":
        return {"key": "", "plan": None}
    return {"key": secrets.token_hex(4), "plan": {"hour": hour}}
