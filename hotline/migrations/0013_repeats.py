"""Alarms that wait for an answer in whatever state; who told the same, where, and what followers say of the answer."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_clock_alarm", "clock", ("due_at",),
     "kind = 'alarm' AND met_at IS NULL AND stopped_at IS NULL AND told_at IS NULL"),
    ("ix_ticket_place_name", "ticket", ("place_name", sa.text("ticket_no DESC")), "place_name <> ''"),
    ("ix_ticket_unhappy_follower", "ticket", ("ticket_no",), "unhappy_follower"),
    ("ix_ticket_any_alarm", "ticket", ("priority", "deadline", "ticket_no"), "alarm_open"),
)  # fmt: skip


def columns() -> list[tuple[str, sa.Column]]:
    """What tables of before get."""
    return [
        ("clock", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True)),
        ("call", sa.Column("priority", sa.SmallInteger(), server_default="1", nullable=False)),
        ("place", sa.Column("latitude", sa.Float(), nullable=True)),
        ("place", sa.Column("longitude", sa.Float(), nullable=True)),
        ("ticket", sa.Column("place_name", sa.Text(), server_default="", nullable=False)),
        ("ticket", sa.Column("told_by", sa.SmallInteger(), server_default="1", nullable=False)),
        ("ticket", sa.Column("unhappy_follower", sa.Boolean(), server_default=sa.text("false"), nullable=False)),
    ]


def make_tables() -> None:
    """The tables of likenesses, groups and marked numbers."""
    op.create_table(
        "likeness",
        sa.Column("later_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("earlier_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("same_matter", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("later_no", "earlier_no", name=op.f("pk_likeness")),
    )
    op.create_index("ix_likeness_earlier_no", "likeness", ["earlier_no"])
    op.create_table(
        "demand_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("matter_code", sa.String(32), nullable=False),
        sa.Column("place_name", sa.Text(), nullable=False),
        sa.Column("area_code", sa.String(32), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(24), nullable=False),
        sa.Column("callers", sa.Integer(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_group")),
        sa.UniqueConstraint("matter_code", "place_name", "area_code", "opened_on", name="uq_demand_group"),
    )
    op.create_index("ix_demand_group_last_at", "demand_group", ["last_at", "id"])
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("member_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["demand_group.id"], name=op.f("fk_group_member_group_id")),
        sa.PrimaryKeyConstraint("group_id", "member_no", name=op.f("pk_group_member")),
    )
    op.create_index("ix_group_member_member_no", "group_member", ["member_no"])
    op.create_table(
        "caller_flag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("heard_in", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_caller_flag_asked_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_caller_flag_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_flag")),
    )
    op.create_index("ix_caller_flag_phone_hash", "caller_flag", ["phone_hash", "id"])
    op.create_index(
        "ix_caller_flag_undecided", "caller_flag", ["id"], postgresql_where=sa.text("decided_at IS NULL")
    )


def upgrade() -> None:
    """Make the indexes while the desk works on (again from nothing if that was cut short), but the columns first, which
    a run that was cut short may have added; then the tables."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table, column in columns():
        op.add_column(table, column, if_not_exists=True)
    with op.get_context().autocommit_block():
        for name, table, of, condition in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(name, table, list(of), postgresql_concurrently=True, postgresql_where=sa.text(condition))
    make_tables()


def downgrade() -> None:
    """Take it all away again."""
    for name in ("caller_flag", "group_member", "demand_group", "likeness"):
        op.drop_table(name)
    for name, table, *_ in reversed(INDEXES):
        op.drop_index(name, table)
    for table, column in reversed(columns()):
        op.drop_column(table, column.name)
