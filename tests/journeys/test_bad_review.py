"""A bad review goes back to work, is verified by another, and reviewed anew; silence is never a yes."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from hotline.background.expiring import close_expired_invitations
from hotline.database import session
from hotline.models import Review
from hotline.models.words import ClosingReason, State
from tests.journeys.front_door import (
    RECTIFIED,
    clock_of,
    do,
    invitations,
    login_of,
    review_link,
    running,
    sent,
    settle,
    steps,
    write,
)
from tests.makers import drain, ticket

TUESDAY = "2026-03-10T02:00:00+00:00"
BAD = {"grade": "1", "solved": "not", "reason": "came_back", "words": "停了两天又开工了，请打13812345678"}


def review(web, messages, **form):
    """The citizen answers the newest invitation."""
    answer = web.post(review_link(messages), data=form)
    drain()
    return answer


def rectify(signed_in, no):
    """The department makes good, somebody else verifies."""
    do(signed_in(login_of(no)), f"/department/{no}/rectified", **RECTIFIED)
    do(
        signed_in("callback1"),
        f"/callback/{no}/rectification",
        verified="yes",
        note="已电话核实，夜间停工属实",
    )


@time_machine.travel(TUESDAY, tick=True)
def test_a_bad_review_is_made_good_verified_and_reviewed_again(web, signed_in, messages):
    no = write(web)
    settle(signed_in, no)
    assert ticket(no).state is State.TO_EVALUATE
    unasked = review(web, messages, grade="1", solved="not")
    assert unasked.status_code == 422
    assert "这件事会重新办理" in web.get(review_link(messages)).text
    assert review(web, messages, **BAD).status_code == 200
    assert ticket(no).state is State.RECTIFYING
    assert running(no) == {"rectify_contact", "rectify"}
    assert sent(messages)[-1] == "department_bad_review"
    handler = signed_in(login_of(no))
    assert f"/department/{no}" in handler.get("/department?tab=rectifying").text
    page = handler.get(f"/department/{no}").text
    assert "非常不满意" in page
    assert "又出现了" in page
    assert "13812345678" not in page
    assert "<b>差评</b> 非常不满意、没解决" in signed_in("supervisor1").get(f"/dispatch/{no}").text
    caller = signed_in("callback1")
    url = f"/callback/{no}/rectification"
    assert caller.post(url, data={"verified": "yes", "note": "核实"}).status_code == 409
    short = handler.post(f"/department/{no}/rectified", data=RECTIFIED | {"handling": ""})
    assert short.status_code == 422
    assert RECTIFIED["public_reply"] in short.text
    do(handler, f"/department/{no}/rectified", **RECTIFIED)
    assert clock_of(no, "rectify_contact").met_at
    assert RECTIFIED["handling"] in caller.get(f"/callback/{no}").text
    assert handler.post(url, data={"verified": "yes"}).status_code == 403
    do(caller, url, verified="no", note="夜里仍在施工，未整改")
    assert ticket(no).state is State.RECTIFYING
    rectify(signed_in, no)
    assert ticket(no).state is State.TO_EVALUATE
    assert len(invitations(no)) == 2
    assert review(web, messages, grade="5", solved="solved").status_code == 200
    done = ticket(no)
    assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.REVIEWED)
    grades = session().execute(select(Review.grade).where(Review.ticket_no == no).order_by(Review.id)).scalars()
    assert [grade.value for grade in grades] == ["1", "5"]
    assert running(no) == set()
    assert steps(no)[-8:] == [
        "contact_reviewer", "rectify", "fail_rectification", "contact_reviewer", "rectify",
        "verify_rectification", "invite_review", "give_review",
    ]  # fmt: skip


@time_machine.travel(TUESDAY, tick=True)
def test_after_two_rounds_a_further_bad_review_stands(web, signed_in, messages):
    no = write(web)
    settle(signed_in, no)
    for _ in range(2):
        assert review(web, messages, **BAD).status_code == 200
        rectify(signed_in, no)
    assert "<b>差评会记录在案</b>" in web.get(review_link(messages)).text
    assert "您的差评已记录在案" in review(web, messages, **BAD).text
    done = ticket(no)
    assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.BAD_REVIEW_STANDING)
    assert steps(no)[-1] == "keep_bad_review"
    assert web.post(review_link(messages), data=BAD).status_code == 410


def test_silence_closes_as_expired_and_never_as_satisfied(web, signed_in, messages):
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        no = write(web)
        settle(signed_in, no)
        traveller.shift(timedelta(days=6))
        close_expired_invitations()
        assert ticket(no).state is State.TO_EVALUATE
        traveller.shift(timedelta(days=1, minutes=1))
        close_expired_invitations()
        done = ticket(no)
        assert (done.state, done.closing_reason) == (State.CLOSED, ClosingReason.INVITATION_EXPIRED)
        assert session().execute(select(Review)).first() is None
        assert web.post(review_link(messages), data={"grade": "5", "solved": "solved"}).status_code == 410
