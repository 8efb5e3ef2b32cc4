"""`hotline simulate`: plays a seeded plan of the made-up city, with --bulk copies most of it, and checks it."""

import argparse
import json
import sys
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, inspect, select

from hotline import clock
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import db, session, transaction
from hotline.demo_city import NAME, load_city
from hotline.errors import BadInput, Conflict
from hotline.models import CityProfile, Department, Heartbeat, InboxRow
from hotline.simulation.copies import copy_twins
from hotline.simulation.crew import gather
from hotline.simulation.plan import CityPlan
from hotline.simulation.play import PLATFORM, Played, play
from hotline.simulation.report import Report, look_through
from hotline.simulation.side_by_side import play_side_by_side
from hotline.tickets.rulebook import setting

REAL = f"这个数据库属于一座真实的城市，不能模拟；只能用空库或示范城市{NAME}的库。"
RUNNING = "系统正在运行，请先停止再模拟。"
BAR, ALIVE, MOST_PROCESSES = 30, timedelta(seconds=30), 64


def simulate(config: Config, options: argparse.Namespace) -> int:
    """Simulate and report; exit code 1 when a check found something."""
    plan = plan_of(options)
    if not 1 <= options.processes <= MOST_PROCESSES:
        raise BadInput(f"进程数须为1至{MOST_PROCESSES}。")
    with desk_of(config):
        prepare(plan, bulk=options.bulk)
        played = run(config, plan, bulk=options.bulk, processes=options.processes)
        with clock.hold(plan.end), transaction():
            report = look_through(plan)
    show(played, report, as_json=options.json)
    return 1 if report.faults else 0


def plan_of(options: argparse.Namespace) -> CityPlan:
    """What was asked for. Raises `BadInput`."""
    try:
        first = date.fromisoformat(options.first) if options.first else None
    except ValueError as problem:
        raise BadInput("开始日期请按年-月-日填写。") from problem
    first = first or clock.city_day(clock.now()) - timedelta(days=options.days)
    return CityPlan(options.seed, first, options.days, options.per_day, options.stories)


def prepare(plan: CityPlan, *, bulk: bool) -> None:
    """The made-up city, loaded where there is none. Raises `Conflict` where it does not belong."""
    from hotline.migrating import upgrade

    if inspect(db.engine).has_table("department"):
        refuse_real_city()
    upgrade()
    load_city()
    with transaction() as current:
        before = select(InboxRow.key).where(InboxRow.platform == PLATFORM, InboxRow.key.startswith(f"{plan.seed}-"))
        if current.execute(before.limit(1)).first():
            raise Conflict(f"数据库里已有种子{plan.seed}的模拟，请换一个种子，或换一个空库。")
        if bulk and plan.days > setting("archive_after_days"):
            raise BadInput(f"用 --bulk 时最多{setting('archive_after_days')}天：归档件的校验值不能复制。")


def refuse_real_city() -> None:
    """Raises `Conflict` for a city that is not the made-up one, and while its workers run."""
    with transaction() as current:
        named = current.execute(select(CityProfile.name).order_by(CityProfile.id.desc()).limit(1)).scalar()
        if named != NAME and current.execute(select(Department.id).limit(1)).first():
            raise Conflict(REAL)
        beat = current.execute(select(func.max(Heartbeat.beat_at))).scalar()
        if beat is not None and beat > clock.now() - ALIVE:
            raise Conflict(RUNNING)


def run(config: Config, plan: CityPlan, *, bulk: bool, processes: int = 1) -> Played:
    """Play all of the plan, or each course once and copy the rest. Leaves the database analysed."""
    if processes > 1:
        played = play_side_by_side(plan, tell, twins=not bulk, processes=processes)
    else:
        played = play(plan, gather(config), tell, twins=not bulk)
    if bulk:
        total = plan.days * plan.per_day
        copy_twins(plan, played, lambda twins: tell(plan.days * plan.courses * twins, total, plan.end))
    session().rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return played


def tell(done: int, total: int, moment: datetime) -> None:
    """One line that is written again and again where somebody looks on; in a log, one line a day."""
    line = f"模拟到{clock.shown(moment)}　{'█' * (BAR * done // total):·<{BAR}}　{done}／{total}件"
    if sys.stderr.isatty():
        print(f"\r{line}", end="", file=sys.stderr, flush=True)
    elif clock.in_city(moment).time() == time():
        print(line, file=sys.stderr, flush=True)


def show(played: Played, report: Report, *, as_json: bool) -> None:
    """The report for people, or all of it as JSON."""
    acts = {"done": dict(sorted(played.done.items())), "refused": dict(played.refused.most_common())}
    if as_json:
        print(json.dumps({**report.words(), "acts": acts}, ensure_ascii=False, indent=1))
        return
    for kind, counts in report.counts.items():
        print(f"\n{kind}\n" + "\n".join(f"{number:9} {word}" for word, number in counts.items()))
    print("\nfigures\n" + "\n".join(f"{up:9}／{down} {key}" for key, (up, down) in report.figures.items()))
    print(f"\n已做 {sum(played.done.values())} 步，被拒绝 {sum(played.refused.values())} 步。")
    for words, numbers in report.faults.items():
        print(f"有误：{words} {len(numbers)} 件，如 {'、'.join(map(str, numbers[:5]))}", file=sys.stderr)
    print("核对有误。" if report.faults else "核对无误：没有无主工单，时限逐分钟推算一致，没有丢失的后续工作。")
