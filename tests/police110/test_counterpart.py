"""The demo's 110 platform as its own process: it takes the good messages, refuses the bad, and sends."""

import ast
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest

from hotline.channels import police_110_messages as messages
from hotline.signing import SignedMessage, check
from tests.police110.written_messages import SCENE, TO_US, message, names

SCRIPT = Path(__file__).parents[2] / "hotline" / "demo_data" / "police110_counterpart.py"
SECRET = message("good_push")["secret"]


@contextmanager
def counterpart(folder: Path, desk_url: str = "http://127.0.0.1:9", clock: bool = True) -> Iterator[str]:
    """The running program's address; its clock stands at the scene unless told otherwise."""
    options = ["--port", "0", "--secret", SECRET, "--desk-url", desk_url, "--resend-wait", "0.05"]
    fixed = ["--clock", str(int(SCENE.timestamp()))] if clock else []
    command = [sys.executable, "-I", str(SCRIPT), *options, *fixed, "--state", str(folder / "110.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with counterpart(tmp_path) as address:
        yield address


def post(address: str, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(address + path, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, json.loads(response.read() or b"{}")
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read() or b"{}")


def send(address: str, name: str) -> tuple[int, dict[str, str]]:
    written = message(name)
    headers = {"X-Timestamp": written["timestamp"], "X-Signature": written["signature"]}
    return post(address, written["path"], written["body"].encode(), **headers)


def send_about(address: str, name: str, alarm_no: str) -> None:
    """A good message once more, about another alarm, signed by openssl."""
    written = message(name)
    body = json.dumps(json.loads(written["body"]) | {"JJDBH": alarm_no}).encode()
    signed = "\n".join([written["timestamp"], "POST", written["path"]]).encode() + b"\n" + body
    command = ["openssl", "dgst", "-sha256", "-hmac", SECRET, "-r"]
    signature = subprocess.run(command, input=signed, capture_output=True, check=True).stdout.split()[0]
    headers = {"X-Timestamp": written["timestamp"], "X-Signature": signature.decode()}
    assert post(address, written["path"], body, **headers)[0] == 200


def submit(address: str, path: str, **form: str) -> None:
    """Send a form of the page; the answer leads back to it."""
    request = urllib.request.Request(address + path, urlencode(form).encode())
    assert urllib.request.urlopen(request, timeout=5).geturl() == f"{address}/"


def page(address: str) -> str:
    return urllib.request.urlopen(f"{address}/", timeout=5).read().decode()


def ledger(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "110.jsonl").read_text("utf-8").splitlines()]


def wait_for(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "waited 10 s in vain"
        time.sleep(0.02)


def to_them(pattern: str) -> list[str]:
    return [name for name in names(pattern) if not message(name)["path"].startswith(TO_US)]


class Desk(BaseHTTPRequestHandler):
    """The other side: notes what came, says "not received" as often as told, then "received"."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamps = self.headers["X-Timestamp"], self.headers["X-Signature"]
        self.server.came.append(SignedMessage(stamps[0], "POST", self.path, body, stamps[1]))
        received = len(self.server.came) > self.server.misses
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"RECEIVE": "1" if received else "0"}).encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def desk(misses: int = 0) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Desk)
    server.came, server.misses = [], misses
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_it_uses_the_standard_library_only():
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_it_takes_every_good_message_and_keeps_it(address, tmp_path):
    for name in to_them("good_*"):
        status, answer = send(address, name)
        assert (status, answer["RECEIVE"]) == (200, "1"), name
        assert messages.parse_confirmation(json.dumps(answer).encode()).received_at == SCENE
    assert [line["body"] for line in ledger(tmp_path)] == [
        json.loads(message(name)["body"]) for name in to_them("good_*")
    ]


@pytest.mark.parametrize("kind", ["bad_*", "forged_*", "old_*"])
def test_it_refuses_the_others_with_a_sentence_and_keeps_nothing(address, tmp_path, kind):
    assert to_them(kind)
    for name in to_them(kind):
        status, answer = send(address, name)
        assert status == (422 if kind == "bad_*" else 403), name
        assert answer["RECEIVE"] == "0"
        assert answer["message"].endswith("。")
    assert not (tmp_path / "110.jsonl").exists()


def test_an_unsigned_message_and_an_unknown_path_are_refused(address):
    assert post(address, "/v1/results", message("good_result_return")["body"].encode())[0] == 403
    assert post(address, "/v1/else", b"{}")[0] == 404
    assert post(address, "/v1/results", b"x" * 1_000_001)[0] == 413


def test_the_same_message_again_gets_the_same_answer_even_after_a_restart(tmp_path):
    with counterpart(tmp_path) as address:
        first = send(address, "good_our_push")
        assert send(address, "good_our_push") == first
    with counterpart(tmp_path) as address:
        assert send(address, "good_our_push") == first
        assert page(address).count("<td>2026112000000043") == 1
    assert [line["again"] for line in ledger(tmp_path)] == [False, True, True]


def test_a_pushed_alarm_is_signed_exact_and_sent_until_received(tmp_path):
    with desk(misses=2) as server, counterpart(tmp_path, url(server), clock=False) as address:
        before = time.time()
        submit(
            address, "/alarms", BJNR="路灯不亮，<b>很暗</b>。", BJDZ="望湖区", BJDH="13900001234", SFBM="1"
        )
        wait_for(lambda: len(server.came) == 3)
        wait_for(lambda: "08 已接收" in page(address))
        assert "&lt;b&gt;很暗" in page(address)
        assert "<b>" not in page(address)
    assert len({came.body for came in server.came}) == 1
    for came in server.came:
        assert check(came, {"110": SECRET}, datetime.fromtimestamp(before, UTC)) == "110"
    push = messages.parse_push(server.came[0].body)
    assert (push.content, push.confidential) == ("路灯不亮，<b>很暗</b>。", True)
    assert [line["answer"]["RECEIVE"] for line in ledger(tmp_path)] == ["0", "0", "1"]


def test_it_gives_up_after_five_resends_and_a_later_confirmation_still_counts(tmp_path):
    with counterpart(tmp_path) as address:
        submit(address, "/alarms", BJNR="路灯不亮。")
        wait_for(lambda: (tmp_path / "110.jsonl").exists() and len(ledger(tmp_path)) == 6)
        time.sleep(0.3)
        assert [line["attempt"] for line in ledger(tmp_path)] == [1, 2, 3, 4, 5, 6]
        assert "07 未接收" in page(address)
        send_about(address, "good_confirmation", ledger(tmp_path)[0]["body"]["JJDBH"])
        assert "08 已接收" in page(address)


def test_results_change_the_state_of_an_alarm(tmp_path):
    with desk() as server, counterpart(tmp_path, url(server)) as address:
        submit(address, "/alarms", BJNR="路灯不亮。")
        wait_for(lambda: "08 已接收" in page(address))
        alarm_no = messages.parse_push(server.came[0].body).alarm_no
        for name, state in [("feedback", "04 已反馈"), ("return", "05 已退回"), ("revisit", "03 已回访")]:
            send_about(address, f"good_result_{name}", alarm_no)
            assert state in page(address)


def test_our_case_can_be_returned_and_fed_back(tmp_path):
    with desk() as server, counterpart(tmp_path, url(server)) as address:
        alarm_no = send(address, "good_our_push")[1]["JJDBH"]
        submit(address, "/feedback", FLOWID="2026112000000043", words="已劝离。")
        wait_for(lambda: len(server.came) == 1)
        submit(address, "/returns", FLOWID="2026112000000043", words="不属警务。")
        wait_for(lambda: len(server.came) == 2)
    fed_back, given_back = server.came
    assert (fed_back.path, given_back.path) == (messages.FEEDBACK_PATH, messages.RETURNS_PATH)
    assert messages.parse_feedback(fed_back.body).handling == "已劝离。"
    returned = messages.parse_return(given_back.body)
    assert (returned.alarm_no, returned.ticket_no) == (alarm_no, 2026112000000043)


def test_a_form_of_another_site_or_without_words_is_refused(address):
    form = urlencode({"BJNR": "路灯不亮。"}).encode()
    assert post(address, "/alarms", form, Origin="http://elsewhere.example")[0] == 403
    assert post(address, "/alarms", form, Host="elsewhere.example")[0] == 403
    assert post(address, "/alarms", urlencode({"BJNR": " "}).encode())[0] == 422
    assert post(address, "/feedback", urlencode({"FLOWID": "1", "words": "好"}).encode())[0] == 422
