"""Refusals: each carries one Chinese sentence for the person who asked and the HTTP status it becomes."""


class DeskError(Exception):
    """A request the desk refuses. `sentence` is shown as it is; `status` is the HTTP answer."""

    status = 400
    sentence = "请求无法处理，请稍后再试。"

    def __init__(self, sentence: str | None = None, **fields: str) -> None:
        self.sentence = sentence or type(self).sentence
        self.fields = fields
        super().__init__(self.sentence)


class BadInput(DeskError):
    """What was typed or sent can't be used; `fields` maps a field's name to its own sentence."""

    status = 422
    sentence = "填写的内容有误，请按提示修改。"


class NotFound(DeskError):
    """Not there, or not for this person: the two look the same from outside."""

    status = 404
    sentence = "没有找到您要的内容，请核对后重试。"


class Forbidden(DeskError):
    """The person is known but may not do this."""

    status = 403
    sentence = "您没有办理此项的权限。"


class NotSignedIn(DeskError):
    """Nobody is signed in."""

    status = 401
    sentence = "请先登录。"


class IllegalStep(DeskError):
    """The ticket is not in a state from which this step leads on, mostly because a colleague was quicker."""

    status = 409
    sentence = "工单状态已经变化，请刷新后再操作。您填写的内容没有丢失。"


class Conflict(DeskError):
    """The same key came with another content."""

    status = 409
    sentence = "同一编号的请求内容不一致，未作处理。"


class Gone(DeskError):
    """It was there once: a used or expired link."""

    status = 410
    sentence = "该链接已使用或已过期。"


class TooMany(DeskError):
    """Too many tries in a time."""

    status = 429
    sentence = "操作过于频繁，请稍后再试。"


class BadSignature(DeskError):
    """A machine's message is not signed by a key we know, or is too old."""

    status = 403
    sentence = "签名无效或已过期。"


class NotConfigured(DeskError):
    """The installation lacks a setting; told to whoever starts or runs it."""

    status = 503
    sentence = "系统尚未配置完成，请联系管理员。"
