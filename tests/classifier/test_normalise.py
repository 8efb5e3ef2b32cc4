"""One spelling for one text, and no personal number left in it."""

import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.normalise import mask, normalise

DIRT = st.text(
    st.sampled_from(
        list(
            "國發後裡乾着著一二三八〇幺１３８138 -—·,，。()（）〔〕電话姓名abAQ@.+苏Xx\u200b\ufe0fjian竞彩app"
        )
    )
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("優化政務服務", "优化政务服务"),
        ("ＡＢＣ　１２３ｋｇ", "ABC 123kg"),
        ("服務(wu)(wu)提(tí)质，意（yi）见", "服务提质，意见"),
        ("下载公司(app)，店名(ok)", "下载公司(app)，店名(ok)"),
        ("竞彩投注app,竞彩足球app、省政府高度重视", "、省政府高度重视"),
        ("被竞彩足球app骗了三万", "被竞彩足球app骗了三万"),
        ("噪 声\n\n  扰 民", "噪声扰民"),
        ("路灯\u200b不亮\ufeff", "路灯不亮"),
        ("你好，世界：（再见）", "你好，世界：（再见）"),
        ("", ""),
        ("😀🏻", "😀🏻"),
    ],
)
def test_dirty_spellings_become_one(dirty: str, clean: str) -> None:
    assert normalise(dirty) == clean


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), DIRT))
def test_normalising_and_masking_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert mask(mask(text, ("姓名", "國后")), ("姓名", "國后")) == mask(text, ("姓名", "國后"))


@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "１３８１２３４５６７８",
        "+86 13812345678",
        "0086-13812345678",
        "一三八一二三四五六七八",
        "幺三八，幺二三四，五六七八",
        "壹叁捌壹贰叁肆伍陆柒捌",
        "138一二三四5678",
        "0510-88881234",
        "(0510)88881234",
        "０５１０　８８８８１２３４",
        "88881234",
        "8888 1234",
        "4661234",
        "+1 415 555 0134",
        "1381234567813912345678",
    ],
)
def test_a_phone_number_is_found_in_every_shape(number: str) -> None:
    assert mask(f"请打{number}找我") == "请打〔电话〕找我"
    assert mask(number) == "〔电话〕"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("证号32010219900307123X的人", "证号〔证件〕的人"),
        ("320102 19900307 1234", "〔证件〕"),
        ("３２０１０２１９９００３０７１２３ｘ", "〔证件〕"),
        ("老证320102900307123", "老证〔证件〕"),
        ("卡号6222 0212 3456 7890 123。", "卡号〔银行卡〕。"),
        ("4392260012345678", "〔银行卡〕"),
        ("苏A·12345闯红灯", "〔车牌〕闯红灯"),
        ("沪ad12345", "〔车牌〕"),
        ("粤Z1234港", "〔车牌〕"),
        ("发到zhang.san+1@mail.example.com吧", "发到〔邮箱〕吧"),
    ],
)
def test_other_numbers_get_their_own_mark(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "工单 20261121 0000 4318 和 2026112100004318",
        "2026年11月5日13:30",
        "20261105停水",
        "欠我5000000元",
        "12345热线",
        "国发〔2024〕3号",
        "一二三四楼",
        "3栋2单元1201室",
        "K15路公交 10086",
        "新街口A座B栋",
        "面积88881234平方米",
    ],
)
def test_harmless_numbers_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize("spelled", ["王晓华", "王曉華", "王 晓 华", "王晓華"])
def test_a_given_name_is_hidden_in_both_scripts(spelled: str) -> None:
    assert mask(f"我叫{spelled}，住三栋", names=["王晓华", "华"]) == "我叫〔姓名〕，住三栋"


def test_all_other_characters_stay_as_they_were() -> None:
    assert mask("國道①ＡＢ，电话１３８１２３４５６７８　謝謝") == "國道①ＡＢ，电话〔电话〕　謝謝"


@pytest.mark.parametrize("unit", ["1", "a", "1 ", "+1-", "國(guo)", "苏A", "a@b.", "〔电话〕", "3-", "😀"])
def test_a_hundred_thousand_characters_take_bounded_time(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    started = time.process_time()
    mask(text, ("王晓华",))
    normalise(text)
    assert time.process_time() - started < 3


def test_importing_normalise_loads_neither_jieba_nor_sklearn() -> None:
    code = "import sys, classifier.normalise; print({'jieba', 'sklearn', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
