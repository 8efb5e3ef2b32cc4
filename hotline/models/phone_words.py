"""The closed lists of the telephone: what a seat does, where a call stands."""

from hotline.models.words import Labelled


class SeatState(Labelled):
    """What an agent's seat is doing."""

    OFFLINE = "offline", "离线"
    READY = "ready", "示闲"
    BUSY = "busy", "示忙"
    RINGING = "ringing", "振铃"
    TALKING = "talking", "通话中"
    WRAP_UP = "wrap_up", "话后整理"


class CallState(Labelled):
    """Where a call stands; status only moves forward (phone.md §2.2)."""

    RINGING = "ringing", "进线"
    QUEUED = "queued", "排队"
    OFFERING = "offering", "振铃坐席"
    TALKING = "talking", "通话中"
    VOICEMAIL = "voicemail", "留言"
    DONE = "done", "结束"
    ABANDONED = "abandoned", "放弃"
