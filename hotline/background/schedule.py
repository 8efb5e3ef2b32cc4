"""All periodic work on one page; the times are those of the city (Asia/Shanghai)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from hotline.background.archive_batch import archive_ended
from hotline.background.clean_models import clean_models
from hotline.background.count_guesses import count_guesses
from hotline.background.expiring import (
    clean_inbox,
    close_expired_invitations,
    expire_seats,
    reckon_provisional,
    resume_suspended,
    tell_of_alarms,
)
from hotline.background.heartbeats import clean_heartbeats
from hotline.background.ladder_sweep import ladder_sweep
from hotline.background.learning import train_at_night
from hotline.background.sweep import ring_again
from hotline.clock import in_city


class When(Protocol):
    """When something is due."""

    def first(self, moment: datetime) -> datetime:
        """The first time, for work that never ran."""

    def after(self, moment: datetime) -> datetime:
        """The next time after this moment."""


@dataclass(frozen=True)
class Every:
    """Again and again, `seconds` after the last time."""

    seconds: int

    def first(self, moment: datetime) -> datetime:
        """At once."""
        return moment

    def after(self, moment: datetime) -> datetime:
        """See `When.after`."""
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Daily:
    """Every day at this time of the city."""

    at: time

    def first(self, moment: datetime) -> datetime:
        """Not at once: a desk that starts in the morning has nothing to clean."""
        return self.after(moment)

    def after(self, moment: datetime) -> datetime:
        """See `When.after`."""
        local = in_city(moment)
        today = datetime.combine(local.date(), self.at, local.tzinfo)
        return today if today > local else today + timedelta(days=1)


@dataclass(frozen=True)
class Work:
    """One piece of periodic work; `run` opens its own transactions and may come twice."""

    name: str
    when: When
    run: Callable[[], None]
    words: str


SCHEDULE = (
    Work("sweep", Every(2), ring_again, "对到期两秒仍无人处理的后续工作再次提醒"),
    Work("expire_seats", Every(3), expire_seats, "振铃超时、整理到时、坐席失联的处理"),
    Work("close_expired", Every(60), close_expired_invitations, "评价邀请到期未评的工单结案"),
    Work("tell_of_alarms", Every(30), tell_of_alarms, "警示超时无人处置时通知值班负责人"),
    Work("resume_suspended", Every(60), resume_suspended, "挂起到下次办理日期的工单恢复办理"),
    Work("reckon_again", Every(60), reckon_provisional, "工作日历更新后重算暂定的期限"),
    Work("count_guesses", Daily(time(2, 10)), count_guesses, "重新统计最近十二周的智能派单，推算各单位的自动派单门槛"),
    Work("train_at_night", Daily(time(2, 30)), train_at_night, "新结案的工单够多时训练候选分类模型"),
    Work("clean_models", Daily(time(3, 30)), clean_models, "清除久未使用的分类模型文件，保留说明"),
    Work("archive_ended", Every(60), archive_ended, "终态满归档期限且无未了事项的工单连同并入件分批归档"),
    Work("ladder_sweep", Every(60), ladder_sweep, "到签收时限未签收的处理；按升级规则催办、督办"),
    Work("clean_inbox", Daily(time(3, 10)), clean_inbox, "清除180天前的来文幂等记录"),
    Work("clean_heartbeats", Daily(time(3, 20)), clean_heartbeats, "清除已消失进程的心跳"),
)
