"""What the hotline may know of a caller's situation (来电人标签, domain.md §3.2): only the hotline sees it."""

from hotline.models.words import Labelled


class CallerLabel(Labelled):
    """Who is served first among others of the same urgency (domain.md §3.4: a vulnerable person in need)."""

    ELDERLY = "elderly", "老年人"
    DISABLED = "disabled", "残疾人"
    MINOR = "minor", "未成年人"
    PREGNANT = "pregnant", "孕产妇"
