"""Urging, supervision and the ladder: reminders with their answers, summons, rungs, and when a limit's next rung is due."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENDED = "state NOT IN ('archived', 'closed', 'merged', 'not_accepted', 'transferred', 'withdrawn')"
WAITS = "next_rung_at IS NOT NULL AND stopped_at IS NULL AND met_at IS NULL"
INDEXES = (
    ("ix_clock_next_rung", "clock", ["next_rung_at", "id"], f"kind <> 'sign' AND {WAITS}"),
    ("ix_clock_unsigned", "clock", ["next_rung_at", "id"], f"kind = 'sign' AND {WAITS}"),
    ("ix_ticket_open_number", "ticket", ["ticket_no"], ENDED),
    ("ix_ticket_open_again", "ticket", ["ticket_no"],
     f"(returns > 0 OR rehandles > 0 OR rectify_rounds > 0) AND {ENDED}"),
)  # fmt: skip


def upgrade() -> None:
    """Add columns and tables; limits to sign that run are looked at when they end; then the indexes while the desk
    works on (again from nothing if that was cut short)."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    moment = sa.DateTime(timezone=True)
    op.add_column("clock", sa.Column("rung", sa.String(length=24), nullable=True), if_not_exists=True)
    op.add_column("clock", sa.Column("next_rung_at", moment, nullable=True), if_not_exists=True)
    op.execute(
        "UPDATE clock SET next_rung_at = due_at WHERE kind = 'sign' AND stopped_at IS NULL AND met_at IS NULL"
    )
    if not sa.inspect(op.get_bind()).has_table("ladder_rung"):
        _make_rungs()
        _make_reminders()
        _make_summons()
    with op.get_context().autocommit_block():
        for name, table, columns, where in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(name, table, columns, postgresql_concurrently=True, postgresql_where=sa.text(where))


def _make_rungs() -> None:
    op.create_table(
        "ladder_rung",
        sa.Column("rung", sa.String(length=24), nullable=False),
        sa.Column("urgency", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["rule_version.id"], name=op.f("fk_ladder_rung_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_rung")),
    )
    op.create_index(op.f("ix_ladder_rung_version_id"), "ladder_rung", ["version_id"])


def _make_reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("by_role", sa.String(length=24), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("with_units", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_reminder_ticket_no")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_reminder_assignment_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_reminder_department_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_reminder_clock_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reminder_staff_id")),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_reminder_answered_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_reminder_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index("ix_reminder_ticket_no", "reminder", ["ticket_no", "id"])
    op.create_index("ix_reminder_asked_at", "reminder", ["asked_at"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index("ix_reminder_open", "reminder", ["due_at", "id"], postgresql_where=still_open)
    op.create_index(
        "ix_reminder_open_department", "reminder", ["department_id", "id"], postgresql_where=still_open
    )
    op.execute(
        "CREATE TRIGGER reminder_of_archived_stays BEFORE INSERT OR UPDATE OR DELETE ON reminder "
        "FOR EACH ROW EXECUTE FUNCTION refuse_archived()"
    )


def _make_summons() -> None:
    op.create_table(
        "summons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=True),
        sa.Column("taken_up_by", sa.Integer(), nullable=True),
        sa.Column("taken_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("persons", sa.Text(), nullable=False),
        sa.Column("commitments", sa.Text(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_summons_ticket_no")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_summons_department_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_summons_clock_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_summons_proposed_by")),
        sa.ForeignKeyConstraint(["taken_up_by"], ["staff.id"], name=op.f("fk_summons_taken_up_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summons")),
    )
    op.create_index("ix_summons_ticket_no", "summons", ["ticket_no", "id"])
    op.create_index("ix_summons_open", "summons", ["id"], postgresql_where=sa.text("done_at IS NULL"))


def downgrade() -> None:
    """Take it all away."""
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)
    for table in ("summons", "reminder", "ladder_rung"):
        op.drop_table(table)
    op.drop_column("clock", "next_rung_at")
    op.drop_column("clock", "rung")
