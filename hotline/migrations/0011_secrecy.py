"""Secrecy: granted looks at identity, unusual looking, and the extract that companies read instead of the text."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index while the desk works on, then the column and the tables."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_access_log_staff_at")
        op.create_index("ix_access_log_staff_at", "access_log", ["staff_id", "at"], postgresql_concurrently=True)
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("ticket", sa.Column("extract", sa.Text(), server_default="", nullable=False), if_not_exists=True)
    op.create_table(
        "unmask_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.SmallInteger(), nullable=False),
        sa.Column("used", sa.SmallInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_unmask_grant_ticket_no")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_unmask_grant_assignment_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_unmask_grant_staff_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_unmask_grant_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmask_grant")),
    )
    op.create_index("ix_unmask_grant_ticket_no", "unmask_grant", ["ticket_no", "id"])
    pending = sa.text("decision = 'pending'")
    op.create_index("ix_unmask_grant_pending", "unmask_grant", ["id"], postgresql_where=pending)
    op.create_table(
        "look_alarm",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_look_alarm_ticket_no")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_look_alarm_staff_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_look_alarm_answered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_alarm")),
    )
    op.create_index(
        "ix_look_alarm_open", "look_alarm", ["staff_id", "day", "kind"], unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    """Take the tables, the column and the index away."""
    op.drop_table("look_alarm")
    op.drop_table("unmask_grant")
    op.drop_column("ticket", "extract")
    op.drop_index("ix_access_log_staff_at", "access_log")
