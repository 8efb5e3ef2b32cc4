"""A suspension keeps its plan and its real end; a ticket counts how often it was reopened."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which a run that was cut short may have done; then make the index while the desk works on."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("asked", sa.Column("plan", sa.Text(), server_default="", nullable=False), if_not_exists=True)
    op.add_column("asked", sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True), if_not_exists=True)
    op.add_column("ticket", sa.Column("reopens", sa.SmallInteger(), server_default="0", nullable=False), if_not_exists=True)
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
