"""Our side of the contract with 110, against the hand-written messages."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hotline.channels import police_110_messages as messages
from hotline.errors import BadInput
from hotline.models.words import Grade
from tests.police110.written_messages import TO_US, message, names

READERS = {
    messages.TRANSFERS_PATH: messages.parse_push,
    messages.RETURNS_PATH: messages.parse_return,
    messages.FEEDBACK_PATH: messages.parse_feedback,
}
SENT_AT = datetime(2026, 11, 20, 1, 14, 58, tzinfo=UTC)


def body(name: str) -> dict[str, str]:
    return json.loads(message(name)["body"])


def read(name: str):
    written = message(name)
    return READERS[written["path"]](written["body"].encode())


def to_us(pattern: str) -> list[str]:
    return [name for name in names(pattern) if message(name)["path"].startswith(TO_US)]


def push_with(**changes: object) -> bytes:
    return json.dumps(body("good_push") | changes).encode()


@pytest.mark.parametrize("name", to_us("good_*"))
def test_good_messages_are_read(name):
    assert read(name).alarm_no == body(name)["JJDBH"]


@pytest.mark.parametrize("name", to_us("bad_*"))
def test_bad_messages_are_refused_with_a_sentence(name):
    with pytest.raises(BadInput) as refusal:
        read(name)
    assert refusal.value.sentence.endswith("。")


def test_a_refusal_names_the_field():
    for name, field in [
        ("bad_push_unknown_field", "SFZH"),
        ("bad_push_missing_field", "BJNR（报警内容）"),
        ("bad_push_time_format", "BJSJ（报警时间）"),
        ("bad_push_number_for_text", "SFBM"),
        ("bad_return_missing_field", "HANDLEOPINION（退回意见）"),
        ("bad_feedback_unknown_field", "FKDX"),
    ]:
        with pytest.raises(BadInput) as refusal:
            read(name)
        assert field in refusal.value.sentence


def test_a_push_becomes_plain_values():
    push = read("good_push_confidential_by_hand")
    assert push.alarm_no == "JJ2026112000021"
    assert push.alarmed_at == datetime(2026, 11, 20, 1, 11, 40, tzinfo=UTC)
    assert (push.confidential, push.by_hand) == (True, True)
    assert (push.contact_phone, push.phone_owner, push.sex) == ("0999-6622333", "", "")
    assert "\n" in push.content
    assert not read("good_push_without_mode").by_hand


def test_each_field_but_the_push_mode_must_be_there():
    for field in messages.PUSH_FIELDS:
        shorter = body("good_push")
        del shorter[field.name]
        if field.may_be_absent:
            messages.parse_push(json.dumps(shorter).encode())
        else:
            with pytest.raises(BadInput, match=field.name):
                messages.parse_push(json.dumps(shorter).encode())


def test_no_field_takes_more_than_its_length_or_an_empty_text_it_needs():
    for field in messages.PUSH_FIELDS:
        for text in ["字" * (field.longest + 1), *([] if field.may_be_empty else ["  "])]:
            with pytest.raises(BadInput, match=field.name):
                messages.parse_push(push_with(**{field.name: text}))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"[[]]", b"{}", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000,
        push_with(BJNR="a\0b"), push_with(BJNR="\ud800"), push_with(**{"\ud800": "x"}),
        push_with(BJNR=None), push_with(BJNR=["x"]), push_with(BJNR={"a": "b"}), push_with(SFBM="2"),
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_with_a_sentence_that_can_be_sent(raw):
    with pytest.raises(BadInput) as refusal:
        messages.parse_push(raw)
    assert refusal.value.sentence.encode()


def test_a_ticket_number_is_digits():
    for number in ("", "2026-1", "１２３", "9" * 19):
        with pytest.raises(BadInput, match="FLOWID"):
            messages.parse_return(json.dumps(body("good_return_from_110") | {"FLOWID": number}).encode())
    assert read("good_return_from_110").ticket_no == 2026112000000042


def test_our_feedback_and_return_are_the_written_ones():
    parts = body("good_result_feedback")
    del parts["DYYY"], parts["TSSJ"]
    fed_back = messages.parse_feedback(json.dumps(parts).encode())
    assert messages.feedback(fed_back, SENT_AT) == body("good_result_feedback")
    parts = body("good_result_return")
    del parts["DYYY"], parts["TSSJ"]
    given_back = messages.parse_return(json.dumps(parts).encode())
    assert messages.returned(given_back, SENT_AT) == body("good_result_return")


def test_our_revisit_is_the_written_one_and_grades_meet_by_name():
    said = messages.Revisit(
        alarm_no="JJ2026112000017",
        ticket_no=2026112000000041,
        revisited_at=datetime(2026, 11, 20, 1, 14, 20, tzinfo=UTC),
        words="诉求人表示井盖已更换，对处理速度满意。",
        grade=Grade.VERY_SATISFIED,
    )
    assert messages.revisited(said, SENT_AT) == body("good_result_revisit")
    names_at_110 = {
        grade: messages.revisited(replace(said, grade=grade), SENT_AT)["CLJGMC"] for grade in Grade
    }
    assert names_at_110.pop(Grade.BASICALLY_SATISFIED) == "一般"
    assert names_at_110 == {grade: grade.label for grade in names_at_110}
    assert messages.revisited(replace(said, grade=Grade.VERY_DISSATISFIED), SENT_AT)["CLJGDM"] == "5"


def test_our_push_is_the_written_one():
    written = body("good_our_push")
    alarm = messages.parse_push(push_with(**{k: v for k, v in written.items() if k != "FLOWID"}))
    values = {name: value for name, value in vars(alarm).items() if name != "alarm_no"}
    ours = messages.OurPush(ticket_no=2026112000000043, **values)
    assert messages.our_push(ours) == written


def test_confirmations_are_read_and_written():
    for name in names("good_confirmation*"):
        confirmed = messages.parse_confirmation(message(name)["body"].encode())
        assert confirmed.received == (body(name)["RECEIVE"] == "1")
        assert messages.confirmation(confirmed) == body(name)
        assert messages.body_of(messages.confirmation(confirmed)).decode() == message(name)["body"]


def test_a_text_too_long_for_110_is_cut_visibly_and_still_taken():
    parts = {
        name: value for name, value in body("good_result_feedback").items() if name not in ("DYYY", "TSSJ")
    }
    fed_back = replace(messages.parse_feedback(json.dumps(parts).encode()), handling="办" * 5000)
    sent = messages.feedback(fed_back, SENT_AT)["CJCZQK"]
    assert (len(sent), sent[-1]) == (4000, "…")
