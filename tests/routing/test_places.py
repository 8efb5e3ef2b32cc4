"""The gazetteer finds where something is, and does not guess."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.normalise import normalise
from classifier.training_data import read_labelled
from routing.__main__ import DEMO_CITY
from routing.choose import located
from routing.places import KINDS, Gazetteer, GazetteerRow, Place, read_gazetteer

CITY = read_gazetteer(DEMO_CITY / "places.csv")
REAL_CITY = read_gazetteer(Path(__file__).parents[1] / "data" / "haikou_places.csv")
"""A real city's four districts with their streets and towns; what follows a district's code is only numbered here."""


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


@pytest.mark.parametrize(
    ("address", "text", "area", "name"),
    [
        ("望湖区", "金桂苑小区东边工地", "369001001", "金桂苑小区"),
        ("湖滨街道", "江北区滨江花园的亲戚来时闻到", "369001001", "湖滨街道"),
        ("金桂苑3栋", "我住江北区滨江花园", "369001001", "金桂苑小区"),
        ("家门口", "江北区滨江花园的路灯", "369002001", "滨江花园"),
        ("滨江花园", "望江区那一个", "369003001", "滨江花园"),
    ],
)
def test_the_text_tells_the_spot_within_the_area_of_the_address(address: str, text: str, area: str, name: str) -> None:
    place = located(address, text, CITY)

    assert place is not None
    assert (place.area, place.name) == (area, name)


@pytest.mark.parametrize("text", ["", "没有写地址", "上海市浦东新区", "望湖"])
def test_a_text_without_a_known_place_has_none(text: str) -> None:
    assert CITY.find(text) is None


def test_a_place_carries_district_street_and_community() -> None:
    assert CITY.find("书香门第") == Place("369005002", "学府区", "书院街道", "书院里社区", "书香门第小区")


def test_a_place_has_a_point_only_where_that_is_all_of_it() -> None:
    rows = [GazetteerRow(f"{kind}一", kind, "369005002", "", (), 30.5, 125.5) for kind in KINDS]
    points = {row.kind: Gazetteer((row,)).find(row.name) for row in rows}

    assert [kind for kind, place in points.items() if place and place.point == (125.5, 30.5)] == ["landmark", "estate"]
    assert Gazetteer((replace(rows[-1], latitude=None),)).find("estate一").point is None


def test_a_very_long_text_is_read_to_its_end() -> None:
    place = CITY.find("路" * 100_000 + "金桂苑")

    assert place is not None
    assert place.district == "望湖区"


@pytest.mark.parametrize(
    ("text", "district", "street"),
    [
        ("龙华区金贸街道某大厦门前的路灯不亮", "龙华区", "金贸街道"),
        ("灵山镇农贸市场后面垃圾成堆", "美兰区", "灵山镇"),
        ("琼山区府城的小巷积水", "琼山区", ""),
        ("秀英区长流镇的公交站牌倒了", "秀英区", "长流镇"),
        ("從美蘭區海甸街道出發", "美兰区", "海甸街道"),
    ],
)
def test_a_real_city_is_a_table_like_any_other(text: str, district: str, street: str) -> None:
    place = REAL_CITY.find(normalise(text))

    assert place is not None
    assert (place.district, place.street) == (district, street)


def test_a_district_named_in_a_real_text_is_found() -> None:
    folder = os.environ.get("HOTLINE_REAL_TEXTS")
    if not folder:
        pytest.skip("HOTLINE_REAL_TEXTS is not set")
    cases = read_labelled(Path(folder) / "haikou_2018_train.csv.gz", "text_clean", "dept")
    named = [(name, text) for text in cases.texts for name in REAL_CITY.area_names.values() if text.startswith(name)]
    found = [(name, REAL_CITY.find(text)) for name, text in named]
    right = [place is not None and name in (place.district, place.street) for name, place in found]

    assert len(named) > 1000
    assert sum(right) / len(right) >= 0.97
