"""Searching by words: the same answer on both databases, and nothing typed is ever syntax."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.kernel.db import commit
from marketplace.search import finding, indexing
from tests.search.people import seal, writer

PLAIN = "The heat pump café on Łódź Street does not shout.\n\nIt's quiet at −20."
STRANGE = [
    '"', "'", '"""', "NEAR(", "NEAR/2", "AND", "OR NOT", "*", "a*b", "-", "^", ":", "words:", "{x}", "(", ")", "%", "_",
    "\\", "&|!", "<->", "a:*", "\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "漢字", "ﬁ",
    "é", "e\u0301", "x" * 5000, " ".join(map(str, range(500))), ";--", "' OR 1=1 --",
]  # fmt: skip


def names(words: str) -> list[str]:
    return sorted(found.row.name for found in finding.professionals(words).found)


@pytest.mark.parametrize("typed", STRANGE)
def test_nothing_that_is_typed_is_an_error(app: Any, typed: str) -> None:
    writer()
    finding.professionals(typed)
    finding.briefs(typed)


@pytest.mark.parametrize(
    "typed",
    ["heat pump", "HEAT PUMP", "pump heat", "cafe", "CAFÉ", "cafe\u0301", "lodz", "Łódź", "its quiet", "it’s", "pum",
     "dagny", "Solheim pump", '"heat"', "heat* pump", "(heat) & pump", "heat-pump", "20"],
)  # fmt: skip
def test_words_are_found_without_case_accents_and_signs(app: Any, typed: str) -> None:
    writer("Dagny Solheim", PLAIN)
    writer("Ines Okafor", "The bus is late.")
    assert names(typed) == ["Dagny Solheim"]


@pytest.mark.parametrize("typed", ["hea pump", "heat umbrella", "eat", "umbrella", "heatpump"])
def test_all_words_must_be_there_and_only_the_last_may_be_begun(app: Any, typed: str) -> None:
    writer("Dagny Solheim", PLAIN)
    assert names(typed) == []


def test_signs_without_spaces_are_found_one_by_one(app: Any) -> None:
    writer("Yuki Mori", "東京のバスは遅れています")
    assert names("バス") == ["Yuki Mori"]


def test_sealed_and_unread_samples_are_not_found(app: Any) -> None:
    sealed = writer("Dagny Solheim", PLAIN)
    seal(sealed.samples[0])
    waiting = writer("Ines Okafor", "A pump of another kind.")
    waiting.samples[0].state = "waiting"
    commit()
    indexing.rebuild()
    assert names("pump") == []


def test_a_word_in_name_or_statement_comes_first(app: Any) -> None:
    writer("Ines Okafor", "A word about pumps.")
    writer("Dagny Solheim", statement="I write about pumps.")
    assert [found.row.name for found in finding.professionals("pumps").found] == [
        "Dagny Solheim",
        "Ines Okafor",
    ]
