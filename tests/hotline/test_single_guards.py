"""Guards that stand in one line of code each: the row lock, the token's use, CSRF, the lock-out, the clean photo."""

import io
import threading

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from hotline import clock, sealing
from hotline.background.telling import review_link
from hotline.channels.uploads import keep_files
from hotline.database import session, transaction
from hotline.errors import IllegalStep
from hotline.models import Attachment, Clock, Invitation
from hotline.models.words import ClockKind, State
from hotline.people.passwords import FAILURES, LOCKED_FOR
from hotline.tickets import draft, extending, handle, returning
from hotline.tickets.identity import keys
from hotline.web.form_reading import Upload
from tests.fresh_browser import PASSWORD, signed_in_as, stranger
from tests.makers import drain, person, send_demand, ticket
from tests.web.prepared_tickets import asked_id, prepare


def test_of_two_who_sign_at_once_the_second_waits_and_is_refused(desk):
    no = prepare("to_sign")
    outcome: list[object] = []

    def sign_too() -> None:
        with desk.app_context():
            try:
                with transaction():
                    outcome.append("began")
                    handle.sign(ticket(no), person("zjj_lead"))
            except IllegalStep as refusal:
                outcome.append(refusal)

    with transaction():
        handle.sign(ticket(no), person("zjj_handler"))
        second = threading.Thread(target=sign_too)
        second.start()
        second.join(0.5)
        assert outcome == ["began"]
    second.join(10)
    assert isinstance(outcome[-1], IllegalStep)


def test_a_used_review_link_is_gone_and_changes_nothing(desk):
    no = prepare("to_evaluate")
    row = session().execute(select(Invitation).where(Invitation.ticket_no == no)).scalar_one()
    path = "/r/" + review_link(row.id).rpartition("/")[2]
    citizen = stranger(desk)
    assert citizen.get(path).status_code == 200
    assert citizen.post(path, data={"grade": "5", "solved": "solved"}).status_code == 200
    assert ticket(no).state is State.CLOSED
    for again in (citizen.get(path), citizen.post(path, data={"grade": "1", "solved": "not", "reason": "not_solved"})):
        assert again.status_code == 410
        assert "已经评价" in again.text or "失效" in again.text or "过期" in again.text
    assert ticket(no).state is State.CLOSED


def test_a_form_without_its_token_is_refused(desk):
    browser = signed_in_as(desk, "zjj_handler")
    no = prepare("to_sign")
    desk.config["WTF_CSRF_ENABLED"] = True
    try:
        assert browser.post(f"/department/{no}/sign").status_code == 400
        assert stranger(desk).post("/login", data={"login": "agent1", "password": PASSWORD}).status_code == 400
    finally:
        desk.config["WTF_CSRF_ENABLED"] = False
    assert ticket(no).state is State.TO_SIGN


def test_five_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(desk):
    browser = stranger(desk)
    try:
        for _ in range(FAILURES):
            assert browser.post("/login", data={"login": "sjj_handler", "password": "wrong"}).status_code == 401
        right = {"login": "sjj_handler", "password": PASSWORD}
        assert browser.post("/login", data=right).status_code == 401
    finally:
        with time_machine.travel(clock.now() + LOCKED_FOR):
            assert browser.post("/login", data=right).status_code == 303


def test_whoever_may_see_a_photo_gets_the_copy_without_camera_data(desk):
    exif = Image.Exif()
    exif[0x010E] = "拍摄者住金桂苑".encode()
    picture = io.BytesIO()
    Image.new("RGB", (16, 16)).save(picture, "JPEG", exif=exif)
    no = prepare("to_sign")
    with transaction():
        keep_files(no, [Upload("现场.jpg", "image/jpeg", picture.getvalue())], "citizen")
    drain()
    number = session().execute(select(Attachment.id).where(Attachment.ticket_no == no)).scalar_one()
    shown = signed_in_as(desk, "zjj_handler").get(f"/tickets/{no}/files/{number}")
    assert shown.status_code == 200
    assert "拍摄者".encode() in picture.getvalue()
    assert "拍摄者".encode() not in shown.data
    assert not Image.open(io.BytesIO(shown.data)).getexif()


@pytest.mark.usefixtures("desk")
def test_a_query_code_belongs_to_one_ticket_and_to_this_desks_key():
    first, second = send_demand(), send_demand()
    ours = keys().ring
    other = sealing.KeyRing(ours.keys, ours.current, b"another desk's key, 32 bytes long")
    codes = {sealing.query_code(ring, no) for ring in (ours, other) for no in (first, second)}
    assert len(codes) == 4
    assert sealing.query_code(ours, first) == sealing.query_code(ours, first)


@pytest.mark.usefixtures("desk")
def test_an_agents_list_of_drafts_holds_no_colleagues_draft():
    with transaction():
        mine, other = draft.open_draft(person("agent1")).ticket_no, draft.open_draft(person("agent2")).ticket_no
    listed = {row.ticket_no for row in draft.waiting_drafts(person("agent1"))}
    assert mine in listed
    assert other not in listed


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("situation", ["return_asked", "extension_asked"])
def test_a_refusal_by_the_hotline_moves_no_due_date(situation):
    no = prepare(situation)
    limits = select(Clock.due_at, Clock.stopped_at).where(Clock.ticket_no == no, Clock.kind == ClockKind.HANDLE)
    before = session().execute(limits).all()
    assert asked_id(no)
    with time_machine.travel(clock.now().replace(hour=23), tick=False), transaction():
        if situation == "return_asked":
            returning.decide_return(ticket(no), person("dispatcher1"), grant=False, note="仍由贵单位办理")
        else:
            extending.decide_extension(ticket(no), person("supervisor1"), grant=False, note="不同意延期，请按期办理")
    assert session().execute(limits).all() == before


def test_a_department_that_turns_out_to_be_complained_about_loses_sight_of_its_ticket(desk):
    no = prepare("handling")
    handler = signed_in_as(desk, "zjj_handler")
    page, tab = f"/department/{no}", "/department?tab=handling"
    assert (handler.get(page).status_code, page in handler.get(tab).text) == (200, True)
    with transaction():
        found = ticket(no)
        found.respondent_department_id = found.department_id
    assert (handler.get(page).status_code, page in handler.get(tab).text) == (404, False)
