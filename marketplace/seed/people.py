"""How everybody came: staff, the people of the businesses, and the professionals with their first papers."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from marketplace.accounts import actions, organisations
from marketplace.accounts.models import Person, Token, by_email
from marketplace.config import settings
from marketplace.kernel.db import find, one
from marketplace.kernel.text import key
from marketplace.seed import cast, posters
from marketplace.seed.story import Story, Told, kind, told
from marketplace.talent import actions as talent
from marketplace.talent import samples
from marketplace.vetting import actions as vetting

STAFF = {
    "Maren Holt": ("maren@staff.example", "admin"),
    "Theo Quill": ("theo@staff.example", "reader"),
    "Ruth Adeyemi": ("ruth@staff.example", "reader"),
}
# So long before the first writer applied, in days.
OPENED = 330


def arrive(email: str, name: str, side: str) -> Person:
    """Sign up with the shared password and follow the link in the mail."""
    actions.sign_up(email, name, settings().seed_password, side)
    link = select(Token).where(Token.email == email, Token.purpose == "verify", Token.used_at.is_(None))
    return actions.verify(one(link))


def staff(story: Story) -> None:
    """One admin and two readers, appointed as by the command line."""
    for name, (email, role) in STAFF.items():
        story.tell(OPENED, 9, f"{name} is appointed", partial(appoint, email, name, role))


def appoint(email: str, name: str, role: str) -> None:
    """Sign up and be appointed as by the command line."""
    actions.appoint(arrive(email, name, "business"), role, by=None)


def businesses(story: Story) -> None:
    """Every business is founded some days before its first brief or offer, and its people join."""
    for number, file in enumerate(told("businesses")):
        days = first_needed(file["slug"]) + 9 + number % 4
        story.tell(days, 9, f"{file['name']} is founded", partial(found, file))
        for place, member in enumerate(file["people"][1:]):
            story.tell(days, 11 + place, f"{member['name']} joins", partial(join, file, member))
        story.tell(days, 16, f"{file['name']} names its editor", partial(name_editor, file))


def first_needed(slug: str) -> int:
    """How many days ago a business did its first public thing."""
    briefs = [int(row["published_days_ago"]) for row in told("briefs") if row["business"] == slug]
    return max(
        briefs + [int(row["offered_days_ago"]) for row in told("contracts") if row["business"] == slug]
    )


def found(file: Told) -> None:
    """The owner signs up, founds the business and says what it is."""
    owner = file["people"][0]
    by = arrive(owner["email"], owner["name"], "business")
    row = organisations.found(file["name"], file["country"], file["currency"], by=by)
    organisations.describe(
        row, by=by, city=file["city"], website=file["website"], about=file["about"].strip()
    )
    cast.known[f"business {file['slug']}"] = row.id


def join(file: Told, member: Told) -> None:
    """The owner invites somebody, who signs up and accepts; further roles are given afterwards."""
    business, owner = cast.business(file["slug"]), cast.person(file["people"][0]["email"])
    invitation, _secret = organisations.invite(business, member["email"], member["roles"][0], by=owner)
    joined = arrive(member["email"], member["name"], "business")
    organisations.join(invitation, by=joined)
    if len(member["roles"]) > 1:
        organisations.change_roles(business, joined, set(member["roles"]), by=owner)


def name_editor(file: Told) -> None:
    """The owner names who answers for the brand's words."""
    business = cast.business(file["slug"])
    owner, editor = cast.person(file["people"][0]["email"]), cast.person(file["brand"]["accountable_editor"])
    if business.brands[0].accountable_editor_id != editor.id:
        organisations.name_editor(business.brands[0], editor, by=owner)


def professionals(story: Story) -> None:
    """Every writer signs up two days before applying, and fills in profile and samples the day after."""
    for number, file in enumerate([*told("professionals"), *told("applicants")]):
        sent = file.get("vetting", {}).get("submitted_days_ago", 0)
        hour = 9 + number % 8
        story.tell(sent + 2, hour, f"{file['name']} signs up", partial(sign_up, file))
        story.tell(sent + 1, hour, f"{file['name']} writes a profile", partial(describe, story, file, sent))


def sign_up(file: Told) -> None:
    """Sign up and begin an application, which makes the profile."""
    vetting.begin(arrive(file["email"], file["name"], "professional"))
    actions.describe(cast.person(file["email"]), name=file["name"], timezone=file["timezone"], theme="")


def describe(story: Story, file: Told, sent_days_ago: int) -> None:
    """Say who one is, what pieces cost, and lay down the samples."""
    profile, by = cast.profile(file["handle"]), cast.person(file["email"])
    same = ("name", "statement", "biography", "country", "city", "timezone", "hours", "platforms", "subjects",
            "registers", "languages", "ai_policy", "tone")  # fmt: skip
    fields = {name: file[name] for name in same}
    talent.describe(profile, by=by, free_from=story.day(-file["free_in_days"]), **fields)
    if rates := {
        kind(rate["kind"]): (rate["amount_minor"], rate["includes"]) for rate in file.get("rates", [])
    }:
        talent.price(profile, rates, currency=file["currency"], by=by)
    for sample in file["samples"]:
        add_sample(profile, sample, by, story.day(sent_days_ago + 1))


def add_sample(profile: Any, sample: Told, by: Person, today: date) -> None:
    """Lay down one sample, with its poster when the file has words for one."""
    same = ("platform", "client", "role", "text", "brief", "learns", "link", "permission")
    fields = {name: sample[name].strip() for name in same}
    image = posters.keep(sample["card"], sample["alt"], owner=by) if "card" in sample else None
    written = before(date.fromisoformat(sample["written"]), today)
    samples.add_sample(profile, by=by, image=image, written_on=written, alt=sample.get("alt", ""), **fields)


def before(written: date, today: date) -> date:
    """The same season, in a year that had come: nobody shows what is not written yet."""
    while written > today:
        written -= timedelta(days=364)
    return written


def here(email: str) -> bool:
    """Whether somebody with this address has an account."""
    return find(by_email(key(email))) is not None
