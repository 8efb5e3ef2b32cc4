"""The supervisor takes a ticket's whole file away: complete, masked unless a reason opens it, and logged."""

import hashlib
import io
import json
import zipfile

import pytest
from PIL import Image
from sqlalchemy import select

from hotline import clock
from hotline.channels.uploads import keep_files, storage, store
from hotline.database import session, transaction
from hotline.models import AccessLog, Archive, Attachment, Recording, Requester
from hotline.tickets.identity import file_ring
from hotline.web.form_reading import Upload
from tests.background.test_archive import a_month_later
from tests.journeys.front_door import PLAIN, do, review_link, settle, write
from tests.makers import drain, ticket

NAME, PHONE, VOICE = "陈桂芳", "13812345678", b"RIFF a voice"
REASON = "行政复议机关调卷"


def case_of(web, signed_in, messages, **changes):
    """A demand with a photo and a recorded talk, all the way to its review, and archived."""
    no = write(web, f"我是{NAME}，电话{PHONE}。{PLAIN}", **changes)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with transaction() as current:
        keep_files(no, [Upload(f"{NAME}.png", "image/png", picture.getvalue())], "citizen")
        store(f"recordings/{no}", file_ring(current.get_one(Requester, no)).seal_bytes(VOICE))
        current.add(Recording(recording_id=f"RE{no}", call_id="CA1", ticket_no=no, kind="talk", state="kept",
                              seconds=3, storage_key=f"recordings/{no}", made_at=clock.now()))  # fmt: skip
    drain()
    if changes.get("confidential"):
        form = {"department": "zjj", "matter_code": "0101", "reason": "保密件，请现场查看"}
        do(signed_in("dispatcher2"), f"/dispatch/{no}/dispatch", **form)
    settle(signed_in, no)
    review = {"grade": "5", "solved": "solved", "words": f"{NAME}谢谢你们"}
    assert web.post(review_link(messages), data=review).status_code == 200
    a_month_later()
    return no


def taken(browser, no, **form):
    """The zip's contents by name."""
    answer = browser.post(f"/board/tickets/{no}/case-file", data={"reason": REASON} | form)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip"), answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        return {name: made.read(name) for name in made.namelist()}


def rows(case, table):
    """One table of the file."""
    return json.loads(case[f"tables/{table}.json"])


def test_the_masked_file_is_complete_but_for_who_spoke(web, signed_in, messages):
    no = case_of(web, signed_in, messages)
    case = taken(signed_in("supervisor1"), no)
    for name, content in case.items():
        assert not [word for word in (NAME, PHONE) if word in content.decode(errors="replace")], name
    manifest = json.loads(case["manifest.json"])
    assert {one["name"]: one["sha256"] for one in manifest["contents"]} == {
        name: hashlib.sha256(content).hexdigest() for name, content in case.items() if name != "manifest.json"
    }
    assert manifest["identity"] == "masked"
    assert [one["name"] for one in manifest["left_out"]] == [f"recordings/RE{no}.wav"]
    assert manifest["archive"]["sha256"] == session().get_one(Archive, no).sha256.hex()
    assert len(rows(case, "journal_entry")) == ticket(no).steps
    assert "停止夜间施工" in rows(case, "reply")[0]["public_reply"]
    assert "谢谢你们" in rows(case, "review")[0]["words"]
    who = rows(case, "requester")
    assert (who["name"], who["phone"], who["company"]) == ("陈**", "138****5678", "")
    assert set(who) == {"name", "phone", "company", "kind", "labels", "named"}
    assert [name for name in case if name.startswith("files/")]
    assert not {"token_hash", "token"} & set(rows(case, "invitation")[0])


def test_identity_words_and_voice_come_with_a_reason_that_is_logged(web, signed_in, messages):
    no = case_of(web, signed_in, messages)
    case = taken(signed_in("supervisor1"), no, identity="1")
    assert rows(case, "requester")["phone"] == f"+86{PHONE}"
    assert PLAIN in rows(case, "requester")["text"]
    assert case[f"recordings/RE{no}.wav"] == VOICE
    assert json.loads(case["manifest.json"])["left_out"] == []
    log = session().execute(select(AccessLog)).scalar_one()
    assert (log.ticket_no, log.what, log.reason) == (no, "case_identity", REASON)
    assert "导出案卷（含身份）" in signed_in("auditor").get("/admin/access-log").text


def test_a_lost_file_is_named_and_a_confidential_photo_stays(web, signed_in, messages):
    no = case_of(web, signed_in, messages, confidential="1")
    photo = session().query(Attachment).one()
    name = f"files/{photo.id}.png"
    manifest = json.loads(taken(signed_in("supervisor1"), no)["manifest.json"])
    assert {one["name"] for one in manifest["left_out"]} == {name, f"recordings/RE{no}.wav"}
    storage().delete(photo.clean_key)
    lost = json.loads(taken(signed_in("supervisor1"), no, identity="1")["manifest.json"])["left_out"]
    assert lost == [{"name": name, "why": "没有找到该文件。"}]


@pytest.mark.parametrize("login", ["dispatcher1", "agent1", "callback1", "zjj_lead", "admin", "auditor", "kbeditor"])
def test_nobody_but_a_supervisor_takes_a_file_away(web, signed_in, login):
    no = write(web)
    assert signed_in(login).post(f"/board/tickets/{no}/case-file", data={"reason": REASON}).status_code == 403
    assert signed_in("supervisor1").post(f"/board/tickets/{no}/case-file", data={"reason": "看"}).status_code == 422
    assert session().execute(select(AccessLog)).first() is None
