"""What readers must not see: names, handles, clients, links. What they must not lose: the words."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from marketplace.kernel.db import commit, many
from marketplace.kernel.files import keep_image
from marketplace.talent.models import Opening
from marketplace.vetting.blind import black_out
from marketplace.vetting.models import Application
from tests import make

NAMES, CLIENTS = ["Zanele Quillfeather", "zanele-q"], ["Harrow Valley Water", "St Brannock's Trust"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Harrow Valley Water tested your tap.", "[client] tested your tap."),
        ("HARROW VALLEY WATER’s pipe", "[client] pipe"),
        ("Follow #HarrowValleyWater", "Follow #[client]"),
        ("In Harrow the water is fine.", "In [client] the water is fine."),
        ("A harrow is a tool; water is wet.", "A harrow is a tool; water is wet."),
        ("By Zanele.", "By [name]."),
        ("zanele quillfeather wrote it", "[name] wrote it"),
        ("See https://zanele.example/x?y=1 now", "See [link] now"),
        ("See zanele-q.example.com/a", "See [link]"),
        ("Write to zanele@harrow.example", "Write to [address]"),
        ("Thanks @zaneleq!", "Thanks [handle]!"),
        ("St Brannock's Trust rang.", "[client] rang."),
        ("We filled 6,120 holes. About one in four.", "We filled 6,120 holes. About one in four."),
    ],
)
def test_blacking_out(typed: str, shown: str) -> None:
    assert black_out(typed, NAMES, CLIENTS) == shown


def canary() -> Application:
    """An application that says everywhere who wrote it, and for whom."""
    profile = make.professional("Zanele Quillfeather", admitted=False)
    profile.handle, profile.city = "zanele-q", "Quillford"
    profile.person.email = "zanele@quill.example"
    image = BytesIO()
    Image.new("RGB", (40, 20)).save(image, "PNG")
    image.seek(0)
    row = profile.samples[0]
    row.client, row.link = "Vantablack Ferries", "https://vantablack.example/post"
    row.text = "Vantablack Ferries sails. By Zanele Quillfeather (@zanele-q, zanele@quill.example). http://quill.example/me"
    row.brief, row.learns = "Vantablack asked Zanele.", "What Vantablack Ferries did."
    row.alt = "The logo of Vantablack Ferries, drawn by Quillfeather"
    row.image_id = keep_image(FileStorage(image, "card.png"), owner=profile.person).id
    row.written_on = date(2026, 3, 1)
    commit()
    return make.application(profile)


WHO = ["zanele", "quill", "vantablack", "http://quill", "https://vantablack", "/professionals/"]


def assert_blind(page: str, application: Application) -> None:
    for word in [*WHO, str(application.profile_id), str(application.profile.person_id)]:
        assert word not in page.lower(), word


def test_a_reading_page_says_nowhere_who_wrote_it(app: Any, browser: Any) -> None:
    application = canary()
    for reader in (make.reader(), make.staff("admin")):
        desk, address = browser(reader), f"/admin/vetting/{application.id}"
        assert_blind(desk.get("/admin/vetting").text, application)
        assert_blind(desk.get(address).text, application)
        desk.post(f"{address}/claim")
        page = desk.get(address)
        assert "sails. By [name]" in page.text
        assert_blind(page.text, application)
        assert_blind(str(page.headers), application)
        refused = desk.post(address, {"note": "x"})
        assert refused.status_code == 422
        assert_blind(refused.text, application)


def test_the_image_comes_from_an_address_without_a_name(app: Any, browser: Any) -> None:
    application = canary()
    desk, address = browser(make.reader()), f"/admin/vetting/{application.id}"
    assert desk.get(f"{address}/images/1").status_code == 403
    desk.post(f"{address}/claim")
    answer = desk.get(f"{address}/images/1")
    assert answer.mimetype == "image/webp"
    assert_blind(str(answer.headers), application)
    assert desk.get(f"{address}/images/2").status_code == 404
    assert desk.get(f"{address}/images/9").status_code == 404
    assert browser().get(f"{address}/images/1").status_code == 303


def test_the_words_are_hidden_until_it_is_claimed(app: Any, browser: Any) -> None:
    application = canary()
    assert "sails" not in browser(make.reader()).get(f"/admin/vetting/{application.id}").text


def test_the_others_marks_are_hidden_until_mine_are_in(app: Any, browser: Any) -> None:
    application = canary()
    make.reading(application, make.reader("First Reader"), mark=2, note="The other one’s note.")
    desk, address = browser(make.reader("Second Reader")), f"/admin/vetting/{application.id}"
    desk.post(f"{address}/claim")
    before = desk.get(address).text
    assert "The lucidity is as marked." not in before
    assert "The other one’s note." not in before
    sent = {line: "4" for line in ("lucidity", "fluency", "voice", "substance", "judgement")}
    desk.post(address, sent | {f"why_{line}": "Mine." for line in sent} | {"then": "stay"})
    after = desk.get(address).text
    assert "The lucidity is as marked." in after
    assert "a third is called" in after


def test_a_readers_look_at_a_sealed_sample_is_logged(app: Any, browser: Any) -> None:
    application = canary()
    application.profile.samples[0].permission = "sealed"
    commit()
    reader = make.reader()
    desk, address = browser(reader), f"/admin/vetting/{application.id}"
    desk.get(address)
    desk.post(f"{address}/claim")
    for path in (address, f"{address}/images/1"):
        assert desk.get(path).status_code == 200
    assert [(row.part, row.person_id) for row in many(select(Opening).order_by(Opening.created_at))] == [
        ("text", reader.id),
        ("image", reader.id),
    ]
