"""The database that is measured: N professionals in the index, and one contract under way."""

from __future__ import annotations

import random
from datetime import date
from typing import NamedTuple

from marketplace import create_app
from marketplace.accounts.models import Person, Session
from marketplace.config import Settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import commit, db
from marketplace.kernel.migrations import upgrade
from marketplace.kernel.text import sha256
from marketplace.search.indexing import describe_professional
from marketplace.search.models import ProfessionalEntry
from marketplace.talent.models import PLATFORMS, REGISTERS, SUBJECTS, Profile, Rate, Sample
from tests import make

WORDS = """
late bus driver stop morning rain number ticket council budget water bin school bread oven queue price
launch voice plain dry warm honest sentence apology Monday reader phone answer map night shift street
garden repair clinic waiting letter page first last seven minute promise city river train platform
""".split()  # noqa: SIM905
MEASURED = "the secret of a session that is measured"


class Addresses(NamedTuple):
    """What is asked of the product: page -> addresses in turn, and the cookie of who is signed in."""

    pages: dict[str, list[str]]
    cookie: str


def prose(chance: random.Random, sentences: int) -> str:
    """Sentences of random words: different for everyone, the same in every run."""
    lines = [" ".join(chance.choices(WORDS, k=chance.randint(6, 14))).capitalize() for _ in range(sentences)]
    return ". ".join(lines) + "."


def professional(chance: random.Random, number: int) -> tuple[Person, Profile]:
    """One admitted professional, not yet in the database."""
    first, last = chance.choice(WORDS).title(), chance.choice(WORDS).title()
    email = f"{first}.{number}@example.org".lower()
    person = Person(email=email, email_key=email, name=f"{first} {last}", password_hash="!", side="professional",
                    verified_at=now())  # fmt: skip
    profile = Profile(
        person_id=person.id, handle=f"{first}-{last}-{number}".lower(), name=person.name,
        statement=prose(chance, 1), biography=prose(chance, 6), country="GB", city=chance.choice(WORDS).title(),
        platforms=chance.sample(list(PLATFORMS), 2), subjects=chance.sample(list(SUBJECTS), 2),
        registers=chance.sample(list(REGISTERS), 1), languages=[{"code": "en", "level": "native"}],
        free_from=date(2026, 12, 1), admitted_at=now(),
    )  # fmt: skip
    return person, profile


def work_of(chance: random.Random, profile: Profile) -> list[Rate | Sample]:
    """A rate and four samples."""
    rows: list[Rate | Sample] = [
        Rate(
            profile_id=profile.id,
            kind="post",
            includes="Two rounds",
            amount_minor=chance.randint(50, 400) * 100,
        )
    ]
    for position in range(4):
        rows.append(
            Sample(profile_id=profile.id, platform=profile.platforms[0], client=prose(chance, 1)[:40], role="wrote",
                   written_on=date(2026, 1 + position, 1), text=prose(chance, 9), brief=prose(chance, 1),
                   learns=prose(chance, 1), position=position, state="frozen")
        )  # fmt: skip
    return rows


def fill(number: int) -> list[str]:
    """Insert `number` professionals with their index in one transaction; returns some of their handles."""
    chance = random.Random(20261122)
    made = [professional(chance, each) for each in range(number)]
    db.session.add_all(person for person, _ in made)
    db.session.flush()
    db.session.add_all(profile for _, profile in made)
    db.session.flush()
    for _, profile in made:
        works = work_of(chance, profile)
        entry = ProfessionalEntry(profile_id=profile.id)
        db.session.add_all([*works, entry])
        db.session.flush()
        describe_professional(entry, profile, [work for work in works if isinstance(work, Sample)])
    commit()
    return [profile.handle for _, profile in made[:50]]


def build(settings: Settings, number: int) -> Addresses:
    """Make the database of `settings`, and say what to ask of it."""
    app = create_app(settings)
    with app.app_context():
        upgrade(app)
        handles = fill(number)
        org = make.business()
        boss = make.owner_of(org)
        contract = make.working(org)
        known = sha256(MEASURED.encode())
        db.session.add(Session(person_id=boss.id, secret_sha256=known, fresh_at=now(), seen_at=now(), agent="bench",
                               address="127.0.0.1"))  # fmt: skip
        commit()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = signer.dumps({"_user_id": MEASURED, "sid": True, "_fresh": True})
        pages = {
            "browse": ["/professionals"],
            "profile": [f"/professionals/{handle}" for handle in handles],
            "contract": [f"/contracts/{contract.id}"],
            "home": ["/"],
        }
        return Addresses(pages, f"{app.config['SESSION_COOKIE_NAME']}={cookie}")
