"""`python -m tests.browser.take_pictures`: draws docs/pictures/ from a running desk with a morning's work on it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from sqlalchemy.exc import NoResultFound

from hotline.config import CHECKOUT
from hotline.database import transaction
from hotline.models.words import Grade, RequestType, Solved
from hotline.tickets import handle
from hotline.tickets.call_back import CallbackForm, record_callback
from hotline.tickets.checking import pass_check
from hotline.tickets.rate import ReviewForm, give_review, open_invitation
from tests.browser.chromium import People, chromium, until
from tests.browser.running_desk import desk_address, running_desk
from tests.makers import ALONE, GOOD_REPLY, PLAIN, person, send_demand, ticket, unit_of

FOLDER = CHECKOUT / "docs" / "pictures"
MORNING = (
    ("滨江花园门口连着几天有人把车停在消防通道上，希望来人处理。", "望江区滨江花园", RequestType.COMPLAINT),
    ("学府路人行道的路灯坏了一周，晚上看不见路。", "学府区学府路", RequestType.HELP),
    ("单位拖欠三个月工资，一共十二个人，多次讨要没有结果。", "高新区", RequestType.COMPLAINT),
    ("小区停水两天了，没有看到通知，什么时候恢复？", "望湖区湖滨街道金桂苑小区", RequestType.CONSULTATION),
    ("小区物业不维修电梯，老人上下楼很困难，请督促维修。", "望湖区湖滨街道金桂苑小区", RequestType.COMPLAINT),
    ("工地夜里十一点还在打桩，浇筑混凝土的噪声让孩子睡不着。", "望湖区湖滨街道滨江花园", RequestType.COMPLAINT),
    ("公司拖欠工资两个月，劳动合同也没有签。", "望湖区湖滨街道", RequestType.COMPLAINT),
    ("楼下烧烤店油烟直排，窗户不敢开，请上门检查。", "望湖区湖滨街道金桂苑小区", RequestType.COMPLAINT),
    ("网上买的冰箱坏了，商家不肯退换，店在江北区。", "江北区", RequestType.COMPLAINT),
    (PLAIN, "望湖区湖滨街道金桂苑小区", RequestType.COMPLAINT),
)
UNSURE = (
    "门口的事情说了好几次，一直没有人来看，请给个说法。",
    "想问一下老房子的那个补贴还有没有，去哪里办。",
    "河边的围挡占了一半路，不知道归谁管。",
)


def main() -> None:
    """Fill a desk, look at it five times."""
    with running_desk() as app, app.app_context(), sync_playwright() as playwright, chromium(playwright) as one:
        people = People(one, desk_address(app))
        numbers = morning(people.window())
        for name, take in PICTURES.items():
            page = people.window(AT[name](numbers))
            take(page, numbers)
            page.mouse.move(0, 0)
            page.wait_for_timeout(800)
            keep(page, FOLDER / f"{name}.png")


def morning(page: Page) -> list[int]:
    """Tickets in many states; the numbers of those the duty list sent on."""
    sent = [send_demand(text, place=place, request_type=kind, phone=phone(at))
            for at, (text, place, kind) in enumerate(MORNING)]  # fmt: skip
    for at, text in enumerate(UNSURE):
        send_demand(text, place="", phone=phone(20 + at), request_type=RequestType.HELP)
    until(page, lambda: all(ticket(no).matter_code for no in sent), seconds=40)
    page.wait_for_timeout(2000)
    numbers = [no for no in sent if ticket(no).state == "to_sign" and staffed(no)]
    for no, grade in zip(numbers[:-2], (Grade.VERY_SATISFIED, Grade.SATISFIED, Grade.DISSATISFIED, None), strict=False):
        work(no)
        if grade:
            settle(page, no, grade)
    return numbers


def staffed(no: int) -> bool:
    """Whether somebody can sign in for the department that holds it."""
    with suppress(NoResultFound):
        return bool(unit_of(no))
    return False


def phone(at: int) -> str:
    """Everybody calls from a number of their own."""
    return f"+86138123456{at:02}"


def work(no: int) -> None:
    """Signed, answered and submitted."""
    with transaction():
        handle.sign(ticket(no), unit_of(no))
        handle.reply(ticket(no), unit_of(no), GOOD_REPLY)
        handle.submit(ticket(no), unit_of(no, "lead"), ALONE)


def settle(page: Page, no: int, grade: Grade) -> None:
    """Checked, called back, reviewed."""
    solved = Solved.NOT if grade is Grade.DISSATISFIED else Solved.SOLVED
    with transaction():
        pass_check(ticket(no), person("dispatcher1"))
    with transaction():
        record_callback(ticket(no), person("callback1"), CallbackForm(True, True, Solved.SOLVED, Grade.SATISFIED))
    until(page, lambda: open_invitation(ticket(no)) is not None)
    invitation = open_invitation(ticket(no))
    assert invitation is not None
    with transaction():
        give_review(invitation, ReviewForm(grade.value, solved.value, "not_solved"), "track")


def dispatch(page: Page, _: list[int]) -> None:
    """The dispatcher before an unsure ticket."""
    page.goto("/dispatch")
    page.locator("[data-rows] a.title").first.click()
    page.wait_for_load_state()
    page.keyboard.press("Alt+1")


def department(page: Page, numbers: list[int]) -> None:
    """A handler writes the reply."""
    page.goto(f"/department/{numbers[-1]}")
    page.keyboard.press("Alt+s")
    page.locator("#reply-form").wait_for()
    page.goto(f"/department/{numbers[-1]}")
    page.get_by_label("联系情况").first.fill("十日上午电话联系诉求人，说明了今晚的安排。")
    page.locator(".bd.scroll").first.evaluate("(box) => box.scrollTo(0, 0)")


def board(page: Page, _: list[int]) -> None:
    """The supervisor's figures."""
    page.goto("/board")


def citizen(page: Page, _: list[int]) -> None:
    """The form."""
    page.goto("/")
    page.get_by_label("发生了什么").fill(PLAIN)
    page.get_by_label("在哪里").fill("望湖区湖滨街道金桂苑小区")


def agent(page: Page, _: list[int]) -> None:
    """The console with suggestions."""
    page.goto("/agent")
    page.locator("#content").fill(PLAIN)
    page.locator("#suggestions .opt").nth(2).wait_for()


PICTURES: dict[str, Callable[[Page, list[int]], None]] = {
    "dispatch": dispatch, "department": department, "board": board, "citizen": citizen, "agent": agent,
}  # fmt: skip
AT: dict[str, Callable[[list[int]], str]] = {
    "dispatch": lambda _: "dispatcher1", "department": lambda numbers: unit_of(numbers[-1]).username,
    "board": lambda _: "supervisor1", "citizen": lambda _: "", "agent": lambda _: "agent1",
}  # fmt: skip


def keep(page: Page, path: Path) -> None:
    """The window as it stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    Image.open(path).convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    main()
