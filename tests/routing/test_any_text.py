"""Whatever stands in a text, reading it never fails, gives the same twice, and takes bounded time."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.features import clean
from classifier.model import starter_model
from classifier.normalise import mask, normalise
from routing.__main__ import DEMO_CITY, GUESSES, read_city
from routing.case import Case, MatterGuess
from routing.empty_text import says_nothing
from routing.explained import Thought, explained, with_limits
from routing.police_boundary import whose_matter
from routing.request_type import request_type_of
from routing.sensitive import sensitive_in
from routing.several_demands import ReadPart, parts_of
from routing.urgency import urgency_of

pytestmark = pytest.mark.slow

DUTY_LIST, PLACES, _ = read_city(DEMO_CITY)
CITY = with_limits(DEMO_CITY, DUTY_LIST, PLACES)
ON = max(row.valid_from for row in DUTY_LIST.rows)
CALM = "楼下的路灯三天没亮，老人出门摔了一跤，希望派人来修。"
DIRT = (
    "停水", "工地夜里十一点还在打桩，吵得睡不着。", "孩子", "1 ", "13812345678，", "（1）", "😀", "👨‍👩‍👧 停水", "street light broken ",
    "lu deng bu liang ",
    "路(lù)灯(dēng)坏(huài)", "路燈壞了", "ＡＢＣ１２３　停水！", "停\u200b水\u200d", "\u202e停水\u202c", "\x01\x08停\x7f水\n",
    "\ud800停水\udfff", "路灯 不 亮 了", "踣灯壤孓，氵又亻亡俚", "竞彩app,足彩APP网址 ", "——", "((((", "@a.", "京A1", "。", "e\u0301\u0327",
    "\ufdfa", "ㄱㅏ", "另外，", "1、2、", "第二，", "举报收钱", "派出所民警", "很多人拉肚子", "<b>&nbsp;</b>", "%00%20", "\\", "|||", "一", "喂",
)  # fmt: skip
LENGTHS = (1, 10, 34, 87, 300, 1000)
LONGEST_OF_THE_DESK, LONGEST = 5000, 100_000
P99 = 0.05  # seconds of CPU for one text
MARGIN = 2  # for slow machines

model = lru_cache(maxsize=1)(starter_model)
READERS: tuple[Callable[[str], object], ...] = (
    request_type_of, sensitive_in, says_nothing, parts_of, whose_matter, urgency_of, clean,
    lambda text: model().guess([text]),
)  # fmt: skip


def of_length(length: int) -> Iterator[str]:
    for piece in DIRT:
        yield (piece * (length // len(piece) + 1))[:length]


def all_of(text: str) -> object:
    """Everything that is read of one text, as the desk reads it: normalised and masked first."""
    told = mask(normalise(text), ["陈桂芳"])
    guesses = tuple(MatterGuess(one.label, one.probability, one.evidence) for one in model().guess([told], GUESSES)[0])
    parts = parts_of(told)
    read = model().likeliest([part.text for part in parts], GUESSES) if parts else []
    cut = tuple(ReadPart(part, tuple(MatterGuess(*g) for g in ones)) for part, ones in zip(parts, read, strict=True))
    return explained(Case(told, "", "help", guesses, ON), Thought(guesses, cut), CITY)


def seconds(reader: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    reader(text)
    return time.process_time() - began


@pytest.mark.parametrize("length", [10, pytest.param(LONGEST_OF_THE_DESK, marks=pytest.mark.slow)])
def test_dirt_is_read_without_failing_and_the_same_twice(length: int) -> None:
    for text in islice(of_length(length), 0, None, 1 if length < 100 else 6):
        assert all_of(text) == all_of(text)


@settings(max_examples=25, deadline=None)
@given(st.text() | st.lists(st.sampled_from((*DIRT, CALM)), max_size=8).map("".join))
def test_any_text_is_read_without_failing_and_the_same_twice(text: str) -> None:
    assert all_of(text) == all_of(text)


@given(st.characters(blacklist_categories=["Cs"]), st.integers(0, len(CALM)))
@settings(max_examples=25, deadline=None)
def test_one_stray_sign_makes_no_report_of_a_broken_lamp(sign: str, place: int) -> None:
    assert request_type_of(CALM[:place] + sign + CALM[place:]).kind != "report"


def test_dirty_spellings_are_read_like_clean_ones() -> None:
    for told, dirty in (
        ("工厂偷排废水", "工\u200b厂偷排廢水"), ("再不管就集体上访", "再 不 管 就 集 体 上 訪"), ("公司拖欠工资", "公司\x01拖欠\u202e工資"),
    ):  # fmt: skip
        assert request_type_of(told) == request_type_of(dirty)
        assert sensitive_in(told) == sensitive_in(dirty)


@pytest.mark.slow
@pytest.mark.parametrize("lengths", [LENGTHS, (LONGEST_OF_THE_DESK,)])
def test_of_a_hundred_texts_ninety_nine_take_at_most_fifty_milliseconds(lengths: Sequence[int]) -> None:
    all_of(CALM)
    taken = sorted(seconds(all_of, text) for length in lengths for text in of_length(length))

    assert taken[int(len(taken) * 0.99)] < P99 * MARGIN


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(READERS)))
def test_a_hundred_thousand_characters_are_read_in_bounded_time(place: int) -> None:
    reader = READERS[place]
    reader(CALM)
    taken = [seconds(reader, text) for text in islice(of_length(LONGEST), 0, None, 4)]

    assert max(taken) < 5 * P99 * MARGIN
