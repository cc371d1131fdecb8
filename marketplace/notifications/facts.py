"""The words that fill a letter's sentence, from the event and what it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.kernel.db import find
from marketplace.notifications.readers import Matter
from marketplace.payments.models import Holding


class Facts(dict[str, str]):
    """Facts by name; one that the event does not hold is left out of its sentence."""

    def __missing__(self, key: str) -> str:
        return ""


def facts_of(matter: Matter) -> Facts:
    """The facts of an event: its data, then what the rows say now, then the names that may be told."""
    facts = Facts({name: str(value) for name, value in matter.event.data.items() if value is not None})
    facts.update({f"{noun}_id": str(row_id) for noun, row_id in matter.ids.items()})
    if matter.contract is not None:
        facts["title"] = matter.contract.title
        facts["contract_id"] = str(matter.contract.id)
    if matter.brief is not None:
        facts.setdefault("title", matter.brief.title)
        facts.setdefault("brief_id", str(matter.brief.id))
    holding = select(Holding.id).where(Holding.subject == matter.event.subject)
    if "milestone" in matter.ids and (holding_id := find(holding)) is not None:
        facts["holding_id"] = str(holding_id)
    organisation = find(select(Organisation).where(Organisation.id == matter.organisation_id))
    if organisation is not None:
        facts["business"] = facts["organisation"] = organisation.name
    facts["professional"], facts["day"] = professional(matter), day(matter)
    facts["thread"] = thread(matter)
    return facts


def professional(matter: Matter) -> str:
    """What the business may call the professional: a letter while it judges words without names."""
    if matter.profile is None:
        return "A professional"
    is_audition = matter.contract is not None and matter.contract.kind == "audition"
    is_pitch = matter.contract is None and matter.proposal is not None and matter.proposal.is_blind
    if is_audition or is_pitch:
        return f"Writer {matter.proposal.letter}" if matter.proposal is not None else "A writer"
    return matter.profile.name


def day(matter: Matter) -> str:
    """The day by which something happens, where the event holds one."""
    for name in ("due_at", "ends_at", "closes_at", "until"):
        told = matter.event.data.get(name)
        if told:
            moment = datetime.fromisoformat(str(told))
            return f"{moment.day} {moment:%B}"
    return "the last day"


def thread(matter: Matter) -> str:
    """The page on which a message stands."""
    about = str(matter.event.data.get("about", ""))
    noun, _, row_id = about.partition(":")
    pages = {"contract": f"/contracts/{row_id}", "proposal": f"/proposals/{row_id}"}
    return pages.get(noun, "/inbox")
