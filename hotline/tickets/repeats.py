"""Repeats (重复诉求): the same person tells the same again, or others tell it nearby (L1 art.11(三); domain.md §5.3).

Whoever told it before is told how that stands before a new one is saved; the dispatcher merges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Float, Integer, literal, select, union_all

from classifier.normalise import normalise
from hotline import clock
from hotline.database import session
from hotline.models import Likeness, Requester, Ticket
from hotline.models.words import ENDED, State
from hotline.tickets.demand import Demand
from hotline.tickets.identity import phone_hash
from hotline.tickets.rulebook import rules
from routing.choose import located
from routing.places import Place

MOST = 20
"""Newest tickets of a number, or of a matter nearby, that are looked at."""
SHOWN = 8
NO_DEMANDS = (State.DRAFT, State.MERGED, State.WITHDRAWN)


@dataclass(frozen=True)
class Alike:
    """Another ticket that may be the same, and why it may."""

    ticket: Ticket
    reasons: tuple[str, ...]


def alike(ticket: Ticket) -> list[Alike]:
    """What the dispatcher should know before dispatching: the newest tickets of the same number, and those that were
    found alike when the texts were read, each with the reasons."""
    no = ticket.ticket_no
    mine = select(Requester.phone_hash).where(Requester.ticket_no == no).scalar_subquery()
    of_number = select(Requester.ticket_no, literal(None, Float), literal(None, Integer)).where(
        Requester.phone_hash == mine, Requester.ticket_no != no
    )
    pairs = (Likeness.later_no, Likeness.earlier_no), (Likeness.earlier_no, Likeness.later_no)
    found = union_all(
        of_number.order_by(Requester.ticket_no.desc()).limit(SHOWN),
        *(select(other, Likeness.score, Likeness.metres).where(this == no).limit(SHOWN) for this, other in pairs),
    ).subquery()
    other_no, score, metres = found.c
    query = select(Ticket, score, metres).join(found, other_no == Ticket.ticket_no).where(Ticket.state != State.DRAFT)
    rows: dict[Ticket, list[tuple[float | None, int | None]]] = {}
    for other, *likeness in session().execute(query.order_by(Ticket.ticket_no.desc())):
        rows.setdefault(other, []).append((likeness[0], likeness[1]))
    return [Alike(other, _reasons(ticket, other, why)) for other, why in list(rows.items())[:SHOWN]]


def told_again(hashed: bytes | None, matter_code: str, besides: int) -> list[Ticket]:
    """The same number's tickets of this matter that are under way, or ended within the city's number of days."""
    if hashed is None or not matter_code:
        return []
    return [one for one in _of_number(hashed) if one.ticket_no != besides and one.matter_code == matter_code]


def own_repeat(demand: Demand, proven: Sequence[str]) -> Ticket | None:
    """The newest ticket by which this person told the same before, of those their browser has proved to be theirs.

    A number alone proves nothing: whoever typed another's would learn what that one told. Before the text is read
    the same words, or the same spot, stand for the same matter.
    """
    hashed = phone_hash(demand.phone)
    if hashed is None or not proven:
        return None
    place = located(demand.place, demand.text, rules().gazetteer)
    spot = place.name if place and place.is_spot else ""
    mine = [one for one in _of_number(hashed) if str(one.ticket_no) in proven]
    return next((one for one in mine if one.text == normalise(demand.text) or (spot and one.place_name == spot)), None)


def told_nearby(matter_code: str, place: Place, besides: int) -> Sequence[int]:
    """Numbers of the lately received tickets of this matter around this spot, or in this area, newest first."""
    book = rules()
    since = clock.city_day(clock.now() - timedelta(days=book.settings["alike_days"])).strftime("%Y%m%d")
    near = Ticket.area_code == place.area
    if place.is_spot:
        near = Ticket.place_name.in_(book.gazetteer.near(place.name, place.area, book.settings["alike_metres"]))
    query = select(Ticket.ticket_no).where(
        Ticket.ticket_no >= int(since) * 10**8, Ticket.ticket_no != besides, Ticket.matter_code == matter_code, near,
        Ticket.state.not_in(NO_DEMANDS),
    )  # fmt: skip
    return session().execute(query.order_by(Ticket.ticket_no.desc()).limit(MOST)).scalars().all()


def known_as_vulnerable(ticket_no: int) -> bool:
    """Whether the number of this ticket was lately that of somebody vulnerable."""
    mine = select(Requester.phone_hash).where(Requester.ticket_no == ticket_no).scalar_subquery()
    query = select(Requester.labels).where(Requester.phone_hash == mine).order_by(Requester.ticket_no.desc())
    return any(session().execute(query.limit(SHOWN)).scalars())


def _of_number(hashed: bytes) -> list[Ticket]:
    """The number's newest tickets that are under way or ended lately; what was merged stands for its master."""
    numbers = select(Requester.ticket_no).where(Requester.phone_hash == hashed)
    newest = numbers.order_by(Requester.ticket_no.desc()).limit(MOST)
    query = select(Ticket).where(Ticket.ticket_no.in_(newest), Ticket.state.not_in((State.DRAFT, State.WITHDRAWN)))
    since = clock.now() - timedelta(days=rules().settings["repeat_days"])
    found = session().execute(query.order_by(Ticket.ticket_no.desc())).scalars()
    return [one for one in found if one.state not in ENDED or (one.closed_at and one.closed_at > since)]


def _reasons(ticket: Ticket, other: Ticket, why: Sequence[tuple[float | None, int | None]]) -> tuple[str, ...]:
    """Where there is no score, the number is the same."""
    found = ["同一诉求人"] if any(score is None for score, _ in why) else []
    for score, metres in why:
        if score is not None:
            found.append(f"相距约{metres}米" if metres else "同一地点")
            found += [f"文字{score:.0%}相同"] if score >= 0.005 else []
    if ticket.matter_code and ticket.matter_code == other.matter_code:
        found.append("同一事项")
    return tuple(found)
