"""The names of departments say what they lead, most where a city has labelled least."""

import csv

import numpy as np
import pytest

from classifier.label_names import WEIGHT, LabelNames, matters_of
from classifier.matters import DATA, load_matters
from classifier.model import Classifier
from classifier.prior import matter_scores
from classifier.training_data import TrainingDataError


@pytest.mark.parametrize(
    ("name", "leads", "leads_not"),
    [
        ("海城自来水有限公司", "0301", "0302"),
        ("公安局交通警察支队", "0507", "1201"),
        ("市公安局", "1201", "0507"),
        ("住房和城乡建设局", "0401", "0101"),
        ("城市管理和综合执法局", "0101", "0401"),
        ("住房公积金管理中心", "1402", "0401"),
        ("市场监督管理局", "0703", "0101"),
        ("卫生和计划生育局", "0904", "0801"),
    ],
)
def test_a_name_says_what_its_department_leads(name, leads, leads_not):
    assert leads in matters_of(name)
    assert leads_not not in matters_of(name)


@pytest.mark.parametrize("name", ["", "甲", "街道办/镇政府", "3"])
def test_a_name_that_says_nothing_leads_nothing(name):
    assert matters_of(name) == frozenset()


def test_every_row_names_matters_of_the_tree():
    with (DATA / "department_names.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    codes = [code for row in rows for code in row["matters"].split()]
    assert [code for code in codes if not any(one.startswith(code) for one in load_matters())] == []


def test_what_a_name_adds_fades_with_the_cases_of_its_label():
    names = LabelNames({"供水企业": 0, "街道办": 0, "供电局": 40}, ("0301", "0302"))
    assert names.margins(np.array([[1.0, 0.5]])).tolist() == [[WEIGHT, 0.0, WEIGHT / 4]]


@pytest.mark.proof
def test_names_help_a_city_with_two_cases_a_department():
    texts = ["家里水龙头没有水", "水表走得太快", "整栋楼没电", "电表跳闸好几次", "垃圾没人收", "门口有人摆摊"]
    labels = ["供水企业", "供水企业", "供电局", "供电局", "城管局", "城管局"]
    asked = ["小区停水一整天，什么时候恢复供应", "变压器冒火花，一片地方都黑了", "夜市油烟熏得住户不敢开窗"]
    with pytest.raises(TrainingDataError):
        Classifier().fit(texts[::2], labels[::2])
    plain = Classifier(prior=matter_scores()).fit(texts, ["甲", "甲", "乙", "乙", "丙", "丙"]).guess(asked)
    named = Classifier(prior=matter_scores()).fit(texts, labels).guess(asked)
    assert [row[0].label for row in named] == ["供水企业", "供电局", "城管局"]
    assert [row[0].label for row in plain] != ["甲", "乙", "丙"]
