"""Example values for the pages of urging, supervision, the ladder and the ledgers."""

from datetime import date
from types import SimpleNamespace as Box

from hotline.models.reminder_words import ReminderKind, SummonsKind, SupervisionReason
from hotline.models.words import Grade, Solved
from tests.hotline.example_desks import FIGURES
from tests.hotline.example_screens import DEPARTMENTS, DETAIL, NO, NOW, PLAIN, REFUSED, ROWS, WRONG, left, options

TABS = [("催办督办", "/supervision", True), ("升级预览", "/supervision/ladder", False)]
PAGES = {"tabs": TABS, "newer": None, "older": "?after=1"}
WAITING = Box(
    id=1, kind_label="联合督办", is_supervision=True, reason="超过办理时限", words="三日内拿出办法", who="督办员",
    department="市住房和城乡建设局", with_names="市住房和城乡建设局、市生态环境局", times=1, at=NOW,
    left=left("剩 1 天 2 小时", "warn", 76), answer="", answered_at=None, is_open=True, may_answer=True,
)  # fmt: skip
ANSWERED = Box(
    id=2, kind_label="催办", is_supervision=False, reason="", words="昨夜又施工", who="诉求人", department="市生态环境局",
    with_names="", times=3, at=NOW, left=None, answer="已安排夜间巡查", answered_at=NOW, is_open=False, may_answer=False,
)  # fmt: skip
REMINDERS = [WAITING, ANSWERED]


def summons(number: int, kind: SummonsKind, *, held: bool, done: bool = False) -> Box:
    """One entry of the ledger."""
    return Box(
        row=Box(
            id=number, ticket_no=NO, kind=kind, reason="超期未办结", held_on=date(2026, 11, 20) if held else None,
            persons="王局长", commitments="一周内办结", follow_up_on=date(2026, 11, 27) if held else None,
            outcome="已经落实" if done else "", taken_up_at=NOW if held else None, done_at=NOW if done else None,
        ),
        title="金桂苑东侧工地夜间施工", department="市住房和城乡建设局", state="待受理", level="bad",
        also=[] if held else [Box(id=7, ticket_no=NO)],
    )  # fmt: skip


SUMMONSES = [
    summons(1, SummonsKind.LISTED, held=False), summons(2, SummonsKind.INTERVIEW, held=True),
    summons(3, SummonsKind.NOTICE, held=True, done=True),
]  # fmt: skip
TICKET = {
    **DETAIL, **PLAIN, **REFUSED, "reminders": REMINDERS, "units": [("3", "市住房和城乡建设局")], "chosen": ["3"],
    "reasons": options(SupervisionReason), "summonses": SUMMONSES, "summons_kinds": options(SummonsKind)[1:],
    "also": ["7"], "review": None, "review_words": "",
}  # fmt: skip
LIST = {
    **PAGES, "rows": [Box(ticket=ROWS[1], reminder=WAITING), Box(ticket=ROWS[2], reminder=ANSWERED)],
    "figures": FIGURES["figures"], "departments": DEPARTMENTS, "kinds": options(ReminderKind),
    "asked": {"department": "zjj"},
}  # fmt: skip
RUNG = Box(ticket=ROWS[3], department="市住房和城乡建设局", rung="督办", why="办理时限已到期限未办结", since=NOW)
LADDER = {**PAGES, "mode": "list", "mode_words": "现在只列出、不办理。", "rows": [RUNG]}
LEDGER = {**PAGES, "label": "久拖不决", "definition": "首次受理满30天仍未结案。", "rows": [(ROWS[3], "63 天 2 小时")]}
SUPERVISION_PAGES = {
    "supervision/list.html": [LIST, {**LIST, "rows": [], "figures": []}],
    "supervision/ladder.html": [LADDER, {**LADDER, "mode": "act", "rows": []}],
    "supervision/ledger.html": [LEDGER, {**LEDGER, "rows": []}],
    "supervision/summons.html": [{**PAGES, "rows": SUMMONSES}, {**PAGES, "rows": []}],
    "department/summons.html": [
        {**PAGES, "rows": [(SUMMONSES[1], ROWS[1]), (SUMMONSES[1], None)]}, {**PAGES, "rows": []},
    ],
    "supervision/ticket.html": [
        TICKET, {**TICKET, **WRONG, "open_dialog": "take-up-2"},
        {**TICKET, "reminders": [], "summonses": [], "units": [], "review_words": "没有人来过",
         "review": Box(grade=Grade.VERY_DISSATISFIED, solved=Solved.NOT, given_at=NOW)},
    ],
}  # fmt: skip
