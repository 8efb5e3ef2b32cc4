"""Knowledge entries through their life: written, approved by a second person, replaced, unpublished.

A version never changes once written: every saving makes a new one, and what an answer once cited stays
readable. One table says which verb leads on from which state, by whom (domain.md §10, two-person rule).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import func, select, update

from hotline import clock
from hotline.database import session
from hotline.errors import BadInput, Forbidden, IllegalStep, NotFound
from hotline.models import Department, EntryVersion, KnowledgeEntry
from hotline.models.words import EntryState, Role
from hotline.people.accounts import Person
from hotline.tickets.rulebook import rules
from knowledge_base.entry import LONGEST_SHORT_ANSWER, MOST_SIMILAR_QUESTIONS, Entry

WRITERS = frozenset({Role.KB_EDITOR, Role.KB_APPROVER})
APPROVERS = frozenset({Role.KB_APPROVER})
REVIEW_EVERY = timedelta(days=180)
"""Ordinary review every 6 months (domain.md §10)."""
NO_ENTRY = "没有找到这条知识。"
MOVED_ON = "该版本的状态已经变化，请刷新后再操作。"
OWN_WORDS = "自己采编的知识须由另一人审核。"
OPEN_STATES = (EntryState.DRAFT, EntryState.TO_APPROVE, EntryState.REJECTED)


@dataclass(frozen=True)
class Rule:
    """From which state a verb leads on, for which roles; `second_person`: not for the version's author."""

    state: EntryState
    who: frozenset[Role]
    second_person: bool = False


RULES: Mapping[str, Rule] = {
    "ask_approval": Rule(EntryState.DRAFT, WRITERS),
    "approve": Rule(EntryState.TO_APPROVE, APPROVERS, second_person=True),
    "reject": Rule(EntryState.TO_APPROVE, APPROVERS, second_person=True),
    "unpublish": Rule(EntryState.PUBLISHED, WRITERS),  # a wrong answer goes at once; coming back takes two
}


@dataclass(frozen=True, kw_only=True)
class EntryForm:
    """What an editor writes; `valid_from` and `valid_to` are both days on which it may be quoted."""

    title: str
    similar_questions: tuple[str, ...] = ()
    answer_short: str
    answer_full: str = ""
    basis: str
    owner_id: int | None
    keywords: tuple[str, ...] = ()
    valid_from: date
    valid_to: date | None = None
    matter_code: str = ""
    region: str = ""
    audience: str = ""
    visibility: str = "public"
    review_by: date | None = None

    @classmethod
    def of(cls, entry: Entry, owner_id: int) -> "EntryForm":
        """The form of an entry read from a file; without a legal basis its owner is its source."""
        same = (
            "title", "similar_questions", "answer_short", "answer_full", "keywords", "valid_from",
            "valid_to", "matter_code", "region", "review_by",
        )  # fmt: skip
        values = {name: getattr(entry, name) for name in same}
        audience, visibility = entry.audience.value, entry.visibility.name.lower()
        basis = entry.basis or rules().unit_names[owner_id]
        return cls(**values, basis=basis, owner_id=owner_id, audience=audience, visibility=visibility)


def write_entry(form: EntryForm, person: Person) -> EntryVersion:
    """A new entry's first version, a draft. Raises `BadInput` by field, `Forbidden`."""
    _need_writer(person)
    entry = KnowledgeEntry(created_at=clock.now())
    session().add(entry)
    session().flush()
    return _add_version(entry, form, person)


def change_entry(entry_id: int, form: EntryForm, person: Person) -> EntryVersion:
    """The next version, a draft; what is published stays so until the draft is approved."""
    _need_writer(person)
    entry = _lock(entry_id)
    mine = EntryVersion.entry_id == entry_id
    overtaken = update(EntryVersion).where(mine, EntryVersion.state.in_(OPEN_STATES))
    session().execute(overtaken.values(state=EntryState.REPLACED))
    return _add_version(entry, form, person)


def ask_approval(entry_id: int, version: int, person: Person) -> EntryVersion:
    """Put a draft before a second person."""
    row = _take("ask_approval", _lock(entry_id), version, person)
    row.state = EntryState.TO_APPROVE
    return row


def approve(entry_id: int, version: int, person: Person) -> EntryVersion:
    """Publish: it replaces the version that was published before."""
    entry = _lock(entry_id)
    row = _take("approve", entry, version, person)
    former = update(EntryVersion).where(EntryVersion.entry_id == entry_id)
    session().execute(
        former.where(EntryVersion.state == EntryState.PUBLISHED).values(state=EntryState.REPLACED)
    )
    row.state, row.approver_id, row.decided_at = EntryState.PUBLISHED, person.id, clock.now()
    entry.current = version
    return row


def reject(entry_id: int, version: int, person: Person, words: str) -> EntryVersion:
    """Send a version back with what is to be changed."""
    row = _take("reject", _lock(entry_id), version, person)
    row.approver_note = _reason(words, "请写明要改什么。")
    row.state, row.approver_id, row.decided_at = EntryState.REJECTED, person.id, clock.now()
    return row


def unpublish(entry_id: int, person: Person, words: str) -> EntryVersion:
    """Take the published version off: it is no longer offered and stays readable with a mark."""
    entry = _lock(entry_id)
    row = _take("unpublish", entry, entry.current, person)
    row.unpublished_why = _reason(words, "请写明下架原因。")
    row.state, row.unpublished_by, row.unpublished_at = EntryState.UNPUBLISHED, person.id, clock.now()
    entry.current = None
    return row


def offered(row: EntryVersion, person: Person) -> dict[str, bool]:
    """The verbs a page offers this person on this version, `edit` among them."""
    return {"edit": person.has(*WRITERS)} | {verb: _refusal(verb, row, person) is None for verb in RULES}


def says(row: EntryVersion, form: EntryForm) -> bool:
    """Whether a version already says what a form does."""
    return all(
        getattr(row, name) == (list(value) if isinstance(value, tuple) else value)
        for name, value in asdict(form).items()
        if name != "review_by"
    )


def is_expired(row: EntryVersion) -> bool:
    """Whether its last day is over: such an entry is never offered (I16)."""
    return row.valid_to is not None and row.valid_to < clock.city_day(clock.now())


def _refusal(verb: str, row: EntryVersion, person: Person) -> Forbidden | IllegalStep | None:
    rule = RULES[verb]
    if not person.has(*rule.who):
        return Forbidden()
    if row.state is not rule.state:
        return IllegalStep(MOVED_ON)
    return Forbidden(OWN_WORDS) if rule.second_person and row.author_id == person.id else None


def _take(verb: str, entry: KnowledgeEntry, version: int | None, person: Person) -> EntryVersion:
    """The version, if this verb is this person's to take now."""
    wanted = select(EntryVersion).where(EntryVersion.entry_id == entry.id, EntryVersion.version == version)
    row = session().execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if row is None:
        raise IllegalStep(MOVED_ON)
    problem = _refusal(verb, row, person)
    if problem is not None:
        raise problem
    return row


def _lock(entry_id: int) -> KnowledgeEntry:
    """Hold the entry's row: its versions change one after the other."""
    query = select(KnowledgeEntry).where(KnowledgeEntry.id == entry_id).with_for_update()
    entry = session().execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if entry is None:
        raise NotFound(NO_ENTRY)
    return entry


def _add_version(entry: KnowledgeEntry, form: EntryForm, person: Person) -> EntryVersion:
    problems = {field: sentence for field, (wrong, sentence) in _checks(form).items() if wrong}
    if problems:
        raise BadInput(**problems)
    newest = select(func.max(EntryVersion.version)).where(EntryVersion.entry_id == entry.id)
    values = asdict(form) | {
        "similar_questions": list(form.similar_questions),
        "keywords": list(form.keywords),
        "review_by": form.review_by or clock.city_day(clock.now()) + REVIEW_EVERY,
    }
    row = EntryVersion(
        entry_id=entry.id, version=(session().execute(newest).scalar_one() or 0) + 1, state=EntryState.DRAFT,
        author_id=person.id, written_at=clock.now(), **values,
    )  # fmt: skip
    session().add(row)
    session().flush()
    return row


def _checks(form: EntryForm) -> dict[str, tuple[bool, str]]:
    """By field of the form: whether it is wrong, and the sentence that says so."""
    unit = session().get(Department, form.owner_id) if form.owner_id else None
    length, questions = len(form.answer_short), len(form.similar_questions)
    return {
        "title": (not form.title, "请填写标题。"),
        "answer": (
            not 0 < length <= LONGEST_SHORT_ANSWER,
            f"请填写答复口径，最多{LONGEST_SHORT_ANSWER}字；更多内容写在详细说明里。",
        ),
        "question": (questions > MOST_SIMILAR_QUESTIONS, f"其他问法最多{MOST_SIMILAR_QUESTIONS}条。"),
        "department": (unit is None or unit.valid_to is not None, "请选择有效的责任单位。"),
        "source": (not form.basis, "请填写依据或来源。"),
        "valid_to": (form.valid_to is not None and form.valid_to < form.valid_from, "失效日期早于生效日期。"),
    }


def _need_writer(person: Person) -> None:
    if not person.has(*WRITERS):
        raise Forbidden()


def _reason(words: str, sentence: str) -> str:
    if len(words.strip()) < 2:
        raise BadInput(words=sentence)
    return words.strip()
