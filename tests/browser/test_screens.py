"""What every screen must be: silent under the strict CSP, in its frame, live, keeping typed text, open to all."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import People, picture, until
from tests.makers import PLAIN, send_demand, ticket, unit_of

pytestmark = pytest.mark.browser
AXE = Path(__file__).with_name("axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
VAGUE = "这里的情况一直没有人来看过，想请有关单位过来看看。"
DESKS = {
    "dispatcher1": ["/dispatch", "/dispatch?tab=replies", "/dispatch/{no}", "/dispatch/{unsure}", "/demo/phone"],
    "unit": ["/department", "/department?tab=handling", "/department/{no}"],
    "callback1": ["/callback", "/callback?tab=rectifying"],
    "supervisor1": [
        "/board", "/board/classifier", "/board/duty-list", "/board/tickets?figure=open", "/board/tickets/{no}",
        "/dispatch?tab=extensions",
    ],
    "agent1": ["/agent", "/agent/tickets/{no}", "/entries", "/entries?q=公积金"],
    "kbeditor": ["/entries", "/entries/new", "/entries/1"],
    "kbapprover": ["/entries/approvals"],
    "admin": ["/admin/staff", "/admin/departments", "/admin/dead-letters", "/admin/settings", "/admin/models",
              "/admin/limits"],
    "auditor": ["/admin/access-log", "/password"],
    "": ["/", "/track", "/login", "/r/no-such-invitation"],
}


@pytest.fixture(scope="module")
def numbers(everybody: People) -> dict[str, int]:
    """A ticket that went its way, and one that waits for the dispatcher."""
    found = {"no": send_demand(), "unsure": send_demand(VAGUE, place="", phone="+8613912345678")}
    page = everybody.window()
    until(page, lambda: ticket(found["no"]).state == "to_sign")
    until(page, lambda: ticket(found["unsure"]).state == "to_dispatch" and bool(ticket(found["unsure"]).matter_code))
    return found


def pages_of(role: str, numbers: dict[str, int]) -> list[str]:
    """The addresses of a role's pages."""
    return [path.format(**numbers) for path in DESKS[role]]


def visit(people: People, role: str, numbers: dict[str, int], **options: Any) -> Page:
    """A window of this role; `unit` is whoever holds the ticket."""
    return people.window(unit_of(numbers["no"]).username if role == "unit" else role, **options)


@pytest.mark.parametrize("role", DESKS)
def test_no_page_breaks_the_strict_policy_or_shuts_anybody_out(people, numbers, role):
    page = visit(people, role, numbers)
    for number, path in enumerate(pages_of(role, numbers)):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == (404 if path.startswith("/r/") else 200), path
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        picture(page, f"page-{role or 'citizen'}-{number}")
        assert violations(page) == [], path


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 AA: rule, place, words."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1440, 900)])
def test_the_agents_page_stands_whole_in_the_window(people, width, height):
    page = people.window("agent1", {"width": width, "height": height})
    page.goto("/agent")
    page.locator("#content").fill(PLAIN)
    expect(page.locator("#suggestions .opt")).to_have_count(3, timeout=20_000)
    expect(page.locator("#suggestions .alert.info")).to_be_visible()
    needed = ["#content", "#place", "#name", "#phone", "#department", "#suggestions .opt >> nth=2",
              "#suggestions .alert.info", "button:has-text('派单')"]  # fmt: skip
    for selector in needed:
        box = page.locator(selector).first.bounding_box()
        assert box is not None, selector
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= height, selector
        assert box["x"] + box["width"] <= width, selector
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    picture(page, f"agent-{width}")


@pytest.mark.parametrize("elder", [False, True], ids=["plain", "elder"])
def test_citizens_pages_fit_a_phone_of_320_pixels(people, elder):
    page = people.window(size={"width": 320, "height": 640})
    page.goto("/")
    if elder:
        page.get_by_role("button", name="长辈版").click()
    for path in written_pages(page):
        page.goto(path)
        picture(page, f"narrow-{'elder' if elder else 'plain'}-{path.strip('/').split('/')[0] or 'write'}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        if elder:
            assert small_things(page) == [], path


def written_pages(page: Page) -> list[str]:
    """The citizen's pages, with a demand of this browser's own."""
    page.get_by_label("发生了什么").fill(PLAIN)
    page.get_by_role("textbox", name="手机号").fill("13812345678")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/receipt")
    tracked = page.get_by_role("link", name="查看进度").get_attribute("href")
    return ["/", "/track", "/receipt", str(tracked)]


SMALL = """() => {
  const seen = (node) => node.getClientRects().length > 0 && !node.closest('.vh, .skip');
  const texts = [...document.querySelectorAll('body *')].filter((node) => seen(node) &&
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
  const targets = [...document.querySelectorAll('a.btn, a.choice, button, summary, select, input:not([type=hidden])')];
  const box = (node) => (node.closest('label') || node).getBoundingClientRect();
  return [...texts.filter((node) => parseFloat(getComputedStyle(node).fontSize) < 22),
    ...targets.filter((node) => seen(node) && box(node).height < 44)].map((node) => node.outerHTML.slice(0, 120));
}"""


def small_things(page: Page) -> list[str]:
    """Text under 22 px and targets under 44 px."""
    found: list[str] = page.evaluate(SMALL)
    return found


def test_a_second_page_changes_within_two_seconds_of_the_event(people):
    page = people.window("supervisor1")
    page.goto("/board")
    page.wait_for_timeout(500)
    was = opened(page)
    send_demand(VAGUE, place="")
    until(page, lambda: opened(page) == was + 1, seconds=2)


def opened(page: Page) -> int:
    """The board's number of open tickets."""
    return int(page.locator("section[aria-labelledby=figure-open] .v").inner_text())


def test_without_the_stream_a_page_asks_by_itself(people):
    page = people.window("supervisor1")
    page.add_init_script("delete window.SharedWorker")
    page.goto("/board")
    was = opened(page)
    send_demand(VAGUE, place="")
    until(page, lambda: opened(page) == was + 1, seconds=12)


def test_nine_tabs_of_one_browser_stay_alive(people):
    first = people.window("supervisor1")
    tabs = [first, *(first.context.new_page() for _ in range(8))]
    for tab in tabs:
        tab.goto("/board", timeout=5000)
    was = opened(first)
    send_demand(VAGUE, place="")
    for tab in tabs:
        until(tab, lambda tab=tab: opened(tab) == was + 1, seconds=3)


def test_what_a_citizen_typed_survives_a_reload_and_a_refusal(people):
    page = people.window()
    page.goto("/")
    page.get_by_label("发生了什么").fill(PLAIN)
    page.wait_for_timeout(500)
    page.reload()
    expect(page.get_by_label("发生了什么")).to_have_value(PLAIN)
    page.get_by_role("textbox", name="手机号").fill("12")
    with page.expect_response("**/demands") as refused:
        page.get_by_role("button", name="提交").click()
    assert refused.value.status == 422
    expect(page.get_by_label("发生了什么")).to_have_value(PLAIN)
    expect(page.get_by_role("textbox", name="手机号")).to_have_value("12")
    picture(page, "refused")


def test_what_an_agent_typed_is_there_in_another_browser(people):
    page = people.window("agent2")
    page.goto("/agent")
    page.locator("#content").press_sequentially("来电人反映滨江花园二号楼电梯困人，已脱困，希望检修。")
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    page.context.close()
    again = people.window("agent2")
    again.goto("/agent")
    expect(again.locator("#content")).to_have_value("来电人反映滨江花园二号楼电梯困人，已脱困，希望检修。")


def test_nothing_is_asked_while_pinyin_is_being_composed(people):
    page = people.window("agent3")
    page.goto("/agent")
    page.wait_for_timeout(800)
    asked: list[str] = []
    page.on(
        "request", lambda one: asked.append(one.url) if one.method == "POST" and "heartbeat" not in one.url else None
    )
    page.locator("#content").focus()
    keyboard = page.context.new_cdp_session(page)
    for typed in ("y", "you", "youya", "youyan"):
        end = {"selectionStart": len(typed), "selectionEnd": len(typed)}
        keyboard.send("Input.imeSetComposition", {"text": typed, **end})
        page.wait_for_timeout(450)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "油烟扰民"})
    until(page, lambda: any(one.endswith("/agent/draft") for one in asked), seconds=3)
    expect(page.locator("#content")).to_have_value("油烟扰民")


@pytest.mark.usefixtures("numbers")
def test_a_ticket_is_dispatched_without_a_mouse(people):
    page = people.window("dispatcher1")
    page.goto("/dispatch")
    page.keyboard.press("j")
    title = page.evaluate("document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url(title)
    page.keyboard.press("Alt+1")
    page.select_option("[name=department]", "rsj")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-flash=ok]")).to_be_visible()
    no = int(title.rsplit("/", 1)[1])
    assert ticket(no).state == "to_sign"
