"""Plain makers: rows in a known state, for tests of other things than their making."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from marketplace.accounts.actions import accept_terms
from marketplace.accounts.models import Brand, Membership, Organisation, Person
from marketplace.briefs.models import Brief, BriefPiece, VoiceSheet
from marketplace.config import settings
from marketplace.contracts.models import Contract
from marketplace.kernel.clock import business_days_after, now
from marketplace.kernel.db import add, commit, many
from marketplace.payments.models import Holding
from marketplace.proposals.models import Proposal, ProposalVersion
from marketplace.talent.models import Profile, Rate, Sample
from marketplace.vetting.models import LINES, Application, Reading

PITCH = (
    "I would open with the number nobody wants to read, because the people waiting at the stop already know "
    "it. Sixty-one late buses is a fact they can check, and a company that says it first earns the next "
    "sentence. Then the cause, in one line, and what changes on Monday. I would end with the phone number of "
    "a person. No apology in the last line: the six minutes are the apology, and they read better than sorry."
)
SAMPLE = (
    "The bus is late because the driver stopped to help a man find his dog.\n\nThe dog is fine. The 14 resumes "
    "at Carrow Street."
)


def person(name: str = "Nadia Stranger", side: str = "business", **also: Any) -> Person:
    """A person with a proved address. Their password is never right: sign in through `browser(person)`."""
    email = f"{name.split()[0].lower()}.{uuid4().hex[:12]}@example.org"
    row = add(
        Person(
            email=email, email_key=email, name=name, password_hash="!", side=side, verified_at=now(), **also
        )
    )
    accept_terms(row)
    commit()
    return row


def business(name: str = "Northgate Transit", owner: str = "Dana Whitlock", **also: Any) -> Organisation:
    """A verified business with one brand and an owner, who is its accountable editor. `.owner` is set."""
    boss = person(owner)
    org = add(
        Organisation(name=name, slug=f"{name.split()[0].lower()}-{uuid4().hex[:12]}", country="GB", currency="usd",
                     verified_at=now(), **also)
    )  # fmt: skip
    add(Membership(organisation_id=org.id, person_id=boss.id, role="owner"))
    add(Brand(organisation_id=org.id, name=name, accountable_editor_id=boss.id))
    commit()
    return org


def owner_of(org: Organisation) -> Person:
    """The owner of a made business."""
    return org.people("owner")[0]


def member(org: Organisation, role: str, name: str = "Milo Member") -> Person:
    """One more person of a business, in one role."""
    joined = person(name)
    add(Membership(organisation_id=org.id, person_id=joined.id, role=role))
    commit()
    return joined


def staff(role: str = "admin", name: str = "Ada Admin") -> Person:
    """A reader or an admin."""
    return person(name, staff=role)


def professional(name: str = "Ines Okafor", admitted: bool = True, **also: Any) -> Profile:
    """A professional with a rate and three samples; admitted unless told otherwise."""
    human = person(name, side="professional")
    profile = add(
        Profile(person_id=human.id, handle=f"{name.split()[0].lower()}-{uuid4().hex[:12]}", name=name,
                statement="I write for the places people only notice when something breaks.",
                biography="Ten years of buses, water and bins.", country="GB", city="Leeds",
                platforms=["linkedin", "x"], subjects=["public-services"], registers=["dry"],
                languages=[{"code": "en", "level": "native"}], free_from=date(2026, 12, 1),
                admitted_at=now() if admitted else None, **also)
    )  # fmt: skip
    add(Rate(profile_id=profile.id, kind="post", includes="Two rounds of edits", amount_minor=14000))
    for position in range(3):
        add(
            Sample(profile_id=profile.id, platform="linkedin", client="Northgate Transit", role="wrote",
                   written_on=date(2026, 9, 1 + position), text=f"{SAMPLE}\n\nNumber {position + 1}.",
                   brief="Explain one late bus.", learns="Why the 14 was late.", position=position,
                   state="frozen" if admitted else "draft")
        )  # fmt: skip
    commit()
    return profile


def brief(org: Organisation | None = None, state: str = "open", **also: Any) -> Brief:
    """A brief of a business, published unless told otherwise."""
    org = org or business()
    brand, boss = org.brands[0], owner_of(org)
    sheet = add(VoiceSheet(brand_id=brand.id, version=1, data={"axes": {}, "sounds_like": [], "never": [],
                                                               "use": [], "avoid": [], "posts": []}, by_id=boss.id)
                if not _sheet(brand) else _sheet(brand))  # fmt: skip
    also = {"title": "Launch week, told straight", "visibility": "open", **also}
    row = add(
        Brief(organisation_id=org.id, brand_id=brand.id, by_id=boss.id, state=state, step="check",
              goal="Tell riders what changes.", result="Fewer calls.", learns="Why the 14 was late.",
              audience="People who wait at the stop.", subject_area="public-services", languages=["en"],
              voice_id=sheet.id, currency="usd", low_minor=30000, high_minor=90000, rights="All rights on payment.",
              published_at=now() if state != "draft" else None,
              closes_at=now() + timedelta(days=21) if state != "draft" else None, **also)
    )  # fmt: skip
    add(BriefPiece(brief_id=row.id, kind="post", platform="linkedin", count=4))
    commit()
    return row


def _sheet(brand: Brand) -> Any:
    from marketplace.kernel.db import find

    return find(select(VoiceSheet).where(VoiceSheet.brand_id == brand.id))


def proposal(
    on: Brief | None = None, by: Profile | None = None, state: str = "sent", **also: Any
) -> Proposal:
    """A proposal of one milestone of 480.00 on a brief."""
    on, by = on or brief(), by or professional()
    row = add(Proposal(brief_id=on.id, profile_id=by.id, state=state, letter="A", **also))
    add(
        ProposalVersion(proposal_id=row.id, number=1, pitch=PITCH, answers=[], sample_id=by.samples[0].id,
                        milestones=[{"title": "Four posts", "amount_minor": 48000, "due_on": "2026-12-20"}],
                        ai_declaration="none")
    )  # fmt: skip
    commit()
    return row


def holding(
    org: Organisation | None = None,
    payee: Person | None = None,
    amount_minor: int = 48000,
    stream: str = "",
    **also: Any,
) -> Holding:
    """The empty holding of a milestone of 480.00 that nobody knows; its release waits two days."""
    from marketplace.payments.actions import open_holding

    org, payee = org or business(), payee or person("Ines Okafor", side="professional")
    subject, stream = f"milestone:{uuid4()}", stream or f"contract:{uuid4()}"
    also = {"title": "Four posts", "currency": "usd", "fee_bps": 1000, "hold": timedelta(days=2), **also}
    row = open_holding(subject, stream=stream, organisation_id=org.id, payee_id=payee.id,
                       amount_minor=amount_minor, by=None, **also)  # fmt: skip
    commit()
    return row


def customer(org: Organisation) -> None:
    """Let a business be Stripe's customer: known by name where no Stripe runs, else once the waiting job is done."""
    from marketplace.payments import saved
    from marketplace.payments.models import StripeCall

    payer = saved.payer_for(org.id)
    if settings().stripe_api_base.endswith(":4242"):
        payer.stripe_customer = f"cus_{uuid4().hex}"
        for call in many(select(StripeCall).where(StripeCall.ref_id == payer.id)):
            call.state = "done"
    commit()


def funded(on: Holding | None = None, fee_minor: int = 1422) -> Holding:
    """A holding whose money came, entered as Stripe's own answer would be, without Stripe."""
    from marketplace.payments import apply
    from marketplace.payments.models import Allocation, Payment

    on = on or holding()
    payment = add(Payment(organisation_id=on.organisation_id, stream=on.stream, currency=on.currency,
                          amount_minor=on.amount_minor, by_id=on.organisation.people("owner")[0].id))  # fmt: skip
    add(Allocation(payment_id=payment.id, holding_id=on.id, amount_minor=on.amount_minor))
    booked = {"id": f"txn_{uuid4().hex}", "currency": on.currency, "fee": fee_minor}
    charge = {"id": f"ch_{uuid4().hex}", "balance_transaction": booked, "receipt_url": ""}
    apply.intent({"id": f"pi_{uuid4().hex}", "status": "succeeded", "amount": on.amount_minor,
                  "currency": on.currency, "amount_received": on.amount_minor, "latest_charge": charge,
                  "metadata": {"payment_id": str(payment.id)}})  # fmt: skip
    commit()
    return on


def reader(name: str = "Rosa Reader") -> Person:
    """A person who reads for vetting."""
    return staff("reader", name)


def application(of: Profile | None = None, state: str = "submitted", **also: Any) -> Application:
    """An application with the professional's samples, waiting for readers unless told otherwise."""
    of = of or professional(admitted=False)
    for sample in of.samples:
        sample.state, sample.sent_at = "frozen", now()
    sent = state != "draft"
    row = add(
        Application(profile_id=of.id, state=state, sample_ids=[str(row.id) for row in of.samples] if sent else [],
                    submitted_at=now() if sent else None,
                    due_at=business_days_after(now(), 10) if sent else None, **also)
    )  # fmt: skip
    commit()
    return row


def reading(of: Application, by: Person, mark: int = 4, note: str = "", **marks: int) -> Reading:
    """A reader's saved reading: `mark` on every line but those named."""
    row = add(
        Reading(application_id=of.id, reader_id=by.id, number=len(of.readings) + 1,
                marks={line: marks.get(line, mark) for line in LINES},
                reasons={line: f"The {line} is as marked." for line in LINES}, note=note, saved_at=now())
    )  # fmt: skip
    of.state = "reading" if of.state == "submitted" else of.state
    commit()
    return row


def terms(*milestones: dict[str, Any], pieces: int = 2, **also: Any) -> dict[str, Any]:
    """Terms of one milestone of 480.00 with two LinkedIn posts, due in three weeks."""
    posts = [{"title": f"Post {n + 1}", "platform": "linkedin", "kind": "post"} for n in range(pieces)]
    due = (now() + timedelta(days=21)).date().isoformat()
    one = {"title": "Four posts", "amount_minor": 48000, "due_on": due, "pieces": posts}
    return {"title": "Launch week, told straight", "rights": "All rights on payment.", "message": "",
            "milestones": list(milestones) or [one], **also}  # fmt: skip


def offer(org: Organisation | None = None, by: Profile | None = None, **also: Any) -> Contract:
    """A direct offer of a business's owner to a professional, who has not answered."""
    from marketplace.contracts import actions

    org, by = org or business(), by or professional()
    row = actions.offer(None, profile=by, brand=org.brands[0], terms=terms(**also), by=owner_of(org))
    commit()
    return row


def contract(org: Organisation | None = None, by: Profile | None = None, **also: Any) -> Contract:
    """A contract that the professional accepted; its money is not held yet."""
    from marketplace.contracts import actions

    row = offer(org, by, **also)
    actions.accept(row, by=row.profile.person, sha256=row.current_terms.sha256)
    commit()
    return row


def working(org: Organisation | None = None, by: Profile | None = None, **also: Any) -> Contract:
    """A contract whose every milestone's money is held."""
    from marketplace.payments.models import holdings_of

    row = contract(org, by, **also)
    for held in many(holdings_of(row.subject)):
        funded(held)
    return row
