"""The one place where all parts meet: `create_app()` builds the web application or a worker's context."""

from flask import Flask

from hotline import bell
from hotline.config import Config, read_secrets
from hotline.database import db, driver_url, engine_options


def create_app(config: Config) -> Flask:
    """The application on this machine's configuration, with every blueprint and its audience."""
    app = bare_app(config)
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
