"""Search and suggestions: the right entry first, nothing expired or hidden, nothing when nothing fits."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge_base.entry import Visibility
from knowledge_base.evaluate_search import Question, evaluate, evaluate_held_out
from knowledge_base.search import Scope, search
from knowledge_base.search_index import SearchIndex
from knowledge_base.suggest import suggest
from tests.knowledge_base.knowledge_makers import (
    PUBLIC_TODAY,
    TODAY,
    demo_entries,
    demo_index,
    make_entry,
)


def titles(query: str, scope: Scope = PUBLIC_TODAY) -> list[str]:
    return [hit.entry.title for hit in search(demo_index(), query, scope)]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("家里没水了", "停水了怎么办"),
        ("煤气味很大", "燃气泄漏怎么办"),
        ("工地上干活不给工钱", "老板拖欠工资怎么办"),
        ("房本怎么办", "不动产权证怎样办理"),
        ("驾照过期", "驾驶证到期怎样换证"),
        ("居民醫保怎麼繳費", "城乡居民医保2026年度怎样缴费"),
        ("住房公積金租房提取", "住房公积金怎样提取"),
        ("ＫＴＶ太吵", "广场舞、邻居噪音扰民怎么办"),
    ],
)
def test_the_peoples_words_traditional_script_and_wide_letters_find_the_entry(query, title):
    assert titles(query)[0].startswith(title)


def test_an_expired_entry_is_offered_only_when_asked_for():
    old = "城乡居民医保2025年度集中缴费时间"
    assert old not in titles("2025年度居民医保集中缴费时间")
    assert titles("2025年度居民医保集中缴费时间", Scope(TODAY, with_expired=True))[0] == old
    assert titles("2025年度居民医保集中缴费时间", Scope(date(2025, 6, 1)))[0] == old


def test_an_entry_of_the_future_is_never_offered():
    index = SearchIndex.of([make_entry(valid_from=date(2027, 1, 1))])
    for scope in (Scope(TODAY), Scope(TODAY, with_expired=True)):
        assert search(index, "路灯不亮", scope) == ()
    assert search(index, "路灯不亮", Scope(date(2027, 1, 1)))


def test_each_reader_sees_what_is_meant_for_them():
    index = SearchIndex.of(make_entry(id=kind.value, visibility=kind) for kind in Visibility)
    for kind in Visibility:
        seen = {hit.entry.visibility for hit in search(index, "路灯不亮", Scope(TODAY, visibility=kind))}
        assert seen == {wider for wider in Visibility if wider <= kind}


def test_an_entry_of_another_district_is_not_offered():
    index = SearchIndex.of([make_entry(id=1, region="369001"), make_entry(id=2, region="369000")])
    assert [h.entry.id for h in search(index, "路灯", Scope(TODAY, region="369002"))] == [2]
    assert {h.entry.id for h in search(index, "路灯", Scope(TODAY, region="369001003"))} == {1, 2}


def test_a_hit_says_which_words_found_it_and_shows_the_fitting_sentence():
    answer = "请告诉我位置。灯杆漏电请远离。"
    index = SearchIndex.of([make_entry(answer_full=answer), make_entry(id=2, title="停水了怎么办")])
    hit = search(index, "灯杆漏电了", PUBLIC_TODAY)[0]
    assert {"灯杆", "漏电"} <= set(hit.words)
    assert hit.excerpt == "灯杆漏电请远离。"
    assert hit.score > 0


def test_a_long_sentence_is_shown_short():
    index = SearchIndex.of([make_entry(answer_full="路灯" * 100)])
    assert len(search(index, "路灯", PUBLIC_TODAY)[0].excerpt) == 80


@pytest.mark.parametrize("query", ["", "   ", "？！", "的", "🚰🚰", "xyzzy", "'; DROP TABLE entry; --"])
def test_a_query_without_a_known_word_finds_nothing(query):
    assert search(demo_index(), query, PUBLIC_TODAY) == ()
    assert suggest(demo_index(), query, PUBLIC_TODAY) == ()


def test_an_empty_index_and_a_huge_query_are_borne():
    assert search(SearchIndex.of([]), "路灯", PUBLIC_TODAY) == ()
    assert suggest(demo_index(), "路灯不亮。" * 20_000, PUBLIC_TODAY)[0].entry.title == "路灯不亮怎样报修"


@pytest.mark.parametrize(
    ("demand", "title"),
    [
        ("我住金桂苑，昨晚到现在家里一直没水，物业说不知道，什么时候能来水？", "停水了怎么办"),
        ("老板拖欠三个月工资不给，工地上有十几个人，现在联系不上他", "老板拖欠工资怎么办"),
        ("楼上卫生间漏水把我家天花板泡坏了，找了好几次不修", "楼上漏水怎么办"),
        ("我儿子明年上小学，户口不在本地，怎么报名", "义务教育阶段怎样报名入学"),
        ("滨江花园北门的井盖没了，晚上很危险", "井盖缺失或损坏怎么办"),
    ],
)
def test_a_demand_being_told_brings_the_entry(demand, title):
    hits = suggest(demo_index(), demand, PUBLIC_TODAY)
    assert hits[0].entry.title.startswith(title)
    assert len(hits) <= 3


@pytest.mark.parametrize(
    "demand",
    [
        "你好，请问一下",
        "今天天气不错",
        "学府路晚上有人打架",
        "滨江花园门口的树倒了",
        "请问怎么去火星旅游",
        "我要投诉隔壁养鸡",
    ],
)
def test_a_demand_no_entry_answers_brings_none(demand):
    assert suggest(demo_index(), demand, PUBLIC_TODAY) == ()


def test_scores_mean_the_same_in_a_larger_city():
    words = {"answer_short": "请携带材料到窗口办理。", "answer_full": "受理后按程序审核，结果会通知您。" * 8}
    noise = [make_entry(id=1000 + n, title=f"事项{n}怎么办理", **words) for n in range(1000)]
    large = SearchIndex.of([*demo_entries(), *noise])
    for query in ("你好，请问一下", "学府路晚上有人打架", "滨江花园门口的树倒了"):
        assert suggest(large, query, PUBLIC_TODAY) == ()
    assert suggest(large, "家里没水了怎么办", PUBLIC_TODAY)[0].entry.title.startswith("停水")


def test_unseen_wordings_of_the_demo_questions_are_found():
    quality = evaluate_held_out(demo_entries(), Scope(None))
    assert quality.asked >= 200
    assert quality.hit_at[1] >= 0.83
    assert quality.hit_at[3] >= 0.90
    assert quality.mrr >= 0.87


def test_ranks_are_counted_as_they_are():
    entries = [make_entry(id=1), make_entry(id=2, title="停水了怎么办")]
    questions = [Question("路灯", 1), Question("停水", 2), Question("路灯", 2), Question("护照", 1)]
    quality = evaluate(SearchIndex.of(entries), questions, PUBLIC_TODAY)
    assert (quality.asked, quality.hit_at[1], quality.mrr) == (4, 0.5, 0.5)
    assert quality.missed == (questions[2], questions[3])
    assert evaluate(SearchIndex.of(entries), [], PUBLIC_TODAY).mrr == 0


def test_a_new_version_of_an_entry_is_found_by_its_new_words():
    old = make_entry()
    index = SearchIndex.of([replace(old, version=2, title="庭院灯报修")])
    hit = search(index, "庭院灯", PUBLIC_TODAY)[0]
    assert (hit.entry.id, hit.entry.version) == (old.id, 2)
