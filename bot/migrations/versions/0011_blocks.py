"""Who may not ask for a while, how a desk is kept, what is counted of it; what stands with a draft, in one value."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the column in the place of another that nothing was written to."""
    op.create_table(
        "blocks",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_blocks_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blocks")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_blocks_community"), "blocks", ["community"])
    op.create_table(
        "desks",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("jitter", sa.SmallInteger(), nullable=False, server_default="10"),
        sa.Column("kept_days", sa.SmallInteger(), nullable=False, server_default="30"),
        sa.Column("unclaimed_hours", sa.SmallInteger(), nullable=False, server_default="4"),
        sa.Column("unanswered_hours", sa.SmallInteger(), nullable=False, server_default="24"),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_desks_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_desks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tallies",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_tallies_community_communities"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", "what", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.drop_column("drafts", "topic")
    op.add_column("drafts", sa.Column("about", sa.LargeBinary(), nullable=True))
