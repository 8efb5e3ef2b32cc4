"""The closed lists of the grid: what its workers are asked for, and what they found."""

from hotline.models.words import Labelled


class GridKind(Labelled):
    """What a grid task is (domain.md §14)."""

    VERIFY = "verify", "现场核实"
    ASSIST = "assist", "协助处理"
    PATROL = "patrol", "日常巡查"


class GridResult(Labelled):
    """What the grid worker found; default list."""

    CONFIRMED = "confirmed", "情况属实"
    NOT_THERE = "not_there", "未发现问题"
    FIXED = "fixed", "已现场处理"
    BEYOND = "beyond", "需其他单位处理"
    OVERTAKEN = "overtaken", "工单已结束，不必再办"
