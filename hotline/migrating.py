"""Brings the database to the newest revision; loaded by commands and tests only, never by a web process."""

from typing import Any

from flask import Flask, current_app
from flask_alembic import Alembic

from hotline.models import Table
from hotline.models.table import Xid8


def alembic_for(app: Flask) -> Alembic:
    """The migration tool of this app (made once)."""
    if "alembic" not in app.extensions:
        app.config["ALEMBIC"] = {"script_location": "migrations"}
        app.config["ALEMBIC_CONTEXT"] = {"render_item": render_type, "transaction_per_migration": True}
        return Alembic(app, run_mkdir=False, command_name="", metadatas=Table.metadata)
    found: Alembic = app.extensions["alembic"]
    return found


def upgrade(target: str = "heads") -> None:
    """Apply what is missing. Two hosts at once wait for each other on an advisory lock in the migration."""
    alembic_for(current_app._get_current_object()).upgrade(target)  # type: ignore[attr-defined]


def render_type(kind: str, value: Any, _context: Any) -> str | bool:
    """Migrations never import our code: closed lists are plain text there, xid8 is written out."""
    if kind == "type" and isinstance(value, Xid8):
        return "Xid8()"
    if kind == "type" and type(value).__name__ == "Enum":
        return f"sa.String(length={value.length})"
    return False
