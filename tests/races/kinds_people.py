"""The kinds of race about people: K07, K09, K12, K19, K20 and K21."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from sqlalchemy import func, select

from marketplace.accounts import actions as accounts
from marketplace.accounts import organisations
from marketplace.accounts.models import Attempt, Invitation, Membership, Organisation, Person, Token
from marketplace.config import rules
from marketplace.kernel import files
from marketplace.kernel.db import add, commit, db, many
from marketplace.kernel.events import Event
from marketplace.kernel.files import File
from marketplace.kernel.mail import Mail
from marketplace.kernel.text import key as folded
from marketplace.kernel.text import sha256
from marketplace.talent.models import LIVING, Sample
from marketplace.vetting.models import Application
from tests import make
from tests.races import acts
from tests.races.volleys import WIDE, Here, Kind, Outcome, Volley, shot

# K07


def decide_twice(here: Here) -> Volley:
    """The second reader's marks admit as an admin refuses."""
    applicant = make.professional(f"Ana {uuid4().hex[:6]}", admitted=False)
    application = make.application(applicant)
    readers = [here.once(f"reader {number}", make.reader) for number in (1, 2)]
    make.reading(application, readers[0])
    claimed = make.reading(application, readers[1])
    claimed.saved_at, claimed.marks, claimed.reasons = None, {}, {}
    commit()
    shots = here.mixed(
        shot(acts.read_and_mark, reading=claimed),
        *(
            shot(acts.refuse_application, application=application, by=here.once(f"admin {n}", make.staff))
            for n in (1, 2)
        ),
    )
    key, email = application.id, applicant.person.email

    def check(_: list[Outcome]) -> Iterator[str]:
        letters = many(select(Mail).where(Mail.to == email, Mail.kind == "vetting_decision"))
        told = many(
            select(Event).where(Event.subject == f"application:{key}", Event.name == "application.decided")
        )
        if (len(letters), len(told)) != (1, 1):
            yield f"{len(letters)} letters were written, and the decision told {len(told)} times."
        decided = db.session.get_one(Application, key)
        if decided.profile.is_admitted != (decided.decision == "admitted"):
            yield f"The decision is {decided.decision}, and the writer is not as it says."

    return Volley(shots, check=check)


# K09


def use_an_invitation(here: Here) -> Volley:
    """An invitation is answered in eight windows, or taken back meanwhile."""
    business = here.once("org", make.business)
    boss, guest = make.owner_of(business), make.person(f"Guest {uuid4().hex[:6]}")
    invitation, _ = organisations.invite(business, guest.email, "editor", by=boss)
    commit()
    joins = shot(acts.join, invitation=invitation, by=guest)
    shots = here.mixed(*here.chance([joins], [joins, shot(acts.revoke, invitation=invitation, by=boss)]))
    key, human = invitation.id, guest.id

    def check(outcomes: list[Outcome]) -> Iterator[str]:
        answered = db.session.get_one(Invitation, key)
        roles = acts.newest(Membership, person_id=human)
        if (answered.answered_at and answered.revoked_at) or len(roles) != bool(answered.answered_at):
            yield f"Answered {answered.answered_at}, revoked {answered.revoked_at}, {len(roles)} roles."

    # Taking back what was taken back is no different from doing it once.
    least = 1
    return Volley(shots, winners=(least, WIDE), check=check)


# K12


def remove_each_other(here: Here) -> Volley:
    """Two owners remove each other; sometimes a third looks on."""
    business = make.business(f"Org {uuid4().hex[:6]}")
    first = make.owner_of(business)
    second = make.member(business, "owner", "Otto Second")
    for brand in business.brands:
        brand.accountable_editor_id = None  # Whoever answers for words cannot be removed.
    commit()
    witness = here.chance(True, False)
    if witness:
        make.member(business, "owner", "Wim Witness")
    shots = here.mixed(
        shot(acts.remove_member, organisation=business, person=second, by=first),
        shot(acts.remove_member, organisation=business, person=first, by=second),
    )
    key = business.id

    def check(_: list[Outcome]) -> Iterator[str]:
        owners = acts.newest(Membership, organisation_id=key, role="owner")
        if len(owners) != 1 + witness:
            yield f"{len(owners)} owners are left."

    return Volley(shots, check=check)


# K19


def one_address(here: Here) -> Volley:
    """Strangers sign up with an address as others change theirs to it."""
    email = f"wanted.{uuid4().hex[:8]}@example.org"
    movers = [make.person(f"Mover {uuid4().hex[:6]}") for _ in range(2)]
    for mover in movers:
        accounts.send_link(mover, "email", email)
    commit()
    tokens = [acts.newest(Token, person_id=mover.id)[-1] for mover in movers]
    shots = here.mixed(
        shot(acts.sign_up, email=email), *(shot(acts.change_email, token=token) for token in tokens)
    )

    def check(_: list[Outcome]) -> Iterator[str]:
        holders = acts.newest(Person, email_key=folded(email))
        if len(holders) != 1:
            yield f"{len(holders)} people have one address."

    return Volley(shots, check=check)


# K20


def remove_or_send(here: Here) -> Volley:
    """A sample with an image is removed as the application that names it is sent."""
    applicant = make.professional(f"Ina {uuid4().hex[:6]}", admitted=False)
    acts.add_sample(str(applicant.id))
    sample = acts.newest(Sample, profile_id=applicant.id)[-1]
    sample.image_id, sample.alt = image(applicant.person).id, "A bus."
    application = make.application(applicant, state="draft")
    sample.state = "draft"
    commit()
    shots = here.mixed(
        shot(acts.remove_sample, sample=sample), shot(acts.submit_application, application=application)
    )
    key, asked, picture = sample.id, application.id, sample.image_id

    def check(outcomes: list[Outcome]) -> Iterator[str]:
        row, sent = db.session.get_one(Sample, key), db.session.get_one(Application, asked)
        removed = any(one.won for one in outcomes if one.act == "remove_sample")
        if removed and row.state in LIVING:
            yield "The removed sample is back on the profile."
        told = many(
            select(Event.name)
            .where(Event.name.in_(("sample.removed", "application.submitted")))
            .where(Event.subject.in_((row.subject, sent.subject)))
            .order_by(Event.number)
        )
        if told[:1] == ["sample.removed"] and str(key) in sent.sample_ids:
            yield "The application names a sample that was removed before it was sent."
        stored = db.session.get_one(File, picture)
        if sha256(bytes(files.store().get(str(stored.id)).bytes())) != stored.sha256:
            yield "The image is not what was stored."

    return Volley(shots, winners=(1, 2), check=check)


def image(owner: Person) -> File:
    """A stored file."""
    body = f"not really an image {uuid4().hex}".encode()
    row = add(
        File(owner_id=owner.id, mime="image/webp", size=len(body), sha256=sha256(body), width=1, height=1)
    )
    files.store().put(str(row.id), body)
    return row


# K21


def use_a_link(here: Here) -> Volley:
    """A mailed link is opened eight times at once; or a password is guessed from eight windows."""
    if here.chance(True, False, False):
        return _guess(here)
    human = make.person(f"Lin {uuid4().hex[:6]}")
    purpose, what = here.chance(("verify", acts.verify), ("verify", acts.verify), ("reset", acts.reset))
    accounts.send_link(human, purpose, human.email)
    commit()
    token = acts.newest(Token, person_id=human.id)[-1]
    return Volley(here.mixed(shot(what, token=token)))


def _guess(here: Here) -> Volley:
    """So many wrong passwords are tried before somebody has to wait, and no more."""
    human, free = make.person(f"Gus {uuid4().hex[:6]}"), here.chance(1, 2)
    address = f"10.{here.random.randrange(256)}.{here.random.randrange(256)}.{here.random.randrange(256)}"
    for _ in range(rules().sign_in_failures - free):
        add(Attempt(email_key=human.email_key, address=address))
    commit()
    return Volley(here.mixed(shot(acts.guess, email=human.email, address=address)), winners=(free, free))


def links_are_dead(here: Here) -> Iterator[str]:
    """A used link opens nothing any more, and every business has an owner."""
    owners = select(Membership.organisation_id).where(Membership.role == "owner")
    orphans = select(func.count()).where(Organisation.id.not_in(owners), Organisation.closed_at.is_(None))
    if number := db.session.scalar(orphans):
        yield f"{number} businesses have no owner."


KINDS = (
    Kind("K07", "admit ∥ refuse", decide_twice),
    Kind("K09", "one invitation, eight times", use_an_invitation, ("threads", "processes")),
    Kind("K12", "two owners remove each other", remove_each_other, after=links_are_dead),
    Kind("K19", "sign up ∥ change e-mail", one_address),
    Kind("K20", "remove a sample ∥ send it", remove_or_send),
    Kind("K21", "any link ∥ itself", use_a_link),
)
