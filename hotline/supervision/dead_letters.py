"""Follow-ups given up after their last try: shown to the administrator, who may have them tried again."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from hotline import clock
from hotline.database import note_lane, session
from hotline.errors import NotFound
from hotline.models import OutboxRow

MOST = 200
NAMES: Mapping[str, str] = {
    "classify": "自动分类派单",
    "tell_department": "通知承办单位",
    "tell_requester": "通知诉求人",
    "invite_review": "邀请评价",
    "report_to_police": "向110反馈",
    "push_to_police": "推送110",
    "reckon_again": "重算时限",
    "clean_photo": "处理照片",
    "send_message": "发送短信",
    "send_to_partner": "发送给合作平台",
    "offer_call": "来电振铃坐席",
    "bridge_call": "接通来电",
    "end_call": "结束来电",
    "fetch_recording": "取回录音",
    "train_model": "训练模型",
    "try_duty_list": "试算确责清单",
}


def dead_letters() -> Sequence[OutboxRow]:
    """The newest dead rows."""
    query = select(OutboxRow).where(OutboxRow.dead_at.is_not(None)).order_by(OutboxRow.dead_at.desc())
    return session().execute(query.limit(MOST)).scalars().all()


def retry_dead_letter(outbox_id: int) -> None:
    """Alive again, with all its tries. Raises `NotFound` for a row that is not dead (any more)."""
    row = session().get(OutboxRow, outbox_id, with_for_update=True)
    if row is None or row.dead_at is None:
        raise NotFound("没有找到这项任务，可能已经完成。")
    row.attempts, row.dead_at, row.claimed_until, row.not_before = 0, None, None, clock.now()
    note_lane(row.lane)
