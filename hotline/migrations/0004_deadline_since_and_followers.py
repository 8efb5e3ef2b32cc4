"""A ticket knows since when its nearest duty runs, and its merged followers are found by its number."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while the desk works on (again from nothing if that was cut short), then the column.

    Duties that began before are shown from the ticket's receipt, as they were.
    """
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ticket_follower")
        op.create_index(
            "ix_ticket_follower", "ticket", ["master_no"], postgresql_concurrently=True,
            postgresql_where=sa.text("master_no <> ticket_no"),
        )  # fmt: skip
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("ticket", sa.Column("deadline_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take both away."""
    op.drop_column("ticket", "deadline_since")
    op.drop_index("ix_ticket_follower", "ticket")
