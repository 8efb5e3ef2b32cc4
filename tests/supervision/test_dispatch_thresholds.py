"""Each department's threshold follows from what became of its cases, and the machine goes by it."""

import pytest
from sqlalchemy import select

from hotline.background.count_guesses import count_guesses
from hotline.database import session, transaction
from hotline.models import Department, DispatchThreshold, JournalEntry, MachineGuess, ModelVersion
from hotline.models.words import State, Step, UrgencyGrade
from hotline.supervision.dispatch_thresholds import Sent, lowest_for, sent_at
from hotline.supervision.guess_tallies import WEEK
from hotline.supervision.trained_models import activate_model
from hotline.tickets.city_settings import change_setting
from hotline.tickets.dispatch import ONLY_HELPS, VILLAGE, Reading, classify, latest_guess
from routing.case import MatterGuess
from tests.makers import send_demand, ticket
from tests.supervision.guess_weeks import Read, lay_all
from tests.supervision.test_guess_tallies import this_week
from tests.web.prepared_tickets import unit_id

pytestmark = [pytest.mark.proof, pytest.mark.usefixtures("desk")]


def active() -> str:
    """The model in use."""
    return session().execute(select(ModelVersion.version).where(ModelVersion.active)).scalar_one()


def lay_history(cases: dict[float, tuple[int, int]], model: str) -> None:
    """So many cases for the department that would get the next ticket, of which so many were right, by sureness."""
    mine, other = read_next(0.01).routes[0]["department"], unit_id("jj")
    lay_all([
        Read(this_week() - WEEK, ((mine, sure),), mine if i < right else other, "to_dispatcher", model=model)
        for sure, (number, right) in cases.items() for i in range(number)
    ])  # fmt: skip
    count_guesses()


def read_next(sure: float) -> MachineGuess:
    """A new ticket is read, with this sureness that it is about noise at night."""
    no = send_demand()
    with transaction():
        classify(no, Reading(active(), (MatterGuess("0203", sure, ()),)))
    guess = latest_guess(no)
    assert guess is not None
    return guess


ENOUGH = {0.93: (150, 150), 0.78: (60, 55), 0.55: (40, 10)}


def test_a_department_with_enough_cases_has_a_threshold_of_its_own_and_the_sentence_names_it():
    lay_history(ENOUGH, active())
    row = session().execute(select(DispatchThreshold)).scalar_one()
    assert (row.sure, row.decided, row.sent, row.right) == (78, 250, 210, 205)
    guess = read_next(0.80)
    assert guess.decision == "automatic"
    assert guess.why.endswith("把握80%，达到自动派单所需的78%（该单位门槛）。")
    assert ticket(guess.ticket_no).state is State.TO_SIGN
    said = select(JournalEntry.data["why"].astext).where(JournalEntry.step == Step.CLASSIFY)
    assert guess.why in session().execute(said).scalars().all()
    unsure = read_next(0.77)
    assert (unsure.decision, unsure.why) == ("to_dispatcher", "把握77%，低于自动派单所需的78%（该单位门槛）。")


@pytest.mark.parametrize(
    "cases", [{0.93: (150, 150), 0.78: (49, 49)}, {}], ids=["one case short of enough", "no history"]
)
def test_a_department_with_too_few_cases_goes_by_the_citys(cases):
    lay_history(cases, active())
    guess = read_next(0.80)
    assert guess.why == "把握80%，低于自动派单所需的90%（全市门槛）。"
    assert read_next(0.8999).why == "把握89.9%，低于自动派单所需的90%（全市门槛）。"
    guess = read_next(0.91)
    assert guess.decision == "automatic"
    no = int(send_demand())
    with transaction():
        ticket(no).urgency = UrgencyGrade.CRITICAL  # its alarm was answered
        classify(no, Reading(active(), (MatterGuess("0203", 0.99, ()),)))
    assert latest_guess(no).why == "内容含危险或紧急信息，须人工处置。"


def test_a_department_for_which_the_machine_is_not_good_enough_gets_nothing_alone():
    lay_history({0.97: (120, 100), 0.78: (100, 80)}, active())
    guess = read_next(0.99)
    assert guess.why == "把握99%，低于自动派单所需的100%（该单位门槛）。"
    assert ticket(guess.ticket_no).state is State.TO_DISPATCH


def test_another_models_cases_do_not_count_and_its_thresholds_end_with_it():
    lay_history(ENOUGH, "of before")
    assert session().execute(select(DispatchThreshold)).all() == []
    with transaction() as current:
        unit = unit_id("zjj")
        row = DispatchThreshold(department_id=unit, sure=60, decided=300, sent=250, right=240)
        row.counted_at = current.execute(select(ModelVersion.created_at).limit(1)).scalar_one()
        current.add(row)
    with transaction():
        activate_model(active())
    assert session().execute(select(DispatchThreshold)).all() == []


@pytest.mark.parametrize(("key", "value"), [("auto_dispatch_at", "1"), ("auto_dispatch_precision", "0")])
def test_the_city_may_have_everything_dispatched_by_people_or_by_one_threshold(key, value):
    with transaction():
        change_setting(key, value, "试运行期间", None)
    lay_history(ENOUGH, active())
    guess = read_next(0.80)
    assert guess.decision == "to_dispatcher"
    assert "全市门槛" in guess.why


def test_the_lowest_step_with_cases_at_and_above_which_enough_is_right():
    steps = {99: (20, 20), 95: (20, 20), 90: (20, 17), 60: (5, 5), 40: (100, 100)}
    assert sent_at(steps, 95) == Sent(95, 40, 40, 165)
    assert lowest_for(0.95, steps) == Sent(60, 65, 62, 165)
    assert lowest_for(0.96, steps) == Sent(95, 40, 40, 165)
    assert lowest_for(0.5, steps) == Sent(60, 65, 62, 165)
    assert lowest_for(0.95, {99: (29, 29)}) is None
    assert lowest_for(0.95, {}) is None


def test_a_list_that_names_who_only_helps_leaves_the_guess_and_the_reason_to_a_person():
    unit = read_next(0.01).routes[0]["department"]
    level = session().get_one(Department, unit).level
    try:
        with transaction() as current:
            current.get_one(Department, unit).level = VILLAGE
        guess = read_next(0.99)
        assert (guess.decision, guess.why) == ("barred", ONLY_HELPS)
        assert ticket(guess.ticket_no).state is State.TO_DISPATCH
    finally:
        with transaction() as current:
            current.get_one(Department, unit).level = level
