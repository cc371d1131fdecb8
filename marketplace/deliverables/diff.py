"""What changed between two texts, word by word. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

TOKEN = re.compile(r"\n+|[^\S\n]+|[^\s]+")

# So many characters that stayed between two changes are not worth stopping at.
KEPT = 3


class Run(NamedTuple):
    """A stretch of text that is the `same`, an `ins` or a `del`."""

    kind: str
    text: str


def words(old: str, new: str) -> list[Run]:
    """The runs that lead from `old` to `new`: all but `del` make up `new`, all but `ins` make up `old`."""
    before, after = TOKEN.findall(old), TOKEN.findall(new)
    runs: list[Run] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(Run("same", "".join(after[c:d])))
            continue
        runs += [Run("del", "".join(before[a:b]))] if b > a else []
        runs += [Run("ins", "".join(after[c:d]))] if d > c else []
    return _joined(runs)


def _joined(runs: list[Run]) -> list[Run]:
    """A short word kept between two changes is part of the change: less to read."""
    joined: list[Run] = []
    pending: dict[str, str] = {"del": "", "ins": ""}
    for index, run in enumerate(runs):
        between = (
            0 < index < len(runs) - 1
            and run.kind == "same"
            and len(run.text.strip()) <= KEPT
            and "\n" not in run.text
        )
        if between or run.kind != "same":
            for kind in ("del", "ins"):
                pending[kind] += run.text if run.kind in {kind, "same"} else ""
            continue
        joined += [Run(kind, text) for kind, text in pending.items() if text]
        pending = {"del": "", "ins": ""}
        joined.append(run)
    return joined + [Run(kind, text) for kind, text in pending.items() if text]
