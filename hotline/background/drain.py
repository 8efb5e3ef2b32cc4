"""Drains a lane of the outbox: claim first and commit, then finish each row as its kind demands.

Inner work (our own tables): effect and deletion of the row in one transaction, one savepoint a row.
Outer work (calls to others): the call with no transaction open, then a second transaction records the answer.
A row that failed before is taken alone; after too many attempts it is dead and shown (spine.md, "Outbox").
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from flask import current_app
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import OperationalError

from hotline import clock
from hotline.background.jobs import INNER, OUTER
from hotline.crash_points import crash_point
from hotline.database import session, transaction
from hotline.errors import DeskError
from hotline.models import OutboxRow
from hotline.tickets.reactions import DESK_LANE
from hotline.tickets.rulebook import setting

log = structlog.get_logger()
BATCH = 50
OUTER_BATCH = 4
"""Four calls of at most ten seconds, or fifty rows of our own work, are done before the claim runs out."""
ROUNDS = 200
LONGEST_WAIT = 3600
# Not `id IN (SELECT … LIMIT)`: some plans run such a subquery again for every row and take more than the limit.
CLAIM = text(
    """
    WITH mine AS MATERIALIZED (
        SELECT id FROM outbox
        WHERE lane = :lane AND dead_at IS NULL AND not_before <= :now
          AND (claimed_until IS NULL OR claimed_until <= :now) AND (attempts = 0) = :fresh
        ORDER BY not_before, id LIMIT :size FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox SET claimed_until = :until, attempts = attempts + 1
    FROM mine WHERE outbox.id = mine.id RETURNING outbox.id
    """
)


def drain_lane(lane: str) -> int:
    """Work through a lane until it is empty; the number of rows finished. This is the rq job's function."""
    done = 0
    for _ in range(ROUNDS):
        ids = claim(lane)
        if not ids:
            break
        crash_point("after-claim")
        done += finish(ids)
    return done


def claim(lane: str) -> list[int]:
    """The ids of some fresh rows, or of a single one that was tried before; claimed and committed."""
    size = BATCH if lane == DESK_LANE else OUTER_BATCH
    claimed_for = timedelta(seconds=current_app.extensions["hotline-config"].claim_seconds)
    for fresh, many in ((True, size), (False, 1)):
        moment = clock.now()
        values = {"lane": lane, "now": moment, "until": moment + claimed_for, "fresh": fresh, "size": many}
        with transaction() as current:
            ids = sorted(current.execute(CLAIM, values).scalars())
        if ids:
            return ids
    return []


def finish(ids: Sequence[int]) -> int:
    """Finish claimed rows, grouped by kind; the number that is done."""
    by_kind: dict[str, list[int]] = {}
    with transaction():
        for row in _rows(ids):
            by_kind.setdefault(row.kind, []).append(row.id)
    done = 0
    for kind, mine in by_kind.items():
        done += finish_inner(kind, mine) if kind in INNER else sum(finish_outer(kind, one) for one in mine)
    return done


def finish_inner(kind: str, ids: Sequence[int]) -> int:
    """Our own work: every row in its own savepoint, all in one transaction, gone with its effect; its tickets come in
    order of their numbers, what they share in an order of its own, so that two workers never wait for each other."""
    job = INNER[kind]
    with transaction():
        rows = sorted(_rows(ids), key=lambda row: (row.ticket_no or 0, row.id))
        try:
            with session().begin_nested():
                prepared = job.prepare(rows)
        except OperationalError:
            raise
        except Exception as problem:  # as no model can be used: these rows wait, all other work goes on
            for row in rows:
                postpone(row.id, problem)
            return 0
        crash_point("in-job")
        done = [row for row in rows if finish_row(row, lambda one: job.apply(one, prepared), over=job.last is None)]
        if job.last is not None:
            done = [row for row in sorted(done, key=job.order) if finish_row(row, job.last, over=True)]
        crash_point("after-effect-before-done")
    return len(done)


def finish_row(row: OutboxRow, effect: Callable[[OutboxRow], None], *, over: bool) -> bool:
    """One row's effect in a savepoint, with the row's end when it is `over`; one that fails is tried again later."""
    try:
        with session().begin_nested():
            effect(row)
            if over:
                session().execute(delete(OutboxRow).where(OutboxRow.id == row.id))
    except OperationalError:
        raise
    except Exception as problem:  # one row's failure must not take the others along; kept on the row
        postpone(row.id, problem)
        return False
    return True


def finish_outer(kind: str, row_id: int) -> int:
    """A call to others: prepared, made outside any transaction, recorded."""
    job = OUTER[kind]
    try:
        with transaction() as current:
            row = current.get_one(OutboxRow, row_id)
            row.claimed_until = clock.now() + job.longest if job.longest else row.claimed_until
            request = job.prepare(row)
        answer = job.call(request) if request is not None else None
        crash_point("after-effect-before-done")
        with transaction() as current:
            job.record(current.get_one(OutboxRow, row_id), answer)
            current.execute(delete(OutboxRow).where(OutboxRow.id == row_id))
        return 1
    except OperationalError:
        raise
    except Exception as problem:  # kept on the row, tried again later, given up loudly
        with transaction() as current:
            if postpone(row_id, problem):
                job.give_up(current.get_one(OutboxRow, row_id, populate_existing=True))
        return 0


def postpone(row_id: int, problem: Exception) -> bool:
    """Try again later, doubling the wait; after too many attempts the row is dead and shown to everybody.

    True when it is dead now.
    """
    row = session().get(OutboxRow, row_id, populate_existing=True)
    if row is None:
        return False
    dead = row.attempts >= setting("outbox_attempts")
    wait = timedelta(seconds=min(5 * 2 ** (row.attempts - 1), LONGEST_WAIT))
    change = {"problem": problem_words(problem), "claimed_until": None}
    change |= {"dead_at": clock.now()} if dead else {"not_before": clock.now() + wait}
    session().execute(update(OutboxRow).where(OutboxRow.id == row_id).values(**change))
    event = "outbox_row_dead" if dead else "outbox_row_failed"
    log.error(event, row=row_id, kind=row.kind, attempts=row.attempts, problem=change["problem"])
    return dead


def problem_words(problem: Exception) -> str:
    """What may be kept of a failure: its kind and our own sentence, never a statement's parameters."""
    return problem.sentence if isinstance(problem, DeskError) else type(problem).__name__


def _rows(ids: Sequence[int]) -> Sequence[OutboxRow]:
    query = select(OutboxRow).where(OutboxRow.id.in_(ids)).order_by(OutboxRow.id)
    return session().execute(query).scalars().all()
