"""No half-width punctuation stands between Chinese words on a screen, in a message or in the demo city."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "hotline"
HAN = "\u4e00-\u9fff“”《》（）"
HALF_WIDTH = re.compile(rf"[{HAN}][,:;?!][{HAN}\d]|[一-龥]\(|\)[一-龥]")
TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
QUOTED = re.compile(r"\"[^\"\n]*[\u4e00-\u9fff][^\"\n]*\"")


def places(text: str) -> list[str]:
    """The offending bits with what stands around them."""
    return [text[max(0, m.start() - 8) : m.end() + 8] for m in HALF_WIDTH.finditer(text)]


def test_templates_use_full_width_punctuation() -> None:
    found = {}
    for file in sorted(ROOT.glob("templates/**/*.html")):
        source = file.read_text("utf-8")
        shown = TEMPLATE_CODE.sub("", source)
        quoted = " ".join(re.findall(r"'([^'\n]*[\u4e00-\u9fff][^'\n]*)'", source))
        if bad := places(shown) + places(quoted):
            found[str(file.relative_to(ROOT))] = bad
    assert not found


def shown_texts(file: Path) -> list[str]:
    """The texts in a Python file that are not docstrings, or the quoted Chinese of a script."""
    source = file.read_text("utf-8")
    if file.suffix == ".js":
        return re.findall(r"'([^'\n]*[\u4e00-\u9fff][^'\n]*)'", source)
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in told
    ]


def test_sentences_in_code_and_scripts_use_full_width_punctuation() -> None:
    found = {}
    for file in sorted([*ROOT.glob("**/*.py"), *ROOT.glob("static/*.js")]):
        if bad := [place for text in shown_texts(file) for place in places(text)]:
            found[str(file.relative_to(ROOT))] = bad
    assert not found


def test_demo_data_uses_full_width_punctuation() -> None:
    """A comma that parts two cells is no punctuation, so only texts with quotes around them count."""
    found = {}
    for file in sorted([*ROOT.glob("demo_data/*.txt"), *ROOT.glob("demo_data/*.json")]):
        texts = QUOTED.findall(file.read_text("utf-8"))
        if bad := [place for text in texts for place in places(text)]:
            found[file.name] = bad
    assert not found


def test_the_search_itself_finds_a_half_width_comma() -> None:
    assert all(places(text) for text in ("请先登录,再提交", "时间:3 点", "须在(两天内)提出"))
    assert not places("请先登录，再提交（两天内）。")
