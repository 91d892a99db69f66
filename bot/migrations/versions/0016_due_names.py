"""Work that is due for a message is found by that message's name, which may be as long as any in the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the key. SQLite changes no column: there the table is made anew, and stays without row numbers."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("due", "key", type_=sa.String(length=64), existing_nullable=False)
        return
    op.rename_table("due", "due_before")
    op.drop_index("ix_due_at", "due_before")
    op.drop_index("ix_due_member", "due_before")
    op.create_table(
        "due",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_due_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "key", name=op.f("pk_due")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_due_at"), "due", ["at"])
    op.create_index(op.f("ix_due_member"), "due", ["member"])
    op.execute("INSERT INTO due SELECT job, key, member, at FROM due_before")
    op.drop_table("due_before")
