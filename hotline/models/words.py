"""The words of the desk: every closed list the tables hold, with the Chinese a screen shows.

A city may override a label by a setting; the codes never change. Source of the lists: domain.md §3, §5, §9.
"""

from enum import StrEnum


class Labelled(StrEnum):
    """A code with its Chinese label."""

    label: str

    def __new__(cls, code: str, label: str) -> "Labelled":
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member


class State(Labelled):
    """Where a ticket stands (domain.md §5.2)."""

    DRAFT = "draft", "待提交"
    TO_DISPATCH = "to_dispatch", "待派单"
    TO_SUPPLEMENT = "to_supplement", "待补充"
    ANSWERED = "answered", "直接答复"
    TO_SIGN = "to_sign", "待签收"
    RETURN_PENDING = "return_pending", "退单待审"
    HANDLING = "handling", "办理中"
    SUSPENDED = "suspended", "挂起"
    REPLIED = "replied", "已答复"
    TO_CHECK = "to_check", "待审核办结"
    TO_CALLBACK = "to_callback", "待回访"
    REHANDLING = "rehandling", "重办中"
    TO_EVALUATE = "to_evaluate", "待评价"
    RECTIFYING = "rectifying", "差评整改"
    CLOSED = "closed", "结案"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    TRANSFERRED = "transferred", "已转紧急热线"
    MERGED = "merged", "已并单"
    WITHDRAWN = "withdrawn", "已撤单"
    ARCHIVED = "archived", "已归档"


ENDED = frozenset(
    {State.CLOSED, State.NOT_ACCEPTED, State.TRANSFERRED, State.MERGED, State.WITHDRAWN, State.ARCHIVED}
)
OPEN = frozenset(State) - ENDED


class AssignmentState(Labelled):
    """Where one department's share of one round stands (spine.md, "Two step tables, one door")."""

    TO_SIGN = "to_sign", "待签收"
    RETURN_PENDING = "return_pending", "退单待审"
    HANDLING = "handling", "办理中"
    SUSPENDED = "suspended", "挂起"
    REPLIED = "replied", "已答复"
    REHANDLING = "rehandling", "重办中"
    DONE = "done", "已提交办结"
    ENDED = "ended", "已终止"


ASSIGNMENT_OPEN = frozenset(AssignmentState) - {AssignmentState.DONE, AssignmentState.ENDED}


class Step(Labelled):
    """What can happen to a ticket; each is one row of the journal."""

    RECEIVE = "receive", "受理"
    BEGIN_DRAFT = "begin_draft", "来电建单"
    REGISTER = "register", "登记"
    LEAVE_WORD = "leave_word", "留言待补充"
    SUPPLEMENT = "supplement", "补充"
    ASK_SUPPLEMENT = "ask_supplement", "要求补充"
    GIVE_UP = "give_up", "补充无果"
    CLASSIFY = "classify", "智能分类"
    ANSWER_DIRECTLY = "answer_directly", "直接答复"
    REFUSE = "refuse", "不予受理"
    CONTEST_REFUSAL = "contest_refusal", "对不予受理有异议"
    MERGE = "merge", "并单"
    UNMERGE = "unmerge", "撤销并单"
    TRANSFER_EMERGENCY = "transfer_emergency", "转紧急热线"
    COME_BACK = "come_back", "紧急热线退回"
    DISPATCH = "dispatch", "派单"
    ADD_CO_UNIT = "add_co_unit", "加派协办"
    HAND_DOWN = "hand_down", "下派"
    SIGN = "sign", "签收"
    CONTACT = "contact", "联系诉求人"
    MISS_CONTACT = "miss_contact", "未联系上诉求人"
    ASK_RETURN = "ask_return", "申请退单"
    ACCEPT_RETURN = "accept_return", "同意退单"
    REJECT_RETURN = "reject_return", "驳回退单"
    ASK_EXTENSION = "ask_extension", "申请延期"
    GRANT_EXTENSION = "grant_extension", "同意延期"
    REFUSE_EXTENSION = "refuse_extension", "驳回延期"
    ASK_SUSPENSION = "ask_suspension", "申请挂起"
    SUSPEND = "suspend", "同意挂起"
    REFUSE_SUSPENSION = "refuse_suspension", "驳回挂起"
    RESUME = "resume", "恢复办理"
    ASK_TERMINATION = "ask_termination", "申请终止"
    GRANT_TERMINATION = "grant_termination", "同意终止"
    REFUSE_TERMINATION = "refuse_termination", "驳回终止"
    REPLY = "reply", "答复"
    SEND_BACK = "send_back", "退回修改答复"
    SUBMIT = "submit", "提交办结"
    PASS_CHECK = "pass_check", "审核通过"
    FAIL_CHECK = "fail_check", "审核不通过"
    MISS_CALLBACK = "miss_callback", "回访未接通"
    CALL_BACK = "call_back", "回访"
    REHANDLE = "rehandle", "回访未解决，重办"
    INVITE_REVIEW = "invite_review", "邀请评价"
    GIVE_REVIEW = "give_review", "评价"
    GIVE_BAD_REVIEW = "give_bad_review", "差评"
    KEEP_BAD_REVIEW = "keep_bad_review", "差评保留"
    REVIEW_AS_FOLLOWER = "review_as_follower", "并单人评价"
    CONTACT_REVIEWER = "contact_reviewer", "联系差评人"
    RECTIFY = "rectify", "提交整改"
    VERIFY_RECTIFICATION = "verify_rectification", "整改核实通过"
    FAIL_RECTIFICATION = "fail_rectification", "整改核实不通过"
    CLOSE = "close", "结案"
    WITHDRAW = "withdraw", "撤单"
    REOPEN = "reopen", "重新受理"
    ARCHIVE = "archive", "归档"
    AMEND = "amend", "补充修改"
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    ASK_CHANGE = "ask_change", "申请变更"
    CHANGE_TYPE = "change_type", "同意变更"
    REFUSE_CHANGE = "refuse_change", "驳回变更"
    ASK_EXEMPTION = "ask_exemption", "申请不计考核"
    GRANT_EXEMPTION = "grant_exemption", "同意不计考核"
    REFUSE_EXEMPTION = "refuse_exemption", "不计考核查否"
    SET_RESPONDENT = "set_respondent", "标明被反映单位"
    ANSWER_REMINDER = "answer_reminder", "回复催办督办"
    END_SUPERVISION = "end_supervision", "督办办结"
    ANSWER_ALARM = "answer_alarm", "处置警示"
    RECKON_AGAIN = "reckon_again", "重算时限"
    LET_GO = "let_go", "移出并单"
    HAND_IN = "hand_in", "交回"
    TAKE_BACK = "take_back", "撤回协办或下派"
    CALL_MEETING = "call_meeting", "召集会商"
    GIVE_OPINION = "give_opinion", "会商意见"
    MISS_SUPPLEMENT = "miss_supplement", "补充联系未接通"
    NOTE_RESULT = "note_result", "记录紧急热线结果"
    THREE_WAY = "three_way", "三方通话"
    RECUSE = "recuse", "回避，收回工单"
    SET_CONFIDENTIALITY = "set_confidentiality", "变更保密级别"
    WRITE_EXTRACT = "write_extract", "撰写摘录"
    ASK_GRID = "ask_grid", "请网格核实"
    REPORT_GRID = "report_grid", "网格反馈"
    SUMMON = "summon", "约谈通报"
    ACKNOWLEDGE_REVIEW = "acknowledge_review", "阅处并单差评"
    MOVE_MEETING = "move_meeting", "会商改期"
    CANCEL_MEETING = "cancel_meeting", "取消会商"
    GRANT_SHARE_EXTENSION = "grant_share_extension", "同意协办延期"
    REFUSE_SHARE_EXTENSION = "refuse_share_extension", "驳回协办延期"


class ClosingReason(Labelled):
    """Why a case ended; the only endings there are (spine.md, "Endings without a review")."""

    REVIEWED = "reviewed", "已评价"
    BAD_REVIEW_STANDING = "bad_review_standing", "整改两轮后差评保留"
    INVITATION_EXPIRED = "invitation_expired", "邀请到期未评价"
    UNREACHED = "unreached", "多次回访未接通"
    NO_CONTACT = "no_contact", "无联系方式"
    WITHDRAWN = "withdrawn", "诉求人撤单"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    TRANSFERRED = "transferred", "已转紧急热线"
    MERGED = "merged", "已并入主单"


class Source(Labelled):
    """The door a demand came through."""

    PHONE = "phone", "电话"
    VOICEMAIL = "voicemail", "语音留言"
    WEB = "web", "网站"
    POLICE110 = "police110", "市110"
    PARTNER = "partner", "合作平台"
    PROACTIVE = "proactive", "未诉先办"


class RequestType(Labelled):
    """诉求类型 (domain.md §3.3)."""

    CONSULTATION = "consultation", "咨询"
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    SUGGESTION = "suggestion", "建议"
    GUIDANCE = "guidance", "在线办理指导"
    PRAISE = "praise", "表扬"
    OTHER = "other", "其他"
    INVALID = "invalid", "无效"
    HARASSMENT = "harassment", "骚扰"
    WITHDRAWN = "withdrawn", "撤单"


NO_DEMAND = (RequestType.INVALID, RequestType.HARASSMENT, RequestType.WITHDRAWN)
"""Types that end in no work for a department: out of the rates, and only a person may treat a message so."""


class UrgencyGrade(Labelled):
    """紧急程度 (domain.md §3.4), worst first."""

    EMERGENCY = "emergency", "紧急警情"
    CRITICAL = "critical", "特急"
    URGENT = "urgent", "紧急"
    NORMAL = "normal", "一般"


class Confidentiality(Labelled):
    """Who may learn who spoke (domain.md §3.5)."""

    OPEN = "open", "公开"
    CONFIDENTIAL = "confidential", "保密"
    ANONYMOUS = "anonymous", "匿名"
    REPORT_PROTECTED = "report_protected", "举报保护"


class Role(Labelled):
    """What a person is at the desk; one person may hold several (spine.md, "Roles")."""

    AGENT = "agent", "话务员"
    DISPATCHER = "dispatcher", "派单员"
    HANDLER = "handler", "承办人"
    DEPARTMENT_LEAD = "department_lead", "承办单位负责人"
    CALLBACK_AGENT = "callback_agent", "回访员"
    SUPERVISOR = "supervisor", "督办员"
    KB_EDITOR = "kb_editor", "知识采编员"
    KB_APPROVER = "kb_approver", "知识审核员"
    ADMINISTRATOR = "administrator", "管理员"
    AUDITOR = "auditor", "审计员"
    GRID_WORKER = "grid_worker", "网格员"
    PARTNER = "partner", "合作平台"
    REQUESTER = "requester", "诉求人"
    SYSTEM = "system", "系统"


class ClockKind(Labelled):
    """What a running limit measures; the name is also the `step` of its time-limit rows (domain.md §6.2)."""

    DISPATCH = "dispatch", "派单"
    SIGN = "sign", "签收"
    CONTACT = "contact", "首次联系"
    RETURN = "return", "申请退单"
    HANDLE = "handle", "办理"
    CHECK = "check", "审核回访"
    REHANDLE = "rehandle", "重办"
    RECTIFY_CONTACT = "rectify_contact", "联系差评人"
    RECTIFY = "rectify", "差评整改"
    EVALUATE = "evaluate", "评价"
    SUPPLEMENT = "supplement", "补充"
    DECIDE = "decide", "退单审批"
    MEETING = "meeting", "会商裁定"
    ALARM = "alarm", "处置警示"
    GRID = "grid", "网格核实"


class Grade(Labelled):
    """The five grades of 好差评 (domain.md §9)."""

    VERY_SATISFIED = "5", "非常满意"
    SATISFIED = "4", "满意"
    BASICALLY_SATISFIED = "3", "基本满意"
    DISSATISFIED = "2", "不满意"
    VERY_DISSATISFIED = "1", "非常不满意"


BAD_GRADES = frozenset({Grade.DISSATISFIED, Grade.VERY_DISSATISFIED})


class Solved(Labelled):
    """The requester's word on whether it is solved."""

    SOLVED = "solved", "解决了"
    PARTLY = "partly", "部分解决"
    NOT = "not", "没解决"


class AskKind(Labelled):
    """What a department may ask the hotline."""

    RETURN = "return", "退单"
    EXTENSION = "extension", "延期"
    SUSPENSION = "suspension", "挂起"
    TERMINATION = "termination", "终止"
    CHANGE = "change", "变更"
    EXEMPTION = "exemption", "不计考核"
    APPEAL = "appeal", "考核申诉"


class Decision(Labelled):
    """The answer to what was asked."""

    PENDING = "pending", "待审批"
    GRANTED = "granted", "同意"
    REFUSED = "refused", "驳回"
    OVERTAKEN = "overtaken", "已失效"


class ReturnReason(Labelled):
    """Reasons a department may return a ticket with; default list, a city may relabel."""

    NOT_OUR_DUTY = "not_our_duty", "不属本单位职责"
    NOT_OUR_AREA = "not_our_area", "不属本辖区"
    OTHER_LEADS = "other_leads", "应由其他单位牵头"
    UNCLEAR = "unclear", "内容不清，无法办理"
    REPEATED = "repeated", "重复派单"


class RefusalReason(Labelled):
    """Why a demand is not accepted (domain.md §5.3, "Not accepted"); words to the citizen stand beside it."""

    LEGAL_ROUTE = "legal_route", "应通过诉讼、仲裁、复议、信访等法定途径"
    NOTHING_NEW = "nothing_new", "正在办理或已办结，无新的事实"
    SECRET = "secret", "涉及国家秘密、商业秘密或个人隐私"
    NO_DUTY = "no_duty", "不属政府职责，应通过市场或社会途径"
    UNLAWFUL = "unlawful", "违反法律法规或公序良俗"
    OTHER_POWER = "other_power", "属党委、人大、政协、法院、检察院、军队事务"
    OTHER_AREA = "other_area", "不属本市行政区域"
    NO_SUBSTANCE = "no_substance", "无实质内容或恶意骚扰"


class LegalRoute(Labelled):
    """The route a citizen is told when a demand is not accepted (domain.md §5.3, "Not accepted", 2, 5 and 7)."""

    LITIGATION = "litigation", "诉讼"
    ARBITRATION = "arbitration", "仲裁"
    RECONSIDERATION = "reconsideration", "行政复议"
    PETITION = "petition", "信访"
    DISCIPLINE = "discipline", "纪检监察"
    DISCLOSURE = "disclosure", "政府信息公开"
    MARKET = "market", "市场或社会途径"
    OTHER_BODY = "other_body", "向有权机关反映"


class BadReviewReason(Labelled):
    """The one chip a bad review asks for; default list."""

    NOT_SOLVED = "not_solved", "问题没解决"
    CAME_BACK = "came_back", "又出现了"
    NO_CONTACT = "no_contact", "没人联系我"
    ATTITUDE = "attitude", "态度不好"
    TOO_SLOW = "too_slow", "太慢"
    UNCLEAR = "unclear", "答复看不懂"


class EntryState(Labelled):
    """Where a version of a knowledge entry stands (domain.md §10)."""

    DRAFT = "draft", "草稿"
    TO_APPROVE = "to_approve", "待审核"
    PUBLISHED = "published", "已发布"
    REPLACED = "replaced", "已更新"
    UNPUBLISHED = "unpublished", "已下架"
    REJECTED = "rejected", "审核未通过"
