"""The profile page: who sees it, what stands on it, what it costs."""

from __future__ import annotations

from typing import Any

from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit
from marketplace.reviews.models import Review
from marketplace.talent.models import Profile
from marketplace.vetting.models import Margin
from tests import make
from tests.counting import queries


def admitted(notes: int = 1) -> Profile:
    profile = make.professional()
    application = make.application(profile, state="decided", decision="admitted", decided_at=now())
    make.reading(application, make.reader(), substance=3, note="Send her bad news.")
    second = make.reading(application, make.reader("Rolf Reader"), note="One register, a very good one.")
    for number in range(notes):
        quote = "find his dog." if number == 0 else f"Number {number}."
        add(Margin(reading_id=second.id, sample_id=profile.samples[0].id, quote=quote, note="A real dog."))
    commit()
    return profile


def test_a_stranger_reads_samples_marks_and_notes(app: Any, browser: Any) -> None:
    page = browser().get(f"/professionals/{admitted().handle}").text
    assert "<mark>find his <span" in page
    assert "A real dog." in page
    assert "Send her bad news." in page
    assert "3 and 4" in page
    assert "New here" in page


def test_nobody_but_the_owner_and_staff_sees_who_is_not_admitted(app: Any, browser: Any) -> None:
    profile = make.professional(admitted=False)
    address = f"/professionals/{profile.handle}"
    assert browser().get(address).status_code == 404
    assert browser(make.person()).get(address).status_code == 404
    assert browser(profile.person).get(address).status_code == 200
    assert browser(make.staff()).get(address).status_code == 200


def test_the_owner_sees_the_page_as_a_business_does(app: Any, browser: Any) -> None:
    profile = make.professional()
    own = browser(profile.person)
    assert "Edit your samples" in own.get(f"/professionals/{profile.handle}").text
    preview = own.get(f"/professionals/{profile.handle}?as=business").text
    assert "Edit your samples" not in preview
    assert "This is how a business sees your page" in preview


def test_a_business_with_an_open_brief_finds_the_invitation(app: Any, browser: Any) -> None:
    profile, org = make.professional(), make.business()
    make.brief(org)
    page = browser(make.owner_of(org)).get(f"/professionals/{profile.handle}").text
    assert f'action="/professionals/{profile.handle}/invite"' in page
    assert "Launch week, told straight" in page
    assert f"/professionals/{profile.handle}/offer" in page


def test_what_people_typed_stays_text(app: Any, browser: Any) -> None:
    profile = make.professional(name="Ines <script>")
    profile.samples[0].text = "<img src=x onerror=alert(1)>"
    commit()
    page = browser().get(f"/professionals/{profile.handle}").text
    assert "<img src=x" not in page
    assert "Ines <script>" not in page


def reviewed(profile: Profile, number: int) -> None:
    from marketplace.contracts.models import Contract

    org = make.business(f"Business {number}")
    boss = make.owner_of(org)
    contract = add(Contract(organisation_id=org.id, brand_id=org.brands[0].id, profile_id=profile.id,
                            by_id=boss.id, title="Posts", currency="usd", state="ended"))  # fmt: skip
    lines = dict.fromkeys(("substance", "style", "voice", "reliability"), 5)
    add(Review(contract_id=contract.id, side="business", by_id=boss.id, profile_id=profile.id, hire_again=True,
               organisation_id=org.id, scores=lines, body="Good.", shown_at=now()))  # fmt: skip
    commit()


def test_the_page_costs_the_same_with_much_on_it(app: Any, browser: Any) -> None:
    profile, org = admitted(), make.business()
    make.brief(org)
    visitor = browser(make.owner_of(org))
    with queries(app) as few:
        visitor.get(f"/professionals/{profile.handle}")
    few = list(few)
    for number in range(4):
        reviewed(profile, number)
        make.brief(org)
    with queries(app) as many:
        assert b"would hire again" in visitor.get(f"/professionals/{profile.handle}").data
    asked = [statement for statement in many if not statement.startswith(("PRAGMA", "BEGIN", "ROLLBACK"))]
    assert len(asked) <= 12, "\n".join(asked)
    assert len(many) == len(few), "\n\n".join(many)


def test_a_paused_page_is_found_by_those_who_work_with_its_professional(browser: Any) -> None:
    contract = make.contract()
    profile = contract.profile
    profile.paused_at = now()
    commit()
    address = f"/professionals/{profile.handle}"
    assert browser(make.owner_of(contract.organisation)).get(address).status_code == 200
    assert browser(make.owner_of(make.business("Rival"))).get(address).status_code == 404
    assert browser().get(address).status_code == 404
