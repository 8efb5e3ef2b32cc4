"""Text messages to citizens and to duty phones: the templates, the protocol, and a double that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hotline.errors import BadInput, DeskError


class MessageRefused(DeskError):
    """This number can't be sent a message: take another way, don't try again."""

    status = 409
    sentence = "该号码无法接收短信，请改用其他联系方式。"


@dataclass(frozen=True)
class Template:
    """A message's words with `{names}`; `plain` are the words where the carrier forbids links."""

    words: str
    plain: str = ""


TEMPLATES: Mapping[str, Template] = {
    "ticket_received": Template("【{city}12345】您的诉求已受理，工单号{ticket_no}，查询码{query_code}。"),
    "review_invitation": Template(
        "【{city}12345】工单{ticket_no}已办理，请评价：{link}",
        "【{city}12345】工单{ticket_no}已办理，请在查询页面输入工单号和查询码{query_code}评价。"),
    "callback_unreached": Template("【{city}12345】工单{ticket_no}回访未能联系到您，请拨打12345。"),
    "missed_call": Template("【{city}12345】来电未能接通，已登记工单{ticket_no}，我们会尽快回电。"),
    "department_ticket": Template("【{city}12345】{department}有新工单{ticket_no}，请于{due}前签收。"),
    "department_urgent": Template("【{city}12345】紧急工单{ticket_no}已派至{department}，请立即处置。"),
    "not_accepted": Template("【{city}12345】工单{ticket_no}不予受理，理由和应走的途径请凭工单号和查询码{query_code}查看。"),
    "extended": Template("【{city}12345】工单{ticket_no}经批准延期办理，新的期限为{due}。"),
    "replied": Template("【{city}12345】工单{ticket_no}已有答复，请凭查询码{query_code}查看，稍后将回访您。"),
    "merged": Template("【{city}12345】工单{ticket_no}与同一事项合并办理，有答复时会告知您。"),
    "merged_replied": Template("【{city}12345】工单{ticket_no}并入的事项已有答复，请凭查询码{query_code}查看。"),
    "department_return_rejected": Template("【{city}12345】工单{ticket_no}的退单申请被驳回，请{department}继续办理。"),
    "department_extension_granted": Template("【{city}12345】工单{ticket_no}的延期申请已批准，请{department}于{due}前办结。"),
    "department_extension_refused": Template("【{city}12345】工单{ticket_no}的延期申请被驳回，请{department}按期办理。"),
    "department_rehandle": Template("【{city}12345】工单{ticket_no}须重新办理，请{department}处理。"),
    "department_bad_review": Template("【{city}12345】工单{ticket_no}收到差评，请{department}一个工作日内联系诉求人。"),
    "department_urged": Template("【{city}12345】工单{ticket_no}被催办，请{department}尽快办理并回复催办。"),
    "department_supervised": Template("【{city}12345】工单{ticket_no}被督办，请{department}按督办时限回复。"),
    "department_amended": Template("【{city}12345】工单{ticket_no}有补充情况，请{department}查看。"),
    "suspended": Template("【{city}12345】工单{ticket_no}经批准暂缓办理，原因和恢复日期请凭工单号和查询码{query_code}查看。"),
    "terminated": Template("【{city}12345】工单{ticket_no}经批准终止办理，原因请凭工单号和查询码{query_code}查看。"),
    "reopened": Template("【{city}12345】工单{ticket_no}已重新受理，请凭工单号和查询码{query_code}查看进度。"),
    "department_suspended": Template("【{city}12345】工单{ticket_no}的挂起申请已批准，到恢复日期后请{department}继续办理。"),
    "department_not_suspended": Template("【{city}12345】工单{ticket_no}的挂起申请被驳回，请{department}按期办理。"),
    "department_resumed": Template("【{city}12345】工单{ticket_no}已恢复办理，最近的期限为{due}，请{department}继续办理。"),
    "department_terminated": Template("【{city}12345】工单{ticket_no}的终止申请已批准，诉求人会收到评价邀请。"),
    "department_not_terminated": Template("【{city}12345】工单{ticket_no}的终止申请被驳回，请{department}按期办理。"),
    "department_changed": Template("【{city}12345】工单{ticket_no}的类型、事项或紧急程度已变更，请{department}查看新的时限。"),
    "department_not_changed": Template("【{city}12345】工单{ticket_no}的变更申请被驳回。"),
    "department_exempted": Template("【{city}12345】工单{ticket_no}经审核不计考核，请{department}继续做好办理和答复。"),
    "department_not_exempted": Template("【{city}12345】工单{ticket_no}不计考核的申请经核查不予认可。"),
    "held_unreasonable": Template(
        "【{city}12345】工单{ticket_no}经审核按不合理诉求不计承办单位考核，办理和您的评价不受影响，理由请凭查询码{query_code}查看。"),
    "supplement_asked": Template(
        "【{city}12345】工单{ticket_no}需要您补充情况，请凭查询码{query_code}在查询页面补充，或等候热线来电。"),
    "department_meeting": Template("【{city}12345】工单{ticket_no}将召开会商，请{department}登录查看时间和议题，可先提交意见。"),
    "department_meeting_moved": Template("【{city}12345】工单{ticket_no}的会商改期，请{department}登录查看新的时间。"),
    "department_meeting_cancelled": Template("【{city}12345】工单{ticket_no}的会商已取消，{department}不必参加。"),
    "alarm_unanswered": Template("【{city}12345】工单{ticket_no}的警示已超过{due}无人处置，请值班负责人立即过问。"),
    "group_of_many": Template("【{city}12345】已有{callers}人反映同一事项，如工单{ticket_no}，请值班负责人立即过问。"),
    "unmerged": Template("【{city}12345】工单{ticket_no}不再合并办理，改为单独办理。"),
    "department_handed_in": Template("【{city}12345】工单{ticket_no}的协办单位已交回办理情况，请{department}查看。"),
    "department_share_extension": Template("【{city}12345】工单{ticket_no}的协办延期申请已有结果，请{department}登录查看。"),
    "department_summoned": Template("【{city}12345】{department}因工单{ticket_no}被约谈或通报，请登录查看要求和回头看日期。"),
    "department_taken_back": Template("【{city}12345】工单{ticket_no}不再需要{department}协助办理。"),
    "department_withdrawn": Template("【{city}12345】工单{ticket_no}已由诉求人撤回，{department}不必再办理。"),
    "department_return_accepted": Template("【{city}12345】工单{ticket_no}的退单申请已同意，{department}不必再办理。"),
}
"""Carriers want templates approved beforehand: a new or changed one must be filed with yours."""


@dataclass(frozen=True)
class Receipt:
    """The carrier's id of a message it took."""

    message_id: str


class Messages(Protocol):
    """Sends text messages."""

    def send(self, to: str, template: str, params: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Hand one message over; the same key again sends nothing where the carrier can know it.

        `to` is E.164. Raises BadInput for an unknown template or a missing parameter, MessageRefused, and the
        carrier's own CarrierFailed when a later try may succeed.
        """


def render(template: str, params: Mapping[str, str], *, links: bool) -> str:
    """The words of a message, with or without links. Raises BadInput."""
    known = TEMPLATES.get(template)
    if known is None:
        raise BadInput(f"没有短信模板“{template}”。")
    words = known.words if links or not known.plain else known.plain
    try:
        return words.format_map(params)
    except KeyError as missing:
        raise BadInput(f"短信模板“{template}”缺少参数{missing}。") from missing


class MessagesInMemory:
    """Keeps what was sent as (to, words); the same key again is the same receipt and no second message."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self._receipts: dict[str, Receipt] = {}

    def send(self, to: str, template: str, params: Mapping[str, str], idempotency_key: str) -> Receipt:
        """See `Messages.send`."""
        words = render(template, params, links=True)
        if idempotency_key not in self._receipts:
            self.sent.append((to, words))
            self._receipts[idempotency_key] = Receipt(f"memory-{len(self.sent)}")
        return self._receipts[idempotency_key]
