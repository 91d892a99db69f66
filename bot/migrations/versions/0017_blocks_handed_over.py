"""In which community somebody was blocked, where that has become part of another one."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("blocks", sa.Column("made_in", sa.String(length=16), nullable=True))
