"""A suspension keeps its plan and its real end; a ticket counts how often it was reopened."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while the desk works on (again from nothing if that was cut short), once its columns are there."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("asked", sa.Column("plan", sa.Text(), server_default="", nullable=False))
    op.add_column("asked", sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("reopens", sa.SmallInteger(), server_default="0", nullable=False))
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_asked_suspended")
        op.create_index(
            "ix_asked_suspended", "asked", ["new_due_at"], postgresql_concurrently=True,
            postgresql_where=sa.text("kind = 'suspension' AND decision = 'granted' AND resumed_at IS NULL"),
        )  # fmt: skip


def downgrade() -> None:
    """Take the index and the columns away."""
    op.drop_index("ix_asked_suspended", "asked")
    op.drop_column("ticket", "reopens")
    op.drop_column("asked", "resumed_at")
    op.drop_column("asked", "plan")
