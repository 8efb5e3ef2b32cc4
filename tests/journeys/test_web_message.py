"""A web message through the front door: written, looked up, answered, reviewed, closed."""

import re

from tests.makers import drain, ticket


def test_a_citizen_writes_looks_up_and_finds_the_department(web, messages):
    page = web.get("/")
    assert page.status_code == 200
    key = re.search(r'name="form_key" value="([^"]+)"', page.text)[1]
    form = {
        "form_key": key, "content": "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着。",
        "place": "望湖区湖滨街道金桂苑小区", "phone": "138 1234 5678", "name": "陈桂芳",
    }  # fmt: skip
    sent = web.post("/demands", data=form)
    assert sent.status_code == 303
    again = web.post("/demands", data=form)
    receipt = web.get("/receipt").text
    no = int(re.sub(r"\D", "", re.search(r"\d{8} \d{4} \d{4}", receipt)[0]))
    assert again.status_code == 303
    drain()
    assert ticket(no).department_id
    web.delete_cookie("desk_12345")
    assert web.get(f"/track/{no}").status_code == 404
    wrong = web.post("/track", data={"ticket_no": str(no), "proof": "13900001111"})
    assert wrong.status_code == 404
    assert "不匹配" in wrong.text
    found = web.post("/track", data={"ticket_no": str(no), "proof": "13812345678"})
    assert found.status_code == 303
    shown = web.get(f"/track/{no}")
    assert shown.status_code == 200
    assert "金桂苑" in shown.text
    assert messages.sent[0][1] == "ticket_received"
