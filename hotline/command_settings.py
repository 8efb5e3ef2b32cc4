"""`hotline settings`: every variable of the machine and every decision of the city, with source and meaning."""

import argparse
import json
import os
from dataclasses import fields
from typing import Any

from sqlalchemy import select

from hotline import clock
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import session, transaction
from hotline.models import Setting
from hotline.tickets.city_settings import change_setting
from hotline.tickets.rulebook import DEFAULTS

SECRET = ("token", "database_url", "redis_url")


def settings(config: Config, options: argparse.Namespace) -> None:
    """List everything, or change one decision of the city."""
    if options.action == "set":
        change(config, options)
        return
    print("机器（环境变量）")
    for one in fields(Config):
        tell_variable(config, one)
    print("\n城市（setting 表）")
    with desk_of(config):
        tell_decisions()


def tell_variable(config: Config, one: Any) -> None:
    """One line; addresses and tokens are not shown, they may hold passwords."""
    name, value = f"HOTLINE_{one.name.upper()}", getattr(config, one.name)
    given = name in os.environ or (one.name == "port" and "PORT" in os.environ)
    hidden = value and any(word in one.name for word in SECRET)
    shown = "（已设置）" if hidden else value
    print(f"{name}={shown}　[{'环境变量' if given else '默认'}]　{one.metadata['meaning']}")


def tell_decisions() -> None:
    """One line a key: value, who decided and when, the default and its source."""
    moment = clock.now()
    query = select(Setting).where(Setting.valid_from <= moment).order_by(Setting.id)
    rows = {row.key: row for row in session().execute(query).scalars()}
    for key, default in DEFAULTS.items():
        row = rows.get(key)
        value = json.dumps(row.value["value"] if row else default.value, ensure_ascii=False)
        whence = f"{clock.city_day(row.valid_from)}起，{row.why}" if row else "默认"
        usual = json.dumps(default.value, ensure_ascii=False)
        print(f"{key}={value}　[{whence}]　{default.meaning}；默认 {usual}，依据：{default.source}")


def change(config: Config, options: argparse.Namespace) -> None:
    """A new row with its reason; the old one stays. Raises `BadInput` for an unknown key or a wrong value."""
    with desk_of(config), transaction():
        change_setting(options.key or "", options.value or "", options.why, None)
    print(f"{options.key}={options.value} 已生效。")
