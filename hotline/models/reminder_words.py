"""The closed lists of urging and supervision: how a department is pressed, why, and the rungs of the ladder."""

from hotline.models.words import Labelled


class ReminderKind(Labelled):
    """How a department is reminded of a ticket (domain.md §5.3, “Urge”, “Supervise”)."""

    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    JOINT = "joint", "联合督办"
    LISTED = "listed", "挂牌督办"


class SupervisionReason(Labelled):
    """Why a ticket is supervised, the triggers of the law (domain.md §5.3: Jinan art. 28, Weifang art. 26)."""

    OVERDUE = "overdue", "超过办理时限"
    REPEATED = "repeated", "反复或集中反映未解决"
    REFUSED = "refused", "应当受理而不受理"
    SOLVABLE = "solvable", "能解决而未解决"
    BAD_EFFECT = "bad_effect", "造成不良影响"
    KNOWLEDGE = "knowledge", "知识库未及时维护"


class Rung(Labelled):
    """What an unmet limit leads to, in this order (default; domain.md §13, “Escalation ladder”)."""

    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    LISTED = "listed", "挂牌督办"
    INTERVIEW = "interview", "约谈"
    NOTICE = "notice", "通报"
    REFERRAL = "referral", "移送督查"


class SummonsKind(Labelled):
    """What a supervisor must take up in person (domain.md §13, 40: date, persons, commitments, follow-up)."""

    LISTED = "listed", "挂牌督办"
    INTERVIEW = "interview", "约谈"
    NOTICE = "notice", "通报"
    REFERRAL = "referral", "移送督查"
