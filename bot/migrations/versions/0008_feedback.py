"""What is counted of the pieces."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "feedback",
        sa.Column("piece", sa.String(length=64), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.Column("not_for_me", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("piece", name=op.f("pk_feedback")),
        sqlite_with_rowid=False,
    )
