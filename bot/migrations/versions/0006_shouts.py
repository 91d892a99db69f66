"""Milestones that are told to a community: those that wait, when the last one was, which names have been out."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shouts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("shout", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shouts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shouted",
        sa.Column("community", sa.String(length=16), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_shouted_community"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("community", name=op.f("pk_shouted")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "aliases",
        sa.Column("alias", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_aliases")),
        sqlite_with_rowid=False,
    )
