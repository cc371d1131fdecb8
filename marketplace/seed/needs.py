"""What businesses need: briefs with their voice sheets, who was asked, who pitched, and how they chose."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from marketplace.briefs import actions
from marketplace.briefs.models import BriefInvitation, Question
from marketplace.kernel.clock import today
from marketplace.kernel.db import many, one
from marketplace.proposals import actions as proposals
from marketplace.proposals.models import for_brief
from marketplace.proposals.terms import Bid
from marketplace.seed import cast
from marketplace.seed.story import Story, Told, kind, told
from marketplace.talent.models import shown_samples

# The business looks two days after a pitch; who withdraws does so then too.
LOOKS = 2


def needs(story: Story) -> None:
    """Every brief, from its first line to its hire, its close or today."""
    sheets = {file["slug"]: file["brand"]["voice"] for file in told("businesses")}
    files = told("briefs")
    story.quiet_until = story.ago(max(file["published_days_ago"] for file in files), 8)
    for number, file in enumerate(files):
        days, hour = file["published_days_ago"], 9 + number % 3 / 4
        story.tell(days, hour, f"brief {file['slug']}", partial(write, file, sheets[file["business"]]))
        if file["state"] == "draft":
            continue
        story.tell(days, hour + 0.5, f"brief {file['slug']} is published", partial(publish, file))
        conversation(story, file)
        for place, row in enumerate(file.get("proposals", [])):
            pitched(story, file, row, 10 + place * 0.7)
        if file["state"] == "closed":
            story.tell(closed(file), 12, f"brief {file['slug']} is closed", partial(close, file))


def conversation(story: Story, file: Told) -> None:
    """Invitations and public questions."""
    days = file["published_days_ago"]
    for place, row in enumerate(file.get("invitations", [])):
        story.tell(
            days, 11 + place * 0.3, f"{row['handle']} is invited", partial(invite, file, row["handle"])
        )
        if row["state"] == "declined":
            story.tell(
                days - 1,
                14 + place * 0.3,
                f"{row['handle']} declines",
                partial(decline_invitation, file, row),
            )
    for place, row in enumerate(file.get("asked", [])):
        story.tell(days - 1, 9 + place, f"{row['by']} asks", partial(ask, file, row))
        if row["answer"]:
            story.tell(days - 1, 13 + place, f"{row['by']} is answered", partial(answer, file, row))


def pitched(story: Story, file: Told, row: Told, hour: float) -> None:
    """One proposal and what became of it. Acceptance is the contract's."""
    slug, handle, days = file["slug"], row["handle"], row["days_ago"]
    story.tell(days, hour, f"{handle} pitches for {slug}", partial(send, file, row))
    if row["state"] in {"shortlisted", "accepted"}:
        story.tell(
            max(days - LOOKS, 0), 16, f"{handle} is shortlisted", partial(shortlist, slug, handle, file["by"])
        )
    elif row["state"] == "withdrawn":
        story.tell(days - LOOKS, 11, f"{handle} withdraws", partial(withdraw, slug, handle))
    elif row["state"] == "declined":
        story.tell(decided(file), 8 + hour / 20, f"{handle} is declined", partial(decline, file, row))
    elif row["state"] == "archived":
        story.tell(days - LOOKS, 10, f"{handle} is archived", partial(archive, slug, handle, file["by"]))


def closed(file: Told) -> int:
    """How many days ago a brief was closed: some after its last pitch."""
    return max(min(int(row["days_ago"]) for row in file["proposals"]) - 5, 1)


def decided(file: Told) -> int:
    """How many days ago the others were told: when somebody was hired, or before the close."""
    offers = [row["offered_days_ago"] for row in told("contracts") if row["brief"] == file["slug"]]
    return int(offers[0]) if offers else closed(file)


def write(file: Told, sheet: Told) -> None:
    """The wizard, step by step; a draft stays as far as its file goes."""
    by = cast.person(file["by"])
    brief = actions.begin(cast.business(file["business"]).brands[0], by=by)
    cast.known[f"brief {file['slug']}"] = brief.id
    goal = {name: file[name].strip() for name in ("title", "goal", "result", "learns")}
    subject = file["subject"].replace(" ", "-")
    actions.save_step(brief, "goal", by=by, subject_area=subject, **goal)
    actions.save_step(
        brief,
        "voice",
        by=by,
        audience=file["audience"].strip(),
        languages=file["languages"],
        voice_draft=sheet,
    )
    actions.save_step(brief, "pieces", by=by, pieces=[piece(row) for row in file["pieces"]])
    if file["state"] != "draft":
        actions.save_step(brief, "money", by=by, **money(file))


def piece(row: Told) -> dict[str, Any]:
    """One row of the wizard's third step."""
    due = today() + timedelta(days=row["due_in_days"])
    return {"kind": kind(row["kind"]), "platform": row["platform"], "count": row["count"], "due_on": due}


def money(file: Told) -> dict[str, Any]:
    """The wizard's fourth step."""
    budget = file["budget"]
    same = {name: file[name] for name in ("risk", "ai_policy", "visibility", "questions")}
    amounts = {
        "low_minor": budget["low_minor"],
        "high_minor": budget["high_minor"],
        "currency": budget["currency"],
    }
    return {
        **same,
        **amounts,
        "rights": file["rights"].strip(),
        "milestones_wished": max(len(file["pieces"]), 1),
    }


def publish(file: Told) -> None:
    """Publish, which freezes the voice sheet."""
    actions.publish(cast.brief(file["slug"]), by=cast.person(file["by"]))


def invite(file: Told, handle: str) -> None:
    """Ask a professional to look."""
    actions.invite(cast.brief(file["slug"]), cast.profile(handle), by=cast.person(file["by"]))


def decline_invitation(file: Told, row: Told) -> None:
    """Say no to an invitation."""
    profile = cast.profile(row["handle"])
    same = (BriefInvitation.brief_id == cast.brief(file["slug"]).id, BriefInvitation.profile_id == profile.id)
    actions.decline_invitation(one(select(BriefInvitation).where(*same)), row["reason"], by=profile.person)


def ask(file: Told, row: Told) -> None:
    """A professional asks in public."""
    actions.ask(cast.brief(file["slug"]), row["question"], by=cast.profile(row["by"]).person)


def answer(file: Told, row: Told) -> None:
    """The business answers in public."""
    question = one(select(Question).where(Question.body == row["question"]))
    actions.answer(question, row["answer"], by=cast.person(file["by"]))


def send(file: Told, row: Told) -> None:
    """A professional pitches."""
    brief, profile = cast.brief(file["slug"]), cast.profile(row["handle"])
    days = [today() + timedelta(days=part["due_in_days"]) for part in row["milestones"]]
    parts = [
        {"title": part["title"], "amount_minor": part["amount_minor"], "due_on": due.isoformat()}
        for part, due in zip(row["milestones"], days, strict=True)
    ]
    sample = many(shown_samples(profile.id))[row["sample"] - 1]
    bid = Bid(row["pitch"].strip(), row["answers"], sample, parts, row["ai_declaration"])
    proposals.send(brief, profile, bid, by=profile.person)


def shortlist(slug: str, handle: str, email: str) -> None:
    """The business reads what has come so far, and shortlists one."""
    by, brief = cast.person(email), cast.brief(slug)
    proposals.read(brief, many(for_brief(brief)), by=by)
    proposals.shortlist(cast.proposal(slug, handle), by=by)


def withdraw(slug: str, handle: str) -> None:
    """A professional takes a pitch back."""
    proposals.withdraw(cast.proposal(slug, handle), by=cast.profile(handle).person)


def decline(file: Told, row: Told) -> None:
    """The business says no, with its reason."""
    proposals.decline(cast.proposal(file["slug"], row["handle"]), row["reason"], by=cast.person(file["by"]))


def archive(slug: str, handle: str, email: str) -> None:
    """The business hides a pitch from its lists."""
    proposals.archive(cast.proposal(slug, handle), by=cast.person(email))


def close(file: Told) -> None:
    """Close without a hire."""
    actions.close(cast.brief(file["slug"]), file["close_reason"].strip(), by=cast.person(file["by"]))
