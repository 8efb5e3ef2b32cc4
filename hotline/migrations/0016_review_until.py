"""A ticket knows until when its citizen may review it, so that the minute's sweep meets what is due alone."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NEWEST = """
UPDATE ticket SET review_until = newest.expires_at
FROM (SELECT ticket_no, max(expires_at) AS expires_at FROM invitation GROUP BY ticket_no) AS newest
WHERE newest.ticket_no = ticket.ticket_no AND ticket.state = 'to_evaluate'
"""


def upgrade() -> None:
    """Add the column, fill it where a review is awaited; then the index while the desk works on."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("ticket", sa.Column("review_until", sa.DateTime(timezone=True), nullable=True), if_not_exists=True)
    op.execute(NEWEST)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ticket_review_until")
        op.create_index(
            "ix_ticket_review_until", "ticket", ["review_until"], postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'to_evaluate'"),
        )  # fmt: skip


def downgrade() -> None:
    """Take both away."""
    op.drop_index("ix_ticket_review_until", "ticket")
    op.drop_column("ticket", "review_until")
