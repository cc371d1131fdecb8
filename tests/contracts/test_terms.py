"""What may stand in an agreement, and what its hash covers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace.contracts.terms import breakdown, digest, settle
from marketplace.kernel.clock import today
from marketplace.kernel.errors import Refused

PIECE = {"title": "The apology", "platform": "linkedin", "kind": "post"}


def terms(**changed: Any) -> dict[str, Any]:
    """Sound terms of one milestone; `m_…` changes the milestone, the rest the terms."""
    milestone = {"title": "Four posts", "amount_minor": 48000, "due_on": None, "pieces": [PIECE]}
    milestone |= {name[2:]: value for name, value in changed.items() if name.startswith("m_")}
    whole = {
        "title": "Launch week",
        "review_days": 7,
        "rounds": 2,
        "rights": "All.",
        "milestones": [milestone],
    }
    return whole | {name: value for name, value in changed.items() if not name.startswith("m_")}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "needs a title"),
        ({"review_days": 2}, "3 to 14 days"),
        ({"review_days": 15}, "3 to 14 days"),
        ({"rounds": -1}, "edit rounds"),
        ({"rounds": 11}, "edit rounds"),
        ({"milestones": []}, "1 to 6 milestones"),
        ({"m_title": ""}, "needs a name"),
        ({"m_amount_minor": 499}, "may cost"),
        ({"m_amount_minor": 100_000_000}, "may cost"),
        ({"m_due_on": today() - timedelta(days=1)}, "has passed"),
        ({"m_due_on": today() + timedelta(days=5000)}, "too far|later than|days after"),
        ({"m_pieces": []}, "1 to 20 pieces"),
        ({"m_pieces": [PIECE] * 21}, "1 to 20 pieces"),
        ({"m_pieces": [{**PIECE, "title": ""}]}, "needs a title"),
        ({"m_pieces": [{**PIECE, "platform": "fax"}]}, "does not exist here"),
    ],
)
def test_what_cannot_be_agreed_is_refused_in_a_sentence(
    app: Any, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        settle(terms(**wrong), "usd")


def test_one_changed_character_is_another_hash(app: Any) -> None:
    assert digest(settle(terms(), "usd")) == digest(settle(terms(), "usd"))
    assert digest(settle(terms(), "usd")) != digest(settle(terms(rights="All!"), "usd"))


def test_both_sides_see_the_same_breakdown(app: Any) -> None:
    sums = breakdown(settle(terms(), "usd"))
    assert (sums.pays, sums.fee, sums.net) == (48000, 4800, 43200)
