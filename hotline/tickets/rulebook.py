"""The city's rules as one snapshot in memory: calendar, limits, duty list, places, settings.

Read again when an import or a setting made a newer version; checked at most every few seconds, so that a
request normally costs no statement for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select, text

from classifier.matters import load_matters
from hotline import clock
from hotline.database import session
from hotline.models import (
    CalendarDay,
    CityProfile,
    Department,
    DutyRowRecord,
    LadderRung,
    MatterName,
    PlaceRecord,
    RuleVersion,
    Setting,
    TimeLimitRecord,
)
from hotline.tickets.default_limits import DEFAULT_LIMITS
from routing.case import DutyRow
from routing.duty_list import DutyList
from routing.ladder import Ladder, RungRule
from routing.places import Gazetteer, GazetteerRow
from routing.time_limits import CountingRules, LimitTable, TimeLimit
from routing.working_calendar import CalendarDay as Day
from routing.working_calendar import WorkingCalendar, office_hours

FRESH = timedelta(seconds=5)
COMPANIES = ("company", "utility")
"""Kinds of units that are no public body, property managers among them."""
UTILITY = "utility"
"""The kind of department whose 24-hour duty makes its limits run round the clock (domain.md §6.3)."""
UNIT_COLUMNS = (
    Department.code, Department.id, Department.name, Department.short_name, Department.kind,
    Department.around_the_clock, Department.parent_id,
)  # fmt: skip
KINDS = ("calendar", "limits", "duty-list", "places", "ladder")
NAMED = ("departments", "matters")
"""Imports of these change no rule but what things are called."""


@dataclass(frozen=True)
class Default:
    """A city's decision with its default, where the default comes from, and what it means."""

    value: Any
    meaning: str
    source: str


DEFAULTS: Mapping[str, Default] = {
    "auto_dispatch_at": Default(0.90, "自动派单所需的最低把握；1为一律人工派单", "spine.md, “Numbers that win”"),
    "auto_dispatch_precision": Default(
        0.95, "自动派单要有多少派对；案件够多的单位每夜按此推算各自的最低把握，0为不推算", "默认"
    ),
    "count_from": Default("next_working_day", "时限从何日起算：next_working_day次一工作日，same_day当日", "domain.md §6.3"),
    "end_of_day": Default("24:00", "时限当天截止的时刻", "domain.md §6.3"),
    "review_days": Default(7, "评价邀请的有效天数", "spine.md, “Endings without a review”"),
    "callback_tries": Default(3, "回访未接通几次后转为短信", "spine.md, “Endings without a review”"),
    "rectify_rounds": Default(2, "差评整改最多几轮", "spine.md, “Two step tables, one door”"),
    "rehandle_rounds": Default(2, "重办最多几轮", "domain.md §5.3"),
    "extension_times": Default(1, "每单最多延期几次", "domain.md §5.3"),
    "suspension_days": Default(60, "一次挂起最多多少天", "默认"),
    "reopen_days": Default(30, "结案后多少天内可因新情况重新受理，每单一次", "默认"),
    "return_limit": Default(2, "退单满几次后须会商裁定", "domain.md §5.3"),
    "supplement_tries": Default(3, "待补充的工单联系诉求人几次未果后可按补充无果结束", "默认"),
    "fallback_department": Default("", "兜底单位的代码：提级办理和先办后议的工单由其办理", "domain.md §5.3；默认不设"),
    "act_first": Default(False, "紧急件退单期间是否由兜底单位先办后议", "domain.md §5.3（深圳）；默认否"),
    "outbox_attempts": Default(8, "后续工作最多尝试几次", "spine.md, “Outbox”"),
    "duty_day_hours": Default(24, "24小时值守的公用企业，1个工作日折合连续多少小时；0为照工作日历", "domain.md §6.3；默认"),
    "yellow_percent": Default(75, "时限用去百分之几时亮黄灯，100为不按比例", "domain.md §6.3"),
    "yellow_working_days": Default(1, "时限剩余几个工作日时亮黄灯，与比例先到者为准，0为不按日", "domain.md §6.3"),
    "exempted_percent": Default(5, "不计考核的工单超过办结数的百分之几时在监督页警示", "domain.md §7，Exclusions；默认"),
    "due_soon_hours": Default(24, "剩余多少小时内算临期", "domain.md §6.3；默认"),
    "ring_seconds": Default(15, "坐席振铃秒数", "spine.md, “Numbers that win”"),
    "overflow_seconds": Default(30, "专席来电等待多少秒后可由其他坐席接听", "默认"),
    "wrap_up_seconds": Default(60, "话后整理秒数", "默认"),
    "heartbeat_seconds": Default(30, "坐席心跳中断多少秒算离线", "ux 要求 8"),
    "service_hours": Default("00:00-24:00", "人工接听时段，其余转留言", "GB/T 33358：7×24"),
    "menu": Default(False, "来电是否播放按键菜单", "GB/T 33358“不宜设置交互式语音应答菜单”"),
    "photo_limit": Default(9, "网上诉求最多几张照片", "默认"),
    "photo_megabytes": Default(10, "每张照片最大兆字节", "默认"),
    "text_limit": Default(5000, "诉求内容最多字数", "默认"),
    "callback_script": Default(
        "您好，这里是12345热线，想向您了解诉求的办理情况：单位联系过您吗？问题解决了吗？您满意吗？", "回访用语", "默认"
    ),
    "promote_better_models": Default(False, "候选分类模型胜出时是否自动启用", "默认：由管理员启用"),
    "language_network": Default(
        False, "训练分类模型时是否用语言网络：有工作进程的机器都要装有embeddings扩展；训练一次约需半小时、4GB内存", "默认：不用"
    ),
    "greeting": Default("您好，这里是12345政务服务便民热线。", "来电问候语", "默认"),
    "unmask_hours": Default(72, "一次批准承办人查看身份最长多少小时", "domain.md §12；默认"),
    "unmask_looks": Default(5, "一次批准承办人最多查看身份几次", "domain.md §12；默认"),
    "looks_a_day": Default(30, "一人一天查看或查找超过多少名诉求人须核实", "domain.md §12；默认"),
    "looks_same_caller": Default(3, "一人一天在经办之外查看同一诉求人几件须核实", "domain.md §12；默认"),
    "night_from": Default(23, "夜间查看身份从几点起须核实", "domain.md §12；默认"),
    "night_until": Default(6, "夜间查看身份到几点止须核实", "domain.md §12；默认"),
    "archive_after_days": Default(30, "结案等终态满多少天后归档", "默认"),
    "archive_keep_years": Default(10, "归档件自结案次年起保存几年", "domain.md §12，Retention；默认"),
    "alike_days": Default(7, "几天内、同一地点或500米内的诉求算疑似重复", "spine.md, “Numbers that win”"),
    "alike_metres": Default(500, "多少米内算同一地点", "spine.md, “Numbers that win”"),
    "repeat_days": Default(30, "同一人同一事项办结多少天内再来算重复诉求", "默认"),
    "hot_callers": Default(3, "24小时内多少人反映同一地点同一事项提示热点", "domain.md §13；默认"),
    "group_callers": Default(5, "多少人反映同一地点同一事项预警群诉", "domain.md §13；默认"),
    "group_leader_callers": Default(10, "多少人反映同一地点同一事项短信告知值班负责人，每组一次", "domain.md §13；默认"),
    "group_days": Default(3, "群诉按几天内反映的人数计", "domain.md §13；默认"),
    "flag_days": Default(90, "骚扰标记几天后自动失效", "domain.md §12，Retention；默认"),
    "alarm_again_minutes": Default(30, "警示仍无人处置，每隔多少分钟再次通知值班负责人，0为不再通知", "默认"),
    "duty_officer": Default("", "警示超时未处置、群诉人数众多时短信通知谁：值班单位代码或电话，空为不通知", "domain.md §3.4；默认"),
    "recording_notice": Default("为保证服务质量，本次通话将被录音。", "录音告知", "个人信息保护法第十七条"),
    "test_numbers": Default("", "测试用的来电号码，以逗号隔开；其工单不计入任何指标", "domain.md §18，I20；默认没有"),
    "ladder_mode": Default("list", "升级规则：off不用，list只列出、不办，act到时自动催办督办", "默认"),
    "at_sign_limit": Default("alarm", "到签收时限未签收：sign自动签收，alarm催办承办单位并提示派单员", "domain.md §5.2；默认"),
    "urge_again_hours": Default(24, "诉求人在多少小时内再次催办，并入未回复的那次催办", "默认"),
    "ledger_days": Default(30, "受理满多少天未结案列入久拖不决台账", "domain.md §13；默认"),
    "script_legal_route": Default(
        "该事项依法应通过诉讼、仲裁、行政复议、信访等法定途径解决，热线不能代为处理，请按告知的途径办理。", "不予受理告知用语：法定途径", "domain.md §5.3；默认"
    ),
    "script_nothing_new": Default(
        "您反映的事项正在办理或已经办结，如有新的事实或理由，请补充后再次反映。", "不予受理告知用语：无新的事实", "domain.md §5.3；默认"
    ),
    "script_secret": Default(
        "该事项涉及国家秘密、商业秘密或个人隐私，依法不能通过热线提供。", "不予受理告知用语：涉密或涉隐私", "domain.md §5.3；默认"
    ),
    "script_no_duty": Default(
        "该事项不属于政府职责范围，建议通过协商、合同约定或市场途径解决。", "不予受理告知用语：不属政府职责", "domain.md §5.3；默认"
    ),
    "script_unlawful": Default(
        "该诉求不符合法律法规或公序良俗，热线不能受理，请依法表达诉求。", "不予受理告知用语：违反法律法规", "domain.md §5.3；默认"
    ),
    "script_other_power": Default(
        "该事项属于党委、人大、政协、法院、检察院或军队事务，请向有权机关反映。", "不予受理告知用语：属其他机关", "domain.md §5.3；默认"
    ),
    "script_other_area": Default(
        "该事项不在本市行政区域内，请拨打事发地区号加12345反映。", "不予受理告知用语：不属本市", "domain.md §5.3；默认"
    ),
    "script_no_substance": Default(
        "您的来电或来文没有可以办理的具体内容，如有具体事项请再次反映。", "不予受理告知用语：无实质内容", "domain.md §5.3；默认"
    ),
}


@dataclass(frozen=True)
class Rules:
    """One snapshot. `versions` maps each kind of rule to the version it was read from."""

    calendar: WorkingCalendar
    limits: LimitTable
    ladder: Ladder
    counting: CountingRules
    duty_list: DutyList
    gazetteer: Gazetteer
    settings: Mapping[str, Any]
    city: str
    versions: Mapping[str, int]
    departments: Mapping[str, int]
    unit_names: Mapping[int, str]
    day_and_night: frozenset[int]
    parents: frozenset[int]
    companies: frozenset[int]
    matters: Mapping[str, str]

    def stamp(self) -> dict[str, int]:
        """The versions a journal row names."""
        return dict(self.versions)


@dataclass
class Shelf:
    """The snapshot a process holds, and when it was last compared with the database."""

    rules: Rules | None = None
    checked_at: datetime | None = None


def rules() -> Rules:
    """The rules in force now."""
    shelf: Shelf = current_app.extensions.setdefault("hotline-rules", Shelf())
    moment = clock.now()
    if shelf.rules is None or shelf.checked_at is None or not moment - FRESH < shelf.checked_at <= moment:
        with session().no_autoflush:
            newest = _newest_versions(moment)
            if shelf.rules is None or newest != shelf.rules.versions:
                shelf.rules = _read(newest, moment)
        shelf.checked_at = moment
    return shelf.rules


def forget() -> None:
    """Read everything again at the next use; called after an import and in tests."""
    current_app.extensions.pop("hotline-rules", None)


def one_version_at_a_time() -> None:
    """Whoever makes a version waits for the others until the transaction ends: an import, a limit, a ruling; readers
    wait for nobody. To be called before the version is read that the next one is made from."""
    session().execute(text("LOCK TABLE rule_version IN SHARE ROW EXCLUSIVE MODE"))


def setting(key: str) -> Any:
    """The city's decision on `key`, or its default."""
    return rules().settings[key]


def limit_of(row: TimeLimitRecord) -> TimeLimit:
    """A stored limit as routing reckons with it."""
    return TimeLimit(
        row.step, row.request_type, row.urgency, row.value, row.unit, row.valid_from, row.valid_to, row.id,
        row.cap, row.cap_unit,
    )  # fmt: skip


def duty_row_of(r: DutyRowRecord, number: int) -> DutyRow:
    """A stored row of the duty list as routing asks for it."""
    return DutyRow(
        number, r.matter_code, r.area, r.object, r.time, r.lead, tuple(r.co_units), r.basis, r.valid_from, r.valid_to,
        r.direct,
    )  # fmt: skip


def _newest_versions(moment: datetime) -> dict[str, int]:
    """What a snapshot of this moment is made of; another number where a setting comes into force by time alone."""
    read = RuleVersion.kind.in_((*KINDS, *NAMED))
    found = select(RuleVersion.kind, func.max(RuleVersion.id)).where(read).group_by(RuleVersion.kind)
    versions = {kind: 0 for kind in (*KINDS, *NAMED)} | dict(session().execute(found).all())
    counted = {}
    for name, table in (("settings", Setting), ("profile", CityProfile)):
        in_force = table.valid_from <= moment
        counted |= {name: func.max(table.id).filter(in_force), f"{name}_in_force": func.count().filter(in_force)}
    on_duty = func.count().filter(Department.around_the_clock)
    counted["units"] = func.count(Department.id) + func.count(Department.valid_to) + on_duty
    row = session().execute(select(*(one.scalar_subquery() for one in map(select, counted.values())))).one()
    return versions | {name: number or 0 for name, number in zip(counted, row, strict=True)}


def _read(versions: Mapping[str, int], moment: datetime) -> Rules:
    settings = _settings(moment)
    profile = (
        session()
        .execute(
            select(CityProfile.name).where(CityProfile.valid_from <= moment).order_by(CityProfile.id.desc())
        )
        .scalars()
        .first()
    )
    units = session().execute(select(*UNIT_COLUMNS)).all()
    matters = matter_names()
    return Rules(
        calendar=WorkingCalendar(_days(versions["calendar"]), version=str(versions["calendar"])),
        limits=LimitTable(tuple(_limits(versions["limits"])), DEFAULT_LIMITS),
        ladder=Ladder(_rungs(versions["ladder"])),
        counting=CountingRules(settings["count_from"], settings["end_of_day"]),
        duty_list=DutyList(tuple(_duty_rows(versions["duty-list"])), names=matters | {u.code: u.name for u in units}),
        gazetteer=Gazetteer(tuple(_places(versions["places"]))),
        settings=settings,
        city=profile or "",
        versions=versions,
        departments={unit.code: unit.id for unit in units},
        unit_names={unit.id: unit.short_name for unit in units},
        day_and_night=frozenset(unit.id for unit in units if unit.around_the_clock and unit.kind == UTILITY),
        parents=frozenset(unit.parent_id for unit in units if unit.parent_id),
        companies=frozenset(unit.id for unit in units if unit.kind in COMPANIES),
        matters=matters,
    )


def matter_names() -> dict[str, str]:
    """What each matter is called: by the city where it says so, else by the standard tree."""
    own = dict(session().execute(select(MatterName.matter_code, MatterName.name)).all())
    return {code: own.get(code, matter.name) for code, matter in load_matters().items()}


def _settings(moment: datetime) -> dict[str, Any]:
    query = select(Setting.key, Setting.value).where(Setting.valid_from <= moment).order_by(Setting.id)
    chosen = {key: value["value"] for key, value in session().execute(query)}
    return {key: chosen.get(key, default.value) for key, default in DEFAULTS.items()}


def _of(table: Any, version: int) -> Select[Any]:
    return select(table).where(table.version_id == version).order_by(table.id)


def _days(version: int) -> tuple[Day, ...]:
    rows = session().execute(_of(CalendarDay, version)).scalars()
    return tuple(Day(row.day, row.kind, office_hours(row.hours), row.source) for row in rows)


def _limits(version: int) -> list[TimeLimit]:
    return [limit_of(row) for row in session().execute(_of(TimeLimitRecord, version)).scalars()]


def _rungs(version: int) -> tuple[RungRule, ...]:
    rows = session().execute(_of(LadderRung, version)).scalars()
    return tuple(RungRule(r.rung, r.urgency, r.value, r.unit, r.valid_from, r.valid_to, r.id) for r in rows)


def _duty_rows(version: int) -> list[DutyRow]:
    return [duty_row_of(row, row.id) for row in session().execute(_of(DutyRowRecord, version)).scalars()]


def _places(version: int) -> list[GazetteerRow]:
    rows = session().execute(_of(PlaceRecord, version)).scalars()
    return [
        GazetteerRow(r.name, r.kind, r.area, r.community, tuple(r.aliases), r.latitude, r.longitude) for r in rows
    ]
