"""Grid cells, and what their workers are asked to do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FOREIGN = {
    "grid_cell": {"parent_id": "grid_cell.id", "department_id": "department.id"},
    "grid_task": {
        "ticket_no": "ticket.ticket_no", "assignment_id": "assignment.id", "cell_id": "grid_cell.id",
        "asked_by": "staff.id", "staff_id": "staff.id",
    },
}  # fmt: skip


def upgrade() -> None:
    """Make both tables; a task of an archived ticket stays as it is."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "grid_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("community", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("polygon", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        *foreign("grid_cell"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_cell")),
        sa.UniqueConstraint("code", name=op.f("uq_grid_cell_code")),
    )
    make_tasks()
    op.execute(
        "CREATE TRIGGER grid_task_of_archived_stays BEFORE INSERT OR UPDATE OR DELETE ON grid_task "
        "FOR EACH ROW EXECUTE FUNCTION refuse_archived()"
    )


def make_tasks() -> None:
    """The table of tasks with its indexes."""
    op.create_table(
        "grid_task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_no", sa.BigInteger(), nullable=True),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("cell_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("gps", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("photos", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        *foreign("grid_task"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_task")),
    )
    op.create_index("ix_grid_task_ticket_no", "grid_task", ["ticket_no", "id"])
    open_tasks = sa.text("done_at IS NULL")
    op.create_index("ix_grid_task_open", "grid_task", ["cell_id", "id"], postgresql_where=open_tasks)


def foreign(table: str) -> list[sa.ForeignKeyConstraint]:
    """The foreign keys of a table under their usual names."""
    return [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"))
        for name, target in FOREIGN[table].items()
    ]


def downgrade() -> None:
    """Take both tables away."""
    op.drop_table("grid_task")
    op.drop_table("grid_cell")
