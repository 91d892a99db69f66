"""Coaches sign with names of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for them."""
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
