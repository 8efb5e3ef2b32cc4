"""The messages 12345 and 110 exchange: each field, its length and codes; our side's readers and builders.

Field names: domain.md §8.2. Lengths, "may be empty" and the time format are defaults; that text names none.
A message has exactly its fields, all of them JSON strings; times are Beijing time, `2026-11-20 09:05:00`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from hotline.clock import CITY_ZONE, in_city
from hotline.errors import BadInput
from hotline.models.words import Grade

TRANSFERS_PATH = "/api/v1/police110/transfers"
RETURNS_PATH = "/api/v1/police110/returns"
FEEDBACK_PATH = "/api/v1/police110/feedback"

THEIR_TRANSFERS_PATH = "/v1/transfers"
THEIR_CONFIRMATIONS_PATH = "/v1/confirmations"
THEIR_RESULTS_PATH = "/v1/results"

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
YES_NO = {"0": "否", "1": "是"}
SEXES = {"": "未填", "0": "未知", "1": "男", "2": "女", "9": "未说明"}
REASONS = {"1": "反馈", "2": "退回", "3": "回访"}
GRADES = {"1": "非常满意", "2": "满意", "3": "一般", "4": "不满意", "5": "非常不满意"}
"""110 counts downwards: 1 is the best. Ours counts upwards, so the two meet by name only (domain.md §8.2)."""

GRADE_CODES: Mapping[Grade, str] = {
    Grade.VERY_SATISFIED: "1",
    Grade.SATISFIED: "2",
    Grade.BASICALLY_SATISFIED: "3",
    Grade.DISSATISFIED: "4",
    Grade.VERY_DISSATISFIED: "5",
}


@dataclass(frozen=True)
class Field:
    """One field: name on the wire, our attribute, Chinese meaning, longest value, codes if it has any."""

    name: str
    attribute: str
    chinese: str
    longest: int = 0
    may_be_empty: bool = False
    codes: Mapping[str, str] | None = None
    may_be_absent: bool = False

    def read(self, text: str) -> Any:
        """The attribute's value; `BadInput` with a sentence that names the field."""
        if not text.strip() and not self.may_be_empty:
            raise self.refusal("不能为空")
        if self.longest and len(text) > self.longest:
            raise self.refusal(f"超过{self.longest}个字")
        if self.codes is not None and text not in self.codes:
            raise self.refusal(f"的代码应为{'、'.join(filter(None, self.codes))}之一")
        return text.strip()

    def write(self, value: Any) -> str:
        """The value as the wire wants it; a text too long is cut, visibly: nobody could mend it later."""
        text = str(value)
        return text if not self.longest or len(text) <= self.longest else text[: self.longest - 1] + "…"

    def refusal(self, what: str) -> BadInput:
        """The error that says what is wrong with this field."""
        sentence = f"字段 {self.name}（{self.chinese}）{what}。"
        return BadInput(sentence, **{self.name: sentence})


class TimeField(Field):
    """A moment: Beijing time on the wire, aware UTC with us."""

    def read(self, text: str) -> datetime:
        try:
            local = datetime.strptime(text, TIME_FORMAT)
        except ValueError:
            local = None
        if local is None or local.strftime(TIME_FORMAT) != text:
            raise self.refusal("应为“2026-11-20 09:05:00”格式的北京时间")
        return local.replace(tzinfo=CITY_ZONE).astimezone(UTC)

    def write(self, value: datetime) -> str:
        return in_city(value).strftime(TIME_FORMAT)


class FlagField(Field):
    """0 or 1 on the wire, a bool with us."""

    def read(self, text: str) -> bool:
        return super().read(text) == "1"

    def write(self, value: Any) -> str:
        return "1" if value else "0"


class TicketField(Field):
    """A ticket's number: digits on the wire, an int with us."""

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= self.longest):
            raise self.refusal(f"应为不超过{self.longest}位的数字")
        return int(text)


ALARM_NO = Field("JJDBH", "alarm_no", "接警单编号", 30)
TICKET_NO = TicketField("FLOWID", "ticket_no", "工单编号", 18)

ALARM_FIELDS = (
    Field("BJDH", "caller_phone", "报警电话", 20, may_be_empty=True),
    Field("BJDHYHM", "phone_owner", "报警电话用户名", 50, may_be_empty=True),
    Field("BJDZ", "address", "报警地址", 200, may_be_empty=True),
    Field("BJNR", "content", "报警内容", 4000),
    Field("BJRXBDM", "sex", "报警人性别代码", may_be_empty=True, codes=SEXES),
    TimeField("BJSJ", "alarmed_at", "报警时间"),
    Field("GXDWDH", "jurisdiction_phone", "管辖单位电话", 20, may_be_empty=True),
    Field("GXDWDM", "jurisdiction_code", "管辖单位代码", 20, may_be_empty=True),
    Field("GXDWMC", "jurisdiction_name", "管辖单位名称", 100, may_be_empty=True),
    Field("JJDWDM", "receiving_code", "接警单位代码", 20),
    Field("JJDWMC", "receiving_name", "接警单位名称", 100),
    Field("JJLX", "receiving_type", "接警类型", 10, may_be_empty=True),
    Field("JJYBH", "operator_no", "接警员编号", 30, may_be_empty=True),
    Field("JQLBDM", "case_class_code", "警情类别代码", 20, may_be_empty=True),
    Field("JQLBMC", "case_class_name", "警情类别名称", 100, may_be_empty=True),
    Field("LSH", "serial", "流水号", 50),
    Field("LXDH", "contact_phone", "联系电话", 20, may_be_empty=True),
    FlagField("SFBM", "confidential", "是否保密", codes=YES_NO),
    Field("Title", "title", "标题", 200),
    Field("XZQHDM", "area_code", "行政区划代码", 12),
    # The text names no field for the push mode: this name is a default, so the field may be absent.
    FlagField("TSFS", "by_hand", "推送方式", codes={"0": "自动", "1": "人工"}, may_be_absent=True),
)
PUSH_FIELDS = (ALARM_NO, *ALARM_FIELDS)
OUR_PUSH_FIELDS = (TICKET_NO, *ALARM_FIELDS)

CONFIRMATION_FIELDS = (
    ALARM_NO,
    FlagField("RECEIVE", "received", "是否收到", codes=YES_NO),
    TimeField("RECEIVETIME", "received_at", "接收时间"),
)
RETURN_FIELDS = (
    ALARM_NO,
    TICKET_NO,
    Field("HANDLEUSERNAME", "handler", "退回人", 50),
    Field("HANDLEBMNAME", "department", "退回单位", 100),
    Field("HANDLEOPINION", "opinion", "退回意见", 2000),
    TimeField("HANDLETIME", "returned_at", "退回时间"),
)
FEEDBACK_FIELDS = (
    ALARM_NO,
    TICKET_NO,
    TimeField("FKSJ", "fed_back_at", "反馈时间"),
    Field("CJCZQK", "handling", "处置情况", 4000),
    Field("JQCLJGSM", "outcome", "处理结果说明", 2000),
    Field("FKYBH", "handler_no", "反馈员编号", 30, may_be_empty=True),
    Field("FKYXM", "handler", "反馈员姓名", 50),
    Field("FKDWDM", "department_code", "反馈单位代码", 20),
    Field("FKDWMC", "department", "反馈单位名称", 100),
)
REVISIT_FIELDS = (
    ALARM_NO,
    TICKET_NO,
    TimeField("HFSJ", "revisited_at", "回访时间"),
    Field("DHHFHSQK", "words", "电话回访核实情况", 2000, may_be_empty=True),
)
RESULT_HEAD = (
    Field("DYYY", "reason", "调用原因", codes=REASONS),
    TimeField("TSSJ", "sent_at", "推送时间"),
)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What an alarm says, whoever pushes it; moments are aware UTC."""

    content: str
    alarmed_at: datetime
    receiving_code: str
    receiving_name: str
    serial: str
    title: str
    area_code: str
    confidential: bool
    caller_phone: str = ""
    phone_owner: str = ""
    contact_phone: str = ""
    address: str = ""
    sex: str = ""
    jurisdiction_phone: str = ""
    jurisdiction_code: str = ""
    jurisdiction_name: str = ""
    receiving_type: str = ""
    operator_no: str = ""
    case_class_code: str = ""
    case_class_name: str = ""
    by_hand: bool = False


@dataclass(frozen=True, kw_only=True)
class Push(Alarm):
    """110 hands us a non-police alarm; `alarm_no` is unique within that police platform."""

    alarm_no: str


@dataclass(frozen=True, kw_only=True)
class OurPush(Alarm):
    """We hand 110 a police matter that was told to us."""

    ticket_no: int


@dataclass(frozen=True)
class Confirmation:
    """One side tells the other whether a message arrived."""

    alarm_no: str
    received: bool
    received_at: datetime


@dataclass(frozen=True)
class Return:
    """The receiving side gives the case back as not its own."""

    alarm_no: str
    ticket_no: int
    handler: str
    department: str
    opinion: str
    returned_at: datetime


@dataclass(frozen=True)
class Feedback:
    """What the receiving side did."""

    alarm_no: str
    ticket_no: int
    fed_back_at: datetime
    handling: str
    outcome: str
    handler_no: str
    handler: str
    department_code: str
    department: str


@dataclass(frozen=True)
class Revisit:
    """What the requester said when 12345 asked."""

    alarm_no: str
    ticket_no: int
    revisited_at: datetime
    words: str
    grade: Grade


def parse_push(raw: bytes) -> Push:
    """A push of 110; `BadInput` names the field that is unknown, missing or wrong."""
    return Push(**_read(raw, PUSH_FIELDS))


def parse_return(raw: bytes) -> Return:
    """110 gives back a case we pushed."""
    return Return(**_read(raw, RETURN_FIELDS))


def parse_feedback(raw: bytes) -> Feedback:
    """110 tells what it did about a case we pushed."""
    return Feedback(**_read(raw, FEEDBACK_FIELDS))


def parse_confirmation(raw: bytes) -> Confirmation:
    """110's answer to any of our messages; for a push of ours it names the alarm number 110 gave it."""
    return Confirmation(**_read(raw, CONFIRMATION_FIELDS))


def confirmation(confirmed: Confirmation) -> dict[str, str]:
    """Our answer to a message of 110, and the body for `THEIR_CONFIRMATIONS_PATH`."""
    return _write(CONFIRMATION_FIELDS, asdict(confirmed))


def feedback(result: Feedback, sent_at: datetime) -> dict[str, str]:
    """The result message with reason 1, for `THEIR_RESULTS_PATH`."""
    return _result("1", sent_at) | _write(FEEDBACK_FIELDS, asdict(result))


def returned(result: Return, sent_at: datetime) -> dict[str, str]:
    """The result message with reason 2, for `THEIR_RESULTS_PATH`."""
    return _result("2", sent_at) | _write(RETURN_FIELDS, asdict(result))


def revisited(result: Revisit, sent_at: datetime) -> dict[str, str]:
    """The result message with reason 3, for `THEIR_RESULTS_PATH`; the grade goes by name and 110's code."""
    code = GRADE_CODES[result.grade]
    grade = {"CLJGDM": code, "CLJGMC": GRADES[code]}
    return _result("3", sent_at) | _write(REVISIT_FIELDS, asdict(result)) | grade


def our_push(alarm: OurPush) -> dict[str, str]:
    """A case of ours for `THEIR_TRANSFERS_PATH`: a push with our ticket number for the alarm number."""
    return _write(OUR_PUSH_FIELDS, asdict(alarm))


def body_of(message: Mapping[str, str]) -> bytes:
    """The raw body: UTF-8 JSON. Sign these very bytes."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _result(reason: str, sent_at: datetime) -> dict[str, str]:
    return _write(RESULT_HEAD, {"reason": reason, "sent_at": sent_at})


def _write(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, str]:
    return {field.name: field.write(values[field.attribute]) for field in fields}


def _read(raw: bytes, fields: Sequence[Field]) -> dict[str, Any]:
    message = _json_object(raw)
    known = {field.name for field in fields}
    if unknown := sorted(set(message) - known):
        raise BadInput(f"报文中有约定之外的字段：{'、'.join(unknown)[:100]}。")
    if missing := [f for f in fields if f.name not in message and not f.may_be_absent]:
        raise BadInput(f"报文缺少字段：{'、'.join(f'{f.name}（{f.chinese}）' for f in missing)}。")
    return {field.attribute: field.read(message[field.name]) for field in fields if field.name in message}


def _json_object(raw: bytes) -> dict[str, str]:
    """Strings only; a name given twice, a lone surrogate or a NUL (no database can hold it) is refused."""
    try:
        pairs = json.loads(raw.decode("utf-8"), object_pairs_hook=list)
    except (ValueError, RecursionError) as problem:
        raise BadInput("报文不是UTF-8编码的JSON。") from problem
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        raise BadInput("报文应为一个JSON对象。")
    message = dict(pairs)
    if len(message) != len(pairs):
        raise BadInput("报文中有重复的字段。")
    for name, value in pairs:
        if UNSTORABLE.search(name) or (isinstance(value, str) and UNSTORABLE.search(value)):
            raise BadInput("报文中含有无法保存的字符。")
        if not isinstance(value, str):
            raise BadInput(f"字段 {name[:50]} 的值应为字符串。")
    return message
