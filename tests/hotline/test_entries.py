"""Knowledge entries: two persons, versions, expiry (I16), citation (I17)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from hotline import clock
from hotline.database import session, transaction
from hotline.demo_city import load_entries
from hotline.errors import BadInput, Forbidden, IllegalStep
from hotline.importing import read_file
from hotline.models import EntryVersion, KnowledgeEntry
from hotline.models.words import EntryState
from hotline.tickets import ending, entries
from hotline.tickets.find_entries import EXPIRED, EntryQuery, entry_version, find_entries, search_terms
from tests.entry_makers import draft, entry_form, publish, published, version
from tests.makers import person, send_demand, ticket


def titles(username: str, words: str = "", state: str = "") -> list[str]:
    return [row.title for row in find_entries(EntryQuery(person(username), words, state))[0]]


def yesterday() -> date:
    return clock.city_day(clock.now()) - timedelta(days=1)


def run_out(row: EntryVersion) -> None:
    """Let its last day have been yesterday."""
    with transaction():
        session().get_one(EntryVersion, row.id).valid_to = yesterday()


@pytest.mark.usefixtures("desk")
class TestTwoPersons:
    def test_only_a_second_person_publishes(self):
        with transaction():
            row = entries.write_entry(entry_form(), person("kbapprover"))
            entries.ask_approval(row.entry_id, row.version, person("kbapprover"))
        with pytest.raises(Forbidden, match="另一人"), transaction():
            entries.approve(row.entry_id, row.version, person("kbapprover"))
        assert version(row.entry_id, 1).state is EntryState.TO_APPROVE

    def test_an_editor_or_an_agent_does_not_approve(self):
        row = draft()
        with transaction():
            entries.ask_approval(row.entry_id, 1, person("kbeditor"))
        for username in ("kbeditor", "agent1", "zjj_handler", "admin"):
            with pytest.raises(Forbidden), transaction():
                entries.approve(row.entry_id, 1, person(username))

    def test_the_database_itself_refuses_an_author_as_approver(self):
        row = draft()
        with pytest.raises(IntegrityError, match="two_persons"), transaction():
            session().execute(
                text("UPDATE entry_version SET approver_id = author_id WHERE id = :id"), {"id": row.id}
            )

    def test_a_department_does_not_write(self):
        with pytest.raises(Forbidden), transaction():
            entries.write_entry(entry_form(), person("zjj_lead"))

    def test_a_draft_is_not_approved_and_nothing_is_approved_twice(self):
        row = draft()
        with pytest.raises(IllegalStep), transaction():
            entries.approve(row.entry_id, 1, person("kbapprover"))
        publish(row)
        with pytest.raises(IllegalStep), transaction():
            entries.approve(row.entry_id, 1, person("kbapprover"))


@pytest.mark.usefixtures("desk")
class TestVersions:
    def test_the_published_version_stays_until_the_next_is_approved(self):
        first = published()
        with transaction():
            second = entries.change_entry(first.entry_id, entry_form(title="停水怎么查"), person("kbeditor"))
        assert second.version == 2
        assert titles("agent1") == ["停水了怎么办"]
        publish(second)
        assert titles("agent1") == ["停水怎么查"]
        assert version(first.entry_id, 1).state is EntryState.REPLACED
        assert session().get_one(KnowledgeEntry, first.entry_id).current == 2

    def test_a_version_once_written_keeps_its_words(self):
        first = published()
        with transaction():
            entries.change_entry(first.entry_id, entry_form(title="另一个标题"), person("kbeditor"))
        assert version(first.entry_id, 1).title == "停水了怎么办"

    def test_a_rejected_version_says_why_and_is_overtaken_by_the_next(self):
        row = draft()
        with transaction():
            entries.ask_approval(row.entry_id, 1, person("kbeditor"))
            entries.reject(row.entry_id, 1, person("kbapprover"), "依据写错了")
        assert version(row.entry_id, 1).approver_note == "依据写错了"
        with transaction():
            entries.change_entry(row.entry_id, entry_form(), person("kbeditor"))
        assert version(row.entry_id, 1).state is EntryState.REPLACED

    def test_what_is_unpublished_is_not_offered_but_stays_readable(self):
        other, row = published(title="停电了怎么办"), published()
        with transaction():
            entries.unpublish(row.entry_id, person("kbeditor"), "政策已变")
        assert titles("agent1") == [other.title]
        assert entry_version(row.entry_id, None, person("agent1")).state is EntryState.UNPUBLISHED
        assert version(row.entry_id, 1).unpublished_why == "政策已变"

    def test_readers_never_see_a_draft(self):
        row = draft()
        assert titles("kbeditor") == [row.title]
        assert titles("agent1") == titles("agent1", state="draft") == []

    def test_a_department_does_not_see_what_is_for_agents_only(self):
        published(visibility="agent")
        assert titles("agent1")
        assert titles("zjj_handler") == []

    def test_every_mistake_is_named_by_its_field(self):
        wrong = entry_form(
            title="", answer_short="长" * 201, owner_id=None, basis="", valid_to=date(2024, 1, 1)
        )
        with pytest.raises(BadInput) as refused, transaction():
            entries.write_entry(wrong, person("kbeditor"))
        assert set(refused.value.fields) == {"title", "answer", "department", "source", "valid_to"}


@pytest.mark.usefixtures("desk")
class TestExpiry:
    def test_an_expired_entry_is_offered_only_to_whoever_asks_for_it(self):
        row = published()
        run_out(row)
        assert titles("agent1") == titles("agent1", "停水") == []
        assert titles("agent1", state=EXPIRED) == [row.title]

    def test_an_entry_of_tomorrow_is_not_offered_yet(self):
        published(valid_from=yesterday() + timedelta(days=2))
        assert titles("agent1") == []


@pytest.mark.usefixtures("desk")
class TestCitation:
    def answer(self, row: EntryVersion) -> int:
        no = send_demand()
        with transaction():
            cited = ending.Citation(row.entry_id, row.version)
            ending.answer_directly(ticket(no), person("dispatcher1"), "请先看小区的停水通知。", cited)
        return no

    def test_a_direct_answer_keeps_entry_and_version(self):
        row = published()
        self.answer(row)
        kept = session().execute(text("SELECT entry_id, entry_version FROM reply")).one()
        assert tuple(kept) == (row.entry_id, 1)

    def test_what_is_expired_unpublished_or_replaced_is_not_cited(self):
        expired, gone, old = published(), published(), published()
        run_out(expired)
        with transaction():
            entries.unpublish(gone.entry_id, person("kbapprover"), "已不适用")
            newer = entries.change_entry(old.entry_id, entry_form(), person("kbeditor"))
        publish(newer)
        for row in (expired, gone, old):
            with pytest.raises(BadInput):
                self.answer(row)


@pytest.mark.usefixtures("desk")
class TestSearch:
    def test_two_characters_are_enough_and_the_title_counts_most(self):
        published(title="燃气泄漏怎么办", answer_short="关阀开窗，停水停电都不要管。", keywords=())
        published()
        published(title="公积金怎么提取", similar_questions=(), answer_short="带身份证。", keywords=())
        assert titles("agent1", "停水") == ["停水了怎么办", "燃气泄漏怎么办"]

    def test_other_wordings_units_traditional_characters_and_keywords_find_it(self):
        published(title="公积金怎么提取", similar_questions=(), answer_short="带身份证。", keywords=())
        row = published()
        for words in ("没水", "爆管", "水务集团", "停水瞭怎麼辦", "家里没水了怎么办"):
            assert titles("agent1", words)[:1] == [row.title], words

    @pytest.mark.parametrize("words", ["%", "_", "\\", "' OR 1=1 --", "？！", "😀"])
    def test_signs_of_sql_are_only_letters(self, words):
        published()
        assert titles("agent1", words) == []

    def test_terms_are_pairs_of_characters_and_whole_latin_words(self):
        assert search_terms("ETC充值 5G") == ("etc", "充值", "5g")
        assert search_terms("水") == ("水",)

    def test_words_of_asking_count_only_where_nothing_else_was_typed(self):
        assert search_terms("请问公积金怎么办理？") == ("公积", "积金")
        assert search_terms("怎么办") == ("怎么", "么办")
        published(title="怎样办理退休手续", similar_questions=("需要什么材料",), keywords=())
        row = published(title="公积金提取", similar_questions=(), keywords=())
        assert titles("agent1", "公积金提取需要什么材料")[:1] == [row.title]


@pytest.mark.usefixtures("desk")
class TestImport:
    def test_the_demo_city_has_published_knowledge_by_two_people(self):
        load_entries()
        rows = session().execute(select(EntryVersion)).scalars().all()
        assert len(rows) == 68
        assert {row.state for row in rows} == {EntryState.PUBLISHED}
        assert all(row.author_id != row.approver_id for row in rows)

    def test_the_same_file_again_changes_nothing_and_a_changed_line_waits_for_approval(self, tmp_path):
        file = tmp_path / "knowledge.csv"
        head = "title,similar_questions,answer_short,basis,owner,valid_from\n"
        file.write_text(head + "停水了怎么办,没水了,请看公告。,供水条例,shuiwu,2025-01-01\n")
        for _ in range(2):
            with transaction():
                assert read_file("knowledge", file) == 1
        file.write_text(head + "停水了怎么办,没水了,请看新的公告。,供水条例,shuiwu,2025-01-01\n")
        with transaction():
            read_file("knowledge", file)
        states = session().execute(
            select(EntryVersion.version, EntryVersion.state).order_by(EntryVersion.version)
        )
        assert states.all() == [(1, EntryState.REPLACED), (2, EntryState.TO_APPROVE)]

    def test_an_unknown_owner_is_refused(self, tmp_path):
        file = tmp_path / "knowledge.csv"
        file.write_text("title,answer_short,basis,owner,valid_from\n停水,请看公告。,条例,nobody,2025-01-01\n")
        with pytest.raises(BadInput, match="nobody"), transaction():
            read_file("knowledge", file)
