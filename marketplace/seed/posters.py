"""The images of samples: their words in white serif on a ground, drawn here and sent in like an upload."""

from __future__ import annotations

import io
import re
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from werkzeug.datastructures import FileStorage

from marketplace.config import ROOT
from marketplace.kernel.files import File, keep_image

SIDE, MARGIN = 1200, 110
INK = "#fbf8f2"
LETTERS = ROOT / "static" / "fonts" / "literata-latin-opsz-normal.woff2"
LARGEST, SMALLEST, STEP = 150, 60, 10
# The colours that the descriptions name; the longest name that fits is meant.
GROUNDS = {
    "deep blue": "#17324d", "navy": "#1b2440", "slate grey": "#46505a", "charcoal": "#2b2d31",
    "oxblood": "#5a1a1f", "dark red": "#6d1f24", "brick red": "#8c3b2e", "terracotta": "#9a4f33",
    "pine green": "#1f4a3c", "dark green": "#1f4030", "moss green": "#4c5a2e", "teal": "#14575c",
    "plum": "#4b2545", "violet": "#43307a", "brown": "#4d3524",
}  # fmt: skip


def keep(words: str, described: str, *, owner: Any) -> File:
    """Draw `words` on the ground that `described` names, and keep it as `owner`'s upload."""
    drawn = io.BytesIO()
    draw(words, ground(described)).save(drawn, "WEBP", lossless=True, method=0)
    drawn.seek(0)
    return keep_image(FileStorage(drawn, filename="card.webp"), owner=owner)


def ground(described: str) -> str:
    """The colour that a description of the image names; charcoal when it names none."""
    said = described.partition(":")[0].lower()
    return next((colour for name, colour in GROUNDS.items() if name in said), GROUNDS["charcoal"])


def draw(words: str, colour: str) -> Image.Image:
    """A square with `words` as large as they fit."""
    image = Image.new("RGB", (SIDE, SIDE), colour)
    pen = ImageDraw.Draw(image)
    size = next((size for size in range(LARGEST, SMALLEST, -STEP) if fits(pen, words, size)), SMALLEST)
    text, look = wrapped(words, size), {"font": letters(size), "spacing": size // 3}
    _left, top, _right, bottom = pen.multiline_textbbox((0, 0), text, **look)
    pen.multiline_text((MARGIN, (SIDE - bottom - top) / 2), text, fill=INK, **look)
    return image


def fits(pen: ImageDraw.ImageDraw, words: str, size: int) -> bool:
    """Whether `words` stay within the margins at `size` pixels."""
    box = pen.multiline_textbbox((0, 0), wrapped(words, size), font=letters(size), spacing=size // 3)
    return max(box[2] - box[0], box[3] - box[1]) <= SIDE - 2 * MARGIN


def wrapped(words: str, size: int) -> str:
    """`words` with a line a sentence, broken where the margins would not hold it."""
    lines: list[str] = []
    for sentence in re.split(r"(?<=[.?!]) ", words):
        lines.append("")
        for word in sentence.split():
            longer = f"{lines[-1]} {word}".strip()
            if not lines[-1] or letters(size).getlength(longer) <= SIDE - 2 * MARGIN:
                lines[-1] = longer
            else:
                lines.append(word)
    return "\n".join(lines)


@cache
def letters(size: int) -> Any:
    """The marketplace's own serif at `size` pixels."""
    return ImageFont.truetype(str(LETTERS), size)
