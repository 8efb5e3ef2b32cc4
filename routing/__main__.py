"""python -m routing explain | check | evaluate | disagreements, with the demo city or another folder of CSVs."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

from classifier.labelled_file import TrainingDataError, file_bytes, read_columns
from classifier.matters import load_matters
from routing.case import Case, MatterGuess
from routing.check_duty_list import KnownCodes, check_duty_list
from routing.csv_table import BadTable
from routing.disagreements import DOUBTFUL, Compared, SettledCase, compare_cases, disagreements
from routing.duty_list import DutyList, read_duty_rows
from routing.evaluate_routes import (
    TypeScore,
    evaluate_alarms,
    evaluate_first_day,
    evaluate_routes,
    evaluate_types,
    nowhere_named,
    read_route_cases,
    unplaced_cases,
)
from routing.explained import Thought, explained, with_limits
from routing.places import Gazetteer, read_gazetteer
from routing.several_demands import ReadPart, parts_of
from routing.told_plainly import told_plainly

DEMO_CITY = Path(__file__).parent.parent / "hotline" / "demo_data"
GUESSES = 12  # as many as a worker keeps of a ticket: a unit's share adds up over them
MOST_NAMED = 5
"""How many labels that no row names are told (default)."""
WANTED_RECALL = 0.97
ALARM_CASES = Path(__file__).parent / "data" / "unseen_dangers.csv"
TYPE_CASES = Path(__file__).parent / "data" / "unseen_demands.csv"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when all is well, 1 with findings or wrong routes, 2 for a bad table."""
    asked = parser().parse_args(arguments)
    commands = {"explain": explain, "check": check, "evaluate": evaluate, "disagreements": compare}
    try:
        return commands[asked.command](asked)
    except BadTable as error:
        print(*error.faults, sep="\n", file=sys.stderr)
    except TrainingDataError as refusal:
        print(refusal, file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    root = argparse.ArgumentParser(prog="python -m routing", description="派单规则：解释、检查、评测")
    root.add_argument("--data", type=Path, help="存放 CSV 的文件夹，默认演示城市")
    root.add_argument("--on", type=date.fromisoformat, help="按哪一天，默认清单最新一行生效之日")
    commands = root.add_subparsers(dest="command", required=True)
    told = commands.add_parser("explain", help="一条诉求派给谁、为什么")
    told.add_argument("text")
    told.add_argument("--place", default="")
    told.add_argument("--at", type=time.fromisoformat, help="事发时刻，如 23:00")
    told.add_argument("--matter", type=known_matter, help="已知事项编码；不给则由分类器判断")
    told.add_argument("--cases", type=Path, help="历史工单 .csv 或 .csv.gz，用来找相似的；默认我们自己写的例句")
    told.add_argument("--text", dest="case_text", default="text", help="历史工单的文本列")
    told.add_argument("--label", dest="case_label", default="label", help="历史工单的标注列")
    told.add_argument("--json", action="store_true", help="一行 JSON")
    checked = commands.add_parser("check", help="检查确责清单")
    checked.add_argument("--duty-list", type=Path, help="单独一份清单；不给 --data 则不核对单位和区域")
    judged = commands.add_parser("evaluate", help="用写好的案例评测派单、险情和诉求类型；给出 --test 则评测无标注时的派单")
    judged.add_argument("--duty-list", type=Path, help="确责清单，默认 --data 文件夹中的一份")
    judged.add_argument("--test", type=Path, help="带标注的 .csv 或 .csv.gz，标注为主办单位")
    judged.add_argument("--text", default="text", help="文本列")
    judged.add_argument("--label", default="label", help="主办单位列")
    judged.add_argument("--json", action="store_true", help="一行 JSON")
    for command in (told, judged):
        command.add_argument("--model", type=Path, help="python -m classifier train 训练的事项模型，默认起步模型")
    add_disagreements(commands.add_parser("disagreements", help="实际承办单位与确责清单不一致之处"))
    return root


def known_matter(code: str) -> str:
    """The code of a matter, or of a class."""
    if code not in load_matters():
        raise argparse.ArgumentTypeError(f"没有事项{code}。")
    return code


def add_disagreements(told: argparse.ArgumentParser) -> None:
    """The options of the command that compares a history with a duty list."""
    told.add_argument("--duty-list", type=Path, required=True, help="确责清单")
    told.add_argument("--data", type=Path, required=True, dest="history", help="已办结工单，.csv 或 .csv.gz")
    told.add_argument("--text", default="text", help="文本列")
    told.add_argument("--matter", default="matter", help="事项编码列")
    told.add_argument("--label", default="label", help="最终承办单位列，写法与清单相同")
    told.add_argument("--area", help="区域代码列，不给则按全市")
    told.add_argument("--json", action="store_true", help="一行 JSON")


def read_city(folder: Path) -> tuple[DutyList, Gazetteer, dict[str, str]]:
    """The duty list, the gazetteer and the departments' names of a folder. Raises BadTable or TrainingDataError."""
    departments = {row[0]: row[1] for row in read_columns(folder / "departments.csv", ("code", "name"))}
    matters = {code: matter.name for code, matter in load_matters().items()}
    rows = read_duty_rows(folder / "duty_list.csv")
    return DutyList(rows, departments | matters), read_gazetteer(folder / "places.csv"), departments


def chosen_day(asked: argparse.Namespace, duty_list: DutyList) -> date:
    """The day asked for, else the day the newest row of the list begins: no clock is read."""
    return asked.on or max((row.valid_from for row in duty_list.rows), default=date.min)


def explain(asked: argparse.Namespace) -> int:
    """Prints all that is read of one text: matters, units with their reasons, type, urgency, place, limit and more."""
    duty_list, gazetteer, _ = read_city(asked.data or DEMO_CITY)
    city = with_limits(asked.data or DEMO_CITY, duty_list, gazetteer)
    thought = Thought((MatterGuess(asked.matter, 1.0),)) if asked.matter else think(asked)
    case = Case(asked.text, asked.place, "help", thought.guesses, chosen_day(asked, duty_list), asked.at)
    found = explained(case, thought, city)
    told = json.dumps(found, ensure_ascii=False) if asked.json else "\n".join(told_plainly(found))
    print(told.encode(errors="backslashreplace").decode())  # half a character, as terminals may send it
    return 0


def think(asked: argparse.Namespace) -> Thought:
    """What the starter classifier makes of the text; imported here, because it is slow to load."""
    from classifier.__main__ import similar_cases
    from classifier.training_data import read_labelled, written_examples

    model, parts = matter_model(asked), parts_of(asked.text)
    found = model.guess([asked.text], GUESSES)[0]
    read = model.likeliest([part.text for part in parts], GUESSES) if parts else []
    past = read_labelled(asked.cases, asked.case_text, asked.case_label) if asked.cases else written_examples()
    return Thought(
        tuple(MatterGuess(one.label, one.probability, one.evidence) for one in found),
        tuple(ReadPart(part, tuple(MatterGuess(*g) for g in found)) for part, found in zip(parts, read, strict=True)),
        similar_cases(asked.text, past),
    )


def matter_model(asked: argparse.Namespace) -> Any:
    """The model that reads matters: the file's, else the starter model."""
    from classifier.model import Classifier, ModelFileError, starter_model
    from classifier.word_pieces import EmbeddingsMissingError

    try:
        return Classifier.from_bytes(file_bytes(asked.model)) if asked.model else starter_model()
    except (ModelFileError, EmbeddingsMissingError) as damage:
        raise TrainingDataError(str(damage)) from damage


def first_day(asked: argparse.Namespace) -> int:
    """Prints n, top1 and top3 of situation B: our written examples and a duty list, not one label."""
    from classifier.training_data import read_labelled

    test = read_labelled(asked.test, asked.text, asked.label)
    folder = asked.data or DEMO_CITY
    duty_list = DutyList(read_duty_rows(asked.duty_list or folder / "duty_list.csv"))
    gazetteer = read_gazetteer(folder / "places.csv") if asked.data or not asked.duty_list else Gazetteer(())
    read = matter_model(asked).likeliest(test.texts, GUESSES)
    cases = unplaced_cases(test.texts, read, chosen_day(asked, duty_list))
    figures = evaluate_first_day(cases, test.labels, duty_list, gazetteer)
    print(json.dumps(figures, ensure_ascii=False, indent=None if asked.json else 2))
    unnamed = nowhere_named(test.labels, duty_list)
    if unnamed:
        told = "、".join(f"{label}（{count}条）" for label, count in unnamed.most_common(MOST_NAMED))
        print(f"清单没有写到{len(unnamed)}种标注，共{unnamed.total()}条，不可能派对：{told}", file=sys.stderr)
    return 0


def check(asked: argparse.Namespace) -> int:
    """Prints what is wrong in the duty list."""
    known = KnownCodes([code for code, matter in load_matters().items() if matter.is_leaf])
    if asked.data or not asked.duty_list:
        duty_list, gazetteer, departments = read_city(asked.data or DEMO_CITY)
        known = replace(known, departments=departments, areas=gazetteer.area_names)
    if asked.duty_list:
        duty_list = DutyList(read_duty_rows(asked.duty_list))
    findings = check_duty_list(duty_list.rows, known, chosen_day(asked, duty_list))
    for finding in findings:
        print(f"{finding.kind}：{finding.message}")
    print(f"共{len(duty_list.rows)}行，发现{len(findings)}处问题")
    return 1 if findings else 0


def compare(asked: argparse.Namespace) -> int:
    """Prints where the departments of a history are not those of the duty list."""
    duty_list = DutyList(read_duty_rows(asked.duty_list))
    on = chosen_day(asked, duty_list)
    columns = (asked.text, asked.matter, asked.label, *([asked.area] if asked.area else []))
    lines = enumerate(read_columns(asked.history, columns), start=2)
    cases = [
        SettledCase(number, matter, "".join(area), text, on, label)
        for number, (text, matter, label, *area) in lines
        if matter and label
    ]
    compared = compare_cases(cases, duty_list)
    if asked.json:
        print(json.dumps(comparison(compared), ensure_ascii=False))
        return 0
    figures = comparison(compared)
    print("{n}件中有对应条目的{with_row}件，由清单所列主办单位办理的{followed}件".format(**figures))
    for one in figures["groups"]:
        mark = f" {DOUBTFUL}" if one["doubtful"] else ""
        place = f"，{one['area']}" if one["area"] else ""
        told = "第{row}行（{matter}{place}）清单：{lead}，实际：{department}，{count}/{row_cases}件{mark}"
        print(told.format(**one, place=place, mark=mark))
    return 0


def comparison(compared: Sequence[Compared]) -> dict[str, Any]:
    """The figures of a comparison and its groups, worst first; `numbers` are lines of the history."""
    groups = [
        {
            "row": one.record.row.id, "matter": one.matter_code, "area": one.record.row.area,
            "lead": one.record.row.lead, "department": one.department, "count": len(one.numbers),
            "row_cases": one.record.cases, "share": round(one.share, 4), "doubtful": one.record.doubtful,
            "numbers": one.numbers,
        }
        for one in disagreements(compared)
    ]  # fmt: skip
    with_row, followed = sum(one.row is not None for one in compared), sum(one.followed for one in compared)
    return {"n": len(compared), "with_row": with_row, "followed": followed, "groups": groups}


def evaluate(asked: argparse.Namespace) -> int:
    """Prints the shares of right leads and heard dangers, and every case that went wrong."""
    if asked.test:
        return first_day(asked)
    folder = asked.data or DEMO_CITY
    duty_list, gazetteer, _ = read_city(folder)
    cases = read_route_cases(folder / "route_cases.csv", chosen_day(asked, duty_list))
    routes = evaluate_routes(cases, duty_list, gazetteer)
    alarms = evaluate_alarms(ALARM_CASES)
    print(f"主办单位正确：{routes.right}/{routes.total}")
    for text, wanted, got in routes.wrong:
        print(f"  应派{wanted}，实派{got or '无'}：{text}")
    print(f"险情召回：{alarms.heard}/{alarms.told}（{alarms.recall:.1%}）")
    print(f"报警准确：{alarms.heard}/{alarms.alarms}（{alarms.precision:.1%}）")
    print(f"转接号码正确：{alarms.right_line}/{alarms.heard}")
    for kind, texts in (("漏报", alarms.missed), ("误报", alarms.false)):
        for text in texts:
            print(f"  {kind}：{text}")
    print_types(evaluate_types(TYPE_CASES))
    return 1 if routes.wrong or alarms.recall < WANTED_RECALL else 0


def print_types(score: TypeScore) -> None:
    """How well request types are read, and every one read wrong."""
    print(f"诉求类型正确：{score.right}/{score.total}（{score.right / score.total:.1%}）")
    print(f"举报召回：{score.reports_heard}/{score.reports}")
    for text, wanted, got in score.wrong:
        print(f"  应为{wanted}，读作{got}：{text}")


if __name__ == "__main__":
    raise SystemExit(main())
