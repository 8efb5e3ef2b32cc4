"""The several demands of one text are kept with the machine's reading."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; readings made before have no parts."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column(
        "machine_guess",
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("machine_guess", "parts")
