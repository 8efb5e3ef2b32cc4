"""The same demand told again is found, another one is not."""

from classifier.similar import likeness, most_similar


def test_the_same_demand_in_other_words_is_found_before_others() -> None:
    told = "金桂苑小区东侧工地夜里还在浇筑混凝土，吵得睡不着"
    others = ["路灯不亮", "金桂苑小区東側工地，夜里还在浇筑混凝土吵得睡不着觉！", told, "金桂苑小区停水"]
    assert [found.place for found in most_similar(told, others)] == [2, 1]


def test_likeness_is_symmetric_and_bounded() -> None:
    assert likeness("路灯不亮", "路灯不亮了") == likeness("路灯不亮了", "路灯不亮") < 1
    assert likeness("停水", "停水") == 1
    assert likeness("", "") == likeness("停水", "") == 0
