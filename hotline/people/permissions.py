"""Who may enter what: one table on one page. What is not here nobody may.

A blueprint names its audience when it is registered; single routes may narrow it. The steps inside a page are
guarded once more by the life-cycle table, and a ticket by `find.ticket_for`.
"""

from collections.abc import Mapping

from hotline.models.words import Role

R = Role
EVERYBODY = frozenset[Role]()

AUDIENCES: Mapping[str, frozenset[Role]] = {
    "public": EVERYBODY,
    "staff": frozenset(set(Role) - {R.PARTNER, R.REQUESTER, R.SYSTEM}),
    "agents": frozenset({R.AGENT}),
    "supplement_callers": frozenset({R.AGENT, R.DISPATCHER}),
    "emergency_callers": frozenset({R.AGENT, R.DISPATCHER, R.SUPERVISOR}),
    "dispatchers": frozenset({R.DISPATCHER, R.SUPERVISOR}),
    "departments": frozenset({R.HANDLER, R.DEPARTMENT_LEAD}),
    "callback": frozenset({R.CALLBACK_AGENT, R.SUPERVISOR}),
    "supervisors": frozenset({R.SUPERVISOR}),
    "ticket_readers": frozenset(
        {R.AGENT, R.DISPATCHER, R.SUPERVISOR, R.CALLBACK_AGENT, R.HANDLER, R.DEPARTMENT_LEAD}
    ),
    "knowledge_readers": frozenset(set(Role) - {R.PARTNER, R.REQUESTER, R.SYSTEM, R.AUDITOR}),
    "knowledge_editors": frozenset({R.KB_EDITOR, R.KB_APPROVER}),
    "administrators": frozenset({R.ADMINISTRATOR}),
    "auditors": frozenset({R.AUDITOR}),
    "watchers": frozenset({R.SUPERVISOR, R.AUDITOR}),
    "grid_workers": frozenset({R.GRID_WORKER}),
}

HOMES: tuple[tuple[Role, str], ...] = (
    (R.AGENT, "agent_console.console"),
    (R.DISPATCHER, "dispatch_desk.ticket_list"),
    (R.HANDLER, "department_desk.ticket_list"),
    (R.DEPARTMENT_LEAD, "department_desk.ticket_list"),
    (R.CALLBACK_AGENT, "callback_desk.ticket_list"),
    (R.SUPERVISOR, "supervisor_board.board"),
    (R.KB_EDITOR, "entry_pages.entry_list"),
    (R.KB_APPROVER, "entry_pages.approval_list"),
    (R.ADMINISTRATOR, "administration.staff_list"),
    (R.AUDITOR, "administration.access_log"),
    (R.GRID_WORKER, "grid_desk.task_list"),
)
"""Where each role lands after signing in."""

MENU: tuple[tuple[str, str, str], ...] = (
    ("受理台", "agent_console.console", "agents"),
    ("诉求人工单", "agent_tickets.find_form", "agents"),
    ("未诉先办", "proactive_pages.written", "agents"),
    ("待补充", "supplement_desk.ticket_list", "supplement_callers"),
    ("紧急热线", "emergency_desk.ticket_list", "emergency_callers"),
    ("派单审核", "dispatch_desk.ticket_list", "dispatchers"),
    ("承办", "department_desk.ticket_list", "departments"),
    ("回访", "callback_desk.ticket_list", "callback"),
    ("监督", "supervisor_board.board", "supervisors"),
    ("催办督办", "supervision_desk.page", "supervisors"),
    ("知识库", "entry_pages.entry_list", "knowledge_readers"),
    ("管理", "administration.staff_list", "administrators"),
    ("查看日志", "administration.access_log", "auditors"),
    ("身份查看审批", "unmasking_desk.grant_list", "supervisors"),
    ("异常查看", "look_alarms.alarm_list", "watchers"),
    ("网格任务", "grid_desk.task_list", "grid_workers"),
)
"""The navigation: label, page, audience."""


def admits(audience: str, roles: frozenset[Role]) -> bool:
    """Whether somebody with these roles belongs to the audience."""
    allowed = AUDIENCES[audience]
    return allowed is EVERYBODY or bool(allowed & roles)
