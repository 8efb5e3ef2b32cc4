"""How grave it is when several people tell the same (domain.md §13, hot spots and group complaints)."""

from hotline.models.words import Labelled


class GroupLevel(Labelled):
    """What a group of tickets about one matter at one spot calls for."""

    NOTICE = "notice", "热点提示"
    GROUP = "group", "群诉预警"
