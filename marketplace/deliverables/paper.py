"""A text laid out for the desk: paragraphs, struck and new words, anchors of notes, the platform's fold.

Pure: texts and positions in, escaped markup out. Nothing but the text itself stands in a paragraph besides
`del`, `.anchor`, `.cut` and `.vh`, so that a browser can count characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from marketplace.deliverables.diff import Run, words

# As many rows as the style sheet knows, less those for what follows the text; a longer text keeps its end in one
# paragraph. Blank lines part paragraphs and are in none of them.
ROWS_MOST = 38
SPAN_MOST = 12
GAP = re.compile(r"\n[^\S\n]*\n\s*")


class Pin(NamedTuple):
    """A note on the words from `start` to `end` of the new text, shown with its `number`."""

    number: int
    start: int
    end: int


@dataclass
class Paragraph:
    """start: where it begins in the new text. pins: the notes whose words end here."""

    row: int
    start: int
    markup: Markup = field(default_factory=Markup)
    pins: list[int] = field(default_factory=list)
    span: int = 1


class Atom(NamedTuple):
    """A stretch without a boundary inside, at `start` of the new text (struck words: where they stood)."""

    kind: str
    text: str
    start: int
    leads: bool


def lay_out(
    text: str, before: str | None, pins: list[Pin], fold: int | None, platform: str
) -> list[Paragraph]:
    """The paragraphs of `text`; against `before` its changes are marked, None marks none.

    fold: where `platform` (its name) cuts the text, in characters.
    """
    runs = words(before, text) if before is not None else [Run("same", text)]
    gaps = [gap.span() for gap in GAP.finditer(text) if gap.end() < len(text)][: ROWS_MOST - 1]
    starts = [0, *(end for _, end in gaps)]
    cuts = sorted(
        {
            *(edge for gap in gaps for edge in gap),
            *(edge for pin in pins for edge in (pin.start, pin.end)),
            *([fold] if fold else []),
        }
    )
    laid = [Paragraph(row=number, start=start) for number, start in enumerate(starts, 1)]
    for atom in _atoms(runs, cuts):
        if atom.kind != "del" and any(low <= atom.start < high for low, high in gaps):
            continue
        target = max((p for p in laid if p.start <= atom.start), key=lambda p: p.start, default=laid[0])
        if fold is not None and atom.start == fold and atom.kind != "del":
            target.markup += Markup('<span class="cut">{} folds here</span>').format(platform)
        target.markup += _mark(atom, pins)
        if atom.kind != "del":
            _anchor(target, atom, pins)
    _spread(laid)
    return laid


def _atoms(runs: list[Run], cuts: list[int]) -> Iterator[Atom]:
    at = 0
    for kind, text in runs:
        if kind == "del":
            yield Atom(kind, text, at, True)
            continue
        edges = [at, *(cut for cut in cuts if at < cut < at + len(text)), at + len(text)]
        for low, high in pairwise(edges):
            yield Atom(kind, text[low - at : high - at], low, low == at)
        at += len(text)


def _mark(atom: Atom, pins: list[Pin]) -> Markup:
    shown = escape(atom.text if atom.kind != "del" else GAP.sub(" ", atom.text))
    end = atom.start + len(atom.text)
    if atom.kind != "del" and any(pin.start <= atom.start and end <= pin.end for pin in pins):
        shown = Markup("<mark>{}</mark>").format(shown)
    if atom.kind == "same" or not atom.text.strip():
        return shown if atom.kind != "del" else Markup("")
    word = "Struck" if atom.kind == "del" else "New"
    said = Markup('<span class="vh">{}: </span>').format(word) if atom.leads else Markup("")
    whole = Markup("<del>{}{}</del>") if atom.kind == "del" else Markup("<ins>{}{}</ins>")
    return whole.format(said, shown)


def _anchor(target: Paragraph, atom: Atom, pins: list[Pin]) -> None:
    for pin in pins:
        if pin.end == atom.start + len(atom.text):
            target.pins.append(pin.number)
            target.markup += Markup(
                '<a class="anchor" id="m{0}" href="#t{0}" aria-label="Note {0}">{0}</a>'
            ).format(pin.number)


def _spread(laid: list[Paragraph]) -> None:
    """Each paragraph's notes may run on beside the next ones, down to the next that has notes."""
    noted = [paragraph.row for paragraph in laid if paragraph.pins]
    for paragraph in laid:
        later = next((row for row in noted if row > paragraph.row), len(laid) + 1)
        paragraph.span = min(max(1, later - paragraph.row), SPAN_MOST)
