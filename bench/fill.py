"""Fills a database with many tickets quickly: one real one through the front door, copied by SQL."""

from sqlalchemy import text

from hotline.database import session, transaction

COPY = """
INSERT INTO ticket SELECT (r).* FROM (
    SELECT jsonb_populate_record(t, jsonb_build_object(
        'ticket_no', :first + n, 'master_no', :first + n,
        'state', (ARRAY['to_sign', 'handling', 'handling', 'closed', 'closed', 'closed'])[1 + n % 6],
        'closing_reason', CASE WHEN n % 6 >= 3 THEN 'reviewed' END,
        'department_id', 3 + n % 20,
        'received_at', t.received_at - make_interval(mins => n),
        'deadline', t.deadline - make_interval(mins => n % 5000)
    )) AS r
    FROM ticket t, generate_series(1, :many) AS n WHERE t.ticket_no = :pattern
) AS made
"""
BESIDE = (
    "INSERT INTO requester SELECT (jsonb_populate_record(t, jsonb_build_object('ticket_no', :first + n))).* "
    "FROM requester t, generate_series(1, :many) AS n WHERE t.ticket_no = :pattern",
    "INSERT INTO journal_entry SELECT (jsonb_populate_record(t, jsonb_build_object("
    "'id', nextval('journal_entry_id_seq'), 'ticket_no', :first + n))).* "
    "FROM journal_entry t, generate_series(1, :many) AS n WHERE t.ticket_no = :pattern",
)
FIRST = 2020_0101_0000_0000


def fill(pattern: int, many: int) -> None:
    """Copy the ticket `pattern` with its requester and journal `many` times under old numbers."""
    values = {"first": FIRST, "many": many, "pattern": pattern}
    with transaction() as current:
        current.execute(text(COPY), values)
        for statement in BESIDE:
            current.execute(text(statement), values)
    with session().get_bind().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
