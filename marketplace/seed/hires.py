"""Contracts from the offer to the reviews. What is written in between is in work.py, the money in purse.py."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from marketplace.contracts import actions, ending
from marketplace.kernel.clock import today
from marketplace.kernel.db import many
from marketplace.messaging import actions as messaging
from marketplace.reviews import actions as reviews
from marketplace.reviews.models import of_contract
from marketplace.seed import cast, purse, work
from marketplace.seed.story import Story, Told, kind, told

# Days after the end of a contract.
BUSINESS_REVIEWS, PROFESSIONAL_REVIEWS, REPLIES = 2, 4, 6


def hires(story: Story) -> None:
    """Every contract of the files."""
    onboarded: set[str] = set()
    for file in sorted(told("contracts"), key=lambda file: -file["offered_days_ago"]):
        slug, days = file["slug"], file["offered_days_ago"]
        story.tell(days, 9, f"contract {slug} is offered", partial(offer, file))
        for place, row in enumerate(file.get("messages", [])):
            story.tell(row["days_ago"], 16.6 + place * 0.3, f"a message on {slug}", partial(write, file, row))
        if file["state"] == "countered":
            countered = file["milestones"][0]["days_ago"]
            story.tell(countered, 12, f"contract {slug} is countered", partial(counter, file))
        elif file["state"] in {"active", "ended"}:
            story.tell(days - 1, 11, f"contract {slug} is accepted", partial(accept, file))
            if purse.is_sandbox():
                run(story, file, onboarded)


def run(story: Story, file: Told, onboarded: set[str]) -> None:
    """What follows an acceptance: payouts are set up, milestones paid and written, reviews exchanged."""
    slug, days, handle = file["slug"], file["offered_days_ago"], file["handle"]
    if handle not in onboarded:
        onboarded.add(handle)
        story.tell(days - 1, 11.3, f"{handle} begins payouts", partial(purse.begin_payouts, handle))
        story.tell(days - 1, 11.6, f"{handle} sets up payouts", partial(purse.finish_payouts, handle))
    over = work.milestones(story, file)
    if "end_reason" in file:
        story.tell(over, 16, f"contract {slug} ends", partial(end, file))
    if review := file.get("review"):
        story.tell(over - BUSINESS_REVIEWS, 10, f"{slug} is reviewed", partial(review_business, file))
        story.tell(
            over - PROFESSIONAL_REVIEWS, 10, f"{slug} is reviewed back", partial(review_professional, file)
        )
        if review.get("reply"):
            story.tell(over - REPLIES, 10, f"{slug}: a reply", partial(reply, file))


def terms(file: Told, milestones: list[Told], first_day: int) -> dict[str, Any]:
    """The terms of a file. first_day: how many days after the offer this is, since due days count from it."""
    return {
        "title": file["title"],
        "currency": file["currency"],
        "review_days": file["review_days"],
        "rounds": file["rounds"],
        "rights": file["rights"].strip(),
        "message": file["message"].strip(),
        "milestones": [milestone(row, first_day) for row in milestones],
    }


def milestone(row: Told, first_day: int) -> dict[str, Any]:
    """One milestone of terms, with its pieces."""
    due = today() + timedelta(days=row["due_in_days"] - first_day)
    pieces = [
        {"title": p["title"], "platform": p["platform"], "kind": kind(p["kind"])} for p in row["pieces"]
    ]
    return {
        "title": row["title"],
        "amount_minor": row["amount_minor"],
        "due_on": due.isoformat(),
        "pieces": pieces,
    }


def offer(file: Told) -> None:
    """The business offers, from a proposal where there is one."""
    business, by = cast.business(file["business"]), cast.person(file["by"])
    proposal = cast.proposal(file["brief"], file["handle"]) if file["brief"] else None
    row = actions.offer(
        proposal,
        profile=cast.profile(file["handle"]),
        brand=business.brands[0],
        terms=terms(file, file.get("offered") or file["milestones"], 0),
        by=by,
    )
    cast.known[f"contract {file['slug']}"] = row.id


def counter(file: Told) -> None:
    """The professional answers with other terms: the file's milestones."""
    first_day = file["offered_days_ago"] - file["milestones"][0]["days_ago"]
    actions.counter(
        cast.contract(file["slug"]), terms(file, file["milestones"], first_day), by=work.writer(file)
    )


def accept(file: Told) -> None:
    """The professional signs what is on the table."""
    contract = cast.contract(file["slug"])
    actions.accept(contract, by=work.writer(file), sha256=contract.current_terms.sha256)


def write(file: Told, row: Told) -> None:
    """A message in the contract's thread."""
    contract = cast.contract(file["slug"])
    by = work.writer(file) if row["by"] == "professional" else work.speaker(file)
    messaging.write(contract.subject, row["text"].strip(), by=by, stream=contract)


def end(file: Told) -> None:
    """The business ends the contract early."""
    ending.end(cast.contract(file["slug"]), file["end_reason"], by=cast.person(file["by"]))


def review_business(file: Told) -> None:
    """What the business says of the work."""
    said = file["review"]["business"]
    scores = {line: said[line] for line in ("substance", "style", "voice", "reliability")}
    reviews.write(
        cast.contract(file["slug"]), scores=scores, body=said["text"].strip(), quote=said["quote"],
        hire_again=said["hire_again"], by=work.speaker(file),
    )  # fmt: skip


def review_professional(file: Told) -> None:
    """What the professional says of the business."""
    said = file["review"]["professional"]
    scores = {line: said[line] for line in ("clarity", "speed", "decisions")}
    reviews.write(cast.contract(file["slug"]), scores=scores, body=said["text"].strip(), by=work.writer(file))


def reply(file: Told) -> None:
    """The professional answers the review of the work."""
    shown = many(of_contract(cast.contract(file["slug"]).id))
    review = next(row for row in shown if row.side == "business")
    reviews.reply(review, file["review"]["reply"].strip(), by=work.writer(file))
