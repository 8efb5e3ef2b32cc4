"""Every door by which the invented person's name and number come in, each through the real front door."""

import io
import json
import re
import uuid
import wave
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from classifier.matters import load_matters
from hotline.background.drain import drain_lane
from hotline.background.telling import review_link
from hotline.channels.partners import load_demo_partners
from hotline.database import session, transaction
from hotline.gateways.carrier import Recording
from hotline.models import Asked, Invitation, Ticket
from hotline.tickets.reactions import LANES
from tests.fresh_browser import FreshBrowser, signed_in_as, stranger
from tests.makers import ALONE
from tests.police110.desk_and_police import deliver_body, know_police
from tests.police110.written_messages import message
from tests.privacy.canary_words import NAME, NUMBER, SAID, SHORT

ORIGINAL = "Ｂ座"
"""Full-width in what was typed, `B座` in the readable copy: who sees it sees the original words."""
COMPLAINT = f"金桂苑小区{ORIGINAL}东侧工地夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
PLACE = "望湖区湖滨街道金桂苑小区"


class Desk:
    """The staff and citizens of one story, each with a browser."""

    def __init__(self, app: Flask) -> None:
        self.app, self.citizen = app, stranger(app)
        self._browsers: dict[str, FreshBrowser] = {}

    def by(self, username: str) -> FreshBrowser:
        """The browser of one of the staff."""
        if username not in self._browsers:
            self._browsers[username] = signed_in_as(self.app, username)
        return self._browsers[username]

    def post(self, who: str, path: str, **form: Any) -> None:
        """One form, which must be taken."""
        browser = self.by(who) if who != "citizen" else self.citizen
        answer = browser.post(path, data=form, content_type="multipart/form-data")
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[-3000:])

    def work(self) -> None:
        """Let every worker do all that is due."""
        while sum(drain_lane(lane) for lane in sorted(set(LANES.values()))):
            pass


def photo() -> tuple[io.BytesIO, str]:
    """A picture whose name and camera data tell who took it."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = f"{NAME} {NUMBER}".encode(), NAME.encode()
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(written, "JPEG", exif=exif, comment=SHORT.encode())
    written.seek(0)
    return written, f"{NAME}{NUMBER}.jpg"


def newest() -> int:
    """The number of the ticket made last."""
    return session().execute(select(Ticket.ticket_no).order_by(Ticket.ticket_no.desc()).limit(1)).scalar_one()


def write(desk: Desk, **changes: Any) -> int:
    """The web form: fields, content and place in odd spellings, a photo."""
    form = {
        "form_key": uuid.uuid4().hex, "content": f"{COMPLAINT}{SAID}。", "place": f"{PLACE}{NAME}家 {NUMBER}",
        "phone": "139 8765 0421", "name": NAME, "photos": photo(), "request_type": "complaint", "emergency_seen": "1",
        "repeat_seen": "1",
    }  # fmt: skip
    desk.post("citizen", "/demands", **form | changes)
    desk.work()
    return newest()


def dispatch(desk: Desk, no: int, **changes: Any) -> None:
    """The dispatcher sends it to the housing bureau, with words that name the person."""
    matter = next(code for code, one in load_matters().items() if one.is_leaf)
    form = {"department": "zjj", "matter_code": matter, "reason": f"{SHORT}反映的工地由该局监管"}
    desk.post("dispatcher1", f"/dispatch/{no}/dispatch", **form | changes)


def handle_to_the_bad_review(desk: Desk, no: int) -> None:
    """A department's whole work, every text of it naming the person, up to a rectified bad review."""
    at, reply = f"/department/{no}", reply_form()
    desk.post("zjj_handler", f"{at}/sign")
    desk.post("zjj_handler", f"{at}/contact", contacted="no", contact_note=f"{SHORT}无人接听")
    desk.post("zjj_handler", f"{at}/contact", contacted="yes", contact_note=f"已联系{SHORT}")
    desk.post("zjj_handler", f"{at}/extension", reason=f"{SHORT}家须再测一次", basis=f"应{SHORT}要求", days="1")
    asked = session().execute(select(Asked.id).where(Asked.ticket_no == no)).scalar_one()
    desk.post("supervisor1", f"/dispatch/{no}/extensions/{asked}", decision="refused", words=f"{SHORT}等不及")
    desk.post("zjj_handler", f"{at}/reply", **reply, photos=photo())
    desk.post("zjj_lead", f"{at}/send-back", words=f"请写明{SHORT}的意见")
    desk.post("zjj_handler", f"{at}/reply", **reply)
    desk.post("zjj_lead", f"{at}/submit", without=ALONE)
    desk.post("dispatcher1", f"/dispatch/{no}/check", decision="fail", words=f"{SHORT}说没有解决")
    desk.post("zjj_handler", f"{at}/reply", **reply)
    desk.post("zjj_lead", f"{at}/submit", without=ALONE)
    desk.post("dispatcher2", f"/dispatch/{no}/check", decision="pass")
    callback = {"connected": "yes", "contacted": "yes", "solved": "solved", "satisfied": "4", "note": f"{SHORT}满意"}
    desk.post("callback1", f"/callback/{no}", **callback)
    desk.work()
    review(desk, no)
    desk.post("zjj_handler", f"{at}/rectified", contacted="yes", contact_note=f"再次联系{SHORT}",
              handling=f"按{SHORT}要求重新处理", public_reply=f"{NAME}您好，已重新处理，{NUMBER}")  # fmt: skip
    desk.post("callback1", f"/callback/{no}/rectification", verified="no", note=f"{SHORT}说仍未整改")
    desk.work()


def reply_form() -> dict[str, str]:
    """The four parts of a reply, each naming the person."""
    return {
        "contacted": "yes", "contact_note": f"与{SHORT}通话", "facts": f"{SHORT}反映属实", "fact_true": "true",
        "handling": f"责令停工并告知{SHORT}", "public_reply": f"{NAME}您好，工地已停工，短信已发至{NUMBER}。",
    }  # fmt: skip


def review(desk: Desk, no: int) -> None:
    """A bad review behind the link, with words."""
    found = session().execute(select(Invitation.id).where(Invitation.ticket_no == no)).scalars().all()
    path = "/r/" + review_link(found[-1]).rpartition("/")[2]
    desk.post("citizen", path, grade="1", solved="not", reason="not_solved", words=f"{SAID}，根本没有解决")
    desk.work()


def return_ask_and_refuse(desk: Desk, no: int) -> None:
    """A return, a supplement of three sides, an urging, a look at identity, and a refusal."""
    dispatch(desk, no)
    desk.post("zjj_lead", f"/department/{no}/return", reason_code="not_our_duty", reason=f"{SHORT}不在本区居住",
              basis=f"依据{SHORT}提供的证件", proposed_department="cgj")  # fmt: skip
    asked = session().execute(select(Asked.id).where(Asked.ticket_no == no)).scalar_one()
    desk.post("dispatcher1", f"/dispatch/{no}/returns/{asked}", decision="granted", words=f"{SHORT}住址属实")
    desk.post("dispatcher1", f"/dispatch/{no}/ask-more", question=f"请问{SHORT}住哪一栋")
    desk.post("dispatcher1", f"/dispatch/{no}/supplement", words=f"{SAID}，住{ORIGINAL}")
    desk.post("citizen", f"/track/{no}/supplement", words=f"{SAID}补充照片", photos=photo())
    desk.post("citizen", f"/track/{no}/urge")
    desk.post("agent1", "/agent/tickets", q=NUMBER)
    desk.post("agent1", f"/agent/tickets/{no}/urge", words=f"{SHORT}催了")
    desk.post("agent1", f"/agent/tickets/{no}/amend", words=f"{SAID}又来电补充")
    desk.post("dispatcher1", f"/tickets/{no}/identity", reason=f"核对{SHORT}的住址")
    desk.post("dispatcher1", f"/dispatch/{no}/refuse", reason_code="legal_route", route="litigation",
              words=f"{SHORT}的事项已起诉")  # fmt: skip
    desk.post("citizen", f"/track/{no}/contest", words=f"{SAID}不服，请再看")
    desk.work()


def alarm_and_transfer(desk: Desk) -> None:
    """Words of danger, the note of who looked, and the note of the transfer."""
    no = write(desk, content=f"楼道里着火了，有人被困！{SAID}")
    desk.post("dispatcher1", f"/dispatch/{no}/alarm", answer="calmed", words=f"已致电{SHORT}核实")
    desk.post("dispatcher1", f"/dispatch/{no}/transfer", line="119", words=f"已将{SHORT}转接119")
    desk.work()


def by_interface(desk: Desk) -> int:
    """A partner's message."""
    with transaction():
        key = load_demo_partners(desk.app.extensions["hotline-config"])["demo-api"]
    body = {
        "content": f"{COMPLAINT}{SAID}。", "place": f"{PLACE}{NAME}家", "name": NAME, "phone": NUMBER,
        "upstream_no": "SSP-77",
    }  # fmt: skip
    answer = stranger(desk.app).post(
        "/api/v1/demands", data=json.dumps(body), headers={"X-API-Key": key, "Idempotency-Key": "canary"},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return int(answer.json["ticket_no"])


def by_police(desk: Desk) -> None:
    """A push of 110, then the same alarm with other words."""
    know_police()
    told = {
        "BJDH": NUMBER, "LXDH": NUMBER, "BJDHYHM": NAME, "BJNR": f"报警人反映{COMPLAINT}{SAID}", "Title": f"{SHORT}报警",
        "BJDZ": f"{PLACE}{NAME}家", "JJDBH": "JJ2026112000099", "JQLBMC": f"{NAME}求助",
    }  # fmt: skip
    body = json.loads(message("good_push")["body"]) | told
    for words in ("", f"（{NAME}又来电）"):
        answer = deliver_body(
            stranger(desk.app), "/api/v1/police110/transfers", body | {"BJNR": told["BJNR"] + words}
        )
        assert answer.status_code == 200, answer.text


def by_telephone(desk: Desk) -> None:
    """A caller's number in signed webhooks, and a voicemail that holds both."""
    desk.app.extensions["hotline-carrier"] = SimpleNamespace(fetch_recording=lambda _: voicemail())
    told = {"CallSid": "CA" + "7" * 32, "From": f"+86{NUMBER}", "CallStatus": "in-progress", "Caller": f"+86{NUMBER}"}
    ring(desk, "enqueue", told)
    ring(desk, "left", told | {"QueueResult": "hangup"})
    ring(desk, "fallback", told)
    ring(desk, "recording", told | {
        "RecordingSid": "RE" + "7" * 32, "RecordingStatus": "completed", "RecordingDuration": "1",
    })  # fmt: skip
    ring(desk, "status", told | {"CallStatus": "completed"})
    desk.work()
    desk.app.extensions.pop("hotline-carrier")


def ring(desk: Desk, step: str, values: dict[str, str]) -> None:
    """One webhook, signed as the carrier signs."""
    config = desk.app.extensions["hotline-config"]
    signature = RequestValidator(config.twilio_token).compute_signature(f"{config.base_url}/twilio/{step}", values)
    answer = stranger(desk.app).post(f"/twilio/{step}", data=values, headers={"X-Twilio-Signature": signature})
    assert answer.status_code in (200, 204), (step, answer.text)


def voicemail() -> Recording:
    """One second of sound made of the person's name and number."""
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes((SHORT.encode() * 400)[:8000])
    content = written.getvalue()
    return Recording(io.BytesIO(content), len(content), sha256(content).hexdigest())


def by_agent(desk: Desk) -> None:
    """An agent's draft, its suggestions and searches, its registration."""
    opened = desk.by("agent1").post("/agent/drafts")
    no = int(re.search(r"draft=(\d+)", opened.location)[1])
    form = {
        "ticket_no": str(no), "version": "0", "content": f"{COMPLAINT}{SAID}", "place": f"{PLACE}{NAME}家",
        "name": NAME, "phone": NUMBER, "object": f"{NAME}的邻居", "happened_at_words": f"{NAME}昨晚回家时",
        "request_type": "complaint", "urgency": "normal", "emergency_seen": "1",
    }  # fmt: skip
    desk.post("agent1", "/agent/draft", **form)
    desk.post("agent1", "/agent/suggestions", **form)
    desk.post("agent1", "/agent/knowledge", **form)
    desk.post("agent1", "/agent/knowledge", ticket_no=str(no), q=f"{SHORT}公积金怎么提取")
    saved = re.search(r'name="version" value="(\d+)"', desk.by("agent1").get(f"/agent?draft={no}").text)
    desk.post("agent1", "/agent/register", **form | {"version": saved[1] if saved else "1"})
    desk.work()
