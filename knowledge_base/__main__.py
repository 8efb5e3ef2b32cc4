"""`python -m knowledge_base search FILE.csv QUERY | evaluate FILE.csv | import FILE.txt`."""

import argparse
import sys
from datetime import date
from pathlib import Path

from knowledge_base.entry import BadEntry, Visibility, read_entries
from knowledge_base.evaluate_search import evaluate_held_out
from knowledge_base.import_documents import read_document
from knowledge_base.search import Scope, search
from knowledge_base.search_index import SearchIndex


def main() -> None:
    """Read the command and print its result."""
    parser = argparse.ArgumentParser(prog="knowledge_base", description="知识库")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("search", "检索"),
        ("evaluate", "用留出的相似问法评测检索"),
        ("import", "文件转为条目草稿"),
    ):
        command = commands.add_parser(name, help=meaning)
        command.add_argument("file", type=Path)
    commands.choices["search"].add_argument("query")
    commands.choices["search"].add_argument("--on", type=date.fromisoformat, help="按哪一天的效力，缺省不限")
    options = parser.parse_args()
    try:
        {"search": _search, "evaluate": _evaluate, "import": _import}[options.command](options)
    except (OSError, BadEntry) as problem:
        sys.exit(f"无法读取：{problem}")


def _search(options: argparse.Namespace) -> None:
    index = SearchIndex.of(read_entries(options.file))
    for hit in search(index, options.query, Scope(options.on, visibility=Visibility.AGENT), limit=5):
        until = f"至{hit.entry.valid_to}" if hit.entry.valid_to else "长期"
        print(
            f"{hit.score:6.2f}  {hit.entry.title}（{hit.entry.owner}，{until}）  {'、'.join(hit.words[:6])}"
        )
        print(f"        {hit.excerpt}")


def _evaluate(options: argparse.Namespace) -> None:
    quality = evaluate_held_out(read_entries(options.file), Scope(None, visibility=Visibility.AGENT))
    shares = "  ".join(f"hit@{k} {share:.3f}" for k, share in quality.hit_at.items())
    print(f"{quality.asked} questions  {shares}  MRR {quality.mrr:.3f}")
    for question in quality.missed:
        print(f"  not in the first three: {question.text} (entry {question.entry_id})")


def _import(options: argparse.Namespace) -> None:
    document = read_document(options.file)
    print(f"{document.source}  sha256 {document.sha256}  {len(document.drafts)} drafts")
    for draft in document.drafts:
        print(f"  {draft.title}  {'；'.join(draft.warnings)}")
    for passage in document.rejected:
        print(f"  未采用：{passage.original[:30]!r}  {passage.reason}")


if __name__ == "__main__":
    main()
