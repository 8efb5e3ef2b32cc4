"""Limits have caps, clocks know the hours of units with 24-hour duty, tickets what they were called before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = (
    ("time_limit", sa.Column("cap", sa.Integer(), nullable=True)),
    ("time_limit", sa.Column("cap_unit", sa.String(length=32), server_default="", nullable=False)),
    ("clock", sa.Column("day_hours", sa.SmallInteger(), nullable=True)),
    ("asked", sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=True)),
    ("ticket", sa.Column("called", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)),
)


def upgrade() -> None:
    """Add the columns, empty for what is there."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table, column in COLUMNS:
        op.add_column(table, column, if_not_exists=True)


def downgrade() -> None:
    """Take the columns away."""
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
