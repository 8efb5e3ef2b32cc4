"""The closed lists of the telephone: what a seat does, where a call stands."""

from hotline.models.words import Labelled

GENERAL = "general"
"""The queue of a call that no special desk answers."""


class SeatState(Labelled):
    """What an agent's seat is doing."""

    OFFLINE = "offline", "离线"
    READY = "ready", "示闲"
    BUSY = "busy", "示忙"
    RINGING = "ringing", "振铃"
    TALKING = "talking", "通话中"
    WRAP_UP = "wrap_up", "话后整理"


class Desk(Labelled):
    """Special desks (专席), also the skills of those who sit there. A call of no desk waits in `GENERAL`."""

    ENTERPRISE = "enterprise", "企业"
    MINORS = "minors", "未成年人"
    ELDERLY = "elderly", "老年人与残疾人"
    LANGUAGES = "languages", "外语"
    LAW = "law", "政策法律"
    POLICE = "police", "110联动"
    MEDICAL = "medical", "医保"
    HOUSING = "housing", "物业"
    ARREARS = "arrears", "清欠"


class CallState(Labelled):
    """Where a call stands; status only moves forward (phone.md §2.2)."""

    RINGING = "ringing", "进线"
    QUEUED = "queued", "排队"
    OFFERING = "offering", "振铃坐席"
    TALKING = "talking", "通话中"
    VOICEMAIL = "voicemail", "留言"
    DONE = "done", "结束"
    ABANDONED = "abandoned", "放弃"
