"""The plan of a simulated city, pure and seeded: who wants what, through which door, and what happens when.

Texts are the classifier's written examples, places are those of the made-up city, people are drawn; no real demand
is in it. The shares of the stories are defaults. A day has so many different courses of things (`stories`); where
more tickets come a day, each course happens to several people, who share neither name nor number.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random

from classifier.training_data import written_examples
from hotline.clock import CITY_ZONE
from hotline.errors import BadInput
from hotline.models.words import Source
from hotline.simulation import aside_acts, joint_acts, outside_acts, supervisor_acts  # noqa: F401 - they enter acts
from hotline.simulation.acts import ACTS, Act

PLACES = Path(__file__).parents[1] / "demo_data" / "places.csv"
SETTLED = "route sign contact reply submit pass_check"
DONE = f"{SETTLED} call_back_solved"
MEETING = "call_meeting give_opinion give_opinion rule_return"
CHECKED = "pass_check call_back_solved review"
WORKED = f"contact reply submit {CHECKED}"
STORIES: dict[str, tuple[int, str]] = {
    "main": (400, f"{DONE} review"),
    "unreviewed": (110, DONE),
    "answered": (80, "answer_directly review"),
    "answered_unreviewed": (30, "answer_directly"),
    "supplemented": (25, f"ask_supplement say_more {DONE} review"),
    "given_up": (12, "ask_supplement miss_requester miss_requester miss_requester give_up"),
    "refused": (25, "refuse"),
    "contested": (10, f"refuse contest {DONE} review"),
    "merged": (30, "merge"),
    "unmerged": (6, f"merge leave_master {DONE}"),
    "returned": (40, f"route ask_return send_on {DONE} review"),
    "return_refused": (12, f"route ask_return keep_return contact {DONE} review"),
    "ruled": (6, f"route ask_return send_on ask_return {MEETING} {WORKED}"),
    "meeting_moved": (4, f"route ask_return send_on ask_return call_meeting move_meeting rule_return {WORKED}"),
    "meeting_again": (4, f"route ask_return send_on ask_return call_meeting cancel_meeting {MEETING} {WORKED}"),
    "extended": (25, f"route sign ask_extension grant_extension {DONE} review"),
    "not_extended": (6, f"route sign ask_extension refuse_extension {DONE} review"),
    "suspended": (15, "route sign ask_suspension grant_suspension contact+50 reply submit pass_check call_back_solved"),
    "resumed": (6, f"route sign ask_suspension grant_suspension resume {DONE} review"),
    "not_suspended": (4, f"route sign ask_suspension refuse_suspension {DONE}"),
    "terminated": (10, "route sign ask_termination grant_termination review"),
    "not_terminated": (4, f"route sign ask_termination refuse_termination {DONE}"),
    "sent_back": (12, "route sign contact reply send_back reply submit pass_check call_back_solved review"),
    "check_failed": (20, f"route sign contact reply submit fail_check {DONE} review"),
    "unreached": (30, f"{SETTLED} miss_call miss_call miss_call miss_call close_unreached"),
    "rehandled": (25, f"{SETTLED} call_back_unsolved {DONE} review"),
    "bad_review": (25, f"{DONE} bad_review contact_reviewer rectify verify review"),
    "bad_kept": (6, f"{DONE} bad_review rectify verify bad_review rectify verify bad_review"),
    "rectified_again": (5, f"{DONE} bad_review rectify fail_rectification rectify verify review"),
    "reopened": (8, f"{DONE} review reopen {DONE} review"),
    "urged": (15, f"route sign urge answer_reminder {WORKED}"),
    "supervised": (8, f"route sign supervise answer_reminder contact reply submit end_supervision {CHECKED}"),
    "changed": (6, f"route sign ask_change grant_change {WORKED}"),
    "not_changed": (4, f"route sign ask_change refuse_change {WORKED}"),
    "exempted": (5, f"route sign ask_exemption grant_exemption {WORKED}"),
    "not_exempted": (4, f"route sign ask_exemption refuse_exemption {WORKED}"),
    "grid_asked": (8, f"route sign ask_grid report_grid {WORKED}"),
    "accused": (5, f"route sign accuse_holder route_elsewhere sign {WORKED}"),
    "withdrawn": (10, "withdraw"),
    "withdrawn_late": (8, "route sign withdraw"),
    "joint": (14, f"route call_in call_in sign sign_part sign_part contact reply_part hand_in reply_part hand_in reply "
                  f"submit {CHECKED}"),
    "joint_late": (6, f"route call_in sign sign_part contact reply submit_without {CHECKED}"),
    "joint_longer": (5, f"route call_in_briefly sign sign_part ask_part_extension grant_part_extension "
                        f"reply_part hand_in {WORKED}"),
    "helper_let_go": (4, f"route call_in sign take_back_part {WORKED}"),
    "handed_down": (6, f"send_to_district sign hand_down sign_part reply_part hand_in {WORKED}"),
    "three_ways": (4, "call_three_ways push_to_110 note_result"),
    "pushed": (8, "push_to_110"),
    "pushed_back": (5, f"push_to_110 police_return {DONE}"),
}  # fmt: skip
"""By name: its share, and the acts one after another; `+h` waits so many hours more."""
DOORS = {Source.PHONE: 50, Source.WEB: 35, Source.POLICE110: 10, Source.PARTNER: 5}
FAMILY, GIVEN = "陈李王张刘杨赵黄周吴徐孙胡朱高林何郭马罗", "桂芳建国晓明丽华志强秀英海燕文博子涵雨欣德胜春梅"
TAILS = ("希望尽快处理", "请派人来看一看", "已经影响生活了", "之前也反映过", "请给个答复", "麻烦核实一下")
LATE, NO_NUMBER = 0.05, 0.03
"""How often somebody takes four times as long, and how often a requester leaves no number."""
MOST_A_DAY = 100_000


@dataclass(frozen=True)
class CityPlan:
    """What is to be simulated: so many tickets on each of so many days from the first on."""

    seed: int
    first: date
    days: int
    per_day: int
    stories: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.days <= 366 or not 1 <= self.per_day <= MOST_A_DAY:
            raise BadInput(f"天数须为1至366，每天件数须为1至{MOST_A_DAY}。")
        if self.stories < 1 or self.per_day % self.courses:
            raise BadInput(f"每天件数超过{self.stories}件的，须为{self.stories}的整数倍。")

    @property
    def courses(self) -> int:
        """How many courses of things a day differ."""
        return min(self.stories, self.per_day)

    @property
    def twins(self) -> int:
        """To how many people each course happens."""
        return self.per_day // self.courses

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return midnight(self.first + timedelta(days=self.days))


@dataclass(frozen=True)
class Person:
    """One requester; without number where none was left."""

    name: str
    phone: str


@dataclass(frozen=True)
class Planned:
    """One ticket: its mark in the plan, what is said through which door by whom, and its acts in order of time."""

    mark: str
    source: Source
    text: str
    place: str
    who: Person
    variety: int
    acts: tuple[tuple[datetime, str], ...]
    by_hand: bool = False
    """Whether it must wait for a person, for the machine's dispatching would be quicker than its story."""
    before: str = ""
    """The mark of the ticket that came before it that day."""


def planned(plan: CityPlan, *, twins: bool = True) -> Iterator[Planned]:
    """Every ticket of the plan by day; without twins only the first of each course."""
    for day in range(plan.days):
        for twin in range(plan.twins if twins else 1):
            for course in range(plan.courses):
                yield _ticket(plan, day, course, twin)


def person_of(plan: CityPlan, day: int, course: int, twin: int) -> Person:
    """The requester of a ticket: nobody else in the plan has the number."""
    rng = Random(f"{plan.seed} {day} {course} {twin} who")
    number = (day * plan.courses + course) * plan.twins + twin
    name = rng.choice(FAMILY) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))
    return Person(name, f"+861{90 + plan.seed % 10}{number:08d}")


def _ticket(plan: CityPlan, day: int, course: int, twin: int) -> Planned:
    rng = Random(f"{plan.seed} {day} {course}")
    story = rng.choices(list(STORIES), [share for share, _ in STORIES.values()])[0]
    came = midnight(plan.first + timedelta(days=day)) + timedelta(minutes=int(rng.triangular(0, 1439, 620)))
    texts, places = written(), known_places()
    who, silent = person_of(plan, day, course, twin), rng.random() < NO_NUMBER
    source = rng.choices(list(DOORS), list(DOORS.values()))[0]
    return Planned(
        f"{day}-{course}-{twin}", source,
        f"{rng.choice(texts).rstrip('。？！')}，{rng.choice(TAILS)}。", f"{rng.choice(places)}{rng.randint(1, 38)}号楼",
        Person(who.name, "") if silent else who, rng.randrange(60), tuple(_acts(came, STORIES[story][1], rng)),
        not STORIES[story][1].startswith("route"), f"{day}-{course - 1}-{twin}" if course else "",
    )  # fmt: skip


def _acts(came: datetime, story: str, rng: Random) -> Iterator[tuple[datetime, str]]:
    moment = came
    yield moment, "receive"
    for one in story.split():
        name, _, wait = one.partition("+")
        act = ACTS[name]
        hours = rng.uniform(act.low, act.high) * (4 if rng.random() < LATE else 1) + float(wait or 0)
        moment = at_work(moment + timedelta(minutes=round(hours * 60)), act, rng)
        yield moment, name


def at_work(moment: datetime, act: Act, rng: Random) -> datetime:
    """The next time people do such things: offices from nine to half past five on weekdays, others from six to
    eleven."""
    first, last = (time(9), time(17, 30)) if act.office else (time(6), time(23))
    day = moment.date()
    if moment.time() > last:
        day += timedelta(days=1)
    while act.office and day.weekday() > 4:
        day += timedelta(days=1)
    begin = datetime.combine(day, first, CITY_ZONE)
    return moment if moment >= begin else begin + timedelta(minutes=rng.randrange(50))


def midnight(day: date) -> datetime:
    """The beginning of a day in the city."""
    return datetime.combine(day, time(), CITY_ZONE)


@cache
def written() -> tuple[str, ...]:
    """The written examples, read once."""
    return written_examples().texts


@cache
def known_places() -> tuple[str, ...]:
    """Every community of the made-up city with its street and district, as people say it."""
    with PLACES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {row["area"]: row["name"] for row in rows if row["kind"] in ("district", "street")}
    return tuple(
        names.get(row["area"][:6], "") + names.get(row["area"], "") + row["name"]
        for row in rows
        if row["kind"] == "community"
    )
