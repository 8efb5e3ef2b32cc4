"""Counts of the machine's dispatching by week, and the thresholds that follow from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index by time while the desk works on (again from nothing if that was cut short), then the tables."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_machine_guess_guessed_at")
        op.create_index(
            "ix_machine_guess_guessed_at", "machine_guess", ["guessed_at"], postgresql_concurrently=True
        )
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "guess_week",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("classes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_guess_week")),
    )
    keys = (
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("model_version", sa.String(length=32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("guessed_department_id", sa.Integer(), nullable=False),
        sa.Column("sure", sa.SmallInteger(), nullable=False),
        sa.Column("in_three", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("why_not", sa.String(length=32), nullable=False),
    )
    op.create_table(
        "guess_count",
        *keys,
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("stated", sa.Numeric(12, 4), nullable=False),
        sa.PrimaryKeyConstraint(*(key.name for key in keys), name=op.f("pk_guess_count")),
    )
    op.create_table(
        "dispatch_threshold",
        sa.Column("department_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sure", sa.SmallInteger(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_dispatch_threshold_department_id")
        ),
        sa.PrimaryKeyConstraint("department_id", name=op.f("pk_dispatch_threshold")),
    )


def downgrade() -> None:
    """Everything here can be counted again."""
    op.drop_index("ix_machine_guess_guessed_at", "machine_guess")
    for table in ("dispatch_threshold", "guess_count", "guess_week"):
        op.drop_table(table)
