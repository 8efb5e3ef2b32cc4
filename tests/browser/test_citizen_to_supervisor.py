"""One demand from the citizen's words to the supervisor's number, clicked through every desk in Chromium."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE, People, picture, until
from tests.makers import PLAIN, ticket, unit_of

pytestmark = pytest.mark.browser
REPLY = {
    "联系情况": "十日上午电话联系诉求人，说明了安排，诉求人表示理解。",
    "查明的事实": "执法人员夜间到场，金桂苑东侧工地当晚确在浇筑混凝土，未取得夜间施工证明。",
    "处理情况": "责令停止夜间施工，约谈项目负责人，并登记立案。",
    "给诉求人的答复": "我们已责令工地停止夜间施工。如再发生，请随时拨打12345。",
}


def photo() -> dict[str, object]:
    """A small photograph of nothing."""
    kept = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(kept, "JPEG")
    return {"name": "工地夜间.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def write(page: Page) -> tuple[int, str]:
    """The citizen's part: the ticket's number and the query code of the receipt."""
    page.goto("/")
    page.get_by_label("发生了什么").fill(PLAIN)
    page.get_by_label("在哪里").fill("望湖区湖滨街道金桂苑小区")
    page.get_by_role("textbox", name="手机号").fill("13812345678")
    page.get_by_label("怎么称呼您").fill("陈桂芳")
    page.get_by_role("radio", name="投诉").click()
    page.locator("#photos").set_input_files(photo())
    picture(page, "01-write")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/receipt")
    picture(page, "02-receipt")
    written, code = page.locator(".number").all_inner_texts()
    return int(re.sub(r"\D", "", written)), code.strip()


def look_up(page: Page, no: int, code: str) -> None:
    """Somebody with the number and the code finds it from another browser."""
    page.goto("/track")
    page.get_by_label("工单号").fill(str(no))
    page.get_by_label("手机号或查询码").fill(code)
    picture(page, "03-look-up")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url(f"**/track/{no}")
    picture(page, "04-track")


def open_from_list(page: Page, path: str, no: int, name: str) -> None:
    """Open a ticket by its line in a list."""
    page.goto(path)
    picture(page, f"{name}-list")
    page.locator(f"[data-rows] a.title[href$='{no}']").click()
    page.wait_for_url(f"**/{no}")
    picture(page, f"{name}-ticket")


def sign_and_reply(page: Page, no: int) -> None:
    """The department's handler."""
    open_from_list(page, "/department", no, "05-to-sign")
    page.get_by_role("button", name="签收").click()
    form = page.locator("#reply-form")
    form.get_by_role("radio", name="已联系").click()
    form.get_by_role("radio", name="属实", exact=True).click()
    for label, words in REPLY.items():
        form.get_by_label(label).fill(words)
    form.locator("input[type=file]").set_input_files(photo())
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    picture(page, "06-reply-written")
    page.get_by_role("button", name="保存反馈").click()
    expect(page.locator("[data-flash=ok]")).to_contain_text("办理反馈已保存")
    picture(page, "07-reply-saved")


def submit(page: Page, no: int) -> None:
    """The department's lead."""
    page.goto(f"/department/{no}")
    picture(page, "08-lead")
    page.get_by_role("button", name="审核提交").click()
    page.locator("#submit textarea").fill("协办单位的监测报告尚未出具")
    page.locator("#submit").get_by_role("button", name="提交", exact=True).click()
    expect(page.locator("[data-flash=ok]")).to_be_visible()


def check(page: Page, no: int) -> None:
    """The dispatcher reads the reply."""
    open_from_list(page, "/dispatch?tab=replies", no, "09-check")
    page.get_by_role("button", name="通过，转回访").click()
    expect(page.locator("[data-flash=ok]")).to_be_visible()


def call_back(page: Page, no: int) -> None:
    """The callback agent asks the citizen."""
    open_from_list(page, "/callback", no, "10-callback")
    for words in ("接通", "联系过", "解决", "满意"):
        page.get_by_role("radio", name=words, exact=True).click()
    page.get_by_label("诉求人原话").fill("工地停了，谢谢。")
    picture(page, "11-callback-written")
    page.get_by_role("button", name="保存回访").click()
    expect(page.locator("[data-flash=ok]")).to_be_visible()


def review(page: Page, no: int, taps: tuple[str, ...], name: str) -> None:
    """The citizen taps; the last tap has sent it."""
    until(page, lambda: page.goto(f"/track/{no}") is not None and page.locator("#review").count() == 1)
    picture(page, f"{name}-before")
    for words in taps:
        page.get_by_role("radio", name=words, exact=True).click()
    expect(page.get_by_role("heading", name="评价已收到")).to_be_visible()
    picture(page, f"{name}-after")


def rectify(page: Page, no: int) -> None:
    """The department reports what it made good."""
    open_from_list(page, "/department?tab=rectifying", no, "13-rectifying")
    page.get_by_role("button", name="报告整改结果").click()
    dialog = page.locator("#rectified")
    dialog.get_by_role("radio", name="已联系").click()
    for label, words in {
        "联系情况": "已上门听取意见。", "整改情况": "每晚巡查，封存设备。", "给诉求人的答复": "工地夜间已停工，我们每晚巡查到月底。",
    }.items():  # fmt: skip
        dialog.get_by_label(label).fill(words)
    picture(page, "14-rectified-dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(page.locator("[data-flash=ok]")).to_be_visible()


def verify(page: Page, no: int) -> None:
    """Somebody outside the department looks whether it is true."""
    open_from_list(page, "/callback?tab=rectifying", no, "15-verify")
    page.get_by_role("radio", name="属实，再请诉求人评价", exact=True).click()
    page.get_by_label("核实情况").fill("电话核实，连续三晚没有施工。")
    page.get_by_role("button", name="保存核实").click()
    expect(page.locator("[data-flash=ok]")).to_be_visible()


def find_on_board(page: Page, no: int) -> None:
    """The number opens the very list with this ticket in it."""
    page.goto("/board")
    picture(page, "17-board")
    page.locator("section[aria-labelledby=figure-settled] .v a").click()
    page.wait_for_url("**/board/tickets?*")
    picture(page, "18-list-behind")
    page.locator(f"a.title[href$='{no}']").click()
    picture(page, "19-read")


def test_a_demand_goes_through_every_desk_and_is_closed_by_the_second_review(people: People):
    citizen = people.window(size=PHONE)
    no, code = write(citizen)
    look_up(people.window(size=PHONE), no, code)
    until(citizen, lambda: ticket(no).state == "to_sign")
    handler, lead = (people.window(unit_of(no, role).username) for role in ("handler", "lead"))
    sign_and_reply(handler, no)
    submit(lead, no)
    check(people.window("dispatcher1"), no)
    callback = people.window("callback1")
    call_back(callback, no)
    review(citizen, no, ("不满意", "没解决", "问题没解决"), "12-bad")
    assert ticket(no).state == "rectifying"
    rectify(handler, no)
    verify(callback, no)
    review(citizen, no, ("满意", "解决了"), "16-good")
    assert ticket(no).state == "closed"
    find_on_board(people.window("supervisor1"), no)
