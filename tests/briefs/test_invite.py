"""Inviting a professional, and declining."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.briefs.models import BriefInvitation
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db, many
from marketplace.talent.models import Shortlisting
from tests import make


def invited(browser: Any, **also: Any) -> tuple[Any, Any, Any]:
    """A brief, a professional and the owner's browser, with the invitation sent."""
    brief, ines = make.brief(**also), make.professional()
    web = browser(make.owner_of(brief.organisation))
    answer = web.post(f"/professionals/{ines.handle}/invite", {"brief": str(brief.id)})
    assert answer.status_code == 303, answer.text
    return brief, ines, web


def test_an_invitation_opens_a_closed_circle(browser: Any) -> None:
    brief, ines, web = invited(browser, visibility="invited")
    assert "invites you" in browser(ines.person).get(f"/briefs/{brief.id}").text
    assert "Ines Okafor" in web.get(f"/briefs/{brief.id}/invitations").text
    assert browser(make.professional("Other One").person).get(f"/briefs/{brief.id}").status_code == 404
    assert browser().get(f"/briefs/{brief.id}").status_code == 404


def test_nobody_is_invited_twice_or_while_paused(browser: Any) -> None:
    brief, ines, web = invited(browser)
    again = web.post(f"/professionals/{ines.handle}/invite", {"brief": str(brief.id)})
    assert again.status_code == 422
    assert "was invited to this brief already" in again.text
    ines.paused_at = now()
    commit()
    assert web.get(f"/professionals/{ines.handle}/invite").status_code == 404


def test_declining_tells_the_reason_and_counts_against_nobody(browser: Any) -> None:
    brief, ines, web = invited(browser)
    invitation = many(select(BriefInvitation))[0]
    path, mine = f"/invitations/{invitation.id}/decline", browser(ines.person)
    assert browser(make.person()).get(path).status_code == 404
    assert mine.post(path, {"reason": ""}).status_code == 422
    assert mine.post(path, {"reason": "Fully booked until March."}).status_code == 303
    assert "Fully booked until March." in web.get(f"/briefs/{brief.id}/invitations").text
    assert mine.post(path, {"reason": "Fully booked until March."}).status_code == 409


def test_the_shortlist_offers_whom_to_invite(browser: Any) -> None:
    brief, ines = make.brief(), make.professional("Keeper Kept")
    boss = make.owner_of(brief.organisation)
    add(Shortlisting(organisation_id=brief.organisation_id, profile_id=ines.id, by_id=boss.id))
    commit()
    assert "Keeper Kept" in browser(boss).get(f"/briefs/{brief.id}/invitations").text


def test_a_viewer_invites_nobody_and_strangers_see_no_list(browser: Any) -> None:
    brief, ines = make.brief(), make.professional()
    looking = browser(make.member(brief.organisation, "viewer"))
    assert "no open brief" in looking.get(f"/professionals/{ines.handle}/invite").text
    assert looking.post(f"/professionals/{ines.handle}/invite", {"brief": str(brief.id)}).status_code == 422
    assert browser(make.person()).get(f"/briefs/{brief.id}/invitations").status_code == 404
    assert db.session.scalars(select(BriefInvitation)).all() == []
