"""A text that says nothing is asked back about once, never guessed at and never refused."""

from io import BytesIO

from sqlalchemy import func, select

from hotline.database import session
from hotline.models import MachineGuess, Ticket
from hotline.models.words import RequestType, Source, State
from hotline.tickets.dispatch import ASK_FIRST
from tests.journeys.front_door import do, write
from tests.makers import drain, send_demand, ticket

FORM = {"form_key": "k-nothing", "phone": "13812345678", "place": "望湖区湖滨街道金桂苑小区", "name": "陈桂芳"}


def guess_of(no):
    return session().execute(select(MachineGuess).where(MachineGuess.ticket_no == no)).scalar_one()


def asked_back(page, text):
    return f'name="asked_back" value="{text}"' in page.text


def test_the_web_form_asks_what_happened_and_takes_the_same_words_the_second_time(web, signed_in):
    first = web.post("/demands", data=FORM | {"content": "在吗", "photos": (BytesIO(b"x"), "a.jpg")})
    assert first.status_code == 422
    for kept in ("发生了什么、在哪里、什么时候", "在吗", "陈桂芳", "13812345678", "金桂苑小区", "照片需要请您再选一次"):
        assert kept in first.text
    assert asked_back(first, "在吗")
    other = web.post("/demands", data=FORM | {"content": "你好", "asked_back": "在吗"})
    assert other.status_code == 422
    assert session().execute(select(func.count()).select_from(Ticket)).scalar_one() == 0

    no = write(web, "在吗", asked_back="在吗")
    assert (ticket(no).state, ticket(no).request_type) == (State.TO_DISPATCH, RequestType.INVALID)
    guess = guess_of(no)
    assert (guess.guesses, guess.routes, guess.why) == ([], [], ASK_FIRST)
    page = signed_in("dispatcher1").get(f"/dispatch/{no}").text
    assert ASK_FIRST in page
    assert 'class="opt"' not in page


def test_the_second_sending_is_taken_also_when_the_first_had_another_fault(web):
    page = web.post("/demands", data=FORM | {"content": "。", "phone": "12"})
    assert page.status_code == 422
    assert asked_back(page, "。")
    assert web.post("/demands", data=FORM | {"content": "。", "asked_back": "。"}).status_code == 303


def test_two_characters_are_a_demand(web):
    no = write(web, "停水", request_type="help")
    assert guess_of(no).guesses
    assert guess_of(no).why != ASK_FIRST


def test_what_comes_by_phone_or_from_110_is_never_refused(desk):
    for source in (Source.PHONE, Source.VOICEMAIL, Source.POLICE110):
        no = send_demand("喂喂喂", source=source)
        drain()
        assert (ticket(no).state, guess_of(no).why) == (State.TO_DISPATCH, ASK_FIRST)


def test_once_something_is_told_the_ticket_is_read_anew(web, signed_in):
    no = write(web, "我要反映问题", asked_back="我要反映问题")
    desk = signed_in("dispatcher1")
    do(desk, f"/dispatch/{no}/ask-more", question="请问发生了什么事？在哪里？")
    do(desk, f"/dispatch/{no}/supplement", words="金桂苑东侧工地连续三天夜里还在浇筑混凝土，噪声吵得睡不着")
    assert ticket(no).request_type is RequestType.COMPLAINT
    assert ticket(no).state is State.TO_SIGN


def test_a_message_read_as_withdrawn_is_left_to_a_person(web):
    no = write(web, "金桂苑夜里施工的噪声没有了，我要撤单")
    assert (ticket(no).request_type, ticket(no).state) == (RequestType.WITHDRAWN, State.TO_DISPATCH)
    assert "读作“撤单”" in guess_of(no).why
