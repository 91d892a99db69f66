"""Which deck a community has chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("communities", sa.Column("deck", sa.String(length=32), nullable=True))
