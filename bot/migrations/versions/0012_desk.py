"""How it is with each desk, and what a coach's answers came to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "desk_watches",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("nudged", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(length=10), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("given", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_desk_watches_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_desk_watches")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "coach_counts",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_coach_counts_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_coach_counts")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_coach_counts_community"), "coach_counts", ["community"])
