"""Cutting a text into posts, paragraphs and noted words loses no character and invents none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from marketplace.talent.margin import found, posts

TEXT = st.text(alphabet="ab .\n-", min_size=1, max_size=120)


def plain(text: str, quotes: list[str], fold: int) -> str:
    return "".join(
        p.text + p.last for post in posts(text, quotes, fold) for block in post.paragraphs for p in block
    )


@given(TEXT, st.lists(st.text(alphabet="ab .", max_size=6), max_size=4), st.integers(0, 60))
def test_no_word_is_lost(text: str, quotes: list[str], fold: int) -> None:
    assert plain(text, quotes, fold).split() == plain(text, [], 0).split()


def test_a_note_stands_on_its_words_and_the_anchor_on_the_last() -> None:
    (post,) = posts("It failed twice. Once was enough.", ["It failed twice."])
    first, rest = post.paragraphs[0]
    assert (first.text, first.last, first.number) == ("It failed ", "twice.", 1)
    assert rest.text == " Once was enough."


def test_overlapping_and_missing_words_have_no_mark() -> None:
    assert found("It failed twice.", ["failed twice", "It failed", "nowhere", ""]) == {1}


def test_the_fold_stands_between_words_and_never_inside_a_note() -> None:
    pieces = posts("one two three four five", ["two three four"], fold=9)[0].paragraphs[0]
    assert [piece.folds for piece in pieces] == [False, False, True]
    assert pieces[2].text == " five"


def test_a_line_of_dashes_parts_the_posts_of_a_thread() -> None:
    assert len(posts("One.\n---\nTwo.\n\n---\n\nThree.")) == 3
