"""The pure parts of the desk: word diff, anchors, paper, platform lengths."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.deliverables.anchors import place
from marketplace.deliverables.diff import words
from marketplace.deliverables.paper import Pin, lay_out
from marketplace.editorial.platforms import count_graphemes, count_x, fold_at, length

TEXTS = st.text(alphabet="ab \n.,", max_size=60)


@given(TEXTS, TEXTS)
def test_the_runs_of_a_diff_make_up_both_texts(old: Any, new: Any) -> None:
    runs = words(old, new)
    assert "".join(run.text for run in runs if run.kind != "del") == new
    assert "".join(run.text for run in runs if run.kind != "ins") == old


@given(TEXTS, TEXTS)
def test_a_quote_is_placed_where_it_stands(text: Any, quote: Any) -> None:
    found = place(text, quote, 3)
    assert found is None or text.startswith(quote, found)


def test_the_nearest_occurrence_is_chosen() -> None:
    assert place("the bus, the bus, the bus", "the bus", 8) == 9


def test_each_note_stands_level_with_its_paragraph_and_runs_on_to_the_next() -> None:
    laid = lay_out("One bus.\n\nTwo buses.\n\nThree.", None, [Pin(1, 4, 7), Pin(2, 22, 27)], None, "X")
    assert [(p.row, p.start, p.pins, p.span) for p in laid] == [
        (1, 0, [1], 2),
        (2, 10, [], 1),
        (3, 22, [2], 1),
    ]
    assert str(laid[0].markup).startswith("One <mark>bus</mark><a")


def test_the_paper_escapes_what_people_write() -> None:
    assert "&lt;b&gt;" in lay_out("<b>", None, [], None, "X")[0].markup


def test_the_fold_is_marked_in_the_line() -> None:
    laid = lay_out("a b", None, [], 1, "LinkedIn")
    assert 'a<span class="cut">LinkedIn folds here</span> b' in laid[0].markup


def test_x_counts_links_emoji_and_scripts_by_weight() -> None:
    assert count_x("hello") == 5
    assert count_x("look https://example.org/a/very/long/address") == 5 + 23
    assert count_x("👩‍👩‍👧‍👦") == 2
    assert count_x("日本") == 4


def test_bluesky_counts_what_people_see() -> None:
    assert count_graphemes("e\u0301👍🏽🇬🇧🇩🇪") == 4


def test_lengths_say_how_much_is_too_much() -> None:
    assert length("x" * 501, "threads").over == 1
    assert fold_at("word " * 60, "linkedin") == 209
    assert fold_at("short", "linkedin") is None
