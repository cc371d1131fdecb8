"""The pages of /settings: one's account, sessions, business, people; closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, session
from flask_login import logout_user
from sqlalchemy import select

from marketplace.accounts import actions, closing, organisations, signing
from marketplace.accounts import forms as f
from marketplace.accounts.access import audience, fresh, me
from marketplace.accounts.models import (
    MAIL_KINDS,
    Brand,
    Invitation,
    Organisation,
    Person,
    Session,
    organisations_of,
    sessions_of,
)
from marketplace.config import rules, settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import many, one
from marketplace.kernel.errors import Refused
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.kernel.limits import limit


def add_to(bp: Blueprint) -> None:
    """Put these pages into the room's blueprint, in the order of their addresses."""
    for address, view in ROUTES:
        methods = ["GET", "POST"] if view not in GET_ONLY else ["GET"]
        bp.add_url_rule(address, view.__name__, view, methods=methods)


@audience("person")
def account() -> Any:
    form = f.Account(obj=me())
    if form.sent():
        with form.refusing():
            actions.describe(me(), name=form.name.data, timezone=form.timezone.data, theme=form.theme.data)
            flash("Saved.")
            return see("accounts.account")
    return page("accounts/account.html", form=form)


@audience("person")
@fresh
def password() -> Any:
    form = f.Password()
    if form.sent():
        with form.refusing():
            actions.change_password(me(), form.old.data, form.password.data)
            signing.begin_session(me())
            flash("Your password is changed. Every other browser was signed out.")
            return see("accounts.password")
    return page("accounts/password.html", form=form)


@audience("person")
@limit("change of address", lambda: rules().sign_ups_per_hour, 3600)
@fresh
def ask_email() -> Any:
    form = f.Email()
    if form.sent():
        with form.refusing():
            actions.ask_email(me(), form.email.data)
            flash(f"We sent a link to {form.email.data}. The change is made when you open it here.")
            return see("accounts.ask_email")
    return page("accounts/ask_email.html", form=form)


@audience("person")
def email(secret: str) -> Any:
    form, token = Act(), actions.token_for(secret, "email")
    if token is None or token.person_id != me().id:
        raise Refused(actions.USED, status=404)
    if form.sent():
        with form.refusing():
            actions.change_email(token, by=me())
            flash("Your e-mail address is changed.")
            return see("accounts.account")
    return page("accounts/email.html", form=form, email=token.email)


@audience("person")
@limit("confirm again", lambda: rules().sign_ups_per_hour, 3600)
def confirm_again() -> Any:
    form = Act()
    if form.sent():
        with form.refusing():
            actions.send_link(me(), "verify", me().email)
            flash(f"We sent a new link to {me().email}.")
            return see("home.index")
    return page("accounts/confirm_again.html", form=form)


@audience("person")
def notices() -> Any:
    form = f.Notices(mailed=[kind for kind in MAIL_KINDS if kind not in me().mail_off])
    if form.sent():
        with form.refusing():
            actions.choose_mail(me(), set(form.mailed.data or []))
            flash("Saved.")
            return see("accounts.notices")
    return page("accounts/notices.html", form=form)


@audience("person")
def sessions() -> Any:
    return page("accounts/sessions.html", sessions=many(sessions_of(me())), here=me().session, form=Act())


@audience("person")
def end_session(session_id: UUID) -> Any:
    form = Act()
    row = one(select(Session).where(Session.id == session_id, Session.person_id == me().id))
    if form.sent():
        with form.refusing():
            actions.end_session(row, by=me())
            return see("accounts.sessions")
    return page("accounts/sessions.html", sessions=many(sessions_of(me())), here=me().session, form=form)


@audience("verified")
def found() -> Any:
    form = f.Found(country="US", currency=settings().currencies[0])
    if form.sent():
        with form.refusing():
            made = organisations.found(form.name.data, form.country.data, form.currency.data, by=me())
            flash(f"{made.name} is set up, and you own it.")
            return see("home.start")
    return page("accounts/found.html", form=form)


@audience("person")
def businesses() -> Any:
    return page("accounts/businesses.html", businesses=many(organisations_of(me())))


def mine(organisation_id: UUID) -> Organisation:
    """A business that the person signed in acts for; 404 for any other."""
    return one(organisations_of(me()).where(Organisation.id == organisation_id))


@audience("verified")
def business(organisation_id: UUID) -> Any:
    organisation = mine(organisation_id)
    form = f.Business(obj=organisation)
    if form.sent():
        with form.refusing():
            fields = {name: value for name, value in form.data.items() if name != "csrf_token"}
            organisations.describe(organisation, by=me(), **fields)
            flash("Saved.")
            return see("accounts.business", organisation_id=organisation.id)
    return page("accounts/business.html", form=form, business=organisation, brand_form=f.NewBrand())


@audience("verified")
def add_brand(organisation_id: UUID) -> Any:
    organisation, form = mine(organisation_id), f.NewBrand()
    if form.sent():
        with form.refusing():
            organisations.add_brand(organisation, form.brand.data, by=me())
            return see("accounts.business", organisation_id=organisation.id)
    return page("accounts/add_brand.html", form=form, business=organisation)


@audience("verified")
@fresh
def name_editor(brand_id: UUID) -> Any:
    brand = one(select(Brand).where(Brand.id == brand_id, Brand.organisation_id.in_(me().organisation_ids)))
    form = f.Editor(editor=str(brand.accountable_editor_id))
    people = {str(person.id): person for person in brand.organisation.people("editor")}
    form.editor.choices = [(key, person.name) for key, person in people.items()]
    if form.sent():
        with form.refusing():
            organisations.name_editor(brand, people[form.editor.data], by=me())
            flash(f"{people[form.editor.data].name} now answers for the words of {brand.name}.")
            return see("accounts.business", organisation_id=brand.organisation_id)
    return page("accounts/name_editor.html", form=form, brand=brand)


@audience("verified")
@fresh
def people(organisation_id: UUID) -> Any:
    organisation, form = mine(organisation_id), f.Invite()
    if form.sent():
        with form.refusing():
            organisations.invite(organisation, form.email.data, form.role.data, by=me())
            flash(f"We sent an invitation to {form.email.data}.")
            return see("accounts.people", organisation_id=organisation.id)
    return page("accounts/people.html", form=form, business=organisation, waiting=many(waiting(organisation)))


def waiting(organisation: Organisation) -> Any:
    """The invitations of a business that nobody answered yet."""
    return select(Invitation).where(
        Invitation.organisation_id == organisation.id,
        Invitation.answered_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now(),
    )


@audience("verified")
def revoke(invitation_id: UUID) -> Any:
    form = Act()
    ids = me().organisation_ids
    row = one(select(Invitation).where(Invitation.id == invitation_id, Invitation.organisation_id.in_(ids)))
    if form.sent():
        with form.refusing():
            organisations.revoke(row, by=me())
            flash("The invitation is taken back.")
            return see("accounts.people", organisation_id=row.organisation_id)
    return page("accounts/revoke.html", form=form, invitation=row)


@audience("verified")
@fresh
def roles(organisation_id: UUID, person_id: UUID) -> Any:
    organisation = mine(organisation_id)
    ids = [member.person_id for member in organisation.members]
    person = one(select(Person).where(Person.id.in_(ids), Person.id == person_id))
    form = f.Roles(roles=[m.role for m in organisation.members if m.person_id == person.id])
    if form.sent():
        with form.refusing():
            organisations.change_roles(organisation, person, set(form.roles.data or []), by=me())
            flash(f"The roles of {person.name} are changed.")
            back = "accounts.businesses" if person.id == me().id else "accounts.people"
            return see(back, organisation_id=organisation.id)
    return page("accounts/roles.html", form=form, business=organisation, person=person)


@audience("person")
def export() -> Any:
    body = closing.export(me())
    name = f"attachment; filename={me().id}.zip"
    return Response(body, mimetype="application/zip", headers={"Content-Disposition": name})


@audience("person")
@fresh
def close() -> Any:
    form = f.Close()
    if form.sent():
        with form.refusing():
            closing.close(me(), by=me())
            logout_user()
            session.clear()
            flash("Your account is closed.")
            return see("home.index")
    return page("accounts/close.html", form=form, objections=closing.objections(me()))


ROUTES: tuple[tuple[str, Any], ...] = (
    ("/settings/account", account),
    ("/settings/password", password),
    ("/settings/email", ask_email),
    ("/settings/email/<secret>", email),
    ("/settings/confirm", confirm_again),
    ("/settings/notices", notices),
    ("/settings/sessions", sessions),
    ("/settings/sessions/<uuid:session_id>/end", end_session),
    ("/settings/business", businesses),
    ("/settings/business/found", found),
    ("/settings/business/<uuid:organisation_id>", business),
    ("/settings/business/<uuid:organisation_id>/brands", add_brand),
    ("/settings/business/<uuid:organisation_id>/people", people),
    ("/settings/business/<uuid:organisation_id>/people/<uuid:person_id>", roles),
    ("/settings/brands/<uuid:brand_id>/editor", name_editor),
    ("/settings/invitations/<uuid:invitation_id>/revoke", revoke),
    ("/settings/export", export),
    ("/settings/close", close),
)
GET_ONLY = {sessions, businesses, export}
