"""`hotline doctor`: one line a check of machine and data; the exit code is 1 when something must be done."""

import argparse
from collections.abc import Callable, Iterator

from sqlalchemy import select, text

from classifier.matters import load_matters
from hotline import clock, health
from hotline.background.reading import active_model
from hotline.background.schedule import SCHEDULE
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import db, refuse_unsafe_server, session
from hotline.errors import DeskError
from hotline.gateways.model_files import storage
from hotline.models import CronRun, OutboxRow
from hotline.tickets.identity import keys
from hotline.tickets.rulebook import rules
from routing.check_duty_list import KnownCodes, check_duty_list

OLDEST_SERVER = 150000
MOST_FINDINGS = 5


class Unwell(DeskError):
    """A check that failed, with what to do about it."""


def doctor(config: Config, _: argparse.Namespace) -> int:
    """Run every check, also after one that failed."""
    wrong = 0
    with desk_of(config):
        for name, check in CHECKS:
            try:
                for line in check():
                    print(f"正常　{name}：{line}")
            except DeskError as problem:
                wrong += 1
                print(f"异常　{name}：{problem.sentence}")
            except Exception as problem:  # a check that breaks is a finding; the others still run
                wrong += 1
                print(f"异常　{name}：{type(problem).__name__}")
            session().rollback()
    return 1 if wrong else 0


def server() -> Iterator[str]:
    """PostgreSQL 15 at least, and one that keeps what it confirmed."""
    number = int(session().execute(text("SHOW server_version_num")).scalar_one())
    if number < OLDEST_SERVER:
        raise Unwell(f"PostgreSQL {number // 10000} 过旧，需要 15 以上。")
    refuse_unsafe_server(db.engine)
    yield f"PostgreSQL {number // 10000}，断电不丢数据"


def queue() -> Iterator[str]:
    """Redis answers."""
    if not health.queue_lives():
        raise Unwell("Redis 无应答；诉求仍可受理，后续工作由工作进程自行查看。")
    yield "Redis 有应答"


def sealed_keys() -> Iterator[str]:
    """The keys file opens what it seals."""
    ring = keys().ring
    ring.file_ring(ring.new_file_key())
    yield f"共 {len(ring.keys)} 个密钥，当前 {ring.current}"


def files() -> Iterator[str]:
    """The storage gives back what the model row says."""
    storage()
    yield f"附件存储可用；模型 {active_model().version} 签名有效"


def calendar() -> Iterator[str]:
    """This year and the next are in the calendar."""
    year = clock.city_day(clock.now()).year
    missing = [str(one) for one in (year, year + 1) if not rules().calendar.knows(one)]
    if str(year) in missing:
        raise Unwell(f"工作日历缺少 {'、'.join(missing)} 年，期限只能暂定；请导入 calendar。")
    yield f"工作日历含 {year} 年" + (f"；{year + 1} 年公布后请导入" if missing else f"和 {year + 1} 年")


def duty_list() -> Iterator[str]:
    """The duty list has no gap, no overlap, no unknown code."""
    book = rules()
    leaves = [code for code, matter in load_matters().items() if matter.is_leaf]
    known = KnownCodes(leaves, book.departments, book.gazetteer.area_names)
    found = check_duty_list(book.duty_list.rows, known, clock.city_day(clock.now()))
    if found:
        shown = "；".join(one.message for one in found[:MOST_FINDINGS])
        raise Unwell(f"确责清单有 {len(found)} 处问题：{shown}")
    yield f"确责清单 {len(book.duty_list.rows)} 行，无缺漏重叠"


def outbox() -> Iterator[str]:
    """No follow-up was given up."""
    query = select(OutboxRow).where(OutboxRow.dead_at.is_not(None)).order_by(OutboxRow.id)
    dead = session().execute(query.limit(MOST_FINDINGS)).scalars().all()
    if dead:
        raise Unwell("；".join(f"{row.kind}（工单 {row.ticket_no}）：{row.problem}" for row in dead))
    yield "没有放弃的后续工作"


def processes() -> Iterator[str]:
    """Workers and the scheduler have a heart that beats, and no periodic work failed."""
    count = health.living()
    if not (count.get("worker") and count.get("cron")):
        raise Unwell("没有运行中的工作进程或定时进程，请启动 hotline work 和 hotline cron。")
    yield f"工作进程 {count['worker']} 个，定时进程 {count['cron']} 个"
    words = {work.name: work.words for work in SCHEDULE}
    failed = session().execute(select(CronRun).where(CronRun.problem != "")).scalars().all()
    if failed:
        raise Unwell("；".join(f"{words.get(row.name, row.name)}：{row.problem}" for row in failed))
    yield "定时工作均正常"


CHECKS: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
    ("数据库", server),
    ("队列", queue),
    ("密钥", sealed_keys),
    ("存储和模型", files),
    ("工作日历", calendar),
    ("确责清单", duty_list),
    ("后续工作", outbox),
    ("进程", processes),
)
