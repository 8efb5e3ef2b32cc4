"""A unit finds the interviews and notices it has not made good; a meeting may be cancelled and another one called."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; then make the indexes while the desk works on, again from nothing if that was cut short."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    cancelled_at = sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True)
    cancelled_why = sa.Column("cancelled_why", sa.Text(), server_default="", nullable=False)
    for column in (cancelled_at, cancelled_why):
        op.add_column("consultation", column, if_not_exists=True)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_summons_open_department")
        op.create_index(
            "ix_summons_open_department", "summons", ["department_id", "id"], postgresql_concurrently=True,
            postgresql_where=sa.text("done_at IS NULL"),
        )  # fmt: skip
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_consultation_asked_id")
        op.create_index(
            "ix_consultation_asked_id", "consultation", ["asked_id"], unique=True, postgresql_concurrently=True,
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )  # fmt: skip
    op.drop_constraint("uq_consultation_asked_id", "consultation")


def downgrade() -> None:
    """Take it all away again; cancelled meetings go."""
    cancelled = "consultation WHERE cancelled_at IS NOT NULL"
    op.execute(f"DELETE FROM invited_unit WHERE consultation_id IN (SELECT id FROM {cancelled})")
    op.execute(f"DELETE FROM {cancelled}")
    op.create_unique_constraint("uq_consultation_asked_id", "consultation", ["asked_id"])
    op.drop_index("ix_consultation_asked_id", "consultation")
    op.drop_index("ix_summons_open_department", "summons")
    for column in ("cancelled_why", "cancelled_at"):
        op.drop_column("consultation", column)
