"""`--bulk`: each course of things is played once by the real verbs, and its rows are copied for all its other people.

A copy has numbers of its own in every table that names a ticket, in its JSON too, and a requester of its own; what
the verbs wrote is not written a second time by other rules, so that a played and a copied city can't disagree.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Identity, select, text
from sqlalchemy import Table as Rows

from hotline.database import session, transaction
from hotline.models import Requester, Table
from hotline.sealing import FileRing
from hotline.simulation.plan import CityPlan, person_of
from hotline.simulation.play import Played
from hotline.tickets.identity import keys, phone_hash

NUMBERS = {"ticket_no", "master_no", "merged", "master", "unmerged", "unmerged_from", "followers"}
"""Columns, and names in JSON, that hold ticket numbers; `<table>_id` and `<table>` hold a row's of that table."""
ROWS_BY_NAME = {"case": "bad_review_case"}
OWN = {
    "invitation.token_hash": "sha256({0} || CAST(CAST(twin AS text) AS bytea))",
    "message.idempotency_key": "replace({0}, CAST(ticket_no AS text), CAST(ticket_no + twin * :tickets AS text))",
    "ticket_alias.number": "{0} || '/' || twin", "partner_message.number": "{0} || '/' || twin",
    "inbox.key": "{0} || '/' || twin", "requester.name_sealed": "p.name", "requester.phone_sealed": "p.phone",
    "requester.phone_hash": "p.hash",
}  # fmt: skip
"""What differs otherwise between a row and its copy; a copy's review link opens nothing, for its token is another's."""
AT_ONCE = 5_000
"""So many tickets a transaction at least: not every table finds its tickets by an index."""
SHIFT = """
CREATE OR REPLACE FUNCTION pg_temp.shifted(given jsonb, name text, twin bigint, spans jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    CASE jsonb_typeof(given)
    WHEN 'object' THEN RETURN (SELECT coalesce(jsonb_object_agg(k, pg_temp.shifted(v,
        CASE WHEN k = 'id' AND given ? 'table' THEN given->>'table' ELSE k END, twin, spans)), '{}')
        FROM jsonb_each(given) AS one(k, v));
    WHEN 'array' THEN RETURN (SELECT coalesce(jsonb_agg(pg_temp.shifted(v, name, twin, spans)), '[]')
        FROM jsonb_array_elements(given) AS one(v));
    WHEN 'number' THEN RETURN CASE WHEN spans ? name THEN to_jsonb(given::bigint + twin * (spans->>name)::bigint)
        ELSE given END;
    WHEN 'string' THEN RETURN CASE WHEN spans ? name AND given #>> '{}' ~ '^[0-9]+$'
        THEN to_jsonb(((given #>> '{}')::bigint + twin * (spans->>name)::bigint)::text) ELSE given END;
    ELSE RETURN given;
    END CASE;
END $$"""


@dataclass(frozen=True)
class Block:
    """The rows of the played tickets: their numbers, and in each table how far a copy's ids lie from them."""

    numbers: list[int]
    spans: dict[str, int]
    people: dict[int, tuple[int, int]]
    """Day and course of each ticket."""


def copy_twins(plan: CityPlan, played: Played, told: Callable[[int], None]) -> None:
    """Write the tickets of all other people of each course, some people a transaction."""
    with transaction():
        block = block_of(played)
    many = 1 + AT_ONCE // len(block.numbers)
    for first in range(1, plan.twins, many):
        twins = range(first, min(first + many, plan.twins))
        with transaction():
            write_people(plan, block, twins)
            for table in tables():
                copy_rows(table, block, twins)
        told(twins.stop)
    with transaction():
        move_on_sequences(block, plan.twins)


def tables() -> Iterator[Rows]:
    """Every table whose rows belong to a ticket, referred ones first."""
    return (one for one in Table.metadata.sorted_tables if "ticket_no" in one.c)


def block_of(played: Played) -> Block:
    """The tickets just played; they are the newest of the database, and so are their rows."""
    numbers = sorted(played.tickets.values())
    low, high = (edge(number % 10**8 for number in numbers) for edge in (min, max))
    spans = {name: high - low + 1 for name in NUMBERS}
    for table in tables():
        if "id" in table.c:
            query = text(f"SELECT coalesce(max(id) - min(id) + 1, 0) FROM {table.name} WHERE ticket_no = ANY(:all)")
            spans[table.name] = session().execute(query, {"all": numbers}).scalar_one()
            spans[f"{table.name}_id"] = spans[table.name]
    spans |= {name: spans[table] for name, table in ROWS_BY_NAME.items()}
    places = {number: mark.split("-") for mark, number in played.tickets.items()}
    return Block(numbers, spans, {number: (int(day), int(course)) for number, (day, course, _) in places.items()})


def write_people(plan: CityPlan, block: Block, twins: range) -> None:
    """The names and numbers of these copies' requesters, sealed with their files' keys, into a table of their own."""
    session().connection().exec_driver_sql(SHIFT)
    columns = "number bigint, nth bigint, name bytea, phone bytea, hash bytea, PRIMARY KEY (nth, number)"
    session().execute(text(f"CREATE TEMP TABLE twin_person ({columns}) ON COMMIT DROP"))
    query = select(Requester.ticket_no, Requester.file_key, Requester.name_sealed, Requester.phone_sealed)
    rows = session().execute(query.where(Requester.ticket_no.in_(block.numbers))).all()
    raw = session().connection().connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy("COPY twin_person FROM STDIN") as lines:
        for number, file_key, name, phone in rows:
            ring = keys().ring.file_ring(file_key)
            for twin in twins:
                who = person_of(plan, *block.people[number], twin)
                lines.write_row((number, twin, _sealed(ring, name, who.name), *_number(ring, phone, who.phone)))


def _sealed(ring: FileRing, before: bytes | None, words: str) -> bytes | None:
    return ring.seal(words) if before else None


def _number(ring: FileRing, before: bytes | None, phone: str) -> tuple[bytes | None, bytes | None]:
    return (ring.seal(phone), phone_hash(phone)) if before else (None, None)


def copy_rows(table: Rows, block: Block, twins: range) -> None:
    """Copy this table's rows of all tickets once for each of these people."""
    names = [one for one in table.c if one.name != "xact"]
    chosen = ", ".join(_expression(table, one, block) for one in names)
    people = " JOIN twin_person p ON p.number = ticket_no AND p.nth = twin" if table.name == "requester" else ""
    session().execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(one.name for one in names)}) "
            f"SELECT {chosen} FROM {table.name} CROSS JOIN generate_series(CAST(:first AS bigint), :last) AS one(twin)"
            f"{people} WHERE ticket_no = ANY(:all)"
        ),
        {"first": twins.start, "last": twins.stop - 1, "all": block.numbers, "tickets": block.spans["ticket_no"],
         "spans": json.dumps(block.spans)},
    )


def _expression(table: Rows, column: Column[object], block: Block) -> str:
    own = OWN.get(f"{table.name}.{column.name}")
    if own is not None:
        return own.format(column.name)
    referred = [key.column.table.name for key in column.foreign_keys]
    span = block.spans.get(table.name if column.name == "id" else referred[0] if referred else column.name)
    if column.name in NUMBERS:
        span = block.spans["ticket_no"]
    if span is not None and "int" in str(column.type).lower():
        return f"{column.name} + twin * {span}"
    if "JSON" in str(column.type) and table.name != "machine_guess":
        return f"pg_temp.shifted({column.name}, '', twin, CAST(:spans AS jsonb))"
    return column.name


def move_on_sequences(block: Block, twins: int) -> None:
    """New rows come after the copies."""
    move = "SELECT setval('{0}', (SELECT last_value FROM {0}) + :more)"
    session().execute(text(move.format("ticket_sequence")), {"more": block.spans["ticket_no"] * (twins - 1)})
    for table in tables():
        if "id" in table.c and isinstance(table.c.id.identity, Identity) and block.spans[table.name]:
            more = {"more": block.spans[table.name] * (twins - 1)}
            session().execute(text(move.format(f"{table.name}_id_seq")), more)
