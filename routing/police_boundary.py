"""Whose matter it is, the police's or the hotline's, or for a three-way call (domain.md §8.1)."""

import re
from dataclasses import dataclass

from classifier.normalise import excerpt, normalise
from routing.urgency import urgency_of

EMERGENCY_LINES = {"110": "公安", "119": "消防", "120": "急救", "122": "交警"}


@dataclass(frozen=True)
class Verdict:
    """`owner`: an emergency line (110, 119, 120, 122), "12345", or "both" for a three-way call; `action` in
    transfer (一键转接), three_way (三方通话), keep (本平台受理); `reason` a Chinese sentence."""

    owner: str
    action: str
    reason: str


@dataclass(frozen=True)
class Rule:
    """Words that tell whose matter it is; the first rule that fits decides."""

    owner: str
    action: str
    words: re.Pattern[str]
    reason: str


def rule(owner: str, action: str, words: str, reason: str) -> Rule:
    """A rule from its pattern."""
    return Rule(owner, action, re.compile(words), reason)


# Default; city practice, domain.md §8.1 (lists of Hebei, Yangzhong, Hai'an) and §4.4 (traps).
RULES = (
    rule(
        "12345", "keep",
        "是不是(?:诈骗|骗子)|怎么(?:分辨|识别).{0,6}(?:诈骗|骗)|反诈(?:中心|APP|宣传)",
        "咨询诈骗识别",
    ),
    rule(
        "12345", "keep",
        "(?:户口|落户|身份证|居住证|护照|驾驶证|年检|签注)",
        "咨询公安业务办理",
    ),
    rule(
        "110", "transfer",
        "集访|堵路|聚众|拉横幅|扬言|围堵|暴力讨",
        "可能影响公共安全，先由公安处置",
    ),
    rule(
        "110", "transfer",
        "赌博|卖淫|嫖娼|吸毒|贩毒|传销|黑社会|寻衅滋事|偷(?:了|走|电瓶|车)|被偷|盗窃|诈骗|敲诈|勒索|偷拍",
        "涉嫌违法犯罪线索",
    ),
    rule(
        "110", "transfer",
        "(?:派出所|民警|警察|交警|出警|立案).{0,12}(?:投诉|态度|不作为|不管|太慢|没人|不立案|不处理)|"
        "投诉.{0,6}(?:派出所|民警|警察)",
        "对警务的投诉由公安受理",
    ),
    rule(
        "110", "transfer",
        "(?:正在|现在|这会儿|半夜|凌晨|深夜).{0,16}(?:大喊大叫|唱歌|吼|音响|喇叭|蹦迪|广场舞|打麻将)",
        "正在发生的社会生活噪声，公安到场制止",
    ),
    rule(
        "both", "three_way",
        "(?:纠纷|争吵|吵架|讨要|欠薪|讨薪|物业|房东).{0,20}(?:威胁|动手|推搡|冲突|激化|骂|堵门|停水断电)",
        "民事纠纷有升级可能，三方通话确定",
    ),
    rule(
        "both", "three_way",
        "(?:精神(?:病|障碍)|醉酒|喝醉).{0,16}(?:扰|骚扰|闹|游荡)",
        "可能需要公安先到场，三方通话确定",
    ),
    rule(
        "12345", "keep",
        "停水|停电|停气|停暖|井盖|路灯|道路|物业|退款|退费|消费|工资|合同|噪[声音]|流浪[狗犬猫]|停车|快递|"
        "失物|遗失|证明|政策|补贴|社保|医保|公积金|学校|入学|邻里|漏水",
        "非警务的求助、咨询或投诉",
    ),
)  # fmt: skip


def whose_matter(text: str) -> Verdict:
    """Danger goes to its emergency line; then the lists; unclear: the platform that took it keeps it."""
    urgency = urgency_of(text)
    if urgency.line:
        named = "、".join(f"“{words}”" for words in urgency.words)
        where = f"即转{urgency.line}（{EMERGENCY_LINES[urgency.line]}）"
        return Verdict(urgency.line, "transfer", f"文中{named}，{where}")
    told = normalise(excerpt(text))
    for each in RULES:
        match = each.words.search(told)
        if match:
            return Verdict(each.owner, each.action, f"文中“{match[0]}”：{each.reason}")
    return Verdict("12345", "keep", "职责不明，由首接平台先行受理")
