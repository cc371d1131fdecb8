"""What a brief may not ask for: a corpus of both kinds, and work that grows with the text only."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.briefs import refusals
from marketplace.briefs.refusals import refusal

REFUSED = {
    refusals.FOLLOWERS: (
        "Please grow our followers.", "Get us 10k followers by June", "gain 5,000 new Instagram followers",
        "We want more followers than our competitor", "buy followers", "Double our following", "follower growth",
        "BOOST   THE\nFOLLOWERS", "get more likes and followers", "gain ｆｏｌｌｏｗｅｒｓ", "gain follo\u200bwers",
    ),
    refusals.LIKES: ("Get more likes on every post", "we need 500 likes", "collect likes"),
    refusals.PODS: ("Join an engagement pod", "comment pods welcome", "follow-for-follow with peers", "like for like"),
    refusals.REVIEWS: (
        "Write fake reviews of our hotel", "Post 20 five-star reviews on Google", "buy Trustpilot reviews",
        "leave us some positive customer reviews", "create invented testimonials",
    ),
    refusals.VOLUME: (
        "as many posts as possible", "We need as much content as you can", "unlimited posts",
        "Post as often as possible", "the maximum number of posts",
    ),
}  # fmt: skip
ALLOWED = (
    "",
    "Tell our followers why the 14 is late.",
    "We have 40,000 followers and none of them read the timetable.",
    "We do not want more followers; we want fewer calls.",
    "Build trust with the people who wait.",
    "Words rather than likes, please.",
    "We need the following pieces by May.",
    "Answer our reviews on Google, the bad ones first.",
    "Explain how we get fake reviews removed.",
    "Write reviews of six new books for our shop’s blog.",
    "She likes plain words.",
    "As few posts as possible: four.",
    "Never promise five-star reviews.",
)


@pytest.mark.parametrize(
    ("reason", "text"), [(reason, text) for reason, all_ in REFUSED.items() for text in all_]
)
def test_a_wish_for_counts_tricks_or_floods_is_refused_with_its_reason(reason: str, text: str) -> None:
    assert refusal(text) == reason


@pytest.mark.parametrize("text", ALLOWED)
def test_an_honest_sentence_is_not(text: str) -> None:
    assert refusal(text) == ""


def test_no_brief_of_the_example_world_is_refused() -> None:
    folder = Path(refusals.__file__).parent.parent / "seed" / "world" / "briefs"
    for file in folder.glob("*.toml"):
        brief = tomllib.loads(file.read_text())
        for name in ("title", "goal", "result", "learns", "audience", "rights"):
            assert refusal(brief[name]) == "", (file.name, name)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_answered(text: str) -> None:
    assert refusal(text) in {"", *REFUSED}
    assert refusals.plain(refusals.plain(text)) == refusals.plain(text)


PIECES = st.sampled_from(
    ["get", "more", "the", "10k", "followers", "likes", "as many", "posts", "write", "not", "x" * 50]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6), st.sampled_from([" ", "", "\n", "-", "'"]))
def test_the_work_grows_with_the_text_and_no_faster(pieces: list[str], gap: str) -> None:
    text = (gap.join(pieces) + gap) * (20_000 // (len(gap.join(pieces)) + 1) + 1)
    before = time.process_time()
    refusal(text[:20_000])
    assert time.process_time() - before < 1.0
