"""Every refusal becomes a page (or JSON, or a fragment) with one Chinese sentence and the right status."""

import traceback
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from hotline.errors import BadInput, DeskError, NotSignedIn
from hotline.web.answering import LONG_FIELDS

log = structlog.get_logger()

SENTENCES = {
    400: "请求不完整，请返回重试。",
    403: "您没有办理此项的权限。",
    404: "没有找到您要的页面。",
    405: "不支持这种操作方式。",
    413: "上传的内容太大，请减少后重试。",
    415: "不支持这种内容格式。",
    429: "操作过于频繁，请稍后再试。",
}
BROKEN = "系统出了一点问题，您的请求没有完成，请稍后再试；着急的事情请拨打12345。"
UNAVAILABLE = "系统暂时无法保存，请稍后再试；着急的事情请拨打12345。"
NO_TOKEN = "页面停留过久或已失效，请刷新后重新提交。"
UNSENT = {"content": "诉求内容", **LONG_FIELDS}
Answer = Response | tuple[Response | str, int]


def install_error_pages(app: Flask) -> None:
    """Register the handlers on the application."""
    app.register_error_handler(DeskError, desk_error)
    app.register_error_handler(CSRFError, lambda _: say(400, NO_TOKEN))
    app.register_error_handler(RateLimitExceeded, lambda _: say(429, SENTENCES[429]))
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DataError, no_such_value)
    app.register_error_handler(OperationalError, database_down)
    app.register_error_handler(InterfaceError, database_down)
    app.register_error_handler(RedisError, database_down)
    app.register_error_handler(Exception, broken)


def desk_error(problem: DeskError) -> Answer:
    """Our own refusals; nobody signed in on a page leads to the sign-in."""
    if isinstance(problem, NotSignedIn) and request.method == "GET" and not wants_data():
        target = url_for("login.sign_in_page", next=request.full_path.rstrip("?"))
        return redirect(target, code=303)  # type: ignore[return-value]
    return say(problem.status, problem.sentence, problem.fields)


def http_error(problem: HTTPException) -> Answer:
    """Werkzeug's refusals in our words."""
    code = problem.code or 500
    if code < 400:
        return problem.get_response(), code  # type: ignore[return-value]
    answer = make_response(say(code, SENTENCES.get(code, BROKEN)))
    if isinstance(problem, MethodNotAllowed):
        answer.allow.update(problem.valid_methods or ())  # RFC 9110 §15.5.6
    return answer


def no_such_value(_: Exception) -> Answer:
    """A number no column holds, or a letter no text may have: only a request made by hand contains one."""
    log.warning("unstorable", endpoint=request.endpoint)
    return say(422, BadInput.sentence)


def database_down(problem: Exception) -> Answer:
    """The database is away: nothing was saved, and that is what we say."""
    log.error("unavailable", problem=type(problem).__name__, endpoint=request.endpoint)
    return say(503, UNAVAILABLE)


def broken(problem: Exception) -> Answer:
    """Our own fault: logged with its place, never with what was typed."""
    log.error("broken", problem=type(problem).__name__, endpoint=request.endpoint, place=place_of(problem))
    return say(500, BROKEN)


def place_of(problem: Exception) -> str:
    """Where it happened, without values."""
    frames = traceback.extract_tb(problem.__traceback__)[-6:]
    return " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)


def wants_data() -> bool:
    """A machine or a fragment asks, not a person opening a page."""
    asked = request.accept_mimetypes
    return (
        request.path.startswith("/api/")
        or request.headers.get("HX-Request") == "true"
        or (asked["application/json"] > asked["text/html"])
    )


def say(status: int, sentence: str, fields: dict[str, str] | None = None) -> Answer:
    """The sentence in the form that was asked for."""
    if request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json":
        return jsonify(error=sentence, fields=fields or {}), status
    words = "\n".join((fields or {}).values())
    shown = render_template(
        "error.html", status=status, sentence=words or sentence, unsent=unsent(), back_url=page_before()
    )
    return shown, status


def page_before() -> str:
    """The page of ours that led here, so that a refused form can be gone back to; "" where none can be opened."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or came.path == request.path:
        return ""
    try:
        current_app.url_map.bind(came.netloc).match(came.path, method="GET")
    except HTTPException:
        return ""
    return came._replace(scheme="", netloc="").geturl()


def unsent() -> list[tuple[str, str]]:
    """Label and words of what was typed for the refused form, so that nobody has to write it twice."""
    try:
        form = request.form
    except RequestEntityTooLarge:
        return []
    return [(label, form[name]) for name, label in UNSENT.items() if form.get(name)]
