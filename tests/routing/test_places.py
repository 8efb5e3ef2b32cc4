"""The gazetteer finds where something is, and does not guess."""

import pytest

from routing.__main__ import DEMO_CITY
from routing.places import Place, read_gazetteer

CITY = read_gazetteer(DEMO_CITY / "places.csv")


@pytest.mark.parametrize(
    ("text", "area", "name"),
    [
        ("望湖区湖滨街道金桂苑小区3栋", "369001001", "金桂苑小区"),
        ("金桂苑门口", "369001001", "金桂苑小区"),
        ("我住在学府路88号", "369005", "学府路"),
        ("湖滨街道", "369001001", "湖滨街道"),
        ("江北区", "369002", "江北区"),
        ("江北大道和码头路路口", "369002002", "江北大道"),
        ("江北区滨江花园", "369002001", "滨江花园"),
        ("望江区滨江花园", "369003001", "滨江花园"),
        ("滨江花园", "", "滨江花园"),
        ("解放路", "", "解放路"),
        ("东门区解放路", "369006", "东门区"),
        ("清水镇柳塘村", "369007001", "柳塘村"),
        ("从火车站到江州大学", "369006002", "江州火车站"),
    ],
)
def test_the_narrowest_named_place_tells_the_area(text: str, area: str, name: str) -> None:
    place = CITY.find(text)

    assert place is not None
    assert (place.area, place.name) == (area, name)


@pytest.mark.parametrize("text", ["", "没有写地址", "上海市浦东新区", "望湖"])
def test_a_text_without_a_known_place_has_none(text: str) -> None:
    assert CITY.find(text) is None


def test_a_place_carries_district_street_and_community() -> None:
    assert CITY.find("书香门第") == Place("369005002", "学府区", "书院街道", "书院里社区", "书香门第小区")


def test_a_very_long_text_is_read_to_its_end() -> None:
    place = CITY.find("路" * 100_000 + "金桂苑")

    assert place is not None
    assert place.district == "望湖区"
