"""Every route, really requested by every role and by nobody, answers as a hand-written table says."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from classifier.matters import load_matters
from hotline.channels.uploads import keep_files
from hotline.clock import CITY_ZONE
from hotline.database import transaction
from hotline.web.form_reading import Upload
from tests.fresh_browser import signed_in_as, stranger
from tests.makers import drain
from tests.privacy.department_crawl import filled
from tests.web.prepared_tickets import WORDS, asked_id, attachment_id, prepare

pytestmark = pytest.mark.proof

TABLE = Path(__file__).with_name("route_roles.csv")
UNHEARD_OF = {
    "staff_id": "999999", "membership_id": "999999", "outbox_id": "999999", "version": "none", "meeting_id": "999999",
    "share_id": "999999", "grant_id": "999999", "alarm_id": "999999", "upload_id": "999999",
    "version_id": "999999", "kind": "limits", "group_id": "999999", "flag_id": "999999", "task_id": "999999",
}  # fmt: skip
"""What an administrator would end or change for good is asked about a number nobody has."""
SITUATION = {
    "/dispatch/<int:ticket_no>/supplement": "to_supplement",
    "/dispatch/<int:ticket_no>/give-up": "to_supplement",
    "/dispatch/<int:ticket_no>/returns/<int:asked_id>": "return_asked",
    "/dispatch/<int:ticket_no>/extensions/<int:asked_id>": "extension_asked",
    "/dispatch/<int:ticket_no>/suspensions/<int:asked_id>": "suspension_asked",
    "/dispatch/<int:ticket_no>/terminations/<int:asked_id>": "termination_asked",
    "/dispatch/<int:ticket_no>/change": "handling",
    "/dispatch/<int:ticket_no>/requests/<int:asked_id>": "change_asked",
    "/dispatch/<int:ticket_no>/resume": "suspended",
    "/dispatch/<int:ticket_no>/reopen": "closed",
    "/agent/tickets/<int:ticket_no>/reopen": "closed",
    "/dispatch/<int:ticket_no>/check": "to_check",
    "/dispatch/<int:ticket_no>/unmerge": "merged",
    "/agent/tickets/<int:ticket_no>/contest": "refused",
    "/department/<int:ticket_no>/sign": "to_sign",
    "/department/<int:ticket_no>/return": "to_sign",
    "/department/<int:ticket_no>/resume": "suspended",
    "/department/<int:ticket_no>/submit": "replied",
    "/department/<int:ticket_no>/send-back": "replied",
    "/department/<int:ticket_no>/rectified": "rectifying",
    "/dispatch/<int:ticket_no>/respondent": "handling",
    "/callback/<int:ticket_no>": "to_callback",
    "/rulings/<int:ticket_no>": "return_asked",
    **{f"/supplements/<int:ticket_no>{verb}": "to_supplement" for verb in ("", "/missed", "/give-up")},
    **{f"/emergencies/<int:ticket_no>{verb}": "transferred" for verb in ("/result", "/back", "/call")},
    "/rulings/<int:ticket_no>/meeting": "return_asked",
    "/callback/<int:ticket_no>/unreached": "to_callback",
    "/callback/<int:ticket_no>/rectification": "rectified",
    "/dispatch/<int:ticket_no>/shares": "handling",
}
"""In which situation a form about a ticket is sent; others at `handling`, the dispatcher's at `to_dispatch`."""
FORMS: Mapping[str, Mapping[str, str]] = {
    "/dispatch/<int:ticket_no>/dispatch": {
        "department": "zjj", "reason": WORDS,
        "matter_code": next(code for code, one in load_matters().items() if one.is_leaf),
    },
    "/dispatch/<int:ticket_no>/ask-more": {"question": WORDS},
    "/dispatch/<int:ticket_no>/split": {"words": WORDS},
    "/dispatch/<int:ticket_no>/place": {"place": "望湖区金桂苑小区"},
    "/dispatch/<int:ticket_no>/supplement": {"words": WORDS},
    "/dispatch/<int:ticket_no>/give-up": {"words": WORDS},
    "/dispatch/<int:ticket_no>/refuse": {"words": WORDS, "reason_code": "no_duty"},
    "/dispatch/<int:ticket_no>/transfer": {"words": WORDS, "line": "119"},
    "/dispatch/<int:ticket_no>/police": {"words": WORDS},
    "/dispatch/<int:ticket_no>/answer": {"public_reply": WORDS},
    "/dispatch/<int:ticket_no>/returns/<int:asked_id>": {"decision": "refused", "words": WORDS},
    "/dispatch/<int:ticket_no>/extensions/<int:asked_id>": {"decision": "refused", "words": WORDS},
    "/dispatch/<int:ticket_no>/suspensions/<int:asked_id>": {"decision": "refused", "words": WORDS},
    "/dispatch/<int:ticket_no>/terminations/<int:asked_id>": {"decision": "refused", "words": WORDS},
    "/dispatch/<int:ticket_no>/change": {"urgency": "urgent", "reason": WORDS},
    "/department/<int:ticket_no>/change": {"urgency": "urgent", "reason": WORDS},
    "/department/<int:ticket_no>/exemption": {"reason_code": "unreasonable", "reason": WORDS, "basis": WORDS},
    "/dispatch/<int:ticket_no>/requests/<int:asked_id>": {"decision": "refused", "words": WORDS},
    "/dispatch/<int:ticket_no>/reopen": {"words": WORDS},
    "/agent/tickets/<int:ticket_no>/reopen": {"words": WORDS},
    "/dispatch/<int:ticket_no>/check": {"decision": "pass"},
    "/dispatch/<int:ticket_no>/unmerge": {"words": WORDS},
    "/agent/tickets/<int:ticket_no>/amend": {"words": WORDS},
    "/agent/tickets/<int:ticket_no>/withdraw": {"words": WORDS},
    "/agent/tickets/<int:ticket_no>/flag": {"words": WORDS},
    "/agent/tickets/<int:ticket_no>/contest": {"words": WORDS},
    "/department/<int:ticket_no>/contact": {"contacted": "yes", "contact_note": WORDS},
    "/department/<int:ticket_no>/send-back": {"words": WORDS},
    "/department/<int:ticket_no>/extension": {"reason": WORDS, "basis": WORDS, "days": "1"},
    "/department/<int:ticket_no>/suspension": {
        "reason": WORDS, "basis": WORDS, "plan": WORDS, "next_on": f"{datetime.now(CITY_ZONE) + timedelta(days=2):%F}",
    },
    "/department/<int:ticket_no>/termination": {"reason": WORDS, "basis": WORDS},
    "/department/<int:ticket_no>/rectified": {
        "contacted": "yes", "contact_note": WORDS, "handling": WORDS, "public_reply": WORDS,
    },
    "/department/<int:ticket_no>/unmask": {"words": WORDS},
    "/dispatch/<int:ticket_no>/extract": {"extract": WORDS * 2},
    "/dispatch/<int:ticket_no>/respondent": {"respondent": "zjj", "words": WORDS},
    "/dispatch/<int:ticket_no>/confidentiality": {"level": "confidential", "words": WORDS},
    "/agent/tickets/<int:ticket_no>/conceal": {"words": WORDS},
    "/department/<int:ticket_no>/grid": {"cell": "hb-01", "kind": "verify", "words": WORDS},
    "/dispatch/<int:ticket_no>/grid": {"cell": "hb-01", "kind": "verify", "words": WORDS},
    "/callback/<int:ticket_no>": {"connected": "no"},
    "/callback/<int:ticket_no>/rectification": {"verified": "yes"},
    **{f"/supplements/<int:ticket_no>{verb}": {"words": WORDS} for verb in ("", "/missed", "/give-up")},
    **{f"/emergencies/<int:ticket_no>{verb}": {"words": WORDS} for verb in ("/result", "/back", "/call")},
    "/tickets/<int:ticket_no>/identity": {"reason": WORDS},
    "/board/tickets/<int:ticket_no>/case-file": {"reason": WORDS},
    "/supervision/tickets/<int:ticket_no>/supervise": {"reason": "overdue", "words": WORDS},
    "/supervision/tickets/<int:ticket_no>/summons": {"kind": "interview", "reason": WORDS},
    "/department/<int:ticket_no>/reminders/<int:reminder_id>": {"answer": WORDS},
    "/entries/<int:entry_id>/submit": {"version": "1"},
    "/entries/<int:entry_id>/approve": {"version": "1"},
    "/entries/<int:entry_id>/reject": {"version": "1", "words": WORDS},
    "/entries/<int:entry_id>/unpublish": {"words": WORDS},
    "/dispatch/<int:ticket_no>/shares": {"department": "hbj", "words": WORDS},
}  # fmt: skip
"""What is sent; a form not named here is sent empty."""
QUERIES = {
    "/board/tickets": "?figure=resolution",
    "/board/export": "?figure=resolution",
    "/api/v1/tickets/<ticket_no>": "?code=AAAAAAAA",
}
"""What a page must be asked to have something to answer."""
ENTRY = {"title": "公积金怎样提取", "question": "公积金怎样提取？", "answer": "带身份证到任一网点办理。", "department": "gjj",
         "source": "《住房公积金管理条例》第二十四条", "keywords": "公积金", "valid_from": "2026-01-01"}  # fmt: skip
TAKEN = ("200", "303", "409", "422")
"""Answers to a form that was looked at, and may have moved its ticket."""


def written() -> dict[tuple[str, str], dict[str, str]]:
    """The table: for a method and rule, who gets which status; a grid worker what the auditor gets if it is silent."""
    with TABLE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, restval=""))
    for row in rows:
        row["grid1"] = row["grid1"] or row["auditor"]
    assert len({(row["method"], row["rule"]) for row in rows}) == len(rows), "a route stands there twice"
    return {(row.pop("method"), row.pop("rule")): row for row in rows}


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Every method and rule the application answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule.rule


@pytest.fixture
def reading(desk: Flask) -> dict[str, str]:
    """The arguments of pages that are only read: a ticket the housing bureau holds, with a photo."""
    no = prepare("handling")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    with transaction():
        keep_files(no, [Upload("现场.png", "image/png", picture.getvalue())], "citizen")
    drain()
    return {"ticket_no": str(no), "attachment_id": str(attachment_id(no)), "entry_id": drafted_entry(desk)}


def drafted_entry(desk: Flask) -> str:
    """The number of an entry that its editor wrote; the rows below bring it before a second person and publish it."""
    made = signed_in_as(desk, "kbeditor").post("/entries", data=ENTRY)
    assert made.status_code == 303, made.text
    return re.search(r"/entries/(\d+)", made.location)[1]


def address(method: str, rule: str, reading: Mapping[str, str], *, own: bool) -> str:
    """Where the request goes; a form about a ticket that may be taken gets a ticket of its own."""
    known = {
        "call_id": "CA1", "recording_id": "RE1", "token": "none", "step": "voice",
        "filename": "app.css", "asked_id": "1", "name": "undecided",
        "reminder_id": "999999", "summons_id": "999999", **UNHEARD_OF, **reading,
    }  # fmt: skip
    if own and method == "POST" and "ticket_no" in rule:
        usual = "to_dispatch" if rule.startswith("/dispatch") else "handling"
        no = prepare(SITUATION.get(rule, usual))
        known |= {"ticket_no": str(no), "asked_id": str(asked_id(no)) if "asked_id" in rule else ""}
    return filled(rule, known) + QUERIES.get(rule, "")


def test_every_route_has_its_row_and_every_row_its_route(desk: Flask) -> None:
    assert set(routes(desk)) == set(written())


def test_every_route_answers_every_role_as_written(desk: Flask, reading: dict[str, str]) -> None:
    people, wrong = {}, []
    for (method, rule), row in written().items():
        for who, expected in row.items():
            if who not in people:
                people[who] = stranger(desk) if who == "nobody" else signed_in_as(desk, who)
            path = address(method, rule, reading, own=expected in TAKEN or "asked_id" in rule)
            browser = people.pop(who) if rule == "/logout" else people[who]
            status = browser.open(path, method=method, data=FORMS.get(rule)).status_code
            if str(status) != expected:
                wrong.append(f"{method} {rule} by {who}: {status}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_nobody_gets_further_by_another_method(desk: Flask, reading: dict[str, str]) -> None:
    browser = signed_in_as(desk, "auditor")
    for (method, rule), row in written().items():
        path = address(method, rule, reading, own=False)
        if method == "GET":
            short = browser.head(path)
            assert (str(short.status_code), short.data) == (row["auditor"], b""), rule
        asked = browser.options(path).status_code
        assert asked < 500, rule
        if row["auditor"] == "403" and row["nobody"] in ("303", "401"):
            assert asked == 403, rule
