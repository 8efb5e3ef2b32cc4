"""The words of pressing trouble below an emergency (domain.md §3.4); emergencies are heard by dangers.py.

Patterns are read against one sentence of normalised text; gaps are bounded, so that a very long text stays
cheap. Default list.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Trigger:
    """Words that raise a grade; `unless` takes back what the same sentence shows to be harmless."""

    grade: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def trigger(grade: str, words: str, unless: str = "") -> Trigger:
    """A trigger from two patterns, "" for no exception."""
    return Trigger(grade, re.compile(words), re.compile(unless) if unless else None)


CRITICAL = (
    trigger(
        "critical",
        "(?:整个|全|好几个|几百|上千|几千|一片|这片|片区|大面积|多个|半个|一大片|附近|县城|整条|半条|"
        "小区都).{0,12}(?:停水|停电|停气|断水|断电|断气|没水|没电|没气|一滴水|(?:水|电|气|暖气)都?(?:断|停)了|"
        "没有暖气|停暖|暖气.{0,4}(?:冰|不热)|燃气停|水淹)|(?:停水|停电|停气|没水|没电|停暖).{0,14}(?:几百|"
        "上千|几千|整个|全小区|小区都)|全停[水电气]",
        "计划停|通知",
    ),
    trigger(
        "critical",
        "(?:窨井|检查井|下水井|井口).{0,4}没(?:有)?盖|井盖.{0,8}(?:不见|没了|缺失|丢失|被偷|被盗|没有了|掉了)|没有?井盖|(?:缺|少|丢)(?:了)?.{0,3}井盖|"
        "井口敞",
    ),
    trigger(
        "critical",
        "(?:路|地)(?:面|上|下)?.{0,4}(?:塌陷|塌了|下陷|塌|陷).{0,6}(?:坑|洞|车|了)|大坑.{0,6}掉|地陷|"
        "路面.{0,3}(?:陷|塌|沉)",
    ),
    trigger(
        "critical",
        "(?:外墙|瓷砖|墙皮|玻璃|广告牌|树枝|空调外机|铁皮|雨棚|招牌|塔吊|脚手架|围挡).{0,14}(?:往下掉|"
        "掉下来|砸|坠|脱落|摇摇欲坠|要掉|掀|飞(?:下|出)|倒|歪)|摇摇欲坠|高空坠物|(?:墙|房|楼|桥|"
        "挡土墙).{0,12}(?:倾斜|鼓出来|要塌|要倒|怕塌|快塌|裂.{0,4}(?:大|缝|口))",
        "噪音|装修味",
    ),
    trigger(
        "critical",
        "水管.{0,6}(?:爆|破裂).{0,10}(?:街|路|片|小区)|(?:高压线|电线|电缆).{0,8}(?:断|垂|掉).{0,8}|"
        "变压器.{0,6}(?:冒|炸|火)",
    ),
    trigger(
        "critical",
        "(?:拉横幅|堵路|围堵|聚集|集体上访|集访|静坐|游行|堵门).{0,6}",
        "依法处理了|广告横幅",
    ),
    trigger(
        "critical",
        "(?:自来水|水).{0,6}(?:发黄|黄得|发臭|臭得|发黑|浑|异味).{0,24}(?:拉肚子|腹泻|好几个|整个|都这样)",
    ),
    trigger(
        "critical",
        "(?:老人|老汉|老太|爸|妈|爹|娘|父|母|爷|奶|外公|外婆|阿婆|老伴|孩子|小孩|儿子|女儿|孙子|孙女|弟|妹|痴呆|失智).{0,24}"
        "(?:走丢|走失|失踪|人不见了|没找[到着]|没(?:有)?回(?:来|家)|至今未归|下落不明)",
        "手环|演练|找回|送回|已经?找到|启事|采血|以前|上次|去年|前年|曾|怎么|多少|手机|钱包|证|包|猫|狗|车上",
    ),
    trigger(
        "critical",
        "极端(?:行为|手段|方式|事)|扬言|后果自负|大家走着瞧|闹大|出人命",
        "退出小区|涨价",
    ),
)  # fmt: skip

URGENT = (
    trigger(
        "urgent",
        "(?:整栋|全楼|一栋楼|单元|整个楼|楼里).{0,8}(?:停水|停电|停气|没水|没电|没气|没暖气|不热)",
    ),
    trigger(
        "urgent",
        "(?:独居|老人|孕妇|残疾|轮椅|病人|婴儿|透析|卧床|呼吸机|制氧|月子|新生儿).{0,18}(?:停电|停水|没电|"
        "没水|没有?暖气|冻|下不了楼|用不了|没饭|出不了门|断药|发抖)|(?:停电|停水|没暖气|"
        "电梯坏).{0,18}(?:独居|孕妇|轮椅|透析|呼吸机|制氧|卧床|新生儿)",
    ),
    trigger(
        "urgent",
        "漏电|水管.{0,4}爆|水漫|满屋.{0,3}水|(?:屋|家)里?进水|电.{0,4}泡|(?:流浪|乞讨).{0,10}(?:发抖|冻|"
        "零下|受伤)|断药|无家可归|独居老人.{0,10}没人",
    ),
)  # fmt: skip

TRIGGERS = (*CRITICAL, *URGENT)
