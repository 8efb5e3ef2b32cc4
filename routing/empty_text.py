"""Tells a text that says nothing from a terse one that does, so that the desk asks back instead of guessing."""

import re

from classifier.normalise import excerpt, normalise

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z]+")
_LETTERS = re.compile(r"[^\u3400-\u9fffa-z]+")

# What people say before they say anything; longer phrases first, for each is taken out where it stands.
_PHRASES = re.compile(
    "听得[到见]吗|听见吗|有人在吗|早上好|上午好|中午好|下午好|晚上好|没什么事?|能不能用|不好意思|不知道|对不起|随便|在不在|有人吗|"
    "在[吗么]|你好|您好|哈喽|哈罗|没事|就是|试试|测试|一[下个]|看看|写写|这个|谢谢|感谢|你们|没有|内容|同上|如题|附件|图片|照片|打错|拨错|"
    "有没有人管?|没人管|气死我?|没啥事?|如图|同上次|再见|麻烦|处理|那个|诉求|快点|"
    "按错|点错|号码|我要|我想|事[情儿]|问题|请问|反映|咨询|投诉|求助|举报|建议|帮[帮我忙]|尽快|联系|回?电话|人工|服务|客服|"
    "[喂嗨好嗯哦噢啊额呃哈呵嘿无号了的呢吧呀有个事想问我急请给转见回零一二三四五六七八九十]"
)
_KEPT = re.compile("补充：")
_EMPTY_LATIN = frozenset(
    ("hello", "hi", "hey", "test", "testing", "ok", "okay", "yes", "no", "abc", "qwerty", "asdf", "haha", "hahaha")
)
_NAMES_A_THING = frozenset(("etc", "wifi", "ktv", "atm", "app", "pos", "gps", "dna", "hpv", "ems"))
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊"
    "金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文肖"
)
_NAME = re.compile(
    rf"(?:我叫|我是|我姓|姓名)?((?:欧阳|司马|上官|诸葛|[{_SURNAMES}])(?:先生|女士|小姐|师傅|[\u3400-\u9fff]{{0,2}}))"
)
# Signs of a matter: a text with one of these is no bare name.
_MATTER = re.compile(
    "[水电气暖路灯房车漏堵坏脏臭吵停断塌裂破线费薪噪烟狗犬蚁牛温桥河桶厕梯楼井盖卖骗偷赌毒火烧打伤死病药校学税证卡款债工资贴区村苑街巷叫缺没不]"
)


def says_nothing(text: str) -> bool:
    """True for greetings, tests, keys pressed at random, signs, numbers, a bare name, a bare “I want to complain”.

    A city is asked everything in few words: whatever names a thing is taken (default).
    """
    told = _LETTERS.sub(" ", _KEPT.sub(" ", normalise(excerpt(text))).lower()).strip()
    han = "".join(_HAN.findall(told))
    if not han:
        return not _has_words(told)
    if len(set(han)) == 1 and len(han) > 1:
        return True
    return not _PHRASES.sub("", han) or _is_name(han)


def _has_words(told: str) -> bool:
    """Whether letters form words: the name of a thing, or two at least, each with a vowel, none typed at random."""
    words = [word for word in _WORD.findall(told) if len(set(word)) > 1 and word not in _EMPTY_LATIN]
    return not _NAMES_A_THING.isdisjoint(words) or sum(1 for word in words if re.search("[aeiouy]", word)) > 1


def _is_name(han: str) -> bool:
    found = _NAME.fullmatch(han)
    return found is not None and not _MATTER.search(found[1])
