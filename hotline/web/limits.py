"""How often a stranger may knock: counted in Redis, in memory while Redis is dead, never a reason to fail."""

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from hotline.config import Config

limiter = Limiter(
    get_remote_address,
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    key_prefix="hotline-limit",
)

SIGN_IN = "20 per 15 minutes"
LOOK_UP = "5 per 15 minutes"
SEND = "30 per minute"
API = "600 per minute"


def install_limits(app: Flask, config: Config) -> None:
    """Count in the desk's Redis."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", storage_address(config.redis_url))
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_timeout": 0.5, "socket_connect_timeout": 0.3})
    limiter.init_app(app)


def storage_address(redis_url: str) -> str:
    """The limiter's own spelling of a unix socket address."""
    if redis_url.startswith("unix://"):
        return "redis+" + redis_url
    return redis_url or "memory://"


def typed_ticket() -> str:
    """Tries are counted by address and by ticket, so that nobody guesses one ticket's number from many
    places."""
    return f"{get_remote_address()}:{request.form.get('ticket_no', '')[:40]}"


