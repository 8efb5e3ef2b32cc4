"""Tickets brought into a situation by the verbs themselves, so that a page has something to decide about."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from hotline import clock
from hotline.database import session, transaction
from hotline.models import Asked, Attachment, Department, Invitation
from hotline.models.words import Grade, Solved
from hotline.tickets import (
    call_back,
    changing,
    checking,
    ending,
    extending,
    handle,
    rate,
    requesting,
    returning,
    suspending,
    terminating,
)
from hotline.tickets.dispatch import Order, dispatch
from hotline.tickets.lifecycle import SYSTEM
from hotline.tickets.merge import merge
from hotline.tickets.refusing import refuse
from tests.makers import GOOD_REPLY, person, send_demand, ticket

WORDS = "理由已经写在这里"
Move = Callable[[int], None]


def unit_id(code: str) -> int:
    """A department's number."""
    return session().execute(select(Department.id).where(Department.code == code)).scalar_one()


def to_zjj(no: int) -> None:
    """Dispatched to the housing bureau."""
    dispatch(ticket(no), Order(unit_id("zjj")), SYSTEM)


def signed(no: int) -> None:
    """Its handler signs."""
    handle.sign(ticket(no), person("zjj_handler"))


def replied(no: int) -> None:
    """Its handler replies."""
    handle.reply(ticket(no), person("zjj_handler"), GOOD_REPLY)


def submitted(no: int) -> None:
    """Its lead submits."""
    handle.submit(ticket(no), person("zjj_lead"))


def checked(no: int) -> None:
    """A dispatcher who sent nothing out checks it."""
    checking.pass_check(ticket(no), person("dispatcher2"))


def called_back(no: int) -> None:
    """The requester is asked, then invited."""
    form = call_back.CallbackForm(True, True, Solved.SOLVED, Grade.SATISFIED, "满意")
    call_back.record_callback(ticket(no), person("callback2"), form)
    rate.invite(ticket(no))


def badly_reviewed(no: int) -> None:
    """The requester is not content, and the department has done something about it."""
    row = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    rate.give_review(row, rate.ReviewForm("1", "not", "not_solved"), "link")


def rectified(no: int) -> None:
    """The department has done something about the bad review."""
    handle.rectify(ticket(no), person("zjj_handler"), "重新处理完毕", "已经重新处理完毕")


def well_reviewed(no: int) -> None:
    """The requester is content."""
    row = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    rate.give_review(row, rate.ReviewForm("5", "solved"), "link")


def return_asked(no: int) -> None:
    """The department wants to give it back."""
    form = requesting.ReturnForm("not_our_duty", WORDS, WORDS, unit_id("cgj"))
    returning.ask_return(ticket(no), person("zjj_lead"), form)


def extension_asked(no: int) -> None:
    """The department wants a day more."""
    extending.ask_extension(ticket(no), person("zjj_handler"), extending.ExtensionForm(WORDS, WORDS, 1))


def suspension_asked(no: int) -> None:
    """The department wants to wait until tomorrow."""
    tomorrow = clock.city_day(clock.now()) + timedelta(days=1)
    suspending.ask_suspension(
        ticket(no), person("zjj_handler"), suspending.SuspensionForm(WORDS, WORDS, WORDS, tomorrow)
    )


def suspended(no: int) -> None:
    """The supervisor lets it wait."""
    suspending.decide_suspension(ticket(no), person("supervisor1"), grant=True, note="")


def termination_asked(no: int) -> None:
    """The department wants to end its work."""
    terminating.ask_termination(ticket(no), person("zjj_handler"), requesting.AskForm(WORDS, WORDS))


def change_asked(no: int) -> None:
    """The department wants it to be called urgent."""
    changing.ask_change(ticket(no), person("zjj_handler"), changing.ChangeForm(WORDS, "", {"urgency": "urgent"}))


def supplement_asked(no: int) -> None:
    """The dispatcher wants to know more."""
    ending.ask_supplement(ticket(no), person("dispatcher1"), WORDS)


def merged(no: int) -> None:
    """It is the same matter as another one."""
    merge(ticket(no), person("dispatcher1"), send_demand())


def transferred(no: int) -> None:
    """It is with the fire brigade."""
    ending.transfer_emergency(ticket(no), person("dispatcher1"), "119", WORDS)


def refused(no: int) -> None:
    """It is not accepted."""
    refuse(ticket(no), person("dispatcher1"), WORDS, "no_duty")


DONE = (to_zjj, signed, replied, submitted, checked, called_back, badly_reviewed, rectified)
SITUATIONS: Mapping[str, tuple[Move, ...]] = {
    "to_dispatch": (),
    "to_supplement": (supplement_asked,),
    "to_sign": DONE[:1],
    "return_asked": (to_zjj, return_asked),
    "handling": DONE[:2],
    "extension_asked": (*DONE[:2], extension_asked),
    "suspension_asked": (*DONE[:2], suspension_asked),
    "suspended": (*DONE[:2], suspension_asked, suspended),
    "termination_asked": (*DONE[:2], termination_asked),
    "change_asked": (*DONE[:2], change_asked),
    "replied": DONE[:3],
    "to_check": DONE[:4],
    "to_callback": DONE[:5],
    "to_evaluate": DONE[:6],
    "closed": (*DONE[:6], well_reviewed),
    "rectifying": DONE[:7],
    "rectified": DONE,
    "merged": (merged,),
    "refused": (refused,),
    "transferred": (transferred,),
}
"""By name: the moves that lead there."""


def prepare(situation: str) -> int:
    """A ticket of its own in this situation."""
    no = send_demand()
    with transaction():
        for move in SITUATIONS[situation]:
            move(no)
    return no


def asked_id(no: int) -> int:
    """What its department asked."""
    return session().execute(select(Asked.id).where(Asked.ticket_no == no)).scalar_one()


def attachment_id(no: int) -> int:
    """Its first file."""
    return session().execute(select(Attachment.id).where(Attachment.ticket_no == no).limit(1)).scalar_one()
