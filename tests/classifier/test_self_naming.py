"""Who wants to be nobody says who they are in many ways; others, companies and places keep their names."""

import time

import pytest

from classifier.normalise import normalise
from classifier.self_naming import HIDDEN, hide_self

NAMES = """
我叫[陈桂芳]，小区停水三天。|我叫[王强]，路灯坏了。|我名叫[欧阳建国]，要投诉。|我的名字是[赵敏]，请回复。|我的姓名：[李小红]。
本人[王小明]，住[3栋502]，楼道堆物。|本人[刘洋]系本村村民。|本人姓名[孙丽]，反映停电。|我是[周杰]，路面坑洼。|我是[张某某]，要举报。
我是[李女士]，孩子入学问题。|我姓[马]，请尽快。|免贵姓[郑]。|联系人：[李四]|联系人：[阿依古丽]，盼复|姓名：[买买提·艾力]，住户
投诉人：[何欣]，内容如下|举报人[钱学明]，电话保密|业主[吴芳]，反映电梯|我[陈桂芳]，今年65岁|我是[王小明]的母亲，学校不收|我儿子[王浩]，在二中上学
我丈夫叫[高峰]，被拖欠工资|垃圾没人清，望处理。[王小明]|望处理。谢谢！[李秀英] 2024年5月6日|我是[诸葛小亮]。|我叫[尼玛次仁·扎西]，我反映
落款：[林小雨]|我微信号是[wx_abc123]|加我微信：[lily2020]|市民[周国平]反映路灯不亮|我叫[陳桂芳]，請處理|俺叫[牛大壮]，村里断水|本人[于海]，2024年购房
"""
HOMES = """
我住在金桂苑小区[3栋502]，漏水。|我家住湖滨街道金桂苑[5幢1单元302室]，停水|本人住中山路[18号]|家住[3栋2单元]，噪音|我们家在李家村[四组12号]，路不通
住址：金桂苑[3-2-502]|联系地址：望湖区金桂苑[甲12栋]|我是金桂苑[3栋502]的业主，物业费|我家是[5号楼1201]，漏水|我的房子在金桂苑[12栋303]，渗水|我租住在城中村[8巷3号]，
"""
STAY = """
我叫了三次救护车都没来。|我叫保安来处理，他不管。|我叫他们停工。|本人于2024年3月购房。|本人于三月在该店消费。|本人曾多次反映。|本人高血压，买不到药。
本人单位不缴社保。|我方便面都买不到。|我全家，都受影响。|我马上，要毕业。|我向社区反映过。|我是江州市民，反映路灯。|我是安徽人，办社保。|我是孙女，代老人办。
万科物业经理王强态度恶劣。|张明局长收了钱。|被投诉人：王强|法定代表人：张三|负责人：李总，态度差|陈记饭店油烟扰民。|李家村村委会主任王大山占地。
金桂苑小区3栋502楼上漏水。|中山路18号在施工。|我家对面18号楼在施工。|我家楼下3号店铺油烟大|我单位，不发工资|希望处理。谢谢|我是高中生，食堂太贵|我是党员，反映问题
楼上3栋602的租户养鸡。|骗子微信号abc12345骗了我三万|他叫王强，住3栋。|老板叫张伟，欠我工资。|本人强烈要求退款。|本人房屋漏水。|我和邻居吵架。|我常年在外。
被举报人李某占道经营|我是租户，房东不退押金。|本人路过时摔倒|我原来，住过这里|本人连续三天反映|我孩子在江州二中上学。|我母亲常年吃药|我爱人高血压
"""


def cases(table: str) -> list[str]:
    """The sayings of a table, one between two bars."""
    return [one for line in table.strip().splitlines() for one in line.split("|")]


@pytest.mark.parametrize("said", cases(NAMES) + cases(HOMES))
def test_who_says_who_they_are_is_hidden(said: str) -> None:
    shown = "".join(one if n % 2 == 0 else HIDDEN for n, one in enumerate(said.replace("]", "[").split("[")))
    assert hide_self(normalise(said.replace("[", "").replace("]", ""))) == normalise(shown)


@pytest.mark.parametrize("unit", ["我", "我住", "3栋", "我是王小明3-"])
def test_a_very_long_text_takes_bounded_time(unit: str) -> None:
    started = time.process_time()
    hide_self((unit * 30_000)[:30_000])
    assert time.process_time() - started < 1


@pytest.mark.parametrize("said", cases(STAY))
def test_others_companies_and_places_stay(said: str) -> None:
    assert hide_self(normalise(said)) == normalise(said)
