"""Commands that set a city up and keep it going: migrate, import, make-admin, train, drain."""

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from hotline import clock
from hotline.app import bare_app
from hotline.config import Config
from hotline.database import db, refuse_unsafe_server, session, transaction
from hotline.errors import BadInput, Conflict
from hotline.keys_file import make_secrets
from hotline.models import Department, Membership, Staff
from hotline.models.words import Role
from hotline.people.passwords import MIN_LENGTH, hash_password
from hotline.services import reach_servers
from hotline.supervision.trained_models import FEWEST_CASES, activate_model, comparison_words


@contextmanager
def desk_of(config: Config) -> Iterator[Flask]:
    """The desk's context for one command, beside a running desk or without one."""
    with reach_servers(config) as reached:
        make_secrets(reached.keys_path)
        app = bare_app(reached)
        with app.app_context():
            yield app
            db.engine.dispose()


def migrate(config: Config, _: argparse.Namespace) -> None:
    """Bring the database to this version."""
    from hotline.migrating import upgrade

    with desk_of(config):
        refuse_unsafe_server(db.engine)
        upgrade()
    print("数据库已是最新版本。")


def import_file(config: Config, options: argparse.Namespace) -> None:
    """Import one CSV file, all of it or nothing."""
    from hotline.importing import read_file

    file = Path(options.file)
    if not file.is_file():
        raise BadInput(f"找不到文件 {file}。")
    with desk_of(config), transaction():
        count = read_file(options.kind, file)
    print(f"已导入 {count} 行。")


def make_admin(config: Config, options: argparse.Namespace) -> None:
    """A first administrator, who gives the others their accounts."""
    password = getpass.getpass("密码：") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < MIN_LENGTH:
        raise BadInput(f"密码至少 {MIN_LENGTH} 位。")
    with desk_of(config), transaction() as current:
        if current.execute(select(Staff.id).where(Staff.username == options.username)).first():
            raise Conflict(f"用户名“{options.username}”已存在。")
        today = clock.city_day(clock.now())
        person = Staff(
            username=options.username, name="系统管理员", password_hash=hash_password(password),
            created_at=clock.now(),
        )  # fmt: skip
        current.add(person)
        current.flush()
        unit = department_for(options.department)
        current.add(
            Membership(staff_id=person.id, role=Role.ADMINISTRATOR, department_id=unit, valid_from=today)
        )
    print(f"管理员 {options.username} 已建立。")


def department_for(code: str) -> int:
    """The department of this code, or the hotline centre. Raises `BadInput`."""
    query = select(Department.id).where(Department.valid_to.is_(None)).order_by(Department.level, Department.id)
    wanted = Department.code == code if code else Department.kind == "hotline"
    found = session().execute(query.where(wanted).limit(1)).scalar_one_or_none()
    if found is None:
        raise BadInput("没有这个承办单位，请先用 hotline import departments 导入，或用 --department 指定。")
    return found


def train(config: Config, options: argparse.Namespace) -> None:
    """Train on the written examples and closed cases, compare with the model in use, and use the new one
    unless it did worse."""
    from hotline.background import learning
    from hotline.background.learning import keep_starter_model

    with desk_of(config):
        if options.starter:
            keep_starter_model(always=True)
            print("起步模型已启用。")
            return
        with transaction():
            lesson = learning.prepare()
        if lesson is None:
            raise BadInput(f"已办理归档、可供学习的工单不足 {FEWEST_CASES} 件；可加 --starter。")
        pupil = learning.train(lesson)
        with transaction():
            version = learning.keep(pupil).version
            lost = pupil.card.get("compared", {}).get("verdict") == "lost"
            if not lost:
                activate_model(version)
    done = "已保存，未启用" if lost else "已启用"
    print(f"模型 {version} {done}（学习工单 {pupil.card['cases']} 件）。{comparison_words(pupil.card)}")


def drain(config: Config, _: argparse.Namespace) -> None:
    """Do all follow-ups that are due, without a worker."""
    from hotline.background.drain import drain_lane
    from hotline.background.worker import QUEUES

    with desk_of(config):
        print(f"已办完 {sum(drain_lane(lane) for lane in QUEUES)} 项后续工作。")
