"""Reads a document into draft entries: cleans what copying did to it, keeps the original and its hash."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from classifier.normalise import normalise

LONGEST_PASSAGE = 800
SHORTEST_PASSAGE = 20
LONGEST_TITLE = 40

_HEADING = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十百]{1,4}[)）、]|第[一二三四五六七八九十百零\d]{1,5}[章节条]|#+ )"
)
_SENTENCE = re.compile(r"[^。；！？]+[。；！？]?")
# Names of betting sites that mirror pages put in place of words (domain.md §1, seed data warnings).
_SPAM = re.compile(
    r"(?:竞彩|足彩|博彩|赌球|百家乐|老虎机)[^，,。、]{0,4}(?:投注|下注|足球|平台|app|网址|官网)", re.I
)
# What misread characters leave behind: replacement marks, phonetic letters, a "?" before a stop.
_DAMAGE = re.compile(r"[\ufffd\u3105-\u312f]|[\u3400-\u9fff]\?(?=[。，])")
_TABLE_ROW = re.compile(r"\|[^|\n]*\|")


@dataclass(frozen=True)
class Draft:
    """A passage proposed as an entry, for an editor to complete; `warnings` say what to check first."""

    title: str
    answer_full: str
    original: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Rejected:
    """A passage not proposed, with the reason in Chinese."""

    original: str
    reason: str


@dataclass(frozen=True)
class ImportedDocument:
    """A document as it was (`sha256` is of its bytes, in hex) and what came of it, in its order."""

    source: str
    original: str
    sha256: str
    drafts: tuple[Draft, ...]
    rejected: tuple[Rejected, ...]


def read_document(file: Path) -> ImportedDocument:
    """Read a UTF-8 text file; bytes that are none become replacement marks, which the drafts then warn of."""
    return import_document(file.read_bytes(), file.name)


def import_document(content: bytes, source: str) -> ImportedDocument:
    """Split into passages at headings and length; each becomes a draft or is rejected with a reason."""
    original = content.decode("utf-8-sig", "replace")
    drafts: list[Draft] = []
    rejected: list[Rejected] = []
    for passage in _passages(original):
        reason = _reason_against(passage)
        if reason:
            rejected.append(Rejected(passage, reason))
        else:
            drafts.append(_draft(passage))
    digest = hashlib.sha256(content).hexdigest()
    return ImportedDocument(source, original, digest, tuple(drafts), tuple(rejected))


def _passages(text: str) -> Iterator[str]:
    """Lines joined until a heading comes or the passage is long enough; a line longer than that is cut up."""
    held: list[str] = []
    for line in (piece for raw in text.splitlines() for piece in _short_enough(raw.strip())):
        full = sum(map(len, held)) + len(line) > LONGEST_PASSAGE
        if held and (full or _HEADING.match(normalise(line))):
            yield "\n".join(held)
            held = []
        held.append(line)
    if held:
        yield "\n".join(held)


def _short_enough(line: str) -> Iterator[str]:
    """The line, cut at sentence ends into pieces no longer than a passage; an endless sentence remains."""
    piece = ""
    for sentence in _SENTENCE.findall(line):
        if piece and len(piece) + len(sentence) > LONGEST_PASSAGE:
            yield piece
            piece = ""
        piece += sentence
    if piece:
        yield piece


def _reason_against(passage: str) -> str:
    if _SPAM.search(passage):
        return "含有被植入的广告词，原文可能已被改动，请从官方来源重新取得。"
    if len(normalise(passage)) < SHORTEST_PASSAGE:
        return "内容过短，不成条目。"
    return ""


def _draft(passage: str) -> Draft:
    lines = [cleaned for line in passage.splitlines() if (cleaned := normalise(line))]
    first = _SENTENCE.findall(lines[0])[0].rstrip("。；！？")
    title = first if len(first) <= LONGEST_TITLE else first[: LONGEST_TITLE - 1] + "…"
    return Draft(title, "\n".join(lines), passage, tuple(_warnings(passage)))


def _warnings(passage: str) -> Iterator[str]:
    if _DAMAGE.search(passage):
        yield "疑有识别错误的字，请核对原文。"
    if _TABLE_ROW.search(passage):
        yield "含有表格，行列可能错位，请核对牵头单位和责任单位。"
