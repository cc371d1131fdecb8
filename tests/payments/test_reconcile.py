"""Stripe's books and ours: the same is silent, and every way to differ is named with its cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from marketplace.payments import check
from tests.payments.differing import SEEDS, Seed
from tests.payments.reconciling import World, build, compare, ledger_rows, rows


@pytest.fixture
def world(sandbox: str, sent: Any, paid: Any, catch_up: Callable[[], None]) -> World:
    return build(sandbox, sent, paid, catch_up)


def test_books_that_agree_are_silent(world: World) -> None:
    tally = compare()
    assert [row.sentence for row in rows()] == []
    assert (tally.new, tally.heard, check.books()) == (0, 0, [])


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_each_way_to_differ_is_named(world: World, seed: Seed) -> None:
    named = seed.do(world) or ""
    before = ledger_rows()
    first = compare()
    found = [(row.cause, row.kind, row.resolved_at is None) for row in rows()]
    assert (seed.cause, seed.kind, seed.open) in found
    row = next(row for row in rows() if (row.cause, row.kind) == (seed.cause, seed.kind))
    said = f"{row.sentence} {row.object_id}"
    assert (named in said, seed.words in said, said) == (True, True, said)
    assert before <= ledger_rows(), "an entry was changed or removed"
    again = compare()
    assert (again.new, again.heard, len(rows()), first.read > 5) == (0, 0, len(found), True)
