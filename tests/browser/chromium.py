"""A real Chromium: windows signed in by role, what their consoles complained about, and pictures of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

from hotline.config import CHECKOUT
from tests.browser.running_desk import PASSWORD

PROGRAM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ARTEFACTS = CHECKOUT / "test-artefacts" / "browser"
ANSWERS = ("404 (", "409 (", "410 (", "422 (")
"""Chromium writes an error for every refusal; these the desk gives on purpose."""
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser, without a window."""
    browser = playwright.chromium.launch(executable_path=str(PROGRAM), headless=True, args=QUIET)
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class People:
    """The people at their screens. Each signs in once; further windows of theirs take the session over."""

    browser: Browser
    address: str
    sessions: dict[str, Any] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def window(self, who: str = "", size: dict[str, int] | None = None, **options: Any) -> Page:
        """A window of this member of staff, or of a citizen."""
        if who and who not in self.sessions:
            self.sessions[who] = self.sign_in(who)
        context = self.browser.new_context(
            base_url=self.address, viewport=size or WIDE, locale="zh-CN", timezone_id="Asia/Shanghai",
            storage_state=self.sessions.get(who), **options,
        )  # fmt: skip
        self.contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("console", self.hear)
        context.on("weberror", lambda one: self.complaints.append(str(one.error)))
        return context.new_page()

    def sign_in(self, who: str) -> Any:
        """Through the form; the session's cookies."""
        page = self.window()
        page.goto("/login")
        page.get_by_label("账号").fill(who)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/login" not in url)
        kept = page.context.storage_state()
        page.context.close()
        return kept

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what a console complains about."""
        expected = "Failed to load resource" in message.text and any(one in message.text for one in ANSWERS)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def close_windows(self) -> None:
        """All of them."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def picture(page: Page, name: str) -> Path:
    """Keep the whole page as a picture that is not in git."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    path = ARTEFACTS / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def until(page: Page, holds: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait while the page goes on living. Raises `AssertionError`."""
    left = seconds
    while not holds():
        left -= 0.1
        assert left > 0, f"not within {seconds} s: {page.url}"
        page.wait_for_timeout(100)
