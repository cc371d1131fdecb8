"""What a pitch must hold. Rules about what was typed, given the brief; nothing here reads the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.kernel import money
from marketplace.kernel.clock import today
from marketplace.kernel.errors import Refused
from marketplace.kernel.text import words
from marketplace.talent.models import Profile, Sample

# From least to most use of AI.
AI_ORDER = ("none", "assist", "allowed")
AI_DECLARATIONS = {
    "none": "I write without AI",
    "assist": "AI assists me, and I always say where",
    "allowed": "AI may draft, and I answer for every word",
}
MILESTONES_MOST = 6


@dataclass(frozen=True)
class Bid:
    """What a professional sends: one version of a proposal.

    milestones: dicts with title, amount_minor (in the brief's currency) and due_on (an ISO day).
    """

    pitch: str
    answers: list[str]
    sample: Sample
    milestones: list[dict[str, Any]]
    ai_declaration: str
    confirmed: bool = False

    def columns(self) -> dict[str, Any]:
        """As columns of ProposalVersion."""
        return {
            "pitch": self.pitch,
            "answers": self.answers,
            "sample_id": self.sample.id,
            "milestones": self.milestones,
            "ai_declaration": self.ai_declaration,
        }


def check(bid: Bid, brief: Brief, profile: Profile) -> None:
    """Raises Refused, at the field it belongs to, for the first thing that is wrong with `bid`."""
    _length(bid.pitch)
    if len(bid.answers) != len(brief.questions) or not all(answer.strip() for answer in bid.answers):
        raise Refused("Answer each of the brief’s questions.", field="answers")
    if bid.sample.profile_id != profile.id or bid.sample.state != "frozen":
        raise Refused("Choose one of your own samples that the readers have read.", field="sample")
    if AI_ORDER.index(bid.ai_declaration) > AI_ORDER.index(brief.ai_policy):
        raise Refused("This brief does not allow that much use of AI.", field="ai_declaration")
    _milestones(bid.milestones, brief.currency)


def _length(pitch: str) -> None:
    least, most, count = rules().pitch_words_least, rules().pitch_words_most, len(words(pitch))
    if not least <= count <= most:
        raise Refused(f"A pitch has {least} to {most} words; this one has {count}.", field="pitch")


def _milestones(rows: list[dict[str, Any]], currency: str) -> None:
    if not 1 <= len(rows) <= MILESTONES_MOST:
        raise Refused(f"Offer 1 to {MILESTONES_MOST} milestones.", field="milestones")
    least, most = rules().smallest_milestone[currency], rules().largest_milestone[currency]
    for row in rows:
        if not str(row["title"]).strip():
            raise Refused("Give each milestone a title.", field="milestones")
        if not least <= row["amount_minor"] <= most:
            span = f"{money.text(least, currency)} to {money.text(most, currency)}"
            raise Refused(f"A milestone costs {span}.", field="milestones")
        if row["amount_minor"] % money.step_of(currency):
            step = money.text(money.step_of(currency), currency)
            raise Refused(f"Prices in this currency go in steps of {step}.", field="milestones")
        if date.fromisoformat(row["due_on"]) <= today():
            raise Refused("Each milestone needs a day in the future.", field="milestones")
