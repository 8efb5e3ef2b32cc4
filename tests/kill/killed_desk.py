"""A whole desk in real child processes, told where to die, killed at random, and asked afterwards what it kept."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from hotline.machine import socket_folder
from tests.background.child_processes import free_ports

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, TOKEN, NUMBER = "AC" + "7" * 32, "token-for-the-kill-test", "+8636912345"
PLAIN = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
PATIENCE = 90.0


@dataclass
class KilledDesk:
    """`hotline run` on one data folder, started again and again."""

    folder: Path
    port: int = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None

    @property
    def crash_log(self) -> Path:
        """Where every hit of a crash point is written."""
        return self.folder.with_name("crashes.log")

    @property
    def words(self) -> Path:
        """What the desk says while it runs."""
        return self.folder.with_name("desk.log")

    @contextlib.contextmanager
    def running(self, armed: Mapping[str, int], most: int = 0) -> Iterator[None]:
        """The desk from its start until it has stopped, dying at the armed points until each was hit `most` times."""
        environ = os.environ | {
            "HOTLINE_DATA_FOLDER": str(self.folder), "HOTLINE_PORT": str(self.port), "HOTLINE_DEMO": "1",
            "HOTLINE_CLAIM_SECONDS": "15",
            "HOTLINE_TWILIO_ACCOUNT": ACCOUNT, "HOTLINE_TWILIO_TOKEN": TOKEN, "HOTLINE_TWILIO_NUMBER": NUMBER,
            "HOTLINE_TWILIO_API_URL": f"http://127.0.0.1:{self.port + 2}",
            "HOTLINE_CRASH_AT": ",".join(f"{name}:{every}" for name, every in armed.items()),
            "HOTLINE_CRASH_MOST": str(most), "HOTLINE_CRASH_LOG": str(self.crash_log),
        }  # fmt: skip
        with self.words.open("ab") as log:
            command = [sys.executable, "-m", "hotline.commands", "run"]
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            self.wait_for_web()
            yield
        finally:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(40)

    def wait_for_web(self) -> None:
        """Until the desk answers."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=2).read()
                return
            if self.process is not None and self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(self.words.read_text()[-3000:])

    def hits(self, point: str) -> int:
        """How often a crash point killed a process."""
        return self.crash_log.read_text().split().count(point) if self.crash_log.exists() else 0

    def api_key(self) -> str:
        """The demo partner's key."""
        told: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return str(told["partner_keys"]["demo-api"])

    def send(self, demands: Sequence[str]) -> list[str]:
        """Send demands from four sides, each again and again with its key until it is answered."""
        numbers: list[str] = []
        waiting = list(demands)

        def sender() -> None:
            while waiting:
                numbers.append(self.insist(waiting.pop()))

        threads = [threading.Thread(target=sender) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return numbers

    def insist(self, key: str) -> str:
        """One demand, sent until the desk answers; the ticket number."""
        body = json.dumps({"content": PLAIN, "place": "望湖区湖滨街道金桂苑", "phone": "13812345678"}).encode()
        headers = {"X-API-Key": self.api_key(), "Idempotency-Key": key, "Content-Type": "application/json"}
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/demands", body, headers)
            with contextlib.suppress(OSError, ConnectionError, json.JSONDecodeError):
                return str(json.load(urllib.request.urlopen(request, timeout=10))["ticket_no"])
            time.sleep(0.2)
        raise AssertionError(f"no answer for {key}")

    def call_in(self, calls: Sequence[str]) -> None:
        """The carrier's webhook for each call, delivered until it is answered."""
        for call_id in calls:
            self.insist_call(call_id)

    def insist_call(self, call_id: str) -> None:
        """One signed webhook, again and again with its idempotency token."""
        from twilio.request_validator import RequestValidator

        url = f"http://127.0.0.1:{self.port}/twilio/voice"
        form = {"CallSid": call_id, "From": "+8613812345678", "To": NUMBER, "CallStatus": "ringing",
                "AccountSid": ACCOUNT, "Direction": "inbound"}  # fmt: skip
        headers = {
            "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, form),
            "I-Twilio-Idempotency-Token": call_id,
        }
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), headers)
            with contextlib.suppress(OSError):
                urllib.request.urlopen(request, timeout=10).read()
                return
            time.sleep(0.2)
        raise AssertionError(f"no answer for {call_id}")

    def kill_somebody(self, kind: str) -> bool:
        """SIGKILL one process of this kind: web, work, postgres or valkey."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                words = " ".join(child.cmdline())
                if f"hotline.commands {kind}" in words or (f"{kind}" in child.name() and kind not in ("web", "work")):
                    child.kill()
                    return True
        return False

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """One question to the database."""
        url = f"postgresql://hotline@/postgres?host={socket_folder(self.folder)}&port=5432"
        with psycopg.connect(url) as connection:
            return connection.execute(sql).fetchall()

    def idle(self) -> bool:
        """Whether no row waits to be claimed, so that only a new demand can reach a crash point."""
        waiting = "SELECT count(*) FROM outbox WHERE dead_at IS NULL AND claimed_until IS NULL AND not_before <= now()"
        return self.ask(waiting)[0][0] == 0

    def settle(self) -> None:
        """Until nothing is left to do."""
        end = time.monotonic() + PATIENCE * 4
        while time.monotonic() < end:
            with contextlib.suppress(psycopg.OperationalError):
                if self.ask("SELECT count(*) FROM outbox")[0][0] == 0:
                    return
            time.sleep(0.5)
        raise AssertionError(self.ask("SELECT kind, attempts, problem, dead_at FROM outbox LIMIT 20"))


def keys(count: int) -> list[str]:
    """Fresh idempotency keys."""
    return [uuid.uuid4().hex for _ in range(count)]
