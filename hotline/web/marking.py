"""A piece of a text with the words looked for marked, as pairs a template can draw without trusting HTML."""

import re
from collections.abc import Sequence

LONGEST = 120
LEAD = 20
"""Characters kept before the first word found."""


def marked(text: str, words: Sequence[str], longest: int = LONGEST) -> list[tuple[str, bool]]:
    """The text around the first word found, in pieces; True for the pieces that were looked for."""
    text = " ".join(text.split())
    found = (
        re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.I) if words else None
    )
    first = found.search(text) if found else None
    start = max(0, first.start() - LEAD) if first else 0
    cut = (
        ("…" if start else "") + text[start : start + longest] + ("…" if start + longest < len(text) else "")
    )
    if found is None:
        return [(cut, False)]
    pieces: list[tuple[str, bool]] = []
    at = 0
    for match in found.finditer(cut):
        if pieces and pieces[-1][1] and match.start() == at:
            pieces[-1] = (pieces[-1][0] + match[0], True)
        else:
            pieces += [(cut[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [piece for piece in [*pieces, (cut[at:], False)] if piece[0]]
