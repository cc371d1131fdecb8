"""The kinds of race about hiring and work: K02, K05, K06, K08, K11, K17, K22 and K23."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select, update

from marketplace.accounts.models import Person
from marketplace.briefs.models import Brief
from marketplace.config import rules
from marketplace.contracts.models import Contract, Milestone, Terms
from marketplace.deliverables.models import Piece
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db, many, one
from marketplace.kernel.events import Event
from marketplace.messaging.models import Message, Thread
from marketplace.payments.models import Holding, Refund, Release, holding_of
from marketplace.proposals.models import LIVE, Proposal
from marketplace.reviews.models import Review
from marketplace.reviews.scores import summary
from marketplace.talent.models import Profile, Sample
from tests import make
from tests.deliverables.work import pieces
from tests.races import acts
from tests.races.kinds_money import WHOLE, balanced, org, working, writer
from tests.races.volleys import WIDE, Here, Kind, Outcome, Volley, shot
from tests.reviews import ended


def profile(here: Here, number: int = 0) -> Profile:
    """One of the professionals of all volleys of a kind."""
    return here.once(f"writer {number}", lambda: make.professional(f"Writer{number} Okafor"))


def bids(here: Here, brief: Brief, number: int) -> list[Proposal]:
    """So many shortlisted pitches on a brief, each of another professional."""
    return [make.proposal(brief, profile(here, each), "shortlisted") for each in range(number)]


def give_back(brief: Brief) -> None:
    """End all pitches on a brief of an earlier volley, so that its writers have their places back."""
    mine = update(Proposal).where(Proposal.brief_id == brief.id, Proposal.state.in_(LIVE))
    db.session.execute(mine.values(state="closed"))
    commit()


# K02


def accept_two(here: Here) -> Volley:
    """Two pitches are offered the one contract of a brief; or one offer is accepted many times."""
    brief = make.brief(org(here))
    boss = make.owner_of(org(here))
    first, second = bids(here, brief, 2)
    if here.chance(True, False):
        shots = here.mixed(*(shot(acts.offer, proposal=row, by=boss) for row in (first, second)))
    else:
        contract = _offered(first, boss)
        sha256, human = contract.current_terms.sha256, first.profile.person
        shots = here.mixed(shot(acts.accept, contract=contract, by=human, sha256=sha256))
    key = brief.id

    def check(_: list[Outcome]) -> Iterator[str]:
        found = acts.newest(Contract, brief_id=key)
        if len(found) != 1:
            yield f"The brief has {len(found)} contracts."
        for contract in found:
            if contract.state == "active" and len(acts.newest(Milestone, contract_id=contract.id)) != 1:
                yield "Its milestones were made more than once."
        give_back(db.session.get_one(Brief, key))

    return Volley(shots, check=check)


def _offered(proposal: Proposal, boss: Person) -> Contract:
    key = acts.offer(str(proposal.id), str(boss.id))
    commit()
    return acts.get(Contract, key)


# K05


def withdraw_or_accept(here: Here) -> Volley:
    """A professional withdraws the pitch in one window, and accepts its offer in another."""
    brief, boss = make.brief(org(here)), make.owner_of(org(here))
    (pitch,) = bids(here, brief, 1)
    away = shot(acts.withdraw_pitch, proposal=pitch)
    if offered := here.chance(True, False):
        contract = _offered(pitch, boss)
        sha256, human = contract.current_terms.sha256, pitch.profile.person
        shots = here.mixed(away, shot(acts.accept, contract=contract, by=human, sha256=sha256))
    else:
        shots = here.mixed(away, shot(acts.offer, proposal=pitch, by=boss))
    key, bid = brief.id, pitch.id

    def check(_: list[Outcome]) -> Iterator[str]:
        state = db.session.get_one(Proposal, bid).state
        for contract in acts.newest(Contract, brief_id=key):
            if (contract.state == "active") != (state == "accepted"):
                yield f"The contract is {contract.state}, though the pitch is {state}."
        give_back(db.session.get_one(Brief, key))

    return Volley(shots, winners=(1, 1 if offered else 2), check=check)


# K06


def end_or_deliver(here: Here) -> Volley:
    """Both sides end a contract as a draft is sent, or as its money is being held."""
    held_already = here.chance(True, False)
    if held_already:
        contract = working(here)
    else:
        writer(here)
        contract = make.contract(org(here), here.once("writer", make.professional))
    boss, human = make.owner_of(contract.organisation), contract.profile.person
    part, piece = contract.milestones[0], pieces(contract)[0]
    ends = [shot(acts.end, contract=contract, by=who) for who in (boss, human)]
    text = f"The 14 was late. {uuid4().hex}"
    if held_already:
        other = shot(acts.send_draft, piece=piece, by=human, text=text, revision=0)
    else:
        other = shot(acts.fund_milestone, milestone=part, by=boss)
    shots = here.mixed(*ends, other, shot(acts.cancel_milestone, milestone=part, by=boss), other)
    key, subject = contract.id, part.subject

    def check(outcomes: list[Outcome]) -> Iterator[str]:
        contract, held = db.session.get_one(Contract, key), one(holding_of(subject))
        yield from balanced(held)
        told = many(select(Event).where(Event.stream == contract.subject, Event.name == "contract.ended"))
        if len(told) != 1 or contract.state != "ended":
            yield f"The contract is {contract.state}, and its end was told {len(told)} times."
        if held_already and held.left_minor:
            yield "The contract is over, but its money is still held."
        yield from _kill_fee(held, outcomes)

    # Ended or cancelled once; and before it a draft may be sent, or the money asked for.
    return Volley(shots, winners=(1, 2), check=check)


def _kill_fee(held: Holding, outcomes: list[Outcome]) -> Iterator[str]:
    """A kill fee is owed only once work was begun, and all else goes back."""
    released = sum(row.gross_minor for row in acts.newest(Release, holding_id=held.id))
    sent = any(one.won for one in outcomes if one.act == "send_draft")
    if released not in ({0, WHOLE // 2} if sent else {0}):
        yield f"{released} were released as a kill fee."
    returned = sum(row.amount_minor for row in acts.newest(Refund, holding_id=held.id))
    if released + returned != held.funded_minor:
        yield f"Of {held.funded_minor} held, {released} were released and {returned} returned."


# K08


def review_twice(here: Here) -> Volley:
    """Each side of an ended contract reviews from four windows."""
    contract = ended.contract(org(here), here.once("writer", make.professional))
    boss, human, key = make.owner_of(contract.organisation), contract.profile.person, contract.id
    shots = here.mixed(
        shot(acts.review, contract=contract, by=boss, scores=ended.MARKS, quote=ended.LINE),
        shot(acts.review, contract=contract, by=human, scores=ended.THEIRS, quote=""),
    )

    def check(_: list[Outcome]) -> Iterator[str]:
        found = acts.newest(Review, contract_id=key)
        if sorted(row.side for row in found) != ["business", "professional"]:
            yield f"There are reviews of {[row.side for row in found]}."
        if len({row.shown_at for row in found}) != 1 or found[0].shown_at is None:
            yield "Both are in, but they are not shown at the same moment."

    return Volley(shots, winners=(2, 2), check=check)


# K11


def two_editors(here: Here) -> Volley:
    """A draft is saved from eight windows that were opened at the same state."""
    contract = here.once("contract", lambda: working(here))
    piece, human = pieces(contract)[0], contract.profile.person
    key, revision = piece.id, piece.draft_revision
    shots = [
        shot(acts.save_draft, piece=piece, by=human, text=f"Text {uuid4().hex}", revision=revision)
        for _ in range(WIDE)
    ]

    def check(outcomes: list[Outcome]) -> Iterator[str]:
        kept = db.session.get_one(Piece, key)
        if (kept.draft_revision, [kept.draft]) != (revision + 1, [one.value for one in outcomes if one.won]):
            yield "What is kept is not what the winner typed."

    return Volley(shots, check=check)


# K17


def change_or_accept(here: Here) -> Volley:
    """The terms are countered in one window and accepted as they stood in another; what is signed is paid."""
    contract = make.offer(org(here), here.once("writer", make.professional))
    human, sha256, key = contract.profile.person, contract.current_terms.sha256, contract.id
    shots = here.mixed(
        shot(acts.accept, contract=contract, by=human, sha256=sha256),
        shot(acts.counter, contract=contract, by=human, title=f"Launch {uuid4().hex[:8]}"),
    )

    def check(_: list[Outcome]) -> Iterator[str]:
        row = db.session.get_one(Contract, key)
        agreed = [terms for terms in acts.newest(Terms, contract_id=key) if terms.state == "agreed"]
        if row.state == "active" and [terms.sha256 for terms in agreed] != [sha256]:
            yield "What is in force is not what was accepted."
        for part in acts.newest(Milestone, contract_id=key):
            held = one(holding_of(part.subject))
            if held.amount_minor != agreed[0].data["milestones"][0]["amount_minor"]:
                yield "What is to be paid is not what was agreed."

    return Volley(shots, check=check)


# K22


def aggregates(here: Here) -> Volley:
    """Eight reviews of one professional and their own; or eight messages in one thread."""
    human = here.once("writer", make.professional)
    if here.chance(True, False):
        return _messages(here)
    over = [ended.contract(org(here), human) for _ in range(4)]
    shots = []
    for contract in over:
        boss = make.owner_of(contract.organisation)
        shots.append(shot(acts.review, contract=contract, by=boss, scores=ended.MARKS, quote=ended.LINE))
        shots.append(shot(acts.review, contract=contract, by=human.person, scores=ended.THEIRS, quote=""))
    here.random.shuffle(shots)
    key = human.id

    def check(_: list[Outcome]) -> Iterator[str]:
        found = select(Review).where(Review.profile_id == key, Review.side == "business")
        counted = db.session.scalar(select(func.count()).select_from(found.subquery()))
        if summary(many(found)).count != counted:
            yield "The average counts other reviews than there are."

    return Volley(shots, winners=(8, 8), check=check)


def _messages(here: Here) -> Volley:
    about = f"contract:{uuid4()}"
    people = [here.once(f"person {number}", make.person) for number in range(WIDE)]
    db.session.execute(update(Message).values(created_at=now() - timedelta(days=1)))
    commit()
    shots = [shot(acts.write, about=about, by=person) for person in people]

    def check(_: list[Outcome]) -> Iterator[str]:
        threads = acts.newest(Thread, about=about)
        if len(threads) != 1 or len(acts.newest(Message, thread_id=threads[0].id)) != WIDE:
            yield "Not every message is in the one thread."

    return Volley(shots, winners=(WIDE, WIDE), check=check)


# K23


def at_most(here: Here) -> Volley:
    """More people than places: pitches on a brief, one's own open pitches, samples, messages an hour."""
    made: Callable[[Here], Volley] = here.chance(_places, _own_places, _samples, _pace)
    return made(here)


def _places(here: Here) -> Volley:
    brief, free = make.brief(org(here)), here.chance(1, 2, 3)
    bids(here, brief, rules().proposals_per_brief - free)
    others = [profile(here, 20 + number) for number in range(WIDE)]
    shots = [shot(acts.send_pitch, brief=brief, profile=other) for other in others]
    key = brief.id

    def check(_: list[Outcome]) -> Iterator[str]:
        live = select(func.count()).where(Proposal.brief_id == key, Proposal.state.in_(LIVE))
        if db.session.scalar(live) != rules().proposals_per_brief:
            yield "The places of the brief are not exactly filled."
        give_back(db.session.get_one(Brief, key))

    return Volley(shots, winners=(free, free), check=check)


def _own_places(here: Here) -> Volley:
    one_writer, free = make.professional(f"Busy {uuid4().hex[:6]}"), here.chance(1, 2, 3)
    for _ in range(rules().proposals_per_person - free):
        make.proposal(make.brief(org(here)), one_writer)
    shots = [shot(acts.send_pitch, brief=make.brief(org(here)), profile=one_writer) for _ in range(WIDE)]
    return Volley(shots, winners=(free, free))


def _samples(here: Here) -> Volley:
    """So many samples at most, and for who is admitted so many at least."""
    one_writer, free = make.professional(f"Sam {uuid4().hex[:6]}"), here.chance(1, 2)
    if here.chance(True, False):
        for _ in range(rules().samples_most - len(one_writer.samples) - free):
            acts.add_sample(str(one_writer.id))
            commit()
        return Volley(here.mixed(shot(acts.add_sample, profile=one_writer)), winners=(free, free))
    for _ in range(free):
        acts.add_sample(str(one_writer.id))
        commit()
    mine = acts.newest(Sample, profile_id=one_writer.id)
    shots = here.mixed(*(shot(acts.remove_sample, sample=row) for row in mine))
    return Volley(shots, winners=(free, free))


def _pace(here: Here) -> Volley:
    human, free = make.person(f"Fast {uuid4().hex[:6]}"), here.chance(1, 2, 3)
    thread = add(Thread(about=f"contract:{uuid4()}"))
    for _ in range(rules().messages_per_hour - free):
        add(Message(thread_id=thread.id, by_id=human.id, body="And?"))
    commit()
    return Volley(here.mixed(shot(acts.write, about=thread.about, by=human)), winners=(free, free))


KINDS = (
    Kind("K02", "accept A ∥ accept B", accept_two, ("threads", "processes")),
    Kind("K05", "withdraw pitch ∥ accept", withdraw_or_accept),
    Kind("K06", "end contract ∥ deliver, hold", end_or_deliver),
    Kind("K08", "review ∥ review", review_twice),
    Kind("K11", "two editors of a draft", two_editors, ("threads", "processes")),
    Kind("K17", "change terms ∥ accept and pay", change_or_accept),
    Kind("K22", "reviews and messages are counted", aggregates),
    Kind("K23", "at most so many", at_most, ("threads", "processes")),
)
