"""The JSON interface: a partner's demand, told twice, told otherwise, told badly; and the public look-up."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from hotline.channels.partners import load_demo_partners
from hotline.database import session, transaction
from hotline.models import Partner, Requester, Ticket
from hotline.models.words import Confidentiality, RequestType, Source, State
from hotline.tickets.find import by_alias
from hotline.tickets.identity import open_requester
from hotline.web.limits import limiter
from tests.makers import PLACE, PLAIN, drain, ticket

NAME, PHONE = "欧阳金丝雀", "13877776666"
GOOD = {"content": f"{PLAIN}我是{NAME}，电话{PHONE}。", "place": PLACE, "name": NAME, "phone": PHONE}


@pytest.fixture
def client(desk):
    with transaction():
        desk.partner_key = load_demo_partners(desk.extensions["hotline-config"])["demo-api"]
    return desk.test_client()


def send(client, body=GOOD, key="a-1", api_key=None, raw=None):
    headers = {"X-API-Key": api_key or client.application.partner_key, "Idempotency-Key": key}
    data = raw if raw is not None else json.dumps(body, ensure_ascii=False).encode()
    return client.post("/api/v1/demands", data=data, headers=headers, content_type="application/json")


def look(client, receipt, code=None):
    return client.get(f"/api/v1/tickets/{receipt['ticket_no']}", query_string={"code": code or receipt["query_code"]})


def tickets() -> int:
    return session().execute(select(func.count()).select_from(Ticket)).scalar_one()


def test_a_demand_becomes_a_ticket_that_runs_the_same_line(client):
    answer = send(client, GOOD | {"upstream_no": "SSP-1", "request_type": "complaint", "confidential": True})
    assert answer.status_code == 201
    assert set(answer.json) == {"ticket_no", "query_code"}
    made = by_alias("demo-api", "SSP-1")
    assert str(made.ticket_no) == answer.json["ticket_no"]
    assert (made.source, made.request_type) == (Source.PARTNER, RequestType.COMPLAINT)
    assert made.confidentiality is Confidentiality.CONFIDENTIAL
    who = open_requester(session().get_one(Requester, made.ticket_no))
    assert (who.name, who.phone, who.text) == (NAME, "+8613877776666", GOOD["content"])
    assert NAME not in made.text


def test_only_content_is_needed_and_no_phone_means_no_way_of_contact(client):
    answer = send(client, {"content": PLAIN})
    assert answer.status_code == 201
    assert not ticket(int(answer.json["ticket_no"])).has_contact


def test_the_same_key_and_body_get_the_same_answer_another_body_409(client):
    first = send(client)
    again = send(client)
    assert (again.status_code, again.json) == (201, first.json)
    other = send(client, GOOD | {"place": "江北区"})
    assert other.status_code == 409
    assert other.json["error"] == "同一编号的请求内容不一致，未作处理。"
    assert send(client, key="a-2").json != first.json
    assert tickets() == 2


@pytest.mark.database
def test_fifty_at_once_with_one_key_make_one_ticket(client):
    with ThreadPoolExecutor(16) as pool:
        key = client.application.partner_key
        sent = pool.map(lambda _: send(client.application.test_client(), api_key=key), range(50))
        answers = [(answer.status_code, answer.json["ticket_no"]) for answer in sent]
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert tickets() == 1


def test_one_upstream_number_is_one_ticket(client):
    assert send(client, GOOD | {"upstream_no": "SSP-2"}).status_code == 201
    taken = send(client, GOOD | {"upstream_no": "SSP-2"}, key="a-2")
    assert (taken.status_code, taken.json["error"]) == (409, "该上游编号已登记为另一张工单，未重复受理。")
    assert tickets() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": " \n "}, "content"),
        ({"content": "字" * 5001}, "content"),
        ({"content": "字" * 100_000}, None),
        ({"content": "a\0b"}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": 5}, "content"),
        ({"phone": "12"}, "phone"),
        ({"phone": "+1 23"}, "phone"),
        ({"confidential": "yes"}, "confidential"),
        ({"request_type": "harassment"}, "request_type"),
        ({"upstream_no": "x" * 65}, "upstream_no"),
        ({"shoe_size": "42"}, "shoe_size"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(client, changes, field):
    answer = send(client, raw=json.dumps(GOOD | changes).encode())
    assert answer.status_code == (422 if field else 413)
    assert answer.json["error"].endswith("。")
    assert field is None or field in answer.json["fields"]
    assert tickets() == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_with_a_sentence(client, raw):
    answer = send(client, raw=raw)
    assert answer.status_code == 422
    assert answer.json["error"] == "请求内容应为UTF-8编码的JSON对象。"


def test_the_key_comes_first_and_must_be_in_force(client):
    for api_key in ("wrong", "键"):
        answer = send(client, {}, api_key=api_key)
        assert (answer.status_code, answer.json["error"]) == (401, "缺少接口密钥（X-API-Key），或密钥无效。")
    assert client.post("/api/v1/demands", json=GOOD).status_code == 401
    with transaction():
        partner = session().get_one(Partner, "demo-api")
        partner.ended_at = partner.created_at
    assert send(client).status_code == 401
    with transaction():
        session().get_one(Partner, "demo-api").ended_at = None
    assert tickets() == 0


def test_the_idempotency_key_is_needed(client):
    headers = {"X-API-Key": client.application.partner_key}
    answer = client.post("/api/v1/demands", json=GOOD, headers=headers)
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json["fields"]


def test_the_look_up_says_where_it_stands_in_public_words_only(client):
    receipt = send(client).json
    drain()
    answer = look(client, receipt)
    assert answer.status_code == 200
    shown = answer.json
    assert set(shown) == {"ticket_no", "state", "department", "due_at", "history"}
    assert (shown["ticket_no"], shown["state"]) == (receipt["ticket_no"], State.TO_SIGN)
    assert shown["department"]
    assert shown["due_at"].endswith("+08:00")
    assert [line["words"] for line in shown["history"]] == ["受理", "派单"]
    words = answer.get_data(as_text=True) + json.dumps(shown, ensure_ascii=False)
    for secret in (NAME, PHONE, "系统", "把握"):
        assert secret not in words


def test_a_wrong_code_and_a_ticket_that_never_was_look_the_same(client):
    receipt = send(client).json
    wrong = look(client, receipt, "AAAAAAAA")
    missing = look(client, {"ticket_no": "2026010199999999", "query_code": receipt["query_code"]})
    assert wrong.status_code == missing.status_code == 404
    assert wrong.json == missing.json
    assert client.get("/api/v1/tickets/abc?code=AAAAAAAA").status_code == 422


@pytest.mark.queue
def test_wrong_codes_are_counted_and_right_ones_are_not(client, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    receipt = send(client).json
    assert {look(client, receipt).status_code for _ in range(8)} == {200}
    tries = [look(client, receipt, "AAAAAAAA").status_code for _ in range(6)]
    limiter.reset()
    assert tries == [404] * 5 + [429]


def test_no_refusal_repeats_who_spoke(client):
    for changes in ({"phone": PHONE + "9"}, {"content": "字" * 5001}, {"more": NAME}):
        answer = send(client, GOOD | changes, key=str(changes)[:20].encode().hex())
        assert answer.status_code == 422
        assert NAME not in json.dumps(answer.json, ensure_ascii=False)
        assert PHONE not in json.dumps(answer.json)


def test_the_document_describes_every_door_and_its_lock(client):
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    locks = {path: next(iter(item.values())).get("security") for path, item in document["paths"].items()}
    signed = [{"signature": [], "timestamp": []}]
    assert locks == {
        "/api/v1/demands": [{"api_key": []}],
        "/api/v1/tickets/{ticket_no}": None,
        "/api/v1/police110/transfers": signed,
        "/api/v1/police110/returns": signed,
        "/api/v1/police110/feedback": signed,
    }
    assert set(document["components"]["securitySchemes"]) == {"api_key", "signature", "timestamp"}
