"""Special desks and enterprises: skills of staff, calls passed on, sealed companies, and direct rows of the duty list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    skills = sa.Column("skills", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    op.add_column("staff", skills)
    op.add_column("call", sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True))
    direct = sa.Column("direct", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("duty_row", direct)
    op.add_column("requester", sa.Column("company_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take it all away."""
    op.drop_column("requester", "company_sealed")
    op.drop_column("duty_row", "direct")
    op.drop_column("call", "passed_on_at")
    op.drop_column("staff", "skills")
