"""A community can be halted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what says so."""
    op.add_column("communities", sa.Column("halted", sa.Boolean(), server_default=sa.false(), nullable=False))
