"""The pure parts: repeating oneself, veiling names, calling writers by letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.proposals.blind import VEIL, letters, veil
from marketplace.proposals.echo import overlap
from tests.proposals.pitches import words


@given(st.integers(3, 120))
def test_the_same_words_overlap_wholly_and_other_words_not_at_all(count: int) -> None:
    assert overlap(words(count), [words(count).upper() + "!"]) == 1.0
    assert overlap(words(count), [words(count).replace("word", "other"), ""]) == 0.0


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=4))
def test_overlap_is_a_part(text: str, earlier: list[str]) -> None:
    assert 0.0 <= overlap(text, earlier) <= 1.0


def test_half_a_pitch_is_half_an_echo() -> None:
    ten, new = words(52), " ".join(f"new{at}" for at in range(50))
    assert overlap(f"{ten} {new}", [ten]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "given_away",
    ["Ines Okafor", "INES OKAFOR", "Yours, Ines.", "Okafor’s law", "ines-okafor", "ines@okafor.example",
     "https://okafor.example/me", "www.okafor.example", "@okafor_writes"],
)  # fmt: skip
def test_everything_that_names_the_writer_is_veiled(given_away: str) -> None:
    shown = veil(f"Before. {given_away} After.", "ines-okafor", parts="Ines Okafor")
    assert VEIL in shown
    assert "okafor" not in shown.lower()
    assert "Ines" not in shown
    assert shown.startswith("Before.")


def test_ordinary_words_stay() -> None:
    text = "Shines on the kitchen table; lines of print; an e-mail at noon."
    assert veil(text, "ines-o", parts="Ines O") == text


def test_letters_go_on_after_z() -> None:
    assert [letters(at) for at in (0, 2, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "C", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
