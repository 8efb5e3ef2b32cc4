"""The desk runs for the whole stage, Chromium too; a test gets windows, and fails if a console complained."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import sync_playwright

from tests.browser.chromium import PROGRAM, People, chromium
from tests.browser.running_desk import desk_address, running_desk


@pytest.fixture(scope="session")
def running() -> Iterator[Flask]:
    """The whole desk as its own processes."""
    if not PROGRAM.exists():
        pytest.skip("Chromium missing")
    with running_desk() as app, app.app_context():
        yield app


@pytest.fixture(scope="session")
def everybody(running: Flask) -> Iterator[People]:
    """One Chromium for all; who has signed in stays so from test to test."""
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield People(browser, desk_address(running))


@pytest.fixture
def people(everybody: People) -> Iterator[People]:
    """Windows for one test, without a complaint of their consoles at its end."""
    everybody.complaints.clear()
    yield everybody
    everybody.close_windows()
    assert not everybody.complaints
