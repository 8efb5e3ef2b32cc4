"""The closed lists of a three-way call: who spoke, and who takes the case."""

from hotline.models.words import Labelled


class Party(Labelled):
    """Who takes part in a three-way call (domain.md §8.1, 2)."""

    REQUESTER = "requester", "诉求人"
    HOTLINE = "hotline", "本热线"
    LINE = "line", "紧急热线"


class AgreedOwner(Labelled):
    """Who takes the case; where the platforms do not agree, whoever took it first (domain.md §8.1, 3)."""

    HOTLINE = "hotline", "本热线办理"
    POLICE = "110", "110办理"
    FIRE = "119", "119办理"
    AMBULANCE = "120", "120办理"
    TRAFFIC = "122", "122办理"
    FIRST = "first", "未议定，由先接的平台受理"
