"""The whole way through the pages: from an empty account to a profile that strangers see."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import select

from marketplace.kernel.db import db, many, one
from marketplace.kernel.mail import Mail
from marketplace.talent.models import Profile
from marketplace.vetting.models import LINES, Application
from tests import make

ABOUT = {
    "name": "Ines Okafor",
    "statement": "I write for the places people only notice when something breaks.",
    "biography": "Eleven years of answering letters for a water company in Leeds, and keeping the right ones.",
    "platforms": ["linkedin"],
    "subjects": ["public-services"],
    "registers": ["dry"],
    "languages-0-code": "en",
    "languages-0-level": "native",
    "country": "GB",
    "timezone": "Europe/London",
    "ai_policy": "none",
} | {f"languages-{row}-level": "native" for row in range(1, 4)}
SAMPLE = {
    "platform": "linkedin",
    "client": "Northgate Transit",
    "role": "wrote",
    "written_on": "2026-03-12",
    "brief": "Explain one late bus.",
    "text": make.SAMPLE,
    "learns": "Why the 14 was late.",
    "permission": "public",
}
MARKS = {line: "4" for line in LINES} | {f"why_{line}": "It reads well." for line in LINES}


def png() -> BytesIO:
    made = BytesIO()
    Image.new("RGB", (40, 20), "navy").save(made, "PNG")
    made.seek(0)
    return made


def test_a_professional_is_admitted_by_two_readings(app: Any, browser: Any, work: Any) -> None:
    person = make.person("Ines Okafor", side="professional")
    her = browser(person)
    assert her.post("/apply").status_code == 303
    assert her.post("/profile", ABOUT).status_code == 303
    assert her.post("/profile/rates", {"currency": "usd", "amount_post": "140"}).status_code == 303
    for _ in range(3):
        sent = {**SAMPLE, "image": (png(), "card.png"), "alt": "Words on blue."}
        assert her.post("/profile/samples/new", sent, content_type="multipart/form-data").status_code == 303
    assert her.post("/apply/send").status_code == 303
    application = one(select(Application))
    for reader in (make.reader(), make.staff("admin")):
        desk = browser(reader)
        address = f"/admin/vetting/{application.id}"
        assert desk.post(f"{address}/claim").status_code == 303
        assert b"Sample 3" in desk.get(address).data
        assert desk.post(address, {**MARKS, "then": "next"}).status_code == 303
    work()
    db.session.expire_all()
    profile = one(select(Profile))
    assert profile.is_listed
    assert "You are admitted" in many(select(Mail))[-1].body
    assert b"What the readers found" in browser().get(f"/professionals/{profile.handle}").data
