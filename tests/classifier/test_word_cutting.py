"""Words are cut the same way for every reader."""

import tempfile

import pytest

from classifier import word_cutting
from classifier.word_cutting import cut, cut_for_search


def test_cutting_drops_stop_words_and_punctuation() -> None:
    assert cut("您好，我想反映一下小区的路灯不亮！") == ["小区", "路灯", "不亮"]


def test_words_of_our_dictionary_stay_whole() -> None:
    assert {"飞线充电", "业主委员会"} <= set(cut("業主委員會不管飞线充电"))


def test_search_words_hold_the_parts_of_long_words() -> None:
    found = cut_for_search("不动产登记中心ＡＰＰ")
    assert {"登记", "不动产登记", "app"} <= set(found)


def test_nothing_gives_no_words() -> None:
    assert cut("") == cut_for_search("。。！") == []


@pytest.mark.parametrize("planted", ["open to all", "a link"])
def test_a_cache_somebody_else_could_have_written_is_not_read(tmp_path, monkeypatch, planted) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = word_cutting._cache_folder()
    assert ours == word_cutting._cache_folder()
    ours.rmdir()
    if planted == "a link":
        ours.symlink_to(tmp_path)
    else:
        ours.mkdir()
        ours.chmod(0o777)
    assert word_cutting._cache_folder() != ours
