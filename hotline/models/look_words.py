"""The closed list of what is unusual about looking at tickets."""

from hotline.models.words import Labelled


class LookKind(Labelled):
    """Why somebody's looking must be explained (domain.md §12, Logs)."""

    MANY = "many", "一天内查看或查找的诉求人过多"
    SAME_CALLER = "same_caller", "在经办之外反复查看同一诉求人"
    NIGHT = "night", "夜间在经办之外查看身份"

    @property
    def counted(self) -> str:
        """What its number counts: people, tickets or looks."""
        return {LookKind.MANY: "人", LookKind.SAME_CALLER: "件"}.get(self, "次")
