"""The archive: sums of whole files, and rows of an archived ticket that nobody may add, change or delete."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = (
    "reply", "review", "bad_review_case", "callback", "asked", "assignment", "clock", "contact", "invitation",
    "attachment", "message",
)  # fmt: skip
READ_ONLY = """
CREATE FUNCTION refuse_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ticket WHERE ticket_no IN (OLD.ticket_no, NEW.ticket_no) AND state = 'archived') THEN
        RAISE EXCEPTION 'the ticket of this % is archived', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$
"""


def upgrade() -> None:
    """Make the index while the desk works on (again from nothing if that was cut short), then the table."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_ticket_to_archive")
        op.create_index(
            "ix_ticket_to_archive", "ticket", ["closed_at", "ticket_no"], postgresql_concurrently=True,
            postgresql_where=sa.text("state IN ('closed', 'not_accepted', 'transferred', 'withdrawn')"),
        )  # fmt: skip
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "archive",
        sa.Column("ticket_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("retention_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_archive_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_archive")),
    )
    op.execute(
        "CREATE TRIGGER archive_rows_stay BEFORE UPDATE OR DELETE ON archive "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(READ_ONLY)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_of_archived_stays BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_archived()"
        )
    op.execute(
        "CREATE TRIGGER journal_of_archived_stays BEFORE INSERT ON journal_entry "
        "FOR EACH ROW WHEN (NEW.step <> 'archive') EXECUTE FUNCTION refuse_archived()"
    )


def downgrade() -> None:
    """Take the triggers and indexes away, then the sums: what is archived stays so."""
    op.execute("DROP TRIGGER journal_of_archived_stays ON journal_entry")
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_of_archived_stays ON {table}")
    op.execute("DROP FUNCTION refuse_archived()")
    op.drop_table("archive")
    op.drop_index("ix_ticket_to_archive", "ticket")
