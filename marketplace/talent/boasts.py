"""Finds boasts of audience in a text. Pure.

Followers, likes and reach are neither asked for, shown nor ranked here: they say how loud a place was,
not how well somebody wrote. So a field that holds such a boast gets a polite note to take it out.
"""

from __future__ import annotations

import re

_COUNTED = r"followers?|subscribers?|likes|reactions|impressions|views|shares|retweets|reposts|fans|connections|clicks"
_NUMBER = (
    r"(?:\d[\d.,\s]*\s?(?:k|m|mn|bn|thousand|million|billion)?\+?"
    r"|(?:hundreds|thousands|millions|billions)\s+of|a\s+(?:hundred|thousand|million))"
)
_WORDS = r"(?:\s+[\w'’-]+){0,2}?"

_BOASTS = re.compile(
    rf"""
    \b{_NUMBER}{_WORDS}\s+(?:{_COUNTED})\b          # 40k followers, 1.2 million monthly views
    | \b(?:reach|reached|reaching|audience)\s+(?:of\s+)?(?:over\s+|more\s+than\s+)?{_NUMBER}{_WORDS}
      (?:\s+people|\s+users|\s+accounts)?(?=[\s.,;!?)]|$)
    | \b(?:went|gone|go|goes|going)\s+viral\b
    | \bviral\s+(?:posts?|threads?|videos?|hits?|content|campaigns?)\b
    | \bengagement\s+(?:rates?\s+)?(?:of\s+|by\s+|up\s+)*\d+(?:[.,]\d+)?\s?(?:%|per\s?cent)
    | \d+(?:[.,]\d+)?\s?(?:%|per\s?cent)\s+(?:\w+\s+)?engagement\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def boasts_in(text: str) -> list[str]:
    """The boasts of followers, likes, views or reach in `text`, as written, in order."""
    return [" ".join(found.group().split()) for found in _BOASTS.finditer(text)]


def note(text: str) -> str:
    """A polite sentence about the first boast in `text`; empty when there is none."""
    found = boasts_in(text)
    if not found:
        return ""
    return (
        f"Please take out “{found[0]}”: numbers of followers, likes or reach are not shown here for anyone."
    )
