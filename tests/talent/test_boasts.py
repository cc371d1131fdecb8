"""Boasts of audience are found; honest numbers are left alone."""

from __future__ import annotations

import pytest

from marketplace.talent.boasts import boasts_in, note

BOASTS = [
    "I grew it to 40k followers in a year.",
    "1.2 million monthly views",
    "Over 300,000 impressions a month",
    "reached 2 million people",
    "a reach of 50k",
    "My thread went viral twice.",
    "an engagement rate of 8%",
    "12 % engagement",
    "thousands of likes",
    "My audience of 90,000 trusts me.",
]
HONEST = [
    "Eleven years of answering letters, and a folder of 340 of them.",
    "We tested your tap 11,402 times last year.",
    "I would like to reach the people at the stop.",
    "The hospital answers 4,100 calls a day.",
    "She shares her views with 3 editors.",
    "I write for followers of the bus, not of accounts.",
    "Viral infections explained for nurses.",
]


@pytest.mark.parametrize("text", BOASTS)
def test_a_boast_is_found(text: str) -> None:
    assert boasts_in(text)
    assert "Please take out" in note(text)


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_sentence_is_left_alone(text: str) -> None:
    assert boasts_in(text) == []
    assert note(text) == ""
