"""The closed lists of what does not count against a unit: why, and what the hotline is asked about it."""

from hotline.models.words import AskKind, Labelled

ABOUT_COUNTING = (AskKind.EXEMPTION, AskKind.APPEAL)
"""What is asked about the counting, never about the work: it waits for its decision whatever becomes of the round."""


class ExemptionReason(Labelled):
    """Why a ticket should not count (domain.md §5.3, "Unreasonable demand"; §7, "Exclusions")."""

    UNREASONABLE = "unreasonable", "不合理诉求"
    BEYOND_DUTY = "beyond_duty", "超出职责"


class AppealReason(Labelled):
    """Why a bad result that counted should not (domain.md §5.3, "assessment appeal"); default list."""

    LATE_BY_OTHERS = "late_by_others", "超期非本单位原因"
    NOT_THE_FACTS = "not_the_facts", "回访或评价与事实不符"
