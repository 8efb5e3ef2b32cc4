"""What became of each ticket's guesses is kept, so that a night counts only what moved since the last."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table is filled by the first night; until then the counts stand as they are."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "guess_outcome",
        sa.Column("ticket_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("model_version", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("guessed_department_id", sa.Integer(), nullable=False),
        sa.Column("sure", sa.SmallInteger(), nullable=False),
        sa.Column("in_three", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("why_not", sa.String(length=32), nullable=False),
        sa.Column("stated", sa.Numeric(5, 4), nullable=False),
        sa.Column("class_code", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_guess_outcome")),
    )
    op.create_index("ix_guess_outcome_week", "guess_outcome", ["week"])
    op.execute("ALTER TABLE guess_week ADD COLUMN IF NOT EXISTS unread_from xid8")


def downgrade() -> None:
    """Take both away."""
    op.drop_column("guess_week", "unread_from")
    op.drop_table("guess_outcome")
