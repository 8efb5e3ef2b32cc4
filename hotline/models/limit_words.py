"""The closed lists of time limits: the units they are written in."""

from hotline.models.words import Labelled


class LimitUnit(Labelled):
    """What a time limit is counted in; the working units follow the calendar (domain.md §6.3)."""

    MINUTES = "minutes", "分钟"
    HOURS = "hours", "小时"
    WORKING_MINUTES = "working_minutes", "个工作分钟"
    WORKING_HOURS = "working_hours", "个工作小时"
    WORKING_DAYS = "working_days", "个工作日"
    DAYS = "days", "天"


class LimitStep(Labelled):
    """What besides the running limits of `ClockKind` a time limit is set for: answers to who presses a unit."""

    URGE = "urge", "催办回复"
    SUPERVISE = "supervise", "督办回复"
