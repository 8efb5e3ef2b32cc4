"""The desk's long-running processes, each of which may run on any number of hosts."""

import argparse
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

from hotline.config import Config

NO_ADDRESS = "请设置 HOTLINE_DATABASE_URL 和 HOTLINE_REDIS_URL，或用 hotline run 启动整个系统。"
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's malloc.h."""
UNUSED = ("rich", "valkey")
"""Loaded by structlog and limits only because they are there; six MB of a web process."""
STOP_SECONDS = 3
"""How long a server waits for open requests when it is told to stop; streams never end by themselves."""


def web(config: Config, _: argparse.Namespace) -> None:
    """The pages and the API: one process, `HOTLINE_WEB_THREADS` threads."""
    needs_addresses(config)
    serve("web_application", "wsgi", config.port, config, blocking_threads=config.web_threads)


def live(config: Config, _: argparse.Namespace) -> None:
    """The event stream on the port after the web's."""
    needs_addresses(config)
    serve("live_application", "asgi", config.port + 1, config)


def serve(factory: str, interface: str, port: int, config: Config, **options: Any) -> None:
    """Serve until told to stop. No access log: addresses and paths of citizens are nobody's business."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        f"hotline.serving:{factory}", address=config.host, port=port, interface=Interfaces(interface),
        factory=True, log_access=False, log_level=LogLevels.error, websockets=False,
        workers_kill_timeout=STOP_SECONDS, **options,
    ).serve()  # fmt: skip


def web_application() -> Callable[..., Any]:
    """What granian's process loads."""
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # importlib's way to say that there is none
    from hotline.app import create_app

    give_memory_back()
    return create_app(Config.from_environment())


def give_memory_back() -> None:
    """The 19 MiB of a password hash and the photos of an upload go back to the system, instead of being kept for
    every thread (mallopt(3)); other C libraries than glibc do so by themselves."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((M_ARENA_MAX, 2), (M_MMAP_THRESHOLD, 128 * 1024), (M_TRIM_THRESHOLD, 128 * 1024)):
            mallopt(option, value)


def live_application() -> Callable[..., Any]:
    """What granian's process loads."""
    from hotline.background.live import LiveStream

    return LiveStream(Config.from_environment())


def work(config: Config, options: argparse.Namespace) -> None:
    """One worker."""
    from hotline.app import bare_app
    from hotline.background.worker import work as keep_working

    needs_addresses(config)
    keep_working(bare_app(config), config.redis_url, options.max_jobs)


def cron(config: Config, _: argparse.Namespace) -> None:
    """The scheduler; of several only one is active."""
    from hotline.app import bare_app
    from hotline.background.scheduler import keep_time

    needs_addresses(config)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keep_time(bare_app(config), stop)


def demo_phone(config: Config, _: argparse.Namespace) -> None:
    """The pretended carrier, which calls the desk's webhooks as the real one would."""
    from hotline.telephone.call_flow import OVERRIDES
    from hotline.telephone.pretend_twilio import PretendSettings, serving

    hooks = f"{config.base_url}/twilio"
    settings = PretendSettings(
        config.twilio_account, config.twilio_token.split(",")[0], config.twilio_number,
        voice_url=f"{hooks}/voice#{OVERRIDES}", status_url=f"{hooks}/status#{OVERRIDES}",
        fallback_url=f"{hooks}/fallback",
    )  # fmt: skip
    serving(settings, config.port + 2).serve_forever()


def demo_110(config: Config, _: argparse.Namespace) -> None:
    """The pretended 110 platform: a program of its own that shares nothing with ours but the secret."""
    from hotline.channels.partners import DEMO_POLICE
    from hotline.running import read_demo

    program = Path(__file__).parent / "demo_data" / "police110_counterpart.py"
    ledger = config.data_folder / "demo-110.json"
    argv = [sys.executable, str(program), "--port", str(config.port + 3), "--desk-url", config.base_url]
    argv += ["--platform", DEMO_POLICE, "--state", str(ledger)]
    secret = read_demo(config)["partner_keys"][DEMO_POLICE]
    os.execve(sys.executable, argv, {**os.environ, "POLICE110_SECRET": secret})


def needs_addresses(config: Config) -> None:
    """Refuse to run alone without servers. Raises `NotConfigured`."""
    from hotline.errors import NotConfigured

    if not (config.database_url and config.redis_url):
        raise NotConfigured(NO_ADDRESS)
