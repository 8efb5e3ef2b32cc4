"""A bad review of what the desk answered itself goes back to the hotline centre, and somebody else verifies it."""

from sqlalchemy import select

from hotline.database import session, transaction
from hotline.models import Invitation
from hotline.models.words import ClosingReason, State
from hotline.tickets import ending, handle, rate
from tests.makers import drain, person, send_demand, ticket


def newest_invitation(no):
    query = select(Invitation).where(Invitation.ticket_no == no).order_by(Invitation.id.desc())
    return session().execute(query.limit(1)).scalar_one()


def test_a_bad_review_of_a_direct_answer_is_rectified_by_the_centre_and_reviewed_anew(desk):
    no = send_demand("请问居住证到期了怎么办理续签，需要什么材料。")
    with transaction():
        ending.answer_directly(ticket(no), person("dispatcher1"), "请携带身份证到派出所窗口办理。", None)
    drain()
    with transaction():
        rate.give_review(newest_invitation(no), rate.ReviewForm("1", "not", "unclear"), "link")
    assert ticket(no).state is State.RECTIFYING
    with transaction():
        handle.rectify(ticket(no), person("rx_handler"), "重新核对了办理材料清单", "需要身份证、租房合同和照片。")
    with transaction():
        rate.verify_rectification(ticket(no), person("callback1"), done=True, note="已核实")
    drain()
    with transaction():
        rate.give_review(newest_invitation(no), rate.ReviewForm("5", "solved"), "link")
    assert (ticket(no).state, ticket(no).closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
