"""Not accepted, with a script and a route; the requester objects, and another dispatcher decides."""

from hotline.database import session, transaction
from hotline.models import MachineGuess
from hotline.models.words import State
from hotline.tickets.city_settings import change_setting
from tests.journeys.front_door import PLAIN, VAGUE, do, entry, running, sent, steps, write
from tests.makers import drain, person, ticket

OBJECTION = "我没有起诉过，法院也没有立案，请再看一次。"


def decided(key, value):
    """The city sets it otherwise."""
    with transaction():
        change_setting(key, value, "按本市规定", None)


def refused(web, signed_in, text=VAGUE, code="no_duty", **form):
    """A demand that the first dispatcher does not accept."""
    no = write(web, text)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/refuse", reason_code=code, **form)
    return no


def test_the_script_of_the_reason_and_the_route_are_told(web, signed_in, messages):
    no = refused(web, signed_in, code="legal_route", route="arbitration")
    page = web.get(f"/track/{no}").text
    assert "依法应通过诉讼、仲裁、行政复议、信访等法定途径解决" in page
    assert "您可以走的途径：仲裁。" in page
    assert entry(no, "refuse").data["route"] == "arbitration"
    assert "途径：仲裁" in signed_in("dispatcher2").get(f"/dispatch/{no}").text
    assert sent(messages)[-1] == "not_accepted"


def test_a_city_may_word_its_script_otherwise_and_own_words_win(web, signed_in):
    decided("script_no_duty", "请向物业公司反映，这是双方约定。")
    scripted = refused(web, signed_in)
    own = refused(web, signed_in, VAGUE + "再看看。", words="该事项由行业协会调解，请拨打协会电话。")
    assert "请向物业公司反映" in web.get(f"/track/{scripted}").text
    assert "请向物业公司反映" not in web.get(f"/track/{own}").text
    assert "由行业协会调解" in web.get(f"/track/{own}").text


def test_an_objection_goes_to_another_dispatcher_than_the_refuser(web, signed_in):
    no, noise = refused(web, signed_in), refused(web, signed_in, VAGUE + "快点。")
    assert web.post(f"/track/{no}/contest", data={"words": "不服"}).status_code == 422
    do(web, f"/track/{no}/contest", words=OBJECTION)
    page = web.get(f"/track/{no}").text
    assert "异议已收到" in page
    assert "不予受理：" not in page
    again = ticket(no)
    assert (again.state, again.closing_reason, running(no)) == (State.TO_DISPATCH, None, {"dispatch"})
    assert OBJECTION in again.text
    assert entry(no, "contest_refusal").data["refused_by"] == person("dispatcher1").id
    assert ticket(noise).state is State.NOT_ACCEPTED
    refuser, other = signed_in("dispatcher1"), signed_in("dispatcher2")
    assert f"/dispatch/{no}/refuse" not in refuser.get(f"/dispatch/{no}").text
    for verb in ("refuse", "merge", "answer", "dispatch", "ask-more"):
        form = {"reason_code": "no_duty", "public_reply": OBJECTION, "question": OBJECTION, "department": "scj",
                "matter_code": "0101", "reason": OBJECTION, "master_no": str(write(web))}  # fmt: skip
        answer = refuser.post(f"/dispatch/{no}/{verb}", data=form)
        assert (answer.status_code, "须由另一名派单员决定" in answer.text) == (403, True), verb
    do(other, f"/dispatch/{no}/dispatch", department="scj", matter_code="0101", reason="经核实应当受理，请办理")
    assert ticket(no).state is State.TO_SIGN


def test_the_second_refusal_is_final(web, signed_in):
    no = refused(web, signed_in)
    do(web, f"/track/{no}/contest", words=OBJECTION)
    do(signed_in("dispatcher2"), f"/dispatch/{no}/refuse", reason_code="legal_route", route="litigation")
    assert "提出异议" not in web.get(f"/track/{no}").text.partition("办理经过")[0]
    assert web.post(f"/track/{no}/contest", data={"words": OBJECTION}).status_code == 409
    assert steps(no).count("contest_refusal") == 1


def test_the_machine_never_decides_on_an_objection(web, signed_in):
    decided("auto_dispatch_at", "1")
    no = refused(web, signed_in, PLAIN)
    decided("auto_dispatch_at", "0.5")
    do(web, f"/track/{no}/contest", words="夜间施工噪声一直没有停，请受理。")
    drain()
    assert ticket(no).state is State.TO_DISPATCH
    guess = session().query(MachineGuess).filter_by(ticket_no=no).order_by(MachineGuess.id.desc()).first()
    assert guess.why == "诉求人对不予受理有异议，须由另一名派单员决定。"
