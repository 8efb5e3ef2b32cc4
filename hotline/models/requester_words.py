"""The closed list of who a requester speaks for."""

from hotline.models.words import Labelled


class RequesterKind(Labelled):
    """For whom a requester speaks."""

    PERSON = "person", "个人"
    ENTERPRISE = "enterprise", "企业"
