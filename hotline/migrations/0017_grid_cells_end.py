"""A cell of the grid that is no longer used ends and stays, for tasks name it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; every cell is in use."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("grid_cell", sa.Column("valid_to", sa.Date(), nullable=True), if_not_exists=True)


def downgrade() -> None:
    """Take it away."""
    op.drop_column("grid_cell", "valid_to")
