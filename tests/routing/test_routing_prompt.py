"""routing works from a prompt, and importing it loads nothing heavy."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from routing.__main__ import DEMO_CITY, main

ROOT = Path(__file__).parents[2]
LIGHT = """
import pathlib, sys, importlib
for path in pathlib.Path("routing").glob("*.py"):
    if not path.stem.startswith("learn_"):  # commands for those who write cases
        importlib.import_module(f"routing.{path.stem}")
heavy = {"jieba", "sklearn", "numpy", "flask", "sqlalchemy", "rq", "redis", "twilio"}
heavy |= {"hotline", "knowledge_base"}
print(sorted(heavy & {name.split(".")[0] for name in sys.modules}))
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_importing_every_module_of_routing_loads_nothing_heavy() -> None:
    assert run("-c", LIGHT).stdout.strip() == "[]"


def test_explain_names_the_lead_and_the_basis() -> None:
    told = run("-m", "routing", "explain", "夜里十一点工地还在打桩", "--place", "望湖区", "--matter", "0603")

    assert told.returncode == 0, told.stderr
    assert "派往：望湖区城市管理执法局（whq-cg，99%以上）" in told.stdout
    assert "第四十三条" in told.stdout


def test_check_finds_nothing_in_the_demo_city_and_a_fault_in_a_worse_one(tmp_path: Path) -> None:
    for name in ("departments.csv", "places.csv", "duty_list.csv"):
        (tmp_path / name).write_bytes((DEMO_CITY / name).read_bytes())
    lines = (tmp_path / "duty_list.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "duty_list.csv").write_text("\n".join(lines[:-1]), encoding="utf-8")

    assert run("-m", "routing", "check").returncode == 0
    worse = run("-m", "routing", "--data", str(tmp_path), "check")
    assert worse.returncode == 1
    assert "no_owner：事项1809没有兜底的主办单位" in worse.stdout


def test_a_table_that_can_not_be_read_is_explained(tmp_path: Path) -> None:
    for name in ("departments.csv", "places.csv"):
        (tmp_path / name).write_bytes((DEMO_CITY / name).read_bytes())
    (tmp_path / "duty_list.csv").write_text("matter_code\n0101\n", encoding="utf-8")

    broken = run("-m", "routing", "--data", str(tmp_path), "check")

    assert broken.returncode == 2
    assert "第1行“lead”列：缺少这一列" in broken.stderr


def test_evaluate_prints_the_scores() -> None:
    scores = run("-m", "routing", "evaluate")

    assert scores.returncode == 0, scores.stdout
    assert "主办单位正确：48/48" in scores.stdout
    assert "险情召回：" in scores.stdout


LIST = """matter_code,area,object,time,lead,co_units,basis,valid_from,valid_to
0203,,,,灯所, 电办 | 区办,《…》第一条,2025-01-01,2025-12-31
0203,,,,电办,,《…》第一条,2026-01-01,
0301,369001,,,水司,,《…》第二条,2025-01-01,
"""
TOLD = "said,who\n门口的路灯不亮,灯所\n门口的路灯不亮,区办\n望湖区停水三天了,水司\n路灯坏了,某局\n"


def test_another_citys_list_is_judged_on_the_day_and_with_the_places_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Packed or not, in GB 18030, with spaces around units; labels that the list never names are told apart."""
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(LIST.encode("gb18030")))
    (tmp_path / "told.csv").write_text(TOLD, encoding="gb18030")
    (tmp_path / "places.csv").write_bytes((DEMO_CITY / "places.csv").read_bytes())
    asked = ["evaluate", "--duty-list", str(tmp_path / "list.csv.gz"), "--test", str(tmp_path / "told.csv")]
    asked += ["--text", "said", "--label", "who", "--json"]
    for before, figures in (
        ([], {"n": 4, "top1": 0, "top3": 0}),
        (["--on", "2025-06-01"], {"n": 4, "top1": 0.25, "top3": 0.5}),
        (["--data", str(tmp_path), "--on", "2025-06-01"], {"n": 4, "top1": 0.5, "top3": 0.75}),
    ):
        assert main([*before, *asked]) == 0
        told = capsys.readouterr()
        (line,) = told.out.splitlines()
        assert json.loads(line) == figures
        assert "没有写到1种标注，共1条，不可能派对：某局（1条）" in told.err


def test_what_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["check", "--duty-list", "none.csv"], ["--data", str(tmp_path), "explain", "停水"]):
        assert main(asked) == 2
        assert "找不到文件" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["explain", "停水", "--matter", "9999"])
    assert "没有事项9999" in capsys.readouterr().err
    assert main(["explain", "停\udcff水", "--matter", "0301", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "停\udcff水"
