"""Words are cut the same way for every reader."""

from classifier.words import cut, cut_for_search


def test_cutting_drops_stop_words_and_punctuation() -> None:
    assert cut("您好，我想反映一下小区的路灯不亮！") == ["小区", "路灯", "不亮"]


def test_words_of_our_dictionary_stay_whole() -> None:
    assert {"飞线充电", "业主委员会"} <= set(cut("業主委員會不管飞线充电"))


def test_search_words_hold_the_parts_of_long_words() -> None:
    words = cut_for_search("不动产登记中心ＡＰＰ")
    assert {"登记", "不动产登记", "app"} <= set(words)


def test_nothing_gives_no_words() -> None:
    assert cut("") == cut_for_search("。。！") == []
