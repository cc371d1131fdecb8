"""The ways to pay that a business keeps: seen and removed by those who pay, and by nobody else."""

from __future__ import annotations

from typing import Any

from marketplace.kernel.db import add, commit
from marketplace.payments.outside import SavedMethod
from marketplace.payments.saved import payer_for
from tests import make
from tests.counting import queries
from tests.payments.conftest import again


def kept(org: Any, last4: str = "4242", **also: Any) -> SavedMethod:
    """A card that a business keeps."""
    also = {"kind": "card", "brand": "visa", "expires": "12/40", **also}
    row = add(
        SavedMethod(payer_id=payer_for(org.id).id, stripe_method=f"pm_{last4}_{org.id}", last4=last4, **also)
    )
    commit()
    return row


def test_owners_and_finance_see_what_is_kept(app: Any, browser: Any) -> None:
    org = make.business()
    kept(org)
    kept(org, "6789", kind="us_bank_account", brand="STRIPE TEST BANK", expires="")
    for person in (make.owner_of(org), make.member(org, "finance")):
        shown = browser(person).get("/payments/methods").text
        for words in (
            "Northgate Transit",
            "Visa ending in 4242",
            "Expires 12/40",
            "Bank account ending in 6789",
        ):
            assert words in shown


def test_nothing_kept_says_how_to_keep(app: Any, browser: Any) -> None:
    assert "tick on Stripe’s page" in browser(make.owner_of(make.business())).get("/payments/methods").text


def test_others_see_nothing_of_it(app: Any, browser: Any) -> None:
    org = make.business()
    method = kept(org)
    for person in (make.member(org, "viewer"), make.person(), make.owner_of(make.business("Rival Roasters"))):
        assert "4242" not in browser(person).get("/payments/methods").text
    assert browser(make.person()).get(f"/payments/methods/{method.id}/remove").status_code == 404
    assert browser(make.person()).post(f"/payments/methods/{method.id}/remove").status_code == 404


def test_removing_asks_once_more(app: Any, browser: Any) -> None:
    org = make.business()
    method, boss = kept(org), browser(make.owner_of(org))
    address = f"/payments/methods/{method.id}/remove"
    assert "Remove Visa ending in 4242?" in boss.get(address).text
    assert again(method).removed_at is None
    assert boss.post(address).location == "/payments/methods"
    assert again(method).removed_at is not None
    assert "Visa ending in 4242 is removed" in boss.get("/payments/methods").text
    assert boss.post(address).status_code == 409
    assert boss.get(address).status_code == 409


def test_a_colleague_without_the_role_cannot_remove(app: Any, browser: Any) -> None:
    org = make.business()
    method, colleague = kept(org), browser(make.member(org, "hiring"))
    shown = colleague.get(f"/payments/methods/{method.id}/remove").text
    assert "Only an owner" in shown
    assert "4242" not in shown
    assert "Visa" not in shown
    assert colleague.post(f"/payments/methods/{method.id}/remove").status_code == 403
    assert again(method).removed_at is None


def test_the_list_costs_the_same_however_long(app: Any, browser: Any) -> None:
    org = make.business()
    for number in range(12):
        kept(org, f"{number:04}")
    boss = browser(make.owner_of(org))
    with queries(app) as sent:
        assert "0011" in boss.get("/payments/methods").text
    assert len(sent) <= 8
