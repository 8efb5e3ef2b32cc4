"""Files wait for an administrator's look; an import counts its lines and can be undone; a city names its matters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
COUNTS = ("added", "changed", "ended")


def upgrade() -> None:
    """Add the columns and the tables; an import made before has no lines to be undone by."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name in COUNTS:
        op.add_column("rule_version", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("rule_version", sa.Column("changes", JSONB, server_default=sa.text("'[]'"), nullable=False))
    op.add_column("rule_version", sa.Column("undoes", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_rule_version_undoes"), "rule_version", "rule_version", ["undoes"], ["id"])
    op.create_index("ix_rule_version_kind", "rule_version", ["kind", "id"])
    op.create_table(
        "data_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cells", JSONB, nullable=False),
        sa.Column("trial", JSONB, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["staff.id"], name=op.f("fk_data_upload_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_upload")),
    )
    op.create_table(
        "matter_name",
        sa.Column("matter_code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("matter_code", name=op.f("pk_matter_name")),
    )


def downgrade() -> None:
    """Take the tables and the columns away."""
    op.drop_table("matter_name")
    op.drop_table("data_upload")
    op.drop_index("ix_rule_version_kind", "rule_version")
    for name in (*COUNTS, "changes", "undoes"):
        op.drop_column("rule_version", name)
