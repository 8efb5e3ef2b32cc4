"""The one place where all parts meet: `create_app()` builds the web application or a worker's context."""

from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hotline import bell
from hotline.config import Config
from hotline.database import db, driver_url, engine_options
from hotline.keys_file import read_secrets

LARGEST_REQUEST = 100 * 1024 * 1024
SESSION_LENGTH = timedelta(hours=12)

PAGES: Sequence[tuple[str, str]] = (
    ("citizen_pages", "public"),
    ("sign_in", "public"),
    ("health_pages", "public"),
    ("password_page", "staff"),
    ("ticket_files", "ticket_readers"),
    ("agent_console", "agents"),
    ("agent_tickets", "agents"),
    ("supplement_desk", "supplement_callers"),
    ("emergency_desk", "emergency_callers"),
    ("agent_alarms", "agents"),
    ("dispatch_desk", "dispatchers"),
    ("demand_groups", "dispatchers"),
    ("department_desk", "departments"),
    ("department_requests", "departments"),
    ("dispatch_requests", "dispatchers"),
    ("callback_desk", "callback"),
    ("supervisor_board", "supervisors"),
    ("case_files", "supervisors"),
    ("supervision_desk", "supervisors"),
    ("reminder_answers", "departments"),
    ("classifier_board", "supervisors"),
    ("caller_flags", "supervisors"),
    ("duty_list_page", "supervisors"),
    ("dispatching_board", "supervisors"),
    ("ruling_desk", "supervisors"),
    ("meeting_pages", "departments"),
    ("entry_pages", "knowledge_readers"),
    ("administration", "administrators"),
    ("limits_page", "administrators"),
    ("secrecy_desk", "dispatchers"),
    ("unmasking_desk", "supervisors"),
    ("look_alarms", "watchers"),
    ("data_in", "administrators"),
    ("twilio_hooks", "machines"),
    ("json_api", "machines"),
    ("proactive_pages", "agents"),
    ("share_desk", "dispatchers"),
    ("department_shares", "departments"),
    ("grid_desk", "grid_workers"),
    ("grid_asking", "dispatchers"),
    ("unit_summons", "departments"),
    ("correcting_desk", "dispatchers"),
)
"""Every blueprint's module in `hotline.web` and its audience: nothing is reachable that is not here."""

DEMO_PAGES: Sequence[tuple[str, str]] = (("demo_phone", "public"),)


def create_app(config: Config) -> Flask:
    """The application on this machine's configuration, with every blueprint and its audience."""
    from hotline.web.access import guard_everything, register
    from hotline.web.error_pages import install_error_pages
    from hotline.web.form_reading import LARGEST_WORDS, bound_words
    from hotline.web.limits import install_limits
    from hotline.web.page_context import install_page_context
    from hotline.web.template_filters import install_filters

    app = bare_app(config)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_WORDS,
        SESSION_COOKIE_NAME=f"desk_{config.port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        PERMANENT_SESSION_LIFETIME=SESSION_LENGTH,
        WTF_CSRF_TIME_LIMIT=None,
    )
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.before_request(bound_words)
    guard_everything(app)
    install_limits(app, config)
    install_error_pages(app)
    install_filters(app)
    install_page_context(app)
    for module, audience in (*PAGES, *(DEMO_PAGES if config.demo else ())):
        register(app, import_module(f"hotline.web.{module}").blueprint, audience)
    return app


def bare_app(config: Config) -> Flask:
    """Database, Redis and keys without any web part: what workers, the scheduler and commands run in."""
    app = Flask("hotline")
    keys = read_secrets(config.keys_path)
    app.config.update(
        SQLALCHEMY_ENGINES={"default": {"url": driver_url(config.database_url), **engine_options()}},
        SECRET_KEY=keys.session,
    )
    app.extensions["hotline-config"] = config
    app.extensions["hotline-keys"] = keys
    db.init_app(app)
    if config.redis_url:
        app.extensions["hotline-redis"] = bell.connect(config.redis_url)
    return app
