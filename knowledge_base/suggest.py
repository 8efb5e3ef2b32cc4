"""Suggestions beside a demand being told: up to three entries, or none when nothing is near enough."""

from knowledge_base.search import Hits, Scope, search
from knowledge_base.search_index import SearchIndex

MOST_SUGGESTIONS = 3
FLOOR = 3.5
"""Lowest score shown: a telling word of a title and a little more; default, set on written demands."""

NEAR_THE_BEST = 0.5
"""A further suggestion reaches at least this share of the best score."""

LONGEST_TEXT = 500
"""What comes later in a long text is story, and would only bring in more chance words."""


def suggest(index: SearchIndex, text: str, scope: Scope) -> Hits:
    """Up to three hits for a demand's text; () when no entry is near enough to be worth a glance."""
    hits = search(index, text[:LONGEST_TEXT], scope, limit=MOST_SUGGESTIONS)
    if not hits or hits[0].score < FLOOR:
        return ()
    least = max(FLOOR, hits[0].score * NEAR_THE_BEST)
    return tuple(hit for hit in hits if hit.score >= least)
