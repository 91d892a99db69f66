"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "communities",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("operator", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("posts_hour", sa.SmallInteger(), nullable=False),
        sa.Column("halted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communities")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.SmallInteger(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=16), nullable=False),
        sa.Column("reach", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_accounts_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("lookup", name=op.f("uq_accounts_lookup")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_accounts_member"), "accounts", ["member"], unique=False)
    op.create_table(
        "askers",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_askers_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_askers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_calls_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_calls_at"), "calls", ["at"], unique=False)
    op.create_index(op.f("ix_calls_member"), "calls", ["member"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_contacts_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_contacts_member"), "contacts", ["member"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_drafts_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_drafts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "due",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_due_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "key", name=op.f("pk_due")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_due_at"), "due", ["at"], unique=False)
    op.create_index(op.f("ix_due_member"), "due", ["member"], unique=False)
    op.create_table(
        "forms",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_forms_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_forms")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_forms_at"), "forms", ["at"], unique=False)
    op.create_index(op.f("ix_forms_member"), "forms", ["member"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("settled", sa.String(length=64), nullable=True),
        sa.Column("why", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_outbox_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("name", name=op.f("uq_outbox_name")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_outbox_due", "outbox", ["platform", "state", "lane", "due_at"], unique=False)
    op.create_index(op.f("ix_outbox_member"), "outbox", ["member"], unique=False)
    op.create_index("ix_outbox_order", "outbox", ["subject", "step"], unique=False)
    op.create_table(
        "places",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("platform", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_places_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", "purpose", name=op.f("pk_places")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "posted",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("had", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_posted_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_posted")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("asker", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_questions_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "readings",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_readings_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_readings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "roads",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("road", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_roads_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_roads")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sent",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("refs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_sent_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sent")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sent_at"), "sent", ["at"], unique=False)
    op.create_index(op.f("ix_sent_member"), "sent", ["member"], unique=False)
    op.create_index(op.f("ix_sent_subject"), "sent", ["subject"], unique=False)
    op.create_table(
        "signatures",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("name", sa.LargeBinary(length=16), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_signatures_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_signatures")),
        sa.UniqueConstraint("name", name=op.f("uq_signatures_name")),
        sqlite_with_rowid=False,
    )
