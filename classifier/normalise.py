"""Fold the many spellings of a Chinese text into one, and mark personal numbers; no jieba, no sklearn."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import opencc

_SIMPLIFIED = opencc.OpenCC("t2s")  # measured: 18 ms to load, 6 MB resident, so it need not be lazy
_ROUNDS = 5
LONGEST_READ, LONGEST_END = 3000, 1000  # characters; default
KEPT = 64  # texts whose reading is kept a moment: each reader of a text asks again for what all of them need
_HAN = r"\u3400-\u9fff"

# NFKC would turn these into ASCII; Chinese screens and sentences keep them.
_CHINESE_PUNCTUATION = re.compile("([，：；？！（）…—～、。《》“”‘’【】〔〕]+)")
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    r"\ufdfa\ufdfb]"  # the last two are whole sentences in one sign: NFKC would make the text eighteen times as long
)
_SPACE_IN_CHINESE = re.compile(rf"(?<=[{_HAN}，。、；：？！]) (?=[{_HAN}，。、；：？！])")

_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ", "aaaaeeeeiiiioooouuuuüüüü")
_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|iao|ian|ing|uai|uan|ang|eng|ong|[iuüv]an|ai|ei|ao|ou|an|en|er|ia|ie|iu|in"
    r"|ua|uo|ui|un|[uüv]e|[üv]n|[aoeiuüv])"
)
_TONED = r"[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]{1,6}"
_READINGS = re.compile(rf"(?<=[{_HAN}])(?:[(（] ?{_TONED} ?[)）])+")
_ONE_READING = re.compile(rf"{_SYLLABLE}")

# Mirror sites put two or more of these names side by side over a word of the original. A single name
# stays: a citizen who was cheated by such an app must be heard.
_SPAM_NAME = (
    r"(?:竞彩|足彩|彩票|博彩|体彩|赌球|棋牌|百家乐|老虎机)(?:投注|足球|篮球|下注|平台|娱乐)*"
    r"(?:app|APP|App|网址|官网|下载)"
)
_SPAM = re.compile(rf"{_SPAM_NAME}(?: ?[,，、]? ?{_SPAM_NAME})+")


def excerpt(text: str) -> str:
    """The beginning and the end of a very long text, so that reading it takes bounded time; others as they are."""
    if len(text) <= LONGEST_READ + LONGEST_END:
        return text
    return f"{text[:LONGEST_READ]}\n{text[-LONGEST_END:]}"


@lru_cache(maxsize=KEPT)
def normalise(text: str) -> str:
    """One spelling: simplified characters, half-width letters and digits, single spaces, no noise.

    Chinese punctuation is kept. Removed: control and zero-width characters, pinyin in brackets after a
    character, advertising names put in by mirror sites, spaces between Chinese characters
    (domain.md §1, seed data warnings). Never fails; applying it twice changes nothing.
    """
    for _ in range(_ROUNDS):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def _fold_once(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    parts = _CHINESE_PUNCTUATION.split(text)
    text = "".join(p if i % 2 else unicodedata.normalize("NFKC", p) for i, p in enumerate(parts))
    text = _SIMPLIFIED.convert(text.encode("utf-8", "ignore").decode())
    text = " ".join(text.split())
    text = _READINGS.sub(_without_pinyin, text)
    text = _SPAM.sub("", text)
    return _SPACE_IN_CHINESE.sub("", text).strip()


def _without_pinyin(found: re.Match[str]) -> str:
    readings = re.findall(_TONED, found[0].translate(_TONES))
    return "" if all(_ONE_READING.fullmatch(reading) for reading in readings) else found[0]


# -- marks for what identifies a person ------------------------------------------------------------------

_NUMERALS = dict(zip("零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789", strict=True))
_DASHES = dict.fromkeys("‐‑‒–—―−－·•．。_", "-")

_GAP = r"[\s\-,，]{0,3}"
_MONEY = r"(?!\s*(?:元|块|万|平|米|吨|人|千))"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def _digits(count: int) -> str:
    return rf"(?:{_GAP}\d){{{count}}}"


_DAY = rf"{_GAP}(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01])"
_MAIL = r"[a-z0-9][a-z0-9._%+\-]{0,63}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63})+"
_YEAR = rf"{_GAP}(?:1{_GAP}9|2{_GAP}0){_digits(2)}"
_IDENTITY_18 = rf"[1-9]{_digits(5)}{_YEAR}{_DAY}{_digits(3)}{_GAP}[\dx](?![\dx])"
_IDENTITY_15 = rf"[1-9]{_digits(7)}{_DAY}{_digits(3)}(?!\d)"
_PHONES = (
    rf"(?<!\d)(?:\+?(?:00)?86{_GAP}|0)?1{_GAP}[3-9]{_digits(9)}(?!\d)",
    r"\+\d(?:[\s\-]?\d){7,14}(?!\d)",
    rf"(?<!\d)[(（]?0\d{{2,3}}[)）]?{_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)",
    # Without an area code: not a date, not half of a longer number, not an amount.
    r"(?<!\d)(?<!\d[\s\-])(?!20\d\d(?:0\d|1[0-2])[0-3]\d(?!\d))"
    rf"[2-8]\d{{2,3}}[\s\-]?\d{{4}}(?![\s\-]?\d){_MONEY}",
    r"\d{20,}",  # numbers run together
)
_PLATE = rf"[{_PROVINCES}]\s?[a-z]\s?-?\s?[a-hj-np-z\d]{{4,5}}[a-hj-np-z\d挂学警港澳使领](?![a-z\d])"
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("〔邮箱〕", re.compile(_MAIL, re.I)),
    ("〔证件〕", re.compile(rf"(?<!\d)(?:{_IDENTITY_18}|{_IDENTITY_15})", re.I)),
    ("〔银行卡〕", re.compile(rf"(?<!\d)[3-6]{_digits(15)}(?:{_GAP}\d){{0,3}}(?!\d)")),
    ("〔电话〕", re.compile("|".join(_PHONES))),
    ("〔车牌〕", re.compile(_PLATE, re.I)),
)
_MARKS = re.compile(r"(〔(?:电话|证件|车牌|银行卡|姓名|邮箱)〕)")


def mask(text: str, names: Iterable[str] = ()) -> str:
    """The same words with marks such as 〔电话〕 for numbers and 〔姓名〕 for each of `names`.

    Finds numbers with spaces, dashes, full-width digits and Chinese numerals; names in both scripts and
    with spaces between, when they have at least two characters. All other characters stay as they were.
    Source: spine.md, Privacy ("a copy in which … are replaced by marks").
    """
    shapes = _shapes_with(tuple(names))
    while True:
        parts = _MARKS.split(text)
        masked = "".join(p if i % 2 else _mask_once(p, shapes) for i, p in enumerate(parts))
        if masked == text:
            return masked
        text = masked


@lru_cache(maxsize=256)
def _shapes_with(names: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    folded = ["".join(_fold_character(c) for c in name if not c.isspace()) for name in names]
    spelled = [r"\s*".join(map(re.escape, n)) for n in sorted(folded, key=len, reverse=True) if len(n) > 1]
    return (("〔姓名〕", re.compile("|".join(spelled), re.I)), *_SHAPES) if spelled else _SHAPES


def _mask_once(text: str, shapes: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    folded = "".join(map(_fold_character, text))
    for mark, shape in shapes:
        for found in reversed(list(shape.finditer(folded))):
            start, end = found.span()
            text, folded = (f"{one[:start]}{mark}{one[end:]}" for one in (text, folded))
    return text


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    """One character for one, so that a place found in the folded text is the same place in the original."""
    if character in _DASHES:
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    folded = _SIMPLIFIED.convert(folded) if folded.isprintable() else folded
    folded = _NUMERALS.get(folded, folded)
    return folded if len(folded) == 1 else character
