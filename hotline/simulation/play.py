"""Plays the plan of a simulated city: the real verbs in order of time, workers and scheduled work at their times.

Nothing leaves the house: text messages are kept in memory, and 110 confirms whatever it is sent.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge as in_order
from itertools import groupby

from flask import current_app
from sqlalchemy import Select, select

from hotline import clock
from hotline.background.archive_batch import archive_ended
from hotline.background.drain import drain_lane
from hotline.background.expiring import close_expired_invitations, reckon_provisional, resume_suspended
from hotline.background.ladder_sweep import ladder_sweep
from hotline.channels.police_110_messages import Confirmation, body_of, confirmation
from hotline.database import session, transaction
from hotline.errors import DeskError, Forbidden
from hotline.gateways.messages import MessagesInMemory
from hotline.gateways.police_110_client import Parcel
from hotline.models import OutboxRow, Ticket
from hotline.models.words import Confidentiality, Role, Source
from hotline.people.accounts import Person
from hotline.simulation import aside_acts, joint_acts, outside_acts, supervisor_acts  # noqa: F401 - they enter acts
from hotline.simulation.acts import ACTS
from hotline.simulation.crew import Crew
from hotline.simulation.plan import CityPlan, Planned, midnight, planned
from hotline.tickets import draft
from hotline.tickets.amend import PARTNER
from hotline.tickets.demand import Demand, Envelope, Upstream
from hotline.tickets.lifecycle import REQUESTER
from hotline.tickets.receive import receive_demand
from hotline.tickets.rulebook import Shelf

PLATFORM = "simulation"
WORKERS_COME = timedelta(minutes=15)
"""Real ones come within seconds; so many follow-ups at once are quicker to play."""
SELDOM_RIGHT = "tyjr"
"""A department that agents propose in vain: a dispatcher looks at the ticket first."""
HOUR = timedelta(hours=1)
Progress = Callable[[int, int, datetime], None]


@dataclass
class Played:
    """What came of the acts: the ticket of each mark, how often each act was done, and why some were not."""

    tickets: dict[str, int] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Part:
    """Whose tickets this process plays, where several play one plan; `meet` waits until all are so far."""

    number: int = 0
    of: int = 1
    meet: Callable[[], object] = lambda: None

    def plays(self, one: Planned) -> bool:
        """Whether a ticket is this part's; one merged into another goes with it."""
        day, _, twin = one.mark.split("-")
        return (int(day) + int(twin)) % self.of == self.number


ALL = Part()


def play(plan: CityPlan, crew: Crew, told: Progress, *, twins: bool = True, part: Part = ALL) -> Played:
    """Everything of the plan up to its end, or a part of it. Opens its own transactions."""
    nothing_leaves()
    played, total = Played(), plan.days * plan.courses * (plan.twins if twins else 1)
    for moment, acts in groupby(in_time(plan, twins=twins), key=lambda each: when_workers_come(each[0])):
        if moment > plan.end:
            break
        for at, _, name, one in acts:
            with clock.hold(at):
                rules_stay(at)
                if one is None:
                    hour_comes(part)
                elif part.plays(one):
                    _do(plan, played, crew, (name, one))
        part.meet()
        with clock.hold(moment):
            workers_work()
        part.meet()
        told(min(len(played.tickets) * part.of, total), total, moment)
    return played


def _do(plan: CityPlan, played: Played, crew: Crew, act: tuple[str, Planned]) -> None:
    name, one = act
    if name == "receive":
        played.tickets[one.mark] = receive(plan, crew, one)
    else:
        happen(played, crew, name, one)


def hour_comes(part: Part) -> None:
    """The scheduled work of the hour, by one process while the others wait."""
    part.meet()
    if part.number == 0:
        time_passes()
    part.meet()


def in_time(plan: CityPlan, *, twins: bool) -> Iterator[tuple[datetime, int, str, Planned | None]]:
    """All acts in order of time, and every full hour between them."""
    acts = sorted(
        ((at, n, name, one) for n, one in enumerate(planned(plan, twins=twins)) for at, name in one.acts),
        key=lambda each: each[:2],
    )
    hours = ((midnight(plan.first) + n * HOUR, -1, "", None) for n in range(1, plan.days * 24 + 1))
    return in_order(acts, hours, key=lambda each: each[:2])


def when_workers_come(moment: datetime) -> datetime:
    """The end of the quarter of an hour a moment lies in."""
    return moment + (midnight(moment.date()) - moment) % WORKERS_COME


def receive(plan: CityPlan, crew: Crew, one: Planned) -> int:
    """The demand comes in by its door; the ticket's number."""
    with transaction():
        if one.source is Source.PHONE:
            agent = crew.of(Role.AGENT)[one.variety % 2]
            number = draft.open_draft(agent).ticket_no
            draft.register(number, agent, form_of(one), 0)
            return number
        police = one.source is Source.POLICE110
        demand = Demand(
            one.source, one.text, one.place, one.who.name, one.who.phone,
            confidentiality=Confidentiality.CONFIDENTIAL if one.by_hand else Confidentiality.OPEN,
            upstream=Upstream(crew.police, f"{plan.seed}-{one.mark}") if police else None,
        )  # fmt: skip
        envelope = Envelope(PLATFORM, f"{plan.seed}-{one.mark}", one.text.encode())
        return receive_demand(demand, envelope, REQUESTER if one.source is Source.WEB else PARTNER).ticket_no


def form_of(one: Planned) -> dict[str, str]:
    """The agent's form as it was filled in on the telephone."""
    return {"content": one.text, "place": one.place, "name": one.who.name, "phone": one.who.phone,
            "department": SELDOM_RIGHT if one.by_hand else "", "emergency_seen": "1"}  # fmt: skip


def happen(played: Played, crew: Crew, name: str, one: Planned) -> None:
    """One act, by the first colleague who may; a refusal is noted with its sentence."""
    act, n, last = ACTS[name], one.variety, Forbidden()
    if name == "merge":
        n = played.tickets.get(one.before, 0)
    try:
        with transaction():
            unit = act.unit(session().get_one(Ticket, played.tickets[one.mark]))
        colleagues: tuple[Person | None, ...] = crew.of(act.role, unit) if act.role else (None,)
        for who in colleagues[one.variety % 2 :] + colleagues[: one.variety % 2]:
            try:
                with transaction():
                    act.verb(session().get_one(Ticket, played.tickets[one.mark]), who, n)
                break
            except Forbidden as refusal:
                last = refusal
        else:
            raise last
        played.done[name] += 1
    except DeskError as refusal:
        played.refused[f"{name}：{refusal.sentence}"] += 1


def rules_stay(moment: datetime) -> None:
    """Nobody changes a rule while a city is simulated: they need no comparing at each act."""
    shelf: Shelf | None = current_app.extensions.get("hotline-rules")
    if shelf is not None:
        shelf.checked_at = moment


def workers_work() -> None:
    """Whatever follows is done."""
    due = select(OutboxRow.id).where(OutboxRow.not_before <= clock.now(), OutboxRow.dead_at.is_(None)).limit(1)
    while due_now(due) and drain_lane("desk") + drain_lane("outside"):
        pass


def due_now(query: Select[tuple[int]]) -> bool:
    """Whether there is anything to do; a look is cheaper than two claims."""
    with transaction() as current:
        return current.execute(query).first() is not None


def time_passes() -> None:
    """The scheduled work that moves tickets; learning and cleaning move none."""
    for work in (close_expired_invitations, resume_suspended, reckon_provisional, archive_ended, ladder_sweep):
        work()


def nothing_leaves() -> None:
    """Text messages stay here, 110 confirms at once, and no worker elsewhere is rung."""
    current_app.extensions["hotline-messages"] = MessagesInMemory()
    current_app.extensions["hotline-partner-line"] = confirmed
    current_app.extensions.pop("hotline-redis", None)


def confirmed(parcel: Parcel, moment: datetime) -> bytes:
    """What a 110 platform answers that takes everything."""
    return body_of(confirmation(Confirmation(f"SIM{parcel.message_id}", True, moment)))
