"""`hotline run`: the whole desk in the foreground; `hotline demo`: the made-up city and who may sign in."""

import argparse
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline.app import bare_app
from hotline.background.learning import keep_starter_model
from hotline.channels.partners import load_demo_partners
from hotline.config import CHECKOUT, Config, default_data_folder
from hotline.database import db, refuse_unsafe_server, session, transaction
from hotline.demo_city import PASSWORD, load_city
from hotline.keys_file import make_secrets
from hotline.machine import check_ports
from hotline.models import Department, Membership, Staff
from hotline.services import run_desk

DEMO_NUMBER = "+8636912345"
SHOWN_LOGINS = 14


def run(config: Config, _: argparse.Namespace) -> None:
    """Start everything and stay; with the made-up city unless HOTLINE_DEMO=0."""
    if "HOTLINE_DEMO" not in os.environ:
        config = replace(config, demo=True)
    tell(f"正在启动12345热线系统，数据目录 {config.data_folder}")
    run_desk(with_demo_lines(config) if config.demo else config, prepare, announce)
    tell("已停止。")


def demo(config: Config, _: argparse.Namespace) -> None:
    """Load the city into the database given by its address and write demo.json."""
    prepare(replace(config, demo=True))
    tell(f"已写入 {demo_file(config)}")


def with_demo_lines(config: Config) -> Config:
    """The pretended carrier and 110 platform stand in wherever no real one is named."""
    if not config.twilio_account:
        config = replace(
            config, twilio_account="AC" + secrets.token_hex(16), twilio_token=secrets.token_hex(16),
            twilio_number=DEMO_NUMBER, twilio_api_url=f"http://127.0.0.1:{config.port + 2}",
        )  # fmt: skip
    if not config.counterpart_url:
        config = replace(config, counterpart_url=f"http://127.0.0.1:{config.port + 3}")
    return config


def prepare(config: Config) -> None:
    """Bring keys, tables, the model and in the demo the city to where this version wants them."""
    from hotline.migrating import upgrade

    if config.demo:
        check_ports(config.host, config.port + 2)
    make_secrets(config.keys_path)
    app = bare_app(config)
    with app.app_context():
        refuse_unsafe_server(db.engine)
        tell("正在准备数据库……")
        upgrade()
        tell("正在准备分类模型和城市数据（首次约需半分钟）……")
        if config.demo:
            load_city()
            write_demo(config)
        else:
            keep_starter_model()
        db.engine.dispose()


def announce(config: Config) -> None:
    """Say where the desk is and, in the demo, how to get in."""
    tell(f"\n系统已就绪：{config.base_url}/")
    if not config.demo:
        return
    tell(f"演示电话：{config.base_url}/demo/phone　演示110平台：{config.counterpart_url}/")
    tell(f"演示账号（密码都是 {PASSWORD}），登录：{config.base_url}/login")
    for login in read_demo(config)["logins"][:SHOWN_LOGINS]:
        tell(f"  {login['username']:<14}{login['role_label']}　{login['name']}　{login['department']}")
    tell(f"全部账号和对接密钥见 {demo_file(config)}；按 Ctrl+C 停止。")


def write_demo(config: Config) -> None:
    """Write base address, logins by role and the partners' keys, readable by the owner only."""
    with transaction():
        partner_keys = load_demo_partners(config)
        logins = list(demo_logins())
    told = {"base_url": config.base_url, "password": PASSWORD, "logins": logins, "partner_keys": partner_keys}
    file = demo_file(config)
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as target:
        json.dump(told, target, ensure_ascii=False, indent=1)


def demo_logins() -> Iterable[dict[str, str]]:
    """Every post with its login: one of each role first, then the others."""
    query = (
        select(Staff.username, Staff.name, Membership.role, Department.name.label("department"))
        .join(Membership, Membership.staff_id == Staff.id)
        .join(Department, Department.id == Membership.department_id)
        .where(Staff.valid_to.is_(None), Membership.valid_to.is_(None))
        .order_by(Membership.id)
    )
    posts = [
        {"role": row.role.value, "role_label": row.role.label, "username": row.username, "password": PASSWORD,
         "name": row.name, "department": row.department}
        for row in session().execute(query)
    ]  # fmt: skip
    first = [one for number, one in enumerate(posts) if one["role"] not in {p["role"] for p in posts[:number]}]
    return first + [one for one in posts if one not in first]


def demo_file(config: Config) -> Path:
    """`var/demo.json` of the checkout, or beside data that lie elsewhere."""
    usual = config.data_folder == default_data_folder()
    return (CHECKOUT / "var" if usual else config.data_folder) / "demo.json"


def read_demo(config: Config) -> dict[str, Any]:
    """What `write_demo` wrote."""
    told: dict[str, Any] = json.loads(demo_file(config).read_text())
    return told


def tell(words: str) -> None:
    """A line of progress, seen at once."""
    print(words, flush=True)
