"""Codes that link accounts, and links that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "link_codes",
        sa.Column("code", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_link_codes_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_link_codes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_link_codes_member"), "link_codes", ["member"])
    op.create_table(
        "joins",
        sa.Column("member", sa.String(length=16), nullable=False),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_joins_member"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_joins")),
        sqlite_with_rowid=False,
    )
