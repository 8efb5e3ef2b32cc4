"""What the dispatcher's page shows of secrecy: the levels to choose from, and who must stay away."""

from dataclasses import dataclass

from hotline.models import Ticket
from hotline.models.words import State, Step
from hotline.people.accounts import Person
from hotline.tickets.moves import HELD
from hotline.tickets.recusal import one_level_up
from hotline.tickets.secrecy import levels_for
from hotline.tickets.unmasking import HIDING
from hotline.web.shown import unit_name


@dataclass(frozen=True)
class SecrecyShown:
    """How confidential a ticket is and what may be changed about it; to whom a recused unit's ticket should go.

    `extract` is what companies read, proposed from the masked words.
    """

    label: str
    levels: list[tuple[str, str]]
    may_name: bool
    go_up: str
    may_extract: bool
    extract: str


def secrecy_shown(ticket: Ticket, person: Person, steps: frozenset[Step]) -> SecrecyShown:
    """For a person who may take these steps."""
    levels = levels_for(ticket, person) if Step.SET_CONFIDENTIALITY in steps else []
    return SecrecyShown(
        ticket.confidentiality.label, [(one.value, one.label) for one in levels],
        Step.SET_RESPONDENT in steps and ticket.state in HELD, recused_words(ticket),
        Step.WRITE_EXTRACT in steps and ticket.confidentiality in HIDING, ticket.extract or ticket.text,
    )  # fmt: skip


def recused_words(ticket: Ticket) -> str:
    """Whom to send a ticket to whose unit had to recuse itself; costs a statement only where that may be."""
    if ticket.state is not State.TO_DISPATCH or not ticket.round or ticket.respondent_department_id is None:
        return ""
    above = one_level_up(ticket)
    to = f"建议改派其上一级单位：{unit_name(above)}" if above else "其上级没有承办人员，请选择其他单位"
    return f"{unit_name(ticket.respondent_department_id)}及其下属单位须回避，{to}。"
