"""Consultation meetings with their invited units; three-way calls; the tickets at an emergency line by an index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("consultation", "invited_unit", "three_way_call")
TRANSFERRED = sa.text("state = 'transferred'")


def upgrade() -> None:
    """Make the index while the desk works on (again from nothing if that was cut short), then the tables."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ticket_transferred")
        op.create_index(
            "ix_ticket_transferred", "ticket", ["ticket_no"], postgresql_concurrently=True, postgresql_where=TRANSFERRED
        )
    op.execute("SET LOCAL lock_timeout = '3s'")
    _make_consultations()
    _make_three_way_calls()
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_of_archived_stays BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_archived()"
        )


def _make_consultations() -> None:
    op.create_table(
        "consultation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("asked_id", sa.BigInteger(), nullable=False),
        sa.Column("called_by", sa.Integer(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meets_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("ruled_department_id", sa.Integer(), nullable=True),
        sa.Column("ruled_by", sa.Integer(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duty_row_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_consultation_ticket_no")),
        sa.ForeignKeyConstraint(["asked_id"], ["asked.id"], name=op.f("fk_consultation_asked_id")),
        sa.ForeignKeyConstraint(["called_by"], ["staff.id"], name=op.f("fk_consultation_called_by")),
        sa.ForeignKeyConstraint(
            ["ruled_department_id"], ["department.id"], name=op.f("fk_consultation_ruled_department_id")
        ),
        sa.ForeignKeyConstraint(["ruled_by"], ["staff.id"], name=op.f("fk_consultation_ruled_by")),
        sa.ForeignKeyConstraint(["duty_row_id"], ["duty_row.id"], name=op.f("fk_consultation_duty_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("asked_id", name=op.f("uq_consultation_asked_id")),
    )
    op.create_index("ix_consultation_ticket_no", "consultation", ["ticket_no", "id"])
    op.create_index("ix_consultation_open", "consultation", ["id"], postgresql_where=sa.text("ruled_at IS NULL"))
    op.create_table(
        "invited_unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("opinion_by", sa.Integer(), nullable=True),
        sa.Column("opinion_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_invited_unit_consultation_id")
        ),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_invited_unit_ticket_no")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_invited_unit_department_id")),
        sa.ForeignKeyConstraint(["opinion_by"], ["staff.id"], name=op.f("fk_invited_unit_opinion_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invited_unit")),
    )
    op.create_index("ix_invited_unit_department_id", "invited_unit", ["department_id", "consultation_id"])
    op.create_index(
        "ix_invited_unit_consultation_id", "invited_unit", ["consultation_id", "department_id"], unique=True
    )
    op.create_index("ix_invited_unit_ticket_no", "invited_unit", ["ticket_no"])


def _make_three_way_calls() -> None:
    op.create_table(
        "three_way_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_three_way_call_ticket_no")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_three_way_call_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_three_way_call")),
    )
    op.create_index("ix_three_way_call_ticket_no", "three_way_call", ["ticket_no", "id"])


def downgrade() -> None:
    """Take the index and the tables away, their triggers with them."""
    op.drop_index("ix_ticket_transferred", "ticket")
    for table in reversed(TABLES):
        op.drop_table(table)
