"""Search on real letters and their replies: a letter's title finds its reply among about 1,900."""

import csv
import gzip
import os
import random
from pathlib import Path

import pytest

from knowledge_base.evaluate_search import Question, evaluate
from knowledge_base.search import Scope
from knowledge_base.search_index import SearchIndex
from tests.knowledge_base.knowledge_makers import make_entry

REAL_TEXTS = os.environ.get("HOTLINE_REAL_TEXTS")
LONGEST_REPLY = 1500


@pytest.mark.slow
@pytest.mark.skipif(not REAL_TEXTS, reason="HOTLINE_REAL_TEXTS is not set: no real texts here")
def test_a_letters_title_finds_its_reply() -> None:
    with gzip.open(
        Path(REAL_TEXTS) / "replies_2020_train.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    entries = [
        make_entry(id=n, title="答复", answer_full=row["答复意见"][:LONGEST_REPLY])
        for n, row in enumerate(rows)
    ]
    asked = random.Random(1).sample(range(len(rows)), 300)
    questions = [Question(rows[n]["留言主题"], n) for n in asked]
    quality = evaluate(SearchIndex.of(entries), questions, Scope(None))
    print(f"hit@1 {quality.hit_at[1]:.3f}  hit@3 {quality.hit_at[3]:.3f}  MRR {quality.mrr:.3f}")
    assert quality.hit_at[3] >= 0.6
