"""What a person did about words of danger: the closed list of answers to an alarm (domain.md §8; default list)."""

from hotline.models.words import Labelled


class AlarmAnswer(Labelled):
    """How an alarm was answered; words of what was done stand beside it."""

    TO_110 = "to_110", "已转110"
    TO_119 = "to_119", "已转119"
    TO_120 = "to_120", "已转120"
    TO_122 = "to_122", "已转122"
    RESCUERS_TOLD = "rescuers_told", "已通知抢险或值守单位"
    CALMED = "calmed", "已联系诉求人并安抚"
    NOT_URGENT = "not_urgent", "核实为非紧急"
