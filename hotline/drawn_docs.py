"""Draws the documents that must equal the code: the life of a ticket and the closed lists of the glossary.

`python -m hotline.drawn_docs` writes them; a house test fails when they are out of date.
"""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from hotline.models import words
from hotline.models.words import ENDED, Labelled, State
from hotline.tickets.moves import MOVES, Move
from hotline.tickets.reactions import FOLLOWS

DOCS = Path(__file__).resolve().parent.parent / "docs"
LIFE = "life_of_a_ticket.md"
LISTS = "glossary_lists.md"

LIFE_HEAD = """# The life of a ticket

Drawn from `hotline/tickets/moves.py` (who may take which step from where to where, and what its clocks do)
and `hotline/tickets/reactions.py` (what follows). Don't edit: run `python -m hotline.drawn_docs`.

The main line:

```
draft ──register──▶ to_dispatch ──dispatch──▶ to_sign ──sign──▶ handling ──reply──▶ replied ──submit──▶ to_check
   closed ◀──give_review── to_evaluate ◀──call_back── to_callback ◀──pass_check── to_check
                              │ bad review
                              ▼
                          rectifying ──verify_rectification──▶ to_evaluate (a new review each round)
```

`closed`, `not_accepted`, `transferred`, `merged` and `withdrawn` carry a closing reason; the database refuses them
without one.

"""


def life() -> str:
    """The document of the life cycle."""
    lines = [LIFE_HEAD, "## States\n", "| state | 中文 | leaves by |", "|---|---|---|"]
    for state in State:
        leaving = [f"`{m.step}`" for m in MOVES.values() if state in m.start and m.to and state not in m.to]
        lines.append(f"| `{state}` | {state.label} | {', '.join(leaving)} |")
    lines += ["\n## Steps\n", "| step | 中文 | from | to | who | clocks | what follows |", "|---" * 7 + "|"]
    lines += [step_line(move) for move in MOVES.values()]
    return "\n".join(lines) + "\n"


def step_line(move: Move) -> str:
    """One row of the steps' table."""
    clocks = [f"meets {kind}" for kind in move.meets] + [f"starts {kind}" for kind in move.starts]
    clocks += ["stops the rest"] if move.stops else []
    names = [(f"`{follow.kind}`", follow.when.__name__) for follow in FOLLOWS[move.step]]
    follows = [kind if when == "always" else f"{kind} ({when})" for kind, when in names]
    cells = (
        f"`{move.step}`", move.step.label, states(move.start), states(move.to) or "stays",
        "、".join(role.label for role in sorted(move.who)), "; ".join(clocks), ", ".join(follows),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def states(some: frozenset[State | None]) -> str:
    """Some states in the order of life; the large groups by their names."""
    if some == frozenset(State) - ENDED:
        return "every open state"
    if some == ENDED - {State.ARCHIVED}:
        return "every ended state"
    return ", ".join(f"`{one}`" for one in State if one in some) or ("(new)" if None in some else "")


def closed_lists() -> Iterator[tuple[str, type[Labelled]]]:
    """Every closed list of the tables, those of `words.py` first."""
    for file in sorted(Path(words.__file__).parent.glob("*_words.py")):
        import_module(f"hotline.models.{file.stem}")
    several = sorted(Labelled.__subclasses__(), key=lambda one: (one.__module__ != words.__name__, one.__module__))
    return ((kind.__name__, kind) for kind in several)


def lists() -> str:
    """The document of the closed lists."""
    lines = ["# The closed lists\n"]
    lines.append("Drawn from `hotline/models/words.py` and the `…_words.py` beside it.")
    lines.append("Don't edit: run `python -m hotline.drawn_docs`.\n")
    for name, kind in closed_lists():
        lines += [f"## {name}\n", (inspect.getdoc(kind) or "") + "\n", "| code | 中文 |", "|---|---|"]
        lines += [f"| `{member}` | {member.label} |" for member in kind]
        lines.append("")
    return "\n".join(lines)


def write() -> None:
    """Write both documents."""
    (DOCS / LIFE).write_text(life())
    (DOCS / LISTS).write_text(lists())


if __name__ == "__main__":
    write()
