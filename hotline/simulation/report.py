"""What a simulated city looks like at the end: counts, figures with numerator and denominator, and checks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from hotline import clock
from hotline.database import session
from hotline.models.words import ENDED, OPEN, State, Step
from hotline.simulation.plan import CityPlan
from hotline.simulation.slow_clock import SlowCalendar, read_span
from hotline.supervision.boards import read_board
from hotline.supervision.scope import Scope

COUNTS: Mapping[str, str] = {
    "states": "SELECT state, count(*) FROM ticket GROUP BY 1",
    "steps": "SELECT step, count(*) FROM journal_entry GROUP BY 1",
    "closing_reasons": "SELECT closing_reason, count(*) FROM ticket WHERE closing_reason IS NOT NULL GROUP BY 1",
    "clocks": """
        SELECT kind || ' ' || CASE WHEN met_at < due_at THEN 'met' WHEN met_at IS NOT NULL THEN 'late'
          WHEN stopped_at IS NOT NULL THEN 'stopped' WHEN due_at <= :now THEN 'overdue' ELSE 'running' END, count(*)
        FROM clock GROUP BY 1""",
    "messages": "SELECT template || ' ' || state, count(*) FROM message GROUP BY 1",
    "asked": "SELECT kind || ' ' || decision, count(*) FROM asked GROUP BY 1",
}
BEFORE_ANY_UNIT = (State.DRAFT, State.TO_DISPATCH, State.TO_SUPPLEMENT)
OWNERLESS = """
    SELECT t.ticket_no FROM ticket t WHERE t.state = ANY(:held) AND t.department_id IS NULL OR t.state = ANY(:working)
      AND (SELECT count(*) FROM assignment a WHERE a.ticket_no = t.ticket_no AND a.is_lead AND a.ended_at IS NULL
           AND a.department_id = t.department_id) <> 1"""
WRONG_DEADLINE = """
    SELECT t.ticket_no FROM ticket t LEFT JOIN clock c ON c.ticket_no = t.ticket_no AND c.met_at IS NULL
      AND c.stopped_at IS NULL AND c.kind NOT IN ('return', 'evaluate', 'alarm')
    GROUP BY t.ticket_no HAVING t.deadline <> coalesce(min(c.due_at), '9000-01-01 00:00+00')"""
STILL_RUNNING = """
    SELECT t.ticket_no FROM ticket t JOIN clock c ON c.ticket_no = t.ticket_no
    WHERE t.state = ANY(:ended) AND c.met_at IS NULL AND c.stopped_at IS NULL"""
BROKEN_JOURNAL = """
    SELECT t.ticket_no FROM ticket t LEFT JOIN journal_entry j ON j.ticket_no = t.ticket_no
    GROUP BY t.ticket_no HAVING count(j.id) <> t.steps OR max(j.seq) <> t.steps
      OR (array_agg(j.to_state ORDER BY j.seq DESC))[1] <> t.state"""
LOST_WORK = """
    SELECT coalesce(ticket_no, 0) FROM outbox WHERE dead_at IS NOT NULL OR not_before < :now - interval '10 minutes'
    UNION ALL SELECT ticket_no FROM message m WHERE state = 'waiting'
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.ticket_no = m.ticket_no AND o.kind = 'send_message')
    UNION ALL SELECT ticket_no FROM journal_entry j WHERE step = ANY(:told) AND department_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM message m WHERE m.ticket_no = j.ticket_no AND m.department_id = j.department_id
                      AND m.idempotency_key LIKE '%-' || j.seq)
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.ticket_no = j.ticket_no AND o.kind = 'tell_department')"""
UNINVITED = """
    SELECT r.ticket_no FROM review r LEFT JOIN invitation i ON i.id = r.invitation_id AND i.ticket_no = r.ticket_no
    WHERE i.used_at IS DISTINCT FROM r.given_at"""
CHECKS: Mapping[str, str] = {
    "没有主办单位的工单": OWNERLESS, "期限与最近时限不符的工单": WRONG_DEADLINE, "已结束而时限仍在走的工单": STILL_RUNNING,
    "流转记录不完整的工单": BROKEN_JOURNAL, "丢失的后续工作": LOST_WORK, "没有邀请的评价": UNINVITED,
}  # fmt: skip
DUES = """
    SELECT c.started_at, c.original_due_at, l.value, l.unit, l.cap, l.cap_unit, c.day_hours, a.until,
      min(c.ticket_no) AS ticket_no,
      bool_or(c.due_at <> c.original_due_at AND NOT EXISTS (SELECT 1 FROM asked g WHERE g.ticket_no = c.ticket_no
        AND g.decision = 'granted' AND g.kind IN ('extension', 'suspension'))) AS moved
    FROM clock c JOIN time_limit l ON l.id = c.limit_id LEFT JOIN assignment a ON a.id = c.assignment_id
    WHERE NOT c.provisional GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
TOLD = (Step.DISPATCH, Step.ADD_CO_UNIT, Step.FAIL_CHECK, Step.REHANDLE, Step.GIVE_BAD_REVIEW, Step.RESUME)


@dataclass(frozen=True)
class Report:
    """Counts by kind and word, figures with numerator and denominator, and the tickets that each check found."""

    counts: Mapping[str, Mapping[str, int]]
    figures: Mapping[str, tuple[int, int]]
    faults: Mapping[str, tuple[int, ...]]

    def words(self) -> dict[str, Any]:
        """As JSON holds it."""
        rates = {key: {"numerator": up, "denominator": down} for key, (up, down) in self.figures.items()}
        return {"counts": self.counts, "figures": rates, "faults": self.faults}


def look_through(plan: CityPlan) -> Report:
    """The whole database at the plan's last moment; the caller holds the clock and opens the transaction."""
    values = {
        "now": clock.now(), "ended": sorted(ENDED), "working": ["to_sign", "handling", "suspended", "rehandling"],
        "held": sorted(OPEN - set(BEFORE_ANY_UNIT)), "told": list(TOLD),
    }  # fmt: skip
    found: dict[str, tuple[int, ...]] = {}
    for words, query in CHECKS.items():
        found[words] = tuple(session().execute(text(query), values).scalars())
    found["与逐分钟推算不符的时限"] = tuple(wrong_dues())
    return Report(
        {kind: dict(sorted(session().execute(text(query), values).all())) for kind, query in COUNTS.items()},
        figures_of(plan), {words: numbers for words, numbers in found.items() if numbers},
    )  # fmt: skip


def figures_of(plan: CityPlan) -> dict[str, tuple[int, int]]:
    """Every figure of the board over the days of the plan."""
    scope = Scope(plan.first, plan.first + timedelta(days=plan.days), clock.now())
    return {key: (count.counted, count.among) for key, count in read_board(scope).total.items()}


def wrong_dues() -> Iterator[int]:
    """Tickets with a due date that the slow reckoning does not find, or that moved though nothing was granted."""
    calendar = slow_calendar()
    for row in session().execute(text(DUES)):
        lengths = ((row.value, row.unit), (row.cap, row.cap_unit))
        dues = [calendar.due(row.started_at, *one, row.day_hours) for one in lengths if one[0] is not None]
        if row.moved or min([*dues, row.until or dues[0]]) != row.original_due_at:
            yield row.ticket_no


def slow_calendar() -> SlowCalendar:
    """The calendar in force, straight from its table."""
    newest = "SELECT day, kind, hours FROM calendar_day WHERE version_id = (SELECT max(version_id) FROM calendar_day)"
    rows = session().execute(text(newest)).all()
    kinds = {row.day: row.kind for row in rows if row.kind in ("holiday", "workday")}
    hours = sorted(((row.day, read_span(row.hours)) for row in rows if row.kind == "hours"), reverse=True)
    return SlowCalendar(kinds, hours)
