"""The pages of the knowledge base, through the front door."""

import re

import pytest

from hotline.models.words import EntryState
from tests.entry_makers import draft, publish, published, version

FORM = {
    "title": "路灯不亮怎么报修", "question": "路灯坏了；路灯不亮", "answer": "请告诉我灯杆编号。", "details": "编号在灯杆两米高处。",
    "keywords": "路灯 照明", "department": "cgj", "source": "《城市照明管理规定》", "valid_from": "2025-01-01", "valid_to": "",
}  # fmt: skip


def written(browser, **changes: str) -> int:
    """An entry written on screen; its number."""
    answer = browser.post("/entries", data=FORM | changes)
    assert answer.status_code == 303, answer.text
    return int(re.search(r"/entries/(\d+)", answer.headers["Location"])[1])


def test_an_entry_goes_from_the_editor_over_a_second_person_to_the_agent(signed_in):
    editor, approver, reader = signed_in("kbeditor"), signed_in("kbapprover"), signed_in("zjj_handler")
    no = written(editor)
    assert reader.get(f"/entries/{no}").status_code == 404
    assert editor.post(f"/entries/{no}/submit", data={"version": "1"}).status_code == 303
    assert FORM["title"] in approver.get("/entries/approvals").text
    assert editor.post(f"/entries/{no}/approve", data={"version": "1"}).status_code == 403
    assert approver.post(f"/entries/{no}/approve", data={"version": "1"}).status_code == 303
    page = reader.get(f"/entries/{no}").text
    assert "请告诉我灯杆编号" in page
    assert "编号在灯杆两米高处" in page
    assert f"/entries/{no}/edit" not in page
    assert f"/entries/{no}" in reader.get("/entries?q=路灯坏了").text
    assert "<mark>灯杆</mark>" in reader.get("/entries?q=灯杆").text


def test_an_approver_does_not_approve_their_own_words(signed_in):
    approver = signed_in("kbapprover")
    no = written(approver)
    approver.post(f"/entries/{no}/submit", data={"version": "1"})
    assert "自己采编的，须由他人审核" in approver.get("/entries/approvals").text
    assert "审核通过并发布" not in approver.get(f"/entries/{no}").text
    refused = approver.post(f"/entries/{no}/approve", data={"version": "1"})
    assert refused.status_code == 403
    assert "另一人" in refused.text
    assert version(no, 1).state is EntryState.TO_APPROVE


def test_changing_makes_a_new_version_and_the_old_one_stays_readable(signed_in):
    row, editor = published(), signed_in("kbeditor")
    form = editor.get(f"/entries/{row.entry_id}/edit").text
    assert "请先看小区公告和停水通知。" in form
    answer = editor.post(f"/entries/{row.entry_id}", data=FORM | {"title": "停水怎么查"})
    assert answer.headers["Location"].endswith("version=2")
    assert version(row.entry_id, 1).state is EntryState.PUBLISHED
    publish(version(row.entry_id, 2))
    reader = signed_in("zjj_handler")
    assert "停水怎么查" in reader.get(f"/entries/{row.entry_id}").text
    assert "停水了怎么办" in reader.get(f"/entries/{row.entry_id}?version=1").text


def test_what_is_unpublished_carries_its_mark_and_the_reason(signed_in):
    row, approver, reader = published(), signed_in("kbapprover"), signed_in("zjj_handler")
    refused = approver.post(f"/entries/{row.entry_id}/unpublish", data={"words": "旧"})
    assert refused.status_code == 422
    assert re.search(r'id="unpublish"[^>]* data-open-now>.*>\s*旧</textarea>\s*<span class="err"', refused.text, re.S)
    approver.post(f"/entries/{row.entry_id}/unpublish", data={"words": "政策已变"})
    assert row.title not in reader.get("/entries").text
    page = reader.get(f"/entries/{row.entry_id}").text
    assert "已下架：政策已变" in page


def test_a_rejected_version_tells_its_author_why(signed_in):
    editor, approver = signed_in("kbeditor"), signed_in("kbapprover")
    no = written(editor)
    editor.post(f"/entries/{no}/submit", data={"version": "1"})
    assert "请写明要改什么" in approver.post(f"/entries/{no}/reject", data={"version": "1", "words": ""}).text
    approver.post(f"/entries/{no}/reject", data={"version": "1", "words": "请注明文号"})
    assert "请注明文号" in editor.get(f"/entries/{no}").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "请填写标题"), ("answer", "长" * 201, "最多200字"), ("answer", "长" * 1001, "最多填写1000字"),
        ("department", "nobody", "责任单位"), ("source", "", "依据或来源"), ("valid_from", "去年", "日期"),
        ("valid_to", "2024-01-01", "早于生效日期"), ("question", "；".join(map(str, range(31))), "最多30条"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(signed_in, field, value, sentence):
    answer = signed_in("kbeditor").post("/entries", data=FORM | {"keywords": "要留住的字", field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "要留住的字" in answer.text


def test_html_is_shown_as_letters(signed_in):
    editor = signed_in("kbeditor")
    no = written(editor, title="<script>alert(1)</script>", answer="<b>灯</b>")
    for page in (f"/entries/{no}", "/entries", f"/entries/{no}/edit", "/entries?q=<b>"):
        text = editor.get(page).text
        assert "<script>alert" not in text
        assert "<b>灯" not in text


def test_search_marks_the_words_and_a_long_list_has_pages(signed_in):
    for number in range(31):
        draft(title=f"第{number}条")
    published(answer_short="家里停水请看公告。")
    browser = signed_in("kbeditor")
    assert "<mark>停水</mark>" in browser.get("/entries?q=停水").text
    first = browser.get("/entries").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "第0条" in browser.get(older).text
    assert "第0条" not in first


def test_an_unknown_state_an_unreadable_key_and_zeros_are_taken_calmly(signed_in):
    browser = signed_in("kbeditor")
    for query in ("state=nonsense", "after=x", "q=%00", "q=" + "水" * 5000, "version=999"):
        assert browser.get(f"/entries?{query}").status_code == 200
    assert browser.get("/entries/999999").status_code == 404
    assert browser.get(f"/entries/{draft().entry_id}?version=7").status_code == 404
    assert browser.post("/entries/999999/approve", data={"version": "1"}).status_code == 404


def test_who_may_open_what(web, signed_in):
    row = published()
    assert web.get("/entries").headers["Location"].startswith("/login")
    assert signed_in("auditor").get("/entries").status_code == 403
    reader = signed_in("zjj_handler")
    assert reader.get("/entries").status_code == 200
    for page in ("/entries/new", "/entries/approvals", f"/entries/{row.entry_id}/edit"):
        assert reader.get(page).status_code == 403
    for page in ("/entries", f"/entries/{row.entry_id}", f"/entries/{row.entry_id}/unpublish"):
        assert reader.post(page, data=FORM).status_code == 403
