"""The blind shelf: what a business reads before it knows who wrote it, and the table that compares three.

A pitch may be replaced until it is first read. So reading is an act of its own, a POST: were it the GET of this
page, a link preview or a colleague passing by would freeze a text that nobody has read. An unread pitch
shows its opening only.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.access import audience, me
from marketplace.briefs.models import Brief, owned_by
from marketplace.kernel.db import find, many, one
from marketplace.kernel.errors import Missing
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.proposals import actions
from marketplace.proposals.blind import Card
from marketplace.proposals.models import Proposal, ProposalVersion, for_brief, visible_to
from marketplace.talent.models import Profile

TABS = {"new": "New", "shortlist": "Shortlist", "archived": "Archived"}
COMPARED = 3
SHOWN = 60


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint."""
    bp.add_url_rule("/briefs/<uuid:brief_id>/proposals", "shelf", shelf)
    bp.add_url_rule("/briefs/<uuid:brief_id>/proposals/read", "read", read, methods=["POST"])
    bp.add_url_rule("/briefs/<uuid:brief_id>/proposals/compare", "compare", compare)


def tab_of(proposal: Proposal) -> str:
    """Where a proposal stands on the shelf."""
    if proposal.archived_at is None and proposal.state == "sent":
        return "new"
    return "shortlist" if proposal.archived_at is None and not proposal.is_blind else "archived"


@audience("verified")
def shelf(brief_id: UUID) -> Any:
    """One tab of the shelf; a professional who pitched is shown their own pitch instead."""
    brief = find(mine(brief_id))
    if brief is None:
        own = find(
            visible_to(me())
            .where(Proposal.brief_id == brief_id)
            .order_by(Proposal.created_at.desc())
            .limit(1)
        )
        if own is None:
            raise Missing
        return see("proposals.show", proposal_id=own.id)
    tab = request.args.get("tab", "new")
    if tab not in TABS:
        raise Missing
    cards = [Card(proposal) for proposal in many(on(brief).limit(SHOWN))]
    shown = [card for card in cards if tab_of(card.proposal) == tab]
    counts = {name: sum(tab_of(card.proposal) == name for card in cards) for name in TABS}
    return page("proposals/shelf.html", form=Act(), brief=brief, cards=shown, tab=tab, tabs=TABS, counts=counts,
                decides=me().acts_for(brief.organisation_id, "hiring"))  # fmt: skip


def mine(brief_id: UUID) -> Any:
    """The published brief, for the people of its business; admins read along."""
    found = select(Brief) if me().is_admin else owned_by(me())
    parts = (joinedload(Brief.organisation), joinedload(Brief.brand))
    return found.where(Brief.id == brief_id, Brief.state != "draft").options(*parts)


def on(brief: Brief) -> Any:
    """The proposals on a brief with all that a card shows."""
    return for_brief(brief).options(
        joinedload(Proposal.profile).joinedload(Profile.person),
        selectinload(Proposal.versions).joinedload(ProposalVersion.sample),
    )


@audience("verified")
def read(brief_id: UUID) -> Any:
    """The first reading: of one pitch (`p`), or of all that are new."""
    brief, chosen = one(mine(brief_id)), request.form.get("p", "")
    waiting = for_brief(brief).where(Proposal.state == "sent", Proposal.read_at.is_(None)).limit(SHOWN)
    proposals = [row for row in many(waiting) if chosen in {"", str(row.id)}]
    actions.read(brief, proposals, by=me())
    return see("proposals.shelf", brief_id=brief.id, anchor=f"p-{chosen}" if chosen else None)


@audience("verified")
def compare(brief_id: UUID) -> Any:
    """Up to three pitches that were read, side by side."""
    brief, wanted = one(mine(brief_id)), request.args.getlist("p")
    found = [Card(row) for row in many(on(brief).limit(SHOWN)) if str(row.id) in wanted and row.read_at]
    return page(
        "proposals/compare.html", brief=brief, cards=found[:COMPARED], asked=len(wanted), most=COMPARED
    )
