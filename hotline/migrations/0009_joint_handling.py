"""A helping unit's share has its own limit and nearest duty, and a unit reads what went straight to one below it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NO_DEADLINE = "9000-01-01 00:00:00+00"
OWN_DUTIES = """
UPDATE assignment SET deadline = own.due_at, deadline_since = own.started_at
FROM (
    SELECT DISTINCT ON (assignment_id) assignment_id, due_at, started_at FROM clock
    WHERE met_at IS NULL AND stopped_at IS NULL AND kind NOT IN ('return', 'evaluate')
    ORDER BY assignment_id, due_at
) AS own
WHERE own.assignment_id = assignment.id AND assignment.ended_at IS NULL
"""


def upgrade() -> None:
    """Add table and columns, which a run that was cut short may have done; reckon the shares under way; then the
    index while the desk works on."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    moment = sa.DateTime(timezone=True)
    op.add_column("assignment", sa.Column("until", moment, nullable=True), if_not_exists=True)
    op.add_column(
        "assignment", sa.Column("deadline", moment, server_default=NO_DEADLINE, nullable=False), if_not_exists=True
    )
    op.add_column("assignment", sa.Column("deadline_since", moment, nullable=True), if_not_exists=True)
    late = sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("assignment", late, if_not_exists=True)
    op.create_table(
        "ticket_copy",
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("copied_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_copy_ticket_no")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_ticket_copy_department_id")),
        sa.PrimaryKeyConstraint("ticket_no", "department_id", name=op.f("pk_ticket_copy")),
        if_not_exists=True,
    )
    op.create_index("ix_ticket_copy_department_id", "ticket_copy", ["department_id", "ticket_no"], if_not_exists=True)
    op.execute("DROP TRIGGER IF EXISTS ticket_copy_of_archived_stays ON ticket_copy")
    op.execute(
        "CREATE TRIGGER ticket_copy_of_archived_stays BEFORE INSERT OR UPDATE OR DELETE ON ticket_copy "
        "FOR EACH ROW EXECUTE FUNCTION refuse_archived()"
    )
    op.execute(OWN_DUTIES)
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_assignment_helping")
        op.create_index(
            "ix_assignment_helping", "assignment", ["department_id", "deadline", "id"], postgresql_concurrently=True,
            postgresql_where=sa.text("ended_at IS NULL AND NOT is_lead"),
        )  # fmt: skip


def downgrade() -> None:
    """Take all of it away."""
    op.drop_index("ix_assignment_helping", "assignment")
    op.drop_table("ticket_copy")
    for column in ("late", "deadline_since", "deadline", "until"):
        op.drop_column("assignment", column)
