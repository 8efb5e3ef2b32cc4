"""The invariants of domain.md §18 for one ticket, read from the tables by plain SQL: each says what it finds broken.

Nothing of the verbs is used. I13 and I20 are about the figures of all tickets and stand in `test_walks.py`.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import namedtuple_row

CITY = ZoneInfo("Asia/Shanghai")
OPEN_SHARE = {"to_sign", "return_pending", "handling", "suspended", "replied", "rehandling"}
ENDED = {"closed", "not_accepted", "transferred", "merged", "withdrawn", "archived"}
REVIEWS = {"give_review", "give_bad_review", "keep_bad_review", "review_as_follower"}
REVISITS = {"call_back", "rehandle"}
ROUND = ("sign", "contact", "return", "handle")
NO_DUTY = {"return", "evaluate", "alarm"}
"""Limits no list is sorted by: a right of the department, a right of the citizen, an alarm, which stands on top."""
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
RECKONED = {"reckon_again", "suspend", "resume", "change_type"}
"""Steps that move limits and write down each of them."""
ONE_STEP = timedelta(seconds=1)
"""Within it are the moments that one step writes down."""
DANGER = ("着火", "泄漏", "跳楼", "井盖缺失")
SAVED = {"receive", "register", "leave_word", "answer_directly"}
"""With one of them a ticket is more than what an agent types."""
SAY_MORE = {"receive", "register", "supplement", "amend", "dispatch", "set_confidentiality"}
"""Steps in which a case may become confidential."""
LENGTHS = {"minutes": 1 / 1440, "hours": 1 / 24, "working_hours": 1 / 8, "days": 1, "working_days": 1}

OF_TICKET = {
    "journal_entry": "seq", "clock": "id", "assignment": "id", "reply": "id", "callback": "id", "invitation": "id",
    "review": "id", "bad_review_case": "id", "access_log": "id", "partner_message": "id", "outbox": "id",
    "ticket_alias": "number", "reminder": "id", "unmask_grant": "id", "requester": "ticket_no",
}  # fmt: skip
MASTER = "SELECT m.state, m.master_no FROM ticket t JOIN ticket m ON m.ticket_no = t.master_no WHERE t.ticket_no = %s"
NOTED = (
    "SELECT 1 FROM journal_entry j JOIN ticket t ON t.master_no = j.ticket_no "
    "WHERE t.ticket_no = %s AND j.step = 'amend' "
    "AND ((j.data->>'merged')::bigint = t.ticket_no OR j.data->'followers' @> to_jsonb(t.ticket_no))"
)
CITED = (
    "SELECT r.id, v.valid_from, v.valid_to FROM reply r LEFT JOIN entry_version v ON v.entry_id = r.entry_id "
    "AND v.version = r.entry_version WHERE r.ticket_no = %s AND (r.entry_id IS NOT NULL OR r.entry_version IS NOT NULL)"
)
LIMITS = (
    "SELECT c.id, c.due_at, l.value, l.unit FROM clock c JOIN time_limit l ON l.id = c.limit_id "
    "JOIN assignment a ON a.id = c.assignment_id "
    "WHERE c.ticket_no = %s AND c.kind = 'handle' AND a.is_lead ORDER BY c.id"
)
UNKNOWN_YEAR = (
    "SELECT c.kind FROM clock c JOIN time_limit l ON l.id = c.limit_id WHERE c.ticket_no = %s AND NOT c.provisional "
    "AND c.day_hours IS NULL AND l.unit LIKE 'working%%' AND NOT EXISTS (SELECT 1 FROM calendar_day d "
    "WHERE d.version_id = c.calendar_version "
    "AND d.kind = 'year' AND extract(year FROM d.day) = "
    "extract(year FROM (c.due_at - interval '1 second') AT TIME ZONE 'Asia/Shanghai'))"
)
CALENDAR = "SELECT day, kind FROM calendar_day WHERE version_id = (SELECT max(version_id) FROM calendar_day)"


@dataclass(frozen=True)
class CaseFile:
    """All rows of one ticket, by table, and what the joins above found."""

    ticket: Any
    rows: Mapping[str, Sequence[Any]]

    def steps(self, *names: str) -> list[Any]:
        """The journal rows of these steps, in order."""
        return [row for row in self.rows["journal_entry"] if row.step in names]


def read_case(connection: psycopg.Connection, ticket_no: int) -> CaseFile:
    """The ticket with its rows as they are committed."""
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        def found(query: str) -> Sequence[Any]:
            return cursor.execute(query, [ticket_no] if "%s" in query else None).fetchall()

        rows = {
            table: found(f"SELECT * FROM {table} WHERE ticket_no = %s ORDER BY {key}")
            for table, key in OF_TICKET.items()
        }  # fmt: skip
        joined = {"master": MASTER, "noted": NOTED, "cited": CITED, "limits": LIMITS, "unknown_year": UNKNOWN_YEAR}
        rows |= {name: found(query) for name, query in joined.items()}
        rows["calendar"] = found(CALENDAR) if rows["bad_review_case"] else ()
        return CaseFile(found("SELECT * FROM ticket WHERE ticket_no = %s")[0], rows)


def broken(connection: psycopg.Connection, ticket_no: int) -> list[str]:
    """A sentence for each invariant that the ticket breaks."""
    case = read_case(connection, ticket_no)
    return [f"{check.__name__.upper()} {ticket_no}: {words}" for check in INVARIANTS for words in check(case)]


def i1(case: CaseFile) -> Iterator[str]:
    """Every ticket has exactly one master number: its own, or that of one which is nobody's follower."""
    (master,) = case.rows["master"] or [None]
    merged = case.ticket.closing_reason == "merged"
    if master is None or (case.ticket.master_no != case.ticket.ticket_no) != merged:
        yield f"the master number is {case.ticket.master_no}, merged is {merged}"
    elif master.master_no != case.ticket.master_no:
        yield f"its master {case.ticket.master_no} follows {master.master_no}"


def i2(case: CaseFile) -> Iterator[str]:
    """Exactly one lead a round; while it is open the ticket's state and department are its own."""
    leads = [row for row in case.rows["assignment"] if row.is_lead]
    if [row.round for row in leads] != list(range(1, case.ticket.round + 1)):
        yield f"leads of rounds {[row.round for row in leads]} in round {case.ticket.round}"
    under_way = [(row.state, row.department_id) for row in leads if row.ended_at is None]
    if under_way not in ([], [(case.ticket.state, case.ticket.department_id)]):
        yield f"open lead {under_way}, ticket {case.ticket.state} at {case.ticket.department_id}"
    if (case.ticket.state in OPEN_SHARE) != bool(under_way):
        yield f"in {case.ticket.state} with {len(under_way)} open leads"


def i3(case: CaseFile) -> Iterator[str]:
    """No state without its journal row: an unbroken chain that ends in the present state."""
    rows = case.rows["journal_entry"]
    if [row.seq for row in rows] != list(range(1, case.ticket.steps + 1)):
        yield f"{case.ticket.steps} steps, journal rows {[row.seq for row in rows]}"
    for earlier, later in itertools.pairwise(rows):
        if later.from_state != earlier.to_state:
            yield f"row {later.seq} begins in {later.from_state}, the one before ended in {earlier.to_state}"
    if not rows or rows[-1].to_state != case.ticket.state:
        yield f"{case.ticket.state} is not where the journal ends"


def i4(case: CaseFile) -> Iterator[str]:
    """Due dates move by a journalled step alone; the ticket's deadline is the nearest running one."""
    moved = {row.data.get("new_due_at") for row in case.steps("grant_extension", "grant_share_extension")}
    moved |= {one["new_due_at"] for row in case.steps(*RECKONED) for one in row.data["clocks"]}
    moments = {datetime.fromisoformat(one) for one in moved if one}
    for row in case.rows["clock"]:
        if row.due_at != row.original_due_at and row.due_at not in moments:
            yield f"the limit {row.kind} moved to {row.due_at} without a step"
    running = [row for row in case.rows["clock"] if row.met_at is None and row.stopped_at is None]
    nearest = min((row.due_at for row in running if row.kind not in NO_DUTY), default=NEVER)
    if case.ticket.deadline != nearest:
        yield f"deadline {case.ticket.deadline}, nearest running limit {nearest}"
    if case.ticket.state in ENDED and any(row.kind != "alarm" for row in running):
        yield f"ended, but {[row.kind for row in running]} still runs"


def i5(case: CaseFile) -> Iterator[str]:
    """The department's limits start no later than its dispatch, every limit with a step."""
    dispatched = {row.id: row.dispatched_at for row in case.rows["assignment"]}
    moments = [row.recorded_at for row in case.rows["journal_entry"]]
    for row in case.rows["clock"]:
        if row.kind in ROUND and row.started_at > dispatched[row.assignment_id] + ONE_STEP:
            yield f"{row.kind} starts {row.started_at}, after the dispatch"
        if not any(abs(row.started_at - moment) < ONE_STEP for moment in moments):
            yield f"{row.kind} starts {row.started_at}, when there was no step"


def i6(case: CaseFile) -> Iterator[str]:
    """No unit sees the identity of a case that is not open, but for whom a look was granted."""
    last = max((row.recorded_at for row in case.steps(*SAY_MORE)), default=NEVER)
    looks = [row for row in case.rows["access_log"] if row.role in ("handler", "department_lead")]
    granted = [(row.staff_id, row.valid_from, row.valid_to) for row in case.rows["unmask_grant"] if row.valid_from]
    looks = [row for row in looks if row.what != "page" and not any(
        who == row.staff_id and first <= row.at < end for who, first, end in granted)]  # fmt: skip
    if case.ticket.confidentiality != "open" and any(row.at > last for row in looks):
        yield f"a department looked at a case that is {case.ticket.confidentiality}"


def i7(case: CaseFile) -> Iterator[str]:
    """The unit complained of never handles and never looks, from the moment it is named on."""
    accused = case.ticket.respondent_department_id
    if accused is None:
        return
    named = [row.recorded_at for row in case.steps("set_respondent") if row.data.get("respondent") == accused]
    since = max(named, default=datetime.min.replace(tzinfo=UTC))
    if any(row.department_id == accused and (row.dispatched_at > since or not row.ended_at)
           for row in case.rows["assignment"]):  # fmt: skip
        yield "the accused unit got it to handle, or kept it"
    if any(row.actor_department_id == accused and row.recorded_at > since for row in case.rows["journal_entry"]):
        yield "the accused unit took a step"
    if any(row.department_id == accused and row.at > since for row in case.rows["access_log"]):
        yield "the accused unit looked at it"


def i8(case: CaseFile) -> Iterator[str]:
    """Words of danger raise an alarm that only a person's answer, or the emergency line, ends."""
    if not any(word in case.ticket.text for word in DANGER) or not case.steps(*SAVED):
        return
    if not case.ticket.alarm_open and not case.steps("answer_alarm"):
        yield "words of danger without an alarm"
    spoken = any(row.data.get("alarm") for row in case.steps(*REVIEWS))
    transferred = case.ticket.closing_reason == "transferred"
    if case.ticket.alarm_open and case.ticket.state in ENDED and not transferred and not spoken:
        yield f"{case.ticket.closing_reason} with an open alarm"
    waiting = [row for row in case.rows["clock"] if row.kind == "alarm" and row.met_at is None]
    if len(waiting) != int(case.ticket.alarm_open and case.ticket.state != "transferred"):
        yield f"an alarm {'open' if case.ticket.alarm_open else 'answered'}, and {len(waiting)} of its clocks"


def i9(case: CaseFile) -> Iterator[str]:
    """What 110 pushed is one ticket under its number, and is confirmed, or about to be."""
    if case.ticket.source != "police110":
        return
    if len(case.rows["ticket_alias"]) != 1:
        yield f"{len(case.rows['ticket_alias'])} numbers of 110"
    confirmed = any(row.kind == "confirmation" for row in case.rows["partner_message"])
    if not confirmed and not any(row.kind == "report_to_police" for row in case.rows["outbox"]):
        yield "110 was told nothing"


def i10(case: CaseFile) -> Iterator[str]:
    """A bad review opens a case whose contact is due at the end of the next working day."""
    if len(case.steps("give_bad_review")) != len(case.rows["bad_review_case"]):
        yield "a bad review without its case"
    kinds = {row.day: row.kind for row in case.rows["calendar"] if row.kind in ("holiday", "workday")}
    for opened in case.rows["bad_review_case"]:
        due = {row.due_at for row in case.rows["clock"]
               if row.kind == "rectify_contact" and abs(row.started_at - opened.opened_at) < ONE_STEP}  # fmt: skip
        if due != {end_of_next_working_day(opened.opened_at, kinds)}:
            yield f"contact with the reviewer of {opened.opened_at} is due {due}"


def end_of_next_working_day(moment: datetime, kinds: Mapping[date, str]) -> datetime:
    """Midnight after the first working day that follows; Saturday and Sunday are free unless made up for."""
    day = moment.astimezone(CITY).date() + timedelta(days=1)
    while kinds.get(day, "holiday" if day.weekday() > 4 else "workday") == "holiday":
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), CITY)


def i11(case: CaseFile) -> Iterator[str]:
    """Only the requester's side makes a review, and only by an invitation, once."""
    given = case.steps(*REVIEWS)
    if any((row.actor_kind, row.actor_role) != ("requester", "requester") for row in given):
        yield "somebody else took the step of a review"
    used = {row.id for row in case.rows["invitation"] if row.used_at is not None}
    if sorted(used) != sorted(row.invitation_id for row in case.rows["review"]) or len(used) != len(given):
        yield f"{len(given)} steps, {len(case.rows['review'])} reviews, {len(used)} used invitations"


def i12(case: CaseFile) -> Iterator[str]:
    """Every answer a rate is computed from stands in the journal as it was given."""
    calls = {row.id: (row.contacted, row.solved, row.satisfied) for row in case.rows["callback"] if row.connected}
    told = {row.data["callback"]: tuple(row.data[one] for one in ("contacted", "solved", "satisfied"))
            for row in case.steps(*REVISITS)}  # fmt: skip
    reviews = {row.id: (row.grade, row.solved) for row in case.rows["review"]}
    written = {row.data["review"]: (row.data["grade"], row.data["solved"]) for row in case.steps(*REVIEWS)}
    if calls != told or reviews != written:
        yield f"said {calls} {reviews}, journalled {told} {written}"


def i14(case: CaseFile) -> Iterator[str]:
    """A merged ticket keeps its requester, and its master's journal names it."""
    if len(case.rows["requester"]) != 1:
        yield "the requester is lost"
    if case.ticket.state == "merged" and not case.rows["noted"]:
        yield f"its master {case.ticket.master_no} knows nothing of it"


def i15(case: CaseFile) -> Iterator[str]:
    """A unit that a ruling named asks for no return any more."""
    for share in case.rows["assignment"]:
        mine = [row for row in case.rows["journal_entry"] if row.assignment_id == share.id]
        since = [row.seq for row in mine if row.step == "reject_return"] or [row.seq for row in mine]
        if not share.by_ruling or not since:
            continue
        for asked in case.steps("ask_return"):
            if asked.department_id == share.department_id and asked.seq > since[0]:
                yield f"unit {asked.department_id}, bound by a ruling, asked for a return in step {asked.seq}"


def i16_i17(case: CaseFile) -> Iterator[str]:
    """What an answer cites is an entry with a version, in force on the day."""
    days = {row.id: row.written_at.astimezone(CITY).date() for row in case.rows["reply"]}
    for row in case.rows["cited"]:
        if row.valid_from is None:
            yield f"reply {row.id} cites no version of an entry"
        elif not row.valid_from <= days[row.id] <= (row.valid_to or date.max):
            yield f"reply {row.id} cites what had expired"


def i18(case: CaseFile) -> Iterator[str]:
    """Nothing happens to an archived ticket."""
    archived = case.steps("archive")
    if not archived:
        return
    if case.rows["journal_entry"][-1] != archived[0]:
        yield "a step after the archive"
    written = [row.written_at for row in case.rows["reply"]] + [row.given_at for row in case.rows["review"]]
    if any(moment > archived[0].recorded_at for moment in written):
        yield "a reply or a review after the archive"


def i19(case: CaseFile) -> Iterator[str]:
    """Every look at identity has its reason."""
    if any(len(row.reason.strip()) < 4 for row in case.rows["access_log"]):
        yield "a look without a reason"


def i21(case: CaseFile) -> Iterator[str]:
    """A due date in a year the calendar doesn't know is provisional."""
    for row in case.rows["unknown_year"]:
        yield f"{row.kind} is due in a year without a calendar and not marked as provisional"


def i22(case: CaseFile) -> Iterator[str]:
    """After the first dispatch nobody but the supervisor changes type or urgency, and the limit gets no longer."""
    later = [row for row in case.steps("dispatch")[1:] if row.actor_role != "supervisor"]
    if any({"request_type", "urgency"} & set(row.data.get("changed", ())) for row in later):
        yield "type or urgency changed by a later dispatch"
    for one in (clock for row in case.steps("change_type") for clock in row.data["clocks"]):
        if datetime.fromisoformat(one["new_due_at"]) >= datetime.fromisoformat(one["old_due_at"]):
            yield f"a change moved the limit {one['kind']} from {one['old_due_at']} to {one['new_due_at']}"
    lengths = [row.value * LENGTHS[row.unit] for row in case.rows["limits"]]
    if any(later > earlier for earlier, later in itertools.pairwise(lengths)):
        yield f"limits of {lengths} days one after the other"


def pressed(case: CaseFile) -> Iterator[str]:
    """Who is urged or supervised has a step for it, never outlives the case, and answers a rung of a limit once."""
    rows = case.rows["reminder"]
    told = {row.data.get("reminder") for row in case.steps("urge", "supervise")}
    if not {row.id for row in rows} <= told:
        yield "a reminder without its step"
    if case.ticket.state in ENDED and any(row.ended_at is None for row in rows):
        yield "a reminder goes on after the case has ended"
    if any(row.ended_at is None and row.kind == "urge" and row.answered_at for row in rows):
        yield "an answered urging goes on"
    rungs = [(row.clock_id, row.kind) for row in rows if row.clock_id is not None]
    if len(rungs) != len(set(rungs)):
        yield f"a rung taken twice: {rungs}"


def i23(case: CaseFile) -> Iterator[str]:
    """A unit holds one open share at most; it keeps the nearest of its own duties, and ends with the lead's, with
    that from which it was handed down, and with all its limits, none of which was set later than its own."""
    shares = {row.id: row for row in case.rows["assignment"]}
    working = [row for row in shares.values() if row.ended_at is None]
    if len({row.department_id for row in working}) < len(working):
        yield "a unit holds two open shares"
    if working and not any(row.is_lead for row in working):
        yield "helpers without a lead"
    for row in working:
        if row.parent_id is not None and shares[row.parent_id].ended_at is not None:
            yield f"share {row.id} outlives the one it was handed down from"
    for row in shares.values():
        mine = [one for one in case.rows["clock"] if one.assignment_id == row.id]
        running = [one for one in mine if one.met_at is None and one.stopped_at is None]
        nearest = min((one.due_at for one in running if one.kind not in NO_DUTY), default=NEVER)
        if row.until and any(one.original_due_at > row.until for one in mine):
            yield f"a limit of share {row.id} is later than its own"
        if (running and row.ended_at is not None) or (row.ended_at is None and row.deadline != nearest):
            yield f"share {row.id}, ended {row.ended_at}, is due {row.deadline}, its limits {nearest}"


INVARIANTS: tuple[Callable[[CaseFile], Iterator[str]], ...] = (
    i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i14, i15, i16_i17, i18, i19, i21, i22, i23, pressed,
)  # fmt: skip
