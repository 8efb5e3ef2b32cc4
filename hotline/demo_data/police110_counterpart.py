"""A stand-alone 110 platform for the demo: takes 12345's messages, sends its own, shows both on a page.

Run by its path as its own process; it uses the standard library and nothing of the desk, so that the two
can only agree by the written contract (domain.md §8.2; signature: spine.md). Its ledger is all it knows.
"""

import argparse
import hashlib
import hmac
import html
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.message import Message
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

BEIJING = timezone(timedelta(hours=8))
SEND_TIMEOUT_SECONDS = 3
RESENDS = 5
LARGEST_BODY = 1_000_000

# fmt: off
TRANSFER = {
    "FLOWID", "BJDH", "BJDHYHM", "BJDZ", "BJNR", "BJRXBDM", "BJSJ", "GXDWDH", "GXDWDM", "GXDWMC", "JJDWDM",
    "JJDWMC", "JJLX", "JJYBH", "JQLBDM", "JQLBMC", "LSH", "LXDH", "SFBM", "Title", "XZQHDM",
}
# fmt: on
OPTIONAL = {"TSFS"}
REQUIRED_TEXT = {"BJNR", "JJDBH", "FLOWID", "LSH", "Title", "XZQHDM", "HANDLEOPINION", "CJCZQK", "JQCLJGSM"}
TIMES = {"BJSJ", "RECEIVETIME", "TSSJ", "FKSJ", "HANDLETIME", "HFSJ"}
CODES = {"SFBM": "01", "TSFS": "01", "RECEIVE": "01", "DYYY": "123", "CLJGDM": "12345"}
RESULT = {"DYYY", "TSSJ", "JJDBH", "FLOWID"}
RESULTS = {
    "1": RESULT | {"FKSJ", "CJCZQK", "JQCLJGSM", "FKYBH", "FKYXM", "FKDWDM", "FKDWMC"},
    "2": RESULT | {"HANDLEUSERNAME", "HANDLEBMNAME", "HANDLEOPINION", "HANDLETIME"},
    "3": RESULT | {"HFSJ", "CLJGMC", "CLJGDM", "DHHFHSQK"},
}
FIELDS = {"/v1/transfers": TRANSFER, "/v1/confirmations": {"JJDBH", "RECEIVE", "RECEIVETIME"}}
STATES = {"1": "04 已反馈", "2": "05 已退回", "3": "03 已回访"}

CENTRE = {"JJDWDM": "369000000110", "JJDWMC": "江州市公安局110指挥中心", "JJYBH": "110001", "JJLX": "01"}
STATION = {"GXDWDM": "369001000001", "GXDWMC": "望湖区公安分局湖滨派出所", "GXDWDH": "0999-6611001"}
OFFICER = {"FKYBH": "369117", "FKYXM": "易知行", "FKDWDM": STATION["GXDWDM"], "FKDWMC": STATION["GXDWMC"]}

DESK_TRANSFERS = "/api/v1/police110/transfers"
DESK_RETURNS = "/api/v1/police110/returns"
DESK_FEEDBACK = "/api/v1/police110/feedback"


class Refused(Exception):
    """A message or form this platform does not take; carries a Chinese sentence and the HTTP status."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.status = status


def beijing_time(seconds: float) -> str:
    """The wire's time text for a Unix second."""
    return datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def signature(secret: str, timestamp: str, path: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of timestamp, method, path and raw body joined by newlines; all messages are POSTs."""
    signed = "\n".join([timestamp, "POST", path]).encode() + b"\n" + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def check_signature(secret: str, headers: Message, path: str, body: bytes, now: float) -> None:
    """Refuse what is not signed with our secret or more than 300 s off."""
    timestamp, given = headers.get("X-Timestamp") or "", headers.get("X-Signature") or ""
    if not hmac.compare_digest(signature(secret, timestamp, path, body).encode(), given.encode()):
        raise Refused("签名不符，拒绝接收。", 403)
    if not timestamp.isdigit() or abs(now - int(timestamp)) > 300:
        raise Refused("时间戳已过期，拒绝接收。", 403)


def read_message(path: str, body: bytes) -> dict[str, str]:
    """The message when it has exactly its fields, all of them texts in the agreed form."""
    try:
        pairs = json.loads(body.decode("utf-8"), object_pairs_hook=list)
        message = dict(pairs)
    except (ValueError, TypeError) as problem:
        raise Refused("报文不是JSON对象。", 400) from problem
    if len(message) != len(pairs) or not all(isinstance(value, str) for value in message.values()):
        raise Refused("报文字段重复，或字段值不是字符串。")
    expected = expected_fields(path, message)
    if unknown := set(message) - expected - (OPTIONAL if path == "/v1/transfers" else set()):
        raise Refused(f"报文有未约定的字段：{'、'.join(sorted(unknown))}。")
    if missing := expected - set(message):
        raise Refused(f"报文缺少字段：{'、'.join(sorted(missing))}。")
    for name, value in message.items():
        check_value(name, value)
    return message


def expected_fields(path: str, message: Mapping[str, str]) -> set[str]:
    """The fields a message on this path must have."""
    if path in FIELDS:
        return FIELDS[path]
    if message.get("DYYY") not in RESULTS:
        raise Refused("调用原因（DYYY）应为1反馈、2退回或3回访。")
    return RESULTS[message["DYYY"]]


def check_value(name: str, value: str) -> None:
    """Refuse an empty required text, an unknown code, a wrong time or a ticket number that is none."""
    if name in REQUIRED_TEXT and not value.strip():
        raise Refused(f"字段{name}不能为空。")
    if name in CODES and (len(value) != 1 or value not in CODES[name]):
        raise Refused(f"字段{name}的代码无效。")
    if name == "FLOWID" and not (value.isascii() and value.isdigit()):
        raise Refused("工单编号（FLOWID）应为数字。")
    if name in TIMES:
        try:
            datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
        except ValueError as problem:
            raise Refused(f"字段{name}的时间格式不符。") from problem


class Ledger:
    """Every message sent or taken, in order; kept in a file so that a restart forgets nothing."""

    def __init__(self, file: Path) -> None:
        self.file, self.lock = file, threading.RLock()
        text = file.read_text("utf-8") if file.exists() else ""
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]

    def add(self, **line: Any) -> None:
        """Write one line: at, direction (in, out), path, body, answer, and what else is worth knowing."""
        with self.lock:
            self.lines.append(line)
            with self.file.open("a", encoding="utf-8", errors="replace") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    def find(self, direction: str, path: str, **wanted: str) -> list[dict[str, Any]]:
        """The lines of one direction and path whose bodies have these values."""
        with self.lock:
            same = [line for line in self.lines if (line["direction"], line["path"]) == (direction, path)]
        return [line for line in same if wanted.items() <= line["body"].items()]

    def confirmed(self, alarm_no: str) -> bool:
        """Whether 12345 said, by answer or by message, that it got this alarm."""
        answered = self.find("out", DESK_TRANSFERS, JJDBH=alarm_no)
        return any((line["answer"] or {}).get("RECEIVE") == "1" for line in answered) or bool(
            self.find("in", "/v1/confirmations", JJDBH=alarm_no, RECEIVE="1")
        )

    def alarm_state(self, alarm_no: str) -> str:
        """The state of a pushed alarm in the words of the linked table."""
        if results := self.find("in", "/v1/results", JJDBH=alarm_no):
            return STATES[results[-1]["body"]["DYYY"]]
        return "08 已接收" if self.confirmed(alarm_no) else "07 未接收"


class Platform:
    """What the 110 platform takes and sends."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.ledger = options, Ledger(Path(options.state))

    def now(self) -> float:
        """Unix seconds; fixed by --clock when stored messages are to be checked."""
        return self.options.clock or time.time()

    def take(self, path: str, headers: Message, body: bytes) -> dict[str, str]:
        """Check and note one message of 12345; the answer confirms it. A repeated one is answered alike."""
        check_signature(self.options.secret, headers, path, body, self.now())
        message = read_message(path, body)
        with self.ledger.lock:
            before = [line for line in self.ledger.find("in", path) if line["body"] == message]
            answer = before[0]["answer"] if before else self.confirm(path, message)
            at = beijing_time(self.now())
            self.ledger.add(at=at, direction="in", path=path, body=message, answer=answer, again=bool(before))
        return answer

    def confirm(self, path: str, message: Mapping[str, str]) -> dict[str, str]:
        """JJDBH, RECEIVE, RECEIVETIME; a case pushed by 12345 gets its alarm number here, once."""
        alarm_no = message.get("JJDBH", "")
        if path == "/v1/transfers":
            known = self.ledger.find("in", path, FLOWID=message["FLOWID"])
            alarm_no = known[0]["answer"]["JJDBH"] if known else self.new_number()
        return {"JJDBH": alarm_no, "RECEIVE": "1", "RECEIVETIME": beijing_time(self.now())}

    def new_number(self) -> str:
        """A fresh alarm number."""
        return f"JJ{datetime.now(BEIJING):%Y%m%d%H%M%S}{secrets.randbelow(10**6):06d}"

    def push(self, form: Mapping[str, str]) -> None:
        """Hand 12345 a non-police alarm typed on the page."""
        if not form.get("BJNR", "").strip():
            raise Refused("请填写报警内容。")
        alarm_no, phone = self.new_number(), form.get("BJDH", "")
        typed = {name: form.get(name, "") for name in ("BJNR", "BJDZ", "BJDHYHM")}
        chosen = {"SFBM": form.get("SFBM", "0"), "XZQHDM": "369000", "TSFS": "1"}
        kind = {"JQLBDM": "0500", "JQLBMC": "群众求助", "Title": f"群众求助-{typed['BJNR'][:20]}"}
        numbers = {"JJDBH": alarm_no, "LSH": alarm_no[2:], "BJDH": phone, "LXDH": phone}
        when = {"BJSJ": beijing_time(self.now()), "BJRXBDM": "0"}
        self.start_sending(DESK_TRANSFERS, CENTRE | STATION | typed | chosen | kind | numbers | when)

    def give_back(self, form: Mapping[str, str]) -> None:
        """Return a case 12345 pushed to us."""
        who = {"HANDLEUSERNAME": "贺长林", "HANDLEBMNAME": CENTRE["JJDWMC"]}
        words = {"HANDLEOPINION": form.get("words", ""), "HANDLETIME": beijing_time(self.now())}
        self.start_sending(DESK_RETURNS, self.case(form) | who | words)

    def feed_back(self, form: Mapping[str, str]) -> None:
        """Tell what the police did about a case 12345 pushed to us."""
        words = {"CJCZQK": form.get("words", ""), "JQCLJGSM": "已处置。", "FKSJ": beijing_time(self.now())}
        self.start_sending(DESK_FEEDBACK, self.case(form) | OFFICER | words)

    def case(self, form: Mapping[str, str]) -> dict[str, str]:
        """Both numbers of a case we took."""
        known = self.ledger.find("in", "/v1/transfers", FLOWID=form.get("FLOWID", ""))
        if not known or not form.get("words", "").strip():
            raise Refused("没有这个工单，或没有填写意见。")
        return {"FLOWID": known[0]["body"]["FLOWID"], "JJDBH": known[0]["answer"]["JJDBH"]}

    def start_sending(self, *order: Any) -> None:
        """In the background, so that the page answers at once."""
        threading.Thread(target=self.send, args=order, daemon=True).start()

    def send(self, path: str, message: dict[str, str]) -> None:
        """Once, and five times more while 12345 has not said RECEIVE=1 (defaults of domain.md §8.2)."""
        for attempt in range(1, RESENDS + 2):
            status, answer = self.post(path, json.dumps(message, ensure_ascii=False).encode())
            how = {"at": beijing_time(self.now()), "status": status, "attempt": attempt}
            self.ledger.add(direction="out", path=path, body=message, answer=answer, **how)
            if (answer or {}).get("RECEIVE") == "1":
                return
            if attempt <= RESENDS:
                time.sleep(self.options.resend_wait)
            if path == DESK_TRANSFERS and self.ledger.confirmed(message["JJDBH"]):
                return

    def post(self, path: str, body: bytes) -> tuple[int, dict[str, Any] | None]:
        """HTTP status (0 when nobody answered) and the answer, if a JSON object; a refusal's words."""
        timestamp = str(int(self.now()))
        headers = {
            "Content-Type": "application/json",
            "X-Platform": self.options.platform,
            "X-Timestamp": timestamp,
            "X-Signature": signature(self.options.secret, timestamp, path, body),
        }
        request = urllib.request.Request(self.options.desk_url.rstrip("/") + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=SEND_TIMEOUT_SECONDS) as response:
                answer = json.load(response)
                return response.status, answer if isinstance(answer, dict) else None
        except urllib.error.HTTPError as refusal:
            return refusal.code, {"refusal": refusal.read(2000).decode("utf-8", "replace")}
        except (OSError, ValueError, HTTPException):
            return 0, None


STYLE = (
    "body{font:15px/1.6 sans-serif;max-width:1080px;margin:24px auto;padding:0 16px;color:#1d2733}"
    "h1{font-size:22px}h2{font-size:17px;margin-top:32px}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #d5dde6;padding:6px 8px;text-align:left;vertical-align:top}"
    "label{display:block;margin:8px 0}input[type=text],textarea{width:100%;font:inherit;padding:6px}"
    "button{font:inherit;padding:6px 14px;margin:4px 4px 0 0}pre{white-space:pre-wrap;margin:0}"
)
PUSH_FORM = """<form method="post" action="/alarms">
<label>报警内容<textarea name="BJNR" rows="3" required maxlength="4000"></textarea></label>
<label>地址<input type="text" name="BJDZ" maxlength="200"></label>
<label>报警电话<input type="text" name="BJDH" maxlength="20"></label>
<label>姓名<input type="text" name="BJDHYHM" maxlength="50"></label>
<label><input type="checkbox" name="SFBM" value="1"> 要求保密</label><button>推送给12345</button></form>"""


def page(ledger: Ledger) -> str:
    """The one page: the form, alarms sent, cases taken, the ledger with the newest line first."""
    sent = {line["body"]["JJDBH"]: line["body"] for line in ledger.find("out", DESK_TRANSFERS)}
    alarms = "".join(row(number, ledger.alarm_state(number), body["BJNR"]) for number, body in sent.items())
    cases = "".join(case_row(line) for line in ledger.find("in", "/v1/transfers") if not line["again"])
    lines = "".join(ledger_row(line) for line in reversed(ledger.lines[-200:]))
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>110对接模拟平台</title>'
        f'<link rel="stylesheet" href="/style.css"><h1>江州市110对接模拟平台</h1><p><a href="/">刷新</a></p>'
        f"<h2>推送非警务警情</h2>{PUSH_FORM}"
        f"<h2>已推送给12345的警情</h2><table><tr><th>接警单编号<th>状态<th>内容{alarms}</table>"
        f"<h2>12345推送来的警情</h2><table><tr><th>工单编号<th>接警单编号<th>内容<th>处理{cases}</table>"
        f"<h2>往来报文</h2><table><tr><th>时间<th>方向<th>报文<th>应答{lines}</table></html>"
    )


def row(*cells: str) -> str:
    """One table row of plain texts."""
    return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)


def case_row(line: Mapping[str, Any]) -> str:
    """A case 12345 pushed, with the form to feed back or return it."""
    number = html.escape(line["body"]["FLOWID"], quote=True)
    return (
        row(line["body"]["FLOWID"], line["answer"]["JJDBH"], line["body"]["BJNR"])
        + f'<td><form method="post" action="/feedback"><input type="hidden" name="FLOWID" value="{number}">'
        '<input type="text" name="words" placeholder="处置情况或退回意见" required maxlength="2000">'
        '<button>反馈</button><button formaction="/returns">退回</button></form>'
    )


def ledger_row(line: Mapping[str, Any]) -> str:
    """One message as it went over the wire."""
    sent = line["direction"] == "out"
    way = f"发出（第{line['attempt']}次，{line['status'] or '无应答'}）" if sent else "收到"
    body, answer = (json.dumps(line[part], ensure_ascii=False, indent=1) for part in ("body", "answer"))
    message = f"<td><pre>{html.escape(line['path'])}\n{html.escape(body)}</pre>"
    return row(line["at"], way) + message + f"<td><pre>{html.escape(answer)}</pre>"


class Handler(BaseHTTPRequestHandler):
    """HTTP on loopback: signed messages on /v1/…, forms and the page for a person at this machine."""

    platform: Platform

    def do_GET(self) -> None:
        """The page, its style, a sign of life."""
        pages = {"/": page(self.platform.ledger), "/style.css": STYLE, "/livez": ""}
        kind = "text/css" if self.path == "/style.css" else "text/html"
        self.answer(200 if self.path in pages else 404, pages.get(self.path, ""), kind)

    def do_POST(self) -> None:
        """A signed message, or a form of the page."""
        platform = self.platform
        forms = {"/alarms": platform.push, "/returns": platform.give_back, "/feedback": platform.feed_back}
        try:
            length = self.headers.get("Content-Length") or ""
            body = self.rfile.read(min(int(length), 2 * LARGEST_BODY)) if length.isdigit() else b""
            if not length.isdigit() or len(body) > LARGEST_BODY:
                raise Refused("报文长度无效。", 413)
            if self.path in forms:
                self.check_origin()
                typed = parse_qs(body.decode("utf-8", "replace"))
                forms[self.path]({name: values[-1] for name, values in typed.items()})
                self.answer(303, "", "text/html")
            elif self.path in (*FIELDS, "/v1/results"):
                self.answer(200, json.dumps(platform.take(self.path, self.headers, body)), "application/json")
            else:
                raise Refused("没有这个接口。", 404)
        except Refused as refusal:
            words = {"RECEIVE": "0", "message": str(refusal)}
            self.answer(refusal.status, json.dumps(words, ensure_ascii=False), "application/json")

    def check_origin(self) -> None:
        """A form must come from our own page, not from another site open in the same browser."""
        host = self.headers.get("Host") or ""
        if host.rsplit(":", 1)[0] not in ("127.0.0.1", "localhost"):
            raise Refused("只能在本机使用。", 403)
        if self.headers.get("Origin") not in (None, f"http://{host}"):
            raise Refused("请从本平台页面提交。", 403)

    def answer(self, status: int, text: str, kind: str) -> None:
        """Send one answer; 303 leads back to the page."""
        content = text.encode()
        self.send_response(status)
        if status == 303:
            self.send_header("Location", "/")
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """The ledger is the log."""


def main() -> None:
    """Read the options and serve until stopped; prints its address when ready."""
    parser = argparse.ArgumentParser(description="110对接模拟平台")
    parser.add_argument("--port", type=int, default=11000, help="监听端口，0为任选")
    parser.add_argument("--desk-url", default="http://127.0.0.1:12345", help="12345平台地址")
    parser.add_argument("--secret", default=os.environ.get("POLICE110_SECRET"), help="双方约定的密钥")
    parser.add_argument("--platform", default="police110", help="本平台在12345登记的名称")
    parser.add_argument("--state", required=True, help="往来报文的存放文件")
    parser.add_argument("--resend-wait", type=float, default=300, help="重发间隔，秒")
    parser.add_argument("--clock", type=int, default=0, help="固定的当前时间（Unix秒），用于核对留存的报文")
    options = parser.parse_args()
    if not options.secret:
        parser.error("请用 --secret 或环境变量 POLICE110_SECRET 给出密钥。")
    Handler.platform = Platform(options)
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    print(f"110对接模拟平台 http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
