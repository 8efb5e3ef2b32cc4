"""What the doors cost in statements, counted at the cursor, and that the server counts the same."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from hotline.database import db
from tests.makers import PLACE, PLAIN, drain, send_demand
from tests.web.counting import statements

CREATE_LIMIT = 12
"""With inbox, journal, clocks and outbox; the nearest system needs 45 (Signalen)."""
FORM = {"form_key": "k" * 16, "content": PLAIN, "place": PLACE, "phone": "13812345678", "name": "陈桂芳"}
LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]+): (?!BEGIN|COMMIT|ROLLBACK)(.*)")


def test_creating_a_demand_takes_few_statements(desk, web):
    send_demand()
    drain()
    with statements() as counted:
        assert web.post("/demands", data=FORM).status_code == 303
    print(f"create: {len(counted)} statements")
    assert len(counted) <= CREATE_LIMIT


def test_the_server_counts_what_the_cursor_counts(desk, web, config, servers):
    send_demand()
    drain()
    with statements() as counted, logged_statements(config.database_url) as logged:
        assert web.post("/demands", data=FORM).status_code == 303
        assert web.get("/").status_code == 200
    print(f"create and look at the first page: {len(counted)} statements")
    assert len(counted) >= 5
    assert [one.split()[0] for one in logged()] == [one.split()[0] for one in counted]


@contextmanager
def logged_statements(url: str) -> Iterator[Callable[[], list[str]]]:
    """What the server itself writes down of each new connection, but for the frames of transactions."""
    with psycopg.connect(url, autocommit=True) as connection:
        name, folder = connection.execute("SELECT current_database(), current_setting('data_directory')").fetchone()
        log = Path(folder).parent / "postgresql.log"
        begun = log.stat().st_size
        connection.execute(f"ALTER ROLE hotline IN DATABASE {name} SET log_statement = 'all'")
        db.engine.dispose()
        try:
            yield lambda: LOGGED.findall(log.read_bytes()[begun:].decode())
        finally:
            connection.execute(f"ALTER ROLE hotline IN DATABASE {name} RESET ALL")
            db.engine.dispose()
