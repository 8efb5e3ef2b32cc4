"""What the people of a journey do through the front door, and what they leave behind in the tables."""

import re

from sqlalchemy import select

from hotline.database import session
from hotline.models import Assignment, Clock, Invitation, JournalEntry
from hotline.models.words import ClockKind
from tests.makers import ALONE, drain, ticket, unit_of

PLAIN = "金桂苑小区东侧工地连续三天夜里十一点还在浇筑混凝土，噪声吵得睡不着，希望管一管。"
VAGUE = "这里的情况一直没有人来看过，想请有关单位过来看看。"
REPLY = {
    "contacted": "yes", "contact_note": "十日上午电话联系，已说明安排", "fact_true": "true",
    "facts": "现场检查发现夜间施工属实", "handling": "责令停工并约谈项目负责人",
    "public_reply": "我们已责令工地停止夜间施工，如再发生请拨打12345。",
}  # fmt: skip
RECTIFIED = {
    "contacted": "yes", "contact_note": "已再次上门听取意见", "handling": "安排夜间巡查并封存设备",
    "public_reply": "工地夜间已停工，我们每晚巡查到月底。",
}  # fmt: skip
SATISFIED = {"connected": "yes", "contacted": "yes", "solved": "solved", "satisfied": "4", "note": "可以"}


def write(web, text=PLAIN, **changes):
    """A citizen sends a web message; the ticket's number from the receipt."""
    form = {
        "form_key": f"{text}{sorted(changes.items())}"[:60], "content": text, "phone": "13812345678",
        "place": "望湖区湖滨街道金桂苑小区", "name": "陈桂芳", "repeat_seen": "1",
    }  # fmt: skip
    assert web.post("/demands", data=form | changes).status_code == 303
    written = re.search(r"\d{8} \d{4} \d{4}", web.get("/receipt").text)[0]
    drain()
    return int(written.replace(" ", ""))


def do(browser, path, **fields):
    """Send a form that must be taken, and let the workers follow up."""
    answer = browser.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    drain()
    return answer


def login_of(no, role="handler"):
    """The login of the handler or lead of the department that holds the ticket."""
    return unit_of(no, role).username


def work(signed_in, no, **changes):
    """The department signs (unless it did), replies, and its lead submits."""
    handler, lead = signed_in(login_of(no)), signed_in(login_of(no, "lead"))
    if ticket(no).state.value == "to_sign":
        do(handler, f"/department/{no}/sign")
    do(handler, f"/department/{no}/reply", **(REPLY | changes))
    do(lead, f"/department/{no}/submit", without=ALONE)


def settle(signed_in, no):
    """Worked on, checked and called back: the citizen is invited to review."""
    work(signed_in, no)
    do(signed_in("dispatcher1"), f"/dispatch/{no}/check", decision="pass")
    do(signed_in("callback1"), f"/callback/{no}", **SATISFIED)


def steps(no):
    """The codes of the journal's steps, in order."""
    query = select(JournalEntry.step).where(JournalEntry.ticket_no == no).order_by(JournalEntry.seq)
    return [step.value for step in session().execute(query).scalars()]


def entry(no, step):
    """The newest journal row of a step."""
    query = select(JournalEntry).where(JournalEntry.ticket_no == no, JournalEntry.step == step)
    return session().execute(query.order_by(JournalEntry.seq.desc()).limit(1)).scalar_one()


def running(no):
    """The kinds of the clocks that run for the hotline and the unit that leads."""
    query = select(Clock.kind).where(Clock.ticket_no == no, Clock.met_at.is_(None), Clock.stopped_at.is_(None), leads())
    return {kind.value for kind in session().execute(query).scalars()}


def clock_of(no, kind):
    """The newest clock of a kind, of the hotline or the unit that leads."""
    mine = (Clock.ticket_no == no, Clock.kind == ClockKind(kind), leads())
    query = select(Clock).where(*mine).order_by(Clock.id.desc())
    return session().execute(query.limit(1).execution_options(populate_existing=True)).scalar_one()


def leads():
    """Whether a clock is the hotline's or the lead's, and no helping unit's."""
    helping = select(Assignment.id).where(Assignment.is_lead.is_(False))
    return Clock.assignment_id.is_(None) | Clock.assignment_id.not_in(helping)


def review_link(messages):
    """The path of the newest review link that was sent."""
    links = [params["link"] for _, template, params, _ in messages.sent if template == "review_invitation"]
    return "/r/" + links[-1].rpartition("/r/")[2]


def invitations(no):
    """All invitations of a ticket."""
    query = select(Invitation).where(Invitation.ticket_no == no).order_by(Invitation.id)
    return session().execute(query.execution_options(populate_existing=True)).scalars().all()


def sent(messages):
    """The templates of the messages that went out, in order."""
    return [template for _, template, *_ in messages.sent]
