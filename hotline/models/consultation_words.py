"""The closed list of the consultation meeting: what a ruling may come to."""

from hotline.models.words import Labelled


class Outcome(Labelled):
    """What a meeting came to; where no unit can be fixed the case goes up to the government office (domain.md §5.3)."""

    LEAD = "lead", "确定主办单位"
    ESCALATED = "escalated", "提级办理"
