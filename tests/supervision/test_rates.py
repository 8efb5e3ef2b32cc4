"""Each figure on situations made by hand, with noise that must not count; number and list never disagree."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from hotline.database import session, transaction
from hotline.models import Clock, Department, JournalEntry, Ticket
from hotline.models.words import ClosingReason, RequestType, Source, Step
from hotline.supervision.boards import read_board
from hotline.supervision.rates import FIGURES, WITHOUT_REVIEW, Part, listed
from hotline.supervision.scope import UNDISPATCHED, Scope
from tests.supervision.laid_tickets import Laid, ended, lay, said, unit_id

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
IN, BEFORE = NOW - 5 * DAY, NOW - 40 * DAY
RATES = ("response", "resolution", "satisfaction", "on_time")
RECEIVED = (Step.RECEIVE, BEFORE, {})
R = ClosingReason

pytestmark = [pytest.mark.usefixtures("desk"), pytest.mark.proof]
UNCOUNTED = ("praise", "invalid", "harassment", "withdrawn")


def month(unit=None):
    return Scope(NOW.date().replace(day=1), NOW.date(), NOW, unit)


def counted(key, scope=None):
    one = read_board(scope or month()).total[key]
    return one.counted, one.among, {words: number for words, number in one.excluded.items() if number}


def asked(at=IN, **answers):
    return [RECEIVED, (Step.SUBMIT, at - DAY, {}), (Step.CALL_BACK, at, said(**answers))]


def review(step, at, grade, solved, **data):
    return (step, at, {"grade": grade, "solved": solved, **data})


def noise():
    """Last month's answer, an unanswered try, and a case nobody was asked about."""
    lay(901, Laid(asked(BEFORE + DAY)))
    lay(
        902,
        Laid(
            [RECEIVED, (Step.SUBMIT, IN - DAY, {}), (Step.MISS_CALLBACK, IN, {"callback": 1, "attempt": 1})]
        ),
    )
    lay(903, Laid([RECEIVED, (Step.DISPATCH, IN, {})]))


@pytest.mark.parametrize(
    ("history", "response", "resolution", "satisfaction"),
    [
        (asked(), (1, 1), (1, 1), (1, 1)),
        (asked(contacted=False), (0, 1), (1, 1), (1, 1)),
        (asked(solved="partly", satisfied="3"), (1, 1), (0, 1), (0, 1)),
        (asked(solved="not", satisfied="1"), (1, 1), (0, 1), (0, 1)),
        (asked(solved="solved", satisfied="4"), (1, 1), (1, 1), (1, 1)),
        # the requester's own later word wins; what the review doesn't ask stands from the callback
        ([*asked(), review(Step.GIVE_BAD_REVIEW, IN + DAY, "1", "not")], (1, 1), (0, 1), (0, 1)),
        ([*asked(contacted=False, solved="not", satisfied="2"),
          review(Step.GIVE_REVIEW, IN + DAY, "5", "solved", **ended(R.REVIEWED))], (0, 1), (1, 1), (1, 1)),
        # the last of several rounds counts, once
        ([*asked(BEFORE + DAY, solved="not", satisfied="1"), (Step.SUBMIT, IN, {}),
          (Step.CALL_BACK, IN + DAY, said())], (1, 1), (1, 1), (1, 1)),
        # silence after the callback changes nothing; the answer given stands
        ([*asked(solved="partly", satisfied="2"), (Step.CLOSE, IN + DAY, ended(R.INVITATION_EXPIRED))],
         (1, 1), (0, 1), (0, 1)),
        # a later round next month takes the ticket out of this one
        ([*asked(), (Step.REHANDLE, NOW + 30 * DAY, said(solved="not"))], (0, 0), (0, 0), (0, 0)),
    ],
)  # fmt: skip
def test_the_three_rates_count_the_requesters_last_word(history, response, resolution, satisfaction):
    noise()
    lay(1, Laid(history))
    board = read_board(month()).total
    found = [(board[key].counted, board[key].among) for key in RATES[:3]]
    assert found == [response, resolution, satisfaction]


@pytest.mark.parametrize(
    ("laid", "reason"),
    [
        (Laid(asked(), flags={"is_test": True}), "测试工单"),
        (Laid(asked(), flags={"counts_in_assessment": False}), "不纳入考核"),
        (Laid(asked(), flags={"source": Source.PROACTIVE}), "未诉先办"),
        (Laid(asked(), flags={"request_type": RequestType.PRAISE}), "表扬"),
        (Laid(asked(), flags={"request_type": RequestType.HARASSMENT}), "骚扰"),
        (Laid([*asked(), (Step.WITHDRAW, IN, ended(R.WITHDRAWN))]), "诉求人撤单"),
        (Laid([RECEIVED, (Step.WITHDRAW, IN, ended(R.WITHDRAWN))], unit=None), "诉求人撤单"),
        (Laid([RECEIVED, (Step.REFUSE, IN, ended(R.NOT_ACCEPTED))], unit=None), "不予受理"),
        (Laid([RECEIVED, (Step.MERGE, IN, ended(R.MERGED))], unit=None), "已并入主单"),
        (Laid([RECEIVED, (Step.TRANSFER_EMERGENCY, IN, ended(R.TRANSFERRED))], unit=None), "已转紧急热线"),
        (Laid([RECEIVED, (Step.CLOSE, IN, ended(R.UNREACHED))]), "无有效回访：多次回访未接通"),
        (Laid([RECEIVED, (Step.CLOSE, IN, ended(R.NO_CONTACT))]), "无有效回访：无联系方式"),
        (Laid([RECEIVED, (Step.CLOSE, IN, ended(R.INVITATION_EXPIRED))]), "无有效回访：邀请到期未评价"),
        (Laid([RECEIVED, (Step.ANSWER_DIRECTLY, IN - DAY, {}),
               review(Step.GIVE_REVIEW, IN, "5", "solved", **ended(R.REVIEWED))], unit="rx"), "热线直接答复"),
    ],
)  # fmt: skip
def test_what_is_left_out_of_the_three_rates_is_counted_and_listed_by_its_reason(laid, reason):
    noise()
    lay(1, laid)
    for key in RATES[:3]:
        assert counted(key) == (0, 0, {reason: 1})
        assert numbers(key, Part.EXCLUDED) == [1]


def test_a_consultation_leaves_the_resolution_rate_only():
    lay(1, Laid(asked(), flags={"request_type": RequestType.CONSULTATION}))
    assert counted("resolution") == (0, 0, {"咨询": 1})
    assert counted("satisfaction") == (1, 1, {})


def test_partly_solved_and_basically_satisfied_stand_apart():
    lay(1, Laid(asked(solved="partly", satisfied="3")))
    lay(2, Laid(asked()))
    assert (counted("partly")[0], counted("basically")[0]) == (1, 1)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ((IN, IN - timedelta(seconds=1), None), (1, 1)),
        ((IN, IN, None), (0, 1)),  # half-open: overdue at due_at
        ((IN, NOW, None), (0, 1)),
        ((IN, None, None), (0, 1)),  # still open, late
        ((NOW + DAY, None, None), (0, 0)),  # not yet due
        ((NOW + DAY, IN, None), (1, 1)),
        ((BEFORE, IN, None), (0, 0)),  # late already last month
        ((IN, None, NOW), (0, 1)),  # stopped after it was late
    ],
)
def test_a_limit_counts_on_the_day_it_was_met_or_ran_out(limit, expected):
    lay(1, Laid([RECEIVED], limit=limit))
    assert counted("on_time")[:2] == expected


def test_a_limit_stopped_by_a_return_is_left_out():
    lay(1, Laid([RECEIVED], limit=(NOW, None, IN)))
    assert counted("on_time") == (0, 0, {"时限到期前终止（退单等）": 1})


def test_open_due_soon_and_overdue_are_of_now_and_know_no_drafts_and_no_tests():
    for number, deadline in enumerate((NOW - DAY, NOW, NOW + timedelta(hours=24), NOW + 2 * DAY), 1):
        lay(number, Laid([RECEIVED], deadline=deadline))
    lay(5, Laid([RECEIVED], deadline=NOW - DAY, flags={"is_test": True}))
    lay(6, Laid([RECEIVED, (Step.WITHDRAW, IN, ended(R.WITHDRAWN))], deadline=NOW - DAY))
    lay(7, Laid([RECEIVED], flags={"state": "draft"}))
    lay(8, Laid([RECEIVED], unit=None))
    board = read_board(month())
    assert [board.total[key].counted for key in ("open", "due_soon", "overdue")] == [5, 1, 2]
    assert board.units[UNDISPATCHED]["open"].counted == 1


def test_every_ending_without_a_review_is_counted_apart_and_a_reopened_case_no_longer():
    for number, reason in enumerate(WITHOUT_REVIEW, 1):
        lay(number, Laid([RECEIVED, (Step.CLOSE, IN, ended(reason)), (Step.ARCHIVE, NOW, {})],
                         flags={"closing_reason": reason}))  # fmt: skip
    lay(20, Laid([RECEIVED, (Step.CLOSE, IN, ended(R.UNREACHED)), (Step.REOPEN, NOW, {})]))
    lay(21, Laid([*asked(), review(Step.GIVE_REVIEW, IN, "5", "solved", **ended(R.REVIEWED))]))
    total = read_board(month()).total
    assert {total[f"ended_{reason.value}"].counted for reason in WITHOUT_REVIEW} == {1}
    assert total["closed"].counted == len(WITHOUT_REVIEW) + 1


def test_days_end_at_midnight_in_the_city():
    lay(1, Laid(asked(datetime(2026, 10, 31, 15, 59, tzinfo=UTC))))
    lay(2, Laid(asked(datetime(2026, 10, 31, 16, 0, tzinfo=UTC))))
    assert numbers("response", Part.ALL) == [2]


def numbers(key, part, scope=None):
    query = listed(FIGURES[key], part, scope or month())
    return sorted(ticket.ticket_no for ticket in session().execute(query).scalars())


@pytest.fixture
def many(desk):
    """Three hundred tickets with histories drawn at random, always the same."""
    chance = random.Random(12345)
    with transaction():
        for number in range(1, 301):
            lay(number, drawn_ticket(chance))
    return desk


def drawn_ticket(chance):
    def at():
        return NOW - chance.random() * 60 * DAY

    history = [RECEIVED]
    moment = at()
    for _ in range(chance.randint(0, 3)):
        moment = min(moment + chance.random() * 20 * DAY, NOW)
        answers = said(
            chance.random() < 0.8, chance.choice(["solved", "partly", "not"]), str(chance.randint(1, 5))
        )
        history += [(Step.SUBMIT, moment, {})]
        history += [(chance.choice([Step.CALL_BACK, Step.REHANDLE, Step.MISS_CALLBACK]), moment, answers)]
        if history[-1][0] is Step.MISS_CALLBACK:
            history[-1] = (Step.MISS_CALLBACK, moment, {})
    if chance.random() < 0.3:
        history.append(review(Step.GIVE_BAD_REVIEW, moment, str(chance.randint(1, 2)), "not"))
    if chance.random() < 0.5:
        history.append(drawn_ending(chance, min(moment + DAY, NOW)))
        if chance.random() < 0.2:
            history.append((Step.REOPEN, NOW, {}))
    due = at()
    limit = (due, chance.choice([None, due - DAY, due + DAY]), chance.choice([None, None, due - 2 * DAY]))
    flags = {
        "is_test": chance.random() < 0.1, "counts_in_assessment": chance.random() < 0.9,
        "request_type": chance.choice([*RequestType, *[RequestType.COMPLAINT] * 6]),
        "source": chance.choice([*Source, *[Source.WEB] * 6]),
    }  # fmt: skip
    unit = chance.choice(["zjj", "cgj", "hbj", "rx", None])
    return Laid(history, unit, limit, NOW + chance.randint(-3, 3) * DAY, flags)


def drawn_ending(chance, at):
    step, reason = chance.choice([
        (Step.CLOSE, R.INVITATION_EXPIRED), (Step.CLOSE, R.UNREACHED), (Step.CLOSE, R.NO_CONTACT),
        (Step.WITHDRAW, R.WITHDRAWN), (Step.REFUSE, R.NOT_ACCEPTED), (Step.MERGE, R.MERGED),
        (Step.TRANSFER_EMERGENCY, R.TRANSFERRED), (Step.GIVE_REVIEW, R.REVIEWED),
        (Step.KEEP_BAD_REVIEW, R.BAD_REVIEW_STANDING),
    ])  # fmt: skip
    if step in (Step.GIVE_REVIEW, Step.KEEP_BAD_REVIEW):
        grade = str(chance.randint(3, 5)) if step is Step.GIVE_REVIEW else "1"
        return review(step, at, grade, chance.choice(["solved", "partly"]), **ended(reason))
    return step, at, ended(reason)


def scopes():
    return [
        month(),
        month(unit_id("zjj")),
        month(UNDISPATCHED),
        Scope((NOW - 55 * DAY).date(), NOW.date(), NOW),
    ]


@pytest.mark.usefixtures("many")
def test_every_number_is_as_long_as_the_list_behind_it():
    seen = 0
    for scope in scopes():
        total = read_board(scope).total
        for key, figure in FIGURES.items():
            one = total[key]
            for part, number in (
                (Part.COUNTED, one.counted), (Part.ALL, one.among), (Part.EXCLUDED, sum(one.excluded.values())),
            ):  # fmt: skip
                found = numbers(key, part, scope)
                assert len(found) == len(set(found)) == number, (key, part, scope)
                seen += number
            assert set(numbers(key, Part.COUNTED, scope)) <= set(numbers(key, Part.ALL, scope)), figure.label
    assert seen > 3000


@pytest.mark.usefixtures("many")
def test_the_departments_add_up_to_the_whole():
    board = read_board(month())
    for key in FIGURES:
        assert sum(unit[key].counted for unit in board.units.values()) == board.total[key].counted
        assert board.units[unit_id("zjj")][key] == read_board(month(unit_id("zjj"))).total[key]


WORDS = ("call_back", "rehandle", "give_review", "give_bad_review", "keep_bad_review")
GONE = ("withdrawn", "not_accepted", "transferred", "merged")


def retold(rows):
    """The three rates of a month told again from journal rows and flags, without a word of SQL (I12)."""
    hotline = set(session().execute(select(Department.id).where(Department.kind == "hotline")).scalars())
    sums = {key: [0, 0] for key in RATES[:3]}
    for ticket, history in rows:
        words = [one for one in history if one.step in WORDS]
        last_ending = next((one.data["ending"] for one in reversed(history) if "ending" in one.data), None)
        reopened = history[-1].step == Step.REOPEN
        if not words or not in_month(words[-1].occurred_at) or (last_ending in GONE and not reopened):
            continue
        if ticket.is_test or not ticket.counts_in_assessment or ticket.source == "proactive":
            continue
        if ticket.request_type in UNCOUNTED or words[-1].department_id in hotline:
            continue
        told = [one.data["contacted"] for one in words if "contacted" in one.data]
        data = words[-1].data
        tell(sums, "response", bool(told and told[-1]))
        if ticket.request_type != "consultation":
            tell(sums, "resolution", data["solved"] == "solved")
        tell(sums, "satisfaction", (data.get("grade") or data["satisfied"]) in ("4", "5"))
    return sums


def in_month(moment):
    local = moment + timedelta(hours=8)
    return (local.year, local.month) == (2026, 11)


def tell(sums, key, yes):
    sums[key][0] += yes
    sums[key][1] += 1


@pytest.mark.usefixtures("many")
def test_the_three_rates_told_again_from_the_journal_alone_are_the_same():
    rows = [
        (ticket, history_of(ticket.ticket_no)) for ticket in session().execute(select(Ticket)).scalars().all()
    ]
    total = read_board(month()).total
    assert retold(rows) == {key: [total[key].counted, total[key].among] for key in RATES[:3]}
    assert all(total[key].among > 30 and 0 < total[key].rate < 1 for key in RATES[:3])


def history_of(number):
    query = select(JournalEntry).where(JournalEntry.ticket_no == number).order_by(JournalEntry.seq)
    return session().execute(query).scalars().all()


@pytest.mark.usefixtures("many")
def test_the_on_time_rate_told_again_from_the_clocks_is_the_same():
    yes = among = 0
    for clock in session().execute(select(Clock).where(Clock.kind == "handle")).scalars():
        ticket = session().get_one(Ticket, clock.ticket_no)
        decided = min(one for one in (clock.due_at, clock.met_at, clock.stopped_at) if one)
        if not lead(clock) or not in_month(decided) or decided > NOW or left_out(ticket):
            continue
        if clock.stopped_at and decided == clock.stopped_at:
            continue
        yes, among = yes + bool(clock.met_at and clock.met_at < clock.due_at), among + 1
    one = read_board(month()).total["on_time"]
    assert (one.counted, one.among) == (yes, among)
    assert among > 20


def lead(clock):
    first = select(func.min(Clock.assignment_id)).where(Clock.ticket_no == clock.ticket_no)
    return clock.assignment_id == session().execute(first).scalar_one()


def left_out(ticket):
    return (
        ticket.is_test or not ticket.counts_in_assessment or ticket.source == "proactive"
        or ticket.request_type in UNCOUNTED or (ticket.closing_reason or "") in GONE
    )  # fmt: skip
