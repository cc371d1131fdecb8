"""What the business reads before it shortlists: the words, without whoever wrote them.

A writer who signs a pitch, or names a client in it, would open the shelf for everybody; so names, handles,
addresses and clients are veiled wherever they stand. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase

from marketplace.proposals.models import Proposal

VEIL = "[withheld]"
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,255}|(?<!\w)@\w{2,64}")
# Parts of a name this short are common words too.
SHORT = 3


def letters(number: int) -> str:
    """`A` for 0, `Z` for 25, `AA` for 26: how writers are called on one brief."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = ascii_uppercase[rest] + name
    return name


def veil(text: str, *names: str, parts: str = "") -> str:
    """`text` without addresses, without `names` in any case, and without the words of the name `parts`."""
    text = _ADDRESS.sub(VEIL, text)
    whole = sorted({name.strip() for name in (*names, parts) if name.strip()}, key=len, reverse=True)
    if whole:
        text = re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, whole))})(?!\w)", VEIL, text, flags=re.IGNORECASE)
    single = [re.escape(word) for word in parts.split() if len(word) >= SHORT]
    return re.sub(rf"(?<!\w)(?:{'|'.join(single)})(?!\w)", VEIL, text) if single else text


@dataclass(frozen=True)
class Card:
    """A proposal as its reader may see it: with names once shortlisted, veiled before.

    own: its writer reads it, so nothing is veiled.
    """

    proposal: Proposal
    own: bool = False

    @property
    def title(self) -> str:
        """The writer's name, or `Writer C`."""
        return f"Writer {self.proposal.letter}" if self.proposal.is_blind else self.proposal.profile.name

    @property
    def pitch(self) -> str:
        """What the writer would say first, and why."""
        return self.shown(self.proposal.latest.pitch)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The brief's questions with the answers to them."""
        given = [self.shown(answer) for answer in self.proposal.latest.answers]
        return list(zip(self.proposal.brief.questions, given, strict=False))

    @property
    def sample(self) -> str:
        """The text of the chosen sample; empty for a sealed one, which only its own page opens."""
        sample = self.proposal.latest.sample
        return "" if sample.is_sealed else self.shown(sample.text)

    @property
    def milestones(self) -> list[dict[str, object]]:
        """Titles, prices and days."""
        return [
            {**row, "title": self.shown(str(row["title"])), "due_on": date.fromisoformat(row["due_on"])}
            for row in self.proposal.latest.milestones
        ]

    def shown(self, text: str) -> str:
        """`text`, veiled while the writer is unknown: a pen name, the account's own, and the sample's client."""
        if self.own or not self.proposal.is_blind:
            return text
        profile = self.proposal.profile
        client = self.proposal.latest.sample.client
        return veil(text, profile.handle, profile.person.name, client, parts=profile.name)
