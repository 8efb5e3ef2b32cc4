"""Read labelled texts, split them by time or by groups, and find the same text told twice."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.features import clean
from classifier.labelled_file import TrainingDataError as TrainingDataError
from classifier.labelled_file import read_columns
from classifier.matters import DATA, load_matters


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and their labels, the same length, in the file's order."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def pick(self, places: Sequence[int]) -> "LabelledTexts":
        return LabelledTexts(tuple(self.texts[i] for i in places), tuple(self.labels[i] for i in places))


def read_labelled(path: Path, text_column: str, label_column: str) -> LabelledTexts:
    """Two columns of a .csv or .csv.gz; every other column is dropped, so no answer can leak through it.

    Rows without text or label are left out, spaces around a label too. Raises TrainingDataError when the file, a
    column or every row is missing.
    """
    pairs = read_columns(path, (text_column, label_column))
    kept = [(text, label.strip()) for text, label in pairs if text.strip() and label.strip()]
    if not kept:
        raise TrainingDataError(f"文件里没有同时写着文本和标注的行：{path.name}")
    return LabelledTexts(tuple(text for text, _ in kept), tuple(label for _, label in kept))


def written_examples() -> LabelledTexts:
    """Our own examples of every matter, a file a class; none was copied from a real demand."""
    files = [read_labelled(file, "text", "matter_code") for file in sorted((DATA / "examples").glob("*.csv"))]
    return LabelledTexts(tuple(t for one in files for t in one.texts), tuple(c for one in files for c in one.labels))


_UNIT = (
    r"(?:局|委|办|队|公司|集团|部门|单位|中心|街道|镇|乡|所|站|厅|政府|管委会|社区|村委"
    r"|城管|交警|警方|公安|工商|市政|路政|运管|环卫|园林|环保|住建)"
)
_ASKED = (
    r"(?:核实|核查|查实|处理|处置|查处|整治|解决|协调|跟进|跟办|介入|调查|执法|督促|监督|督办|回复|答复|办理|响应|联系市民)"
)
_BEFORE = r"(?:^|[，,。；;、！!？?）)\s])\s*"
_WITHIN = r"[^，,。；;！!？?：:（）()]"
_PLEASE = r"(?:希望|要求|恳请|请求|烦请|敬请|请(?!问)|望|转)"
HINT = re.compile(
    rf"{_BEFORE}(?:故?(?:现?来电|诉求)[：:]?)?{_PLEASE}{_WITHIN}{{0,20}}?{_UNIT}{_WITHIN}{{0,16}}?{_ASKED}{_WITHIN}{{0,12}}$"
    rf"|{_BEFORE}(?:(?:{_PLEASE}|并){_WITHIN}{{0,6}}{_ASKED}(?:市民)?|并?(?:响应处置|联系市民))$"
    rf"|{_BEFORE}(?:已?转派|转交|派单至?){_WITHIN}{{0,12}}{_UNIT}$"
    rf"|{_BEFORE}(?:非常|万分)?(?:谢谢|感谢)(?:您|你们|大家)?$"
    r"|[（(【\[]+[^（）()【】\[\]]{0,40}(?:职能局|核实|处理|处置|响应|办件|转派)[^（）()【】\[\]]{0,40}[）)】\]]*$"
)
"""What an operator wrote for the dispatcher: it names the answer and must not be learned."""
_CLOSING = "。！!~～.；;，,、 \n"
_LONGEST_HINT = 200  # characters; default


def without_hint(text: str) -> str:
    """The text without what an operator put at its end: “请××局核实处理，谢谢！（30分钟内响应处置）”.

    A text that would be nothing without it stays: “要求物业公司处理漏水” is all that its requester said.
    """
    told = text.strip()
    kept, before = told[-_LONGEST_HINT:], ""
    while kept != before:
        before, kept = kept, HINT.sub("", kept.rstrip(_CLOSING))
    if kept == told[-_LONGEST_HINT:].rstrip(_CLOSING):
        return told
    shorter = told[:-_LONGEST_HINT] + kept
    return shorter if clean(shorter) else told


def described_matters() -> LabelledTexts:
    """Names and the parts of the descriptions of all matters, as very short texts."""
    pairs = [
        (part, matter.code)
        for matter in load_matters().values()
        if matter.is_leaf
        for part in (matter.name, *matter.description.replace("，", "、").split("、"))
        if part
    ]
    return LabelledTexts(tuple(text for text, _ in pairs), tuple(label for _, label in pairs))


def split_by_time(cases: LabelledTexts, test_share: float = 0.2) -> tuple[LabelledTexts, LabelledTexts]:
    """(earlier, later) of cases that stand in the order of time: a model is judged on what came after."""
    cut_at = round(len(cases) * (1 - test_share))
    return cases.pick(range(cut_at)), cases.pick(range(cut_at, len(cases)))


def split_by_groups(
    cases: LabelledTexts, groups: Sequence[Hashable], test_share: float = 0.2
) -> tuple[LabelledTexts, LabelledTexts]:
    """(train, test) with no group in both; groups are taken for the test from the end of the file."""
    order = list(dict.fromkeys(reversed(groups)))
    sizes = {group: 0 for group in order}
    for group in groups:
        sizes[group] += 1
    tested: set[Hashable] = set()
    for group in order:
        if sum(sizes[g] for g in tested) >= test_share * len(cases):
            break
        tested.add(group)
    return (
        cases.pick([i for i, group in enumerate(groups) if group not in tested]),
        cases.pick([i for i, group in enumerate(groups) if group in tested]),
    )


def without_seen(test: LabelledTexts, train: LabelledTexts) -> LabelledTexts:
    """The test cases whose cleaned text does not occur in training."""
    seen = {clean(text) for text in train.texts}
    return test.pick([i for i, text in enumerate(test.texts) if clean(text) not in seen])


def few_of_each(cases: LabelledTexts, shots: int) -> LabelledTexts:
    """`shots` cases a label, taken evenly over the file; all of them where it has fewer."""
    places: dict[str, list[int]] = {}
    for i, label in enumerate(cases.labels):
        places.setdefault(label, []).append(i)
    wanted = [(same, min(shots, len(same))) for same in places.values()]
    # The middle one of each of so many equal stretches.
    return cases.pick(sorted(same[(2 * k + 1) * len(same) // (2 * many)] for same, many in wanted for k in range(many)))


def doubles(cases: LabelledTexts) -> tuple[tuple[int, ...], ...]:
    """Places of the texts that are the same after cleaning, one tuple a text told more than once."""
    places: dict[str, list[int]] = {}
    for i, text in enumerate(cases.texts):
        places.setdefault(clean(text), []).append(i)
    return tuple(tuple(same) for same in places.values() if len(same) > 1)
