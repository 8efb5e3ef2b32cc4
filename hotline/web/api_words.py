"""The shapes of the JSON interface: what a partner may send and what it gets, as its OpenAPI document says."""

from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.channels.police_110_messages import (
    CONFIRMATION_FIELDS,
    FEEDBACK_FIELDS,
    PUSH_FIELDS,
    RETURN_FIELDS,
    TicketField,
    TimeField,
)
from hotline.channels.police_110_messages import Field as PoliceField
from hotline.errors import BadInput
from hotline.models.caller_words import CallerLabel
from hotline.models.words import NO_DEMAND, RequestType, State

KEY_FORM = r"^[\x21-\x7e]{1,100}$"
NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"
WITH_WORDS = r"^[^\x00]*[^\x00\s][^\x00]*$"
WITHOUT_NUL = r"^[^\x00]*$"
SENDABLE_TYPES = tuple(
    one.value for one in RequestType if one not in NO_DEMAND
)

CALLER_LABELS = tuple(one.value for one in CallerLabel)

NO_OBJECT = "请求内容应为UTF-8编码的JSON对象。"
SENTENCES: Mapping[str, str] = {
    "missing": "必填。",
    "extra_forbidden": "不是约定的字段。",
    "string_type": "应为文字。",
    "bool_type": "应为true或false。",
    "literal_error": "不在约定的取值之内。",
    "string_pattern_mismatch": "为空，或含有不允许的字符。",
    "string_unicode": "含有无法保存的字符。",
}
"""What pydantic finds wrong, in our words."""


class Sent(BaseModel):
    """Exactly these fields and JSON types: nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SentDemand(Sent):
    """One demand (诉求) of one person."""

    content: str = Field(max_length=5000, pattern=WITH_WORDS, description="诉求内容")
    place: str = Field("", max_length=200, pattern=WITHOUT_NUL, description="地点")
    name: str = Field("", max_length=40, pattern=WITHOUT_NUL, description="诉求人姓名")
    phone: str = Field("", max_length=40, description="联系电话，没有则为匿名", json_schema_extra={"format": "phone"})
    request_type: Literal[*SENDABLE_TYPES] | None = Field(  # type: ignore[valid-type]
        None, description="诉求类型，缺省由系统判断"
    )
    confidential: bool = Field(False, description="不让被反映方知道诉求人是谁")
    anonymous: bool = Field(False, description="匿名：不留存姓名和电话，同时附送的也不留；凭工单号和查询码查询")
    caller_label: Literal[*CALLER_LABELS] | None = Field(  # type: ignore[valid-type]
        None, description="诉求人需要优先照顾的情形，仅热线可见"
    )
    upstream_no: str = Field("", max_length=64, pattern=NO_CONTROL, description="贵平台的编号")


class DemandHeaders(BaseModel):
    """Beside the key: what makes a repeated request the same."""

    idempotency_key: str = Field(alias="Idempotency-Key", pattern=KEY_FORM)


class DemandReceipt(BaseModel):
    """The ticket number (a string: it is longer than a JavaScript number holds) and the code to look it up."""

    ticket_no: str
    query_code: str


class TicketPath(BaseModel):
    """Which ticket."""

    ticket_no: str = Field(pattern=r"^[0-9]{16}$")


class TicketQuery(BaseModel):
    """What proves that one may see it."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=r"^[A-Za-z2-7]{8}$", description="查询码")


class PublicLine(BaseModel):
    """One thing that happened, in public words."""

    at: str = Field(description="ISO 8601，北京时间")
    words: str
    department: str


class PublicTicket(BaseModel):
    """Where a ticket stands, without a word about anybody."""

    ticket_no: str
    state: State
    department: str
    due_at: str | None = Field(description="办理期限，ISO 8601；没有正在计的期限时为空")
    history: list[PublicLine]


class Refusal(BaseModel):
    """Every error: one sentence, and one for each field that is wrong."""

    error: str
    fields: dict[str, str]


def refuse(problem: ValidationError) -> NoReturn:
    """What pydantic found, as our refusal: always raises `BadInput`."""
    fields = {str(fault["loc"][0])[:50]: sentence(fault) for fault in problem.errors() if fault["loc"]}
    if not fields:
        raise BadInput(NO_OBJECT)
    parts = "；".join(f"{name} {words.rstrip('。')}" for name, words in fields.items())
    raise BadInput(f"请求有误：{parts}。", **fields)


def sentence(fault: Mapping[str, Any]) -> str:
    """One finding in Chinese."""
    if fault["type"] == "string_too_long":
        return f"最多{fault['ctx']['max_length']}字。"
    return SENTENCES.get(fault["type"], "格式不正确。")


def police_schema(fields: tuple[PoliceField, ...]) -> dict[str, Any]:
    """A 110 message as JSON Schema, drawn from the very list of fields its reader uses."""
    return {
        "type": "object",
        "properties": {field.name: police_field(field) for field in fields},
        "required": [field.name for field in fields if not field.may_be_absent],
        "additionalProperties": False,
    }


def police_field(field: PoliceField) -> dict[str, Any]:
    """One field as JSON Schema; the two formats are ours and said in words."""
    known: dict[str, Any] = {"type": "string", "description": field.chinese}
    if field.codes is not None:
        return known | {"enum": list(field.codes)}
    if isinstance(field, TimeField):
        return known | {"format": "beijing-time", "examples": ["2026-11-20 09:05:00"]}
    if isinstance(field, TicketField):
        return known | {"pattern": f"^[0-9]{{1,{field.longest}}}$"}
    return known | {"maxLength": field.longest, "pattern": WITHOUT_NUL if field.may_be_empty else WITH_WORDS}


TRANSFER, RETURN, FEEDBACK, CONFIRMATION = (
    police_schema(fields) for fields in (PUSH_FIELDS, RETURN_FIELDS, FEEDBACK_FIELDS, CONFIRMATION_FIELDS)
)
