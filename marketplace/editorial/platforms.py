"""How long a text may be on each platform, how the platform counts, and where it folds.

Each figure has its source and the day it was read. X counts by its published weighting, Bluesky by
graphemes, the others by characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

READ_ON = "2026-11-22"


@dataclass(frozen=True)
class Platform:
    """name: as people read it. limit: the most units, or 0 for none. fold: characters before 'more'."""

    name: str
    limit: int
    unit: str
    fold: int
    source: str


@dataclass(frozen=True)
class Length:
    """How much of a platform's room a text takes."""

    used: int
    limit: int
    unit: str

    @property
    def over(self) -> int:
        """How much too long; 0 when it fits."""
        return max(0, self.used - self.limit) if self.limit else 0

    def __str__(self) -> str:
        return f"{self.used:,} of {self.limit:,} {self.unit}" if self.limit else f"{self.used:,} {self.unit}"


PLATFORMS = {
    "linkedin": Platform("LinkedIn", 3000, "characters", 210, "linkedin.com/help/linkedin/answer/a528176"),
    "x": Platform("X", 280, "weighted characters", 0, "docs.x.com/fundamentals/counting-characters"),
    "instagram": Platform("Instagram", 2200, "characters", 125, "help.instagram.com"),
    "threads": Platform("Threads", 500, "characters", 0, "developers.facebook.com/docs/threads"),
    "bluesky": Platform("Bluesky", 300, "graphemes", 0, "docs.bsky.app, lexicon app.bsky.feed.post"),
    "mastodon": Platform("Mastodon", 500, "characters", 0, "docs.joinmastodon.org/user/posting"),
    "tiktok": Platform("TikTok", 2200, "characters", 100, "support.tiktok.com"),
    "youtube": Platform("YouTube", 5000, "characters", 157, "support.google.com/youtube"),
    "facebook": Platform("Facebook", 63206, "characters", 477, "facebook.com/help"),
    "newsletter": Platform("Newsletter", 0, "characters", 0, "no limit"),
    "blog": Platform("Blog", 0, "characters", 0, "no limit"),
}

X_LINK = 23
# Code points that X counts as one; all others count as two (twitter-text configuration 3).
X_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
LINK = re.compile(
    r"https?://[^\s<>\"]+|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|co|uk|de|fr|eu|info|app|dev)\b"
    r"(?:/[^\s<>\"]*)?",
    re.IGNORECASE,
)
MASTODON_LINK = re.compile(r"https?://[^\s<>\"]+")


def length(text: str, platform: str, link: str = "") -> Length:
    """How much of `platform` the text takes. link: an address that goes with it, after a space."""
    whole = f"{text} {link}".strip() if link and link not in text else text
    counted = PLATFORMS[platform]
    return Length(COUNTERS.get(platform, len)(whole), counted.limit, counted.unit)


def fold_at(text: str, platform: str) -> int | None:
    """Where the platform cuts the text behind 'more', at a word's end, in characters; None when it does not."""
    fold = PLATFORMS[platform].fold
    if not fold or len(text) <= fold:
        return None
    cut = text.rfind(" ", 0, fold + 1)
    return cut if cut > 0 else fold


def graphemes(text: str) -> Iterator[str]:
    """`text` in what people see as single characters: joined emoji, flags and accents stay whole."""
    cluster, flags = "", 0
    for before, char in pairwise(" " + text):
        joins = cluster and (_extends(char) or before == "\u200d" or (_is_flag(char) and flags % 2 == 1))
        joins = joins or (before == "\r" and char == "\n")
        if not joins and cluster:
            yield cluster
            cluster = ""
        cluster += char
        flags = flags + 1 if _is_flag(char) else 0
    if cluster:
        yield cluster


def count_x(text: str) -> int:
    """The weighted length of a post on X: links 23, emoji 2, most scripts beyond Latin 2."""
    normal = unicodedata.normalize("NFC", text)
    links = LINK.findall(normal)
    return X_LINK * len(links) + sum(_x_weight(cluster) for cluster in graphemes(LINK.sub("", normal)))


def count_graphemes(text: str) -> int:
    """How many characters people see."""
    return sum(1 for _ in graphemes(text))


def count_mastodon(text: str) -> int:
    """As characters, every link counting 23."""
    return count_graphemes(MASTODON_LINK.sub("x" * 23, text))


COUNTERS: dict[str, Callable[[str], int]] = {
    "x": count_x,
    "bluesky": count_graphemes,
    "mastodon": count_mastodon,
}


def _x_weight(cluster: str) -> int:
    if _is_emoji(cluster):
        return 2
    return sum(1 if any(low <= ord(char) <= high for low, high in X_LIGHT) else 2 for char in cluster)


def _is_emoji(cluster: str) -> bool:
    first = ord(cluster[0])
    return (
        0x1F000 <= first <= 0x1FAFF
        or "\ufe0f" in cluster
        or "\u20e3" in cluster
        or (0x2600 <= first <= 0x27BF and unicodedata.east_asian_width(cluster[0]) == "W")
    )


def _is_flag(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _extends(char: str) -> bool:
    return char == "\u200d" or 0x1F3FB <= ord(char) <= 0x1F3FF or 0xE0020 <= ord(char) <= 0xE007F or (
        unicodedata.category(char) in {"Mn", "Me", "Mc"}
    )  # fmt: skip
