"""Migrations equal models, are only added, and bring a filled database of the first revision to the newest."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from hotline.database import db, session
from hotline.migrating import render_type, upgrade
from hotline.models import Table
from tests.makers import send_demand

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("desk")]


def test_migrations_make_exactly_the_tables_of_the_models():
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_item": render_type, "compare_type": False})
        differences = [
            one for one in compare_metadata(context, Table.metadata)
            if "alembic_version" not in str(one)
        ]  # fmt: skip
    assert not differences


def test_yesterdays_data_survives_an_upgrade():
    no = send_demand()
    upgrade()
    assert session().execute(text("SELECT count(*) FROM ticket WHERE ticket_no = :no"), {"no": no}).scalar() == 1


def test_no_migration_uses_what_is_newer_than_postgresql_15():
    import pathlib

    newer = ("MERGE ", "JSON_TABLE", "ANY_VALUE", "NULLS NOT DISTINCT", "uuidv7")
    for path in (pathlib.Path(__file__).parents[2] / "hotline/migrations").glob("*.py"):
        assert not [word for word in newer if word in path.read_text()], path


def test_the_journal_refuses_change_through_psycopg(config):
    import psycopg

    send_demand()
    for statement in (
        "UPDATE journal_entry SET data = '{}'", "DELETE FROM journal_entry", "TRUNCATE journal_entry",
        "TRUNCATE access_log",
    ):  # fmt: skip
        with psycopg.connect(config.database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
