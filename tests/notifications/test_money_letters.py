"""Who is told what about money: the owner of a payout account by mail, a second admin, all sides of a chargeback."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from marketplace.accounts.models import Person
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, one
from marketplace.kernel.events import tell
from marketplace.payments.actions import freeze, release
from marketplace.payments.backward import claw_back
from marketplace.payments.claims import Chargeback
from marketplace.payments.entering import report
from marketplace.payments.models import Holding, Payee
from marketplace.payments.outside import SavedMethod
from marketplace.payments.rulings import confirm, decide
from marketplace.payments.saved import payer_for, remove
from tests import make
from tests.notifications.test_notify import lines, mails
from tests.payments.conftest import again
from tests.payments.papering import handed


def held() -> tuple[Holding, Person, Person]:
    """A paid milestone of a contract, its owner and its writer."""
    contract = make.working()
    owner, writer = make.owner_of(contract.organisation), contract.profile.person
    return one(select(Holding)), owner, writer


def test_a_changed_bank_account_is_always_mailed_to_its_owner(app: Any, work: Any) -> None:
    ines = make.person("Ines Okafor", side="professional", mail_off=["briefs", "work", "words", "reviews"])
    payee = add(Payee(person_id=ines.id, country="us", state="ready"))
    tell("payee.bank_changed", payee, by=None, person=str(ines.id), until="2026-12-04T10:00:00+00:00")
    commit()
    work()
    assert lines(ines) == [
        "The bank account for your payouts was changed: nothing is sent there before 4 December"
    ]
    assert "If it was not you, write to us at once" in mails(ines)[0]


def test_a_failed_payout_says_what_to_do(app: Any, work: Any) -> None:
    ines = make.person("Ines Okafor", side="professional")
    payee = add(Payee(person_id=ines.id, country="us", state="ready"))
    tell("payout.failed", payee, by=None, stream="payouts:all", person=str(ines.id), amount="$432.00",
         reason="The bank account has been closed.")  # fmt: skip
    commit()
    work()
    assert lines(ines) == ["Your bank returned a payout of $432.00. The bank account has been closed."]
    assert "until you give another bank account" in mails(ines)[0]


def test_all_three_hear_of_a_chargeback_each_in_other_words(app: Any, work: Any) -> None:
    on, owner, writer = held()
    admin = make.staff()
    payment = again(on).live_allocation.payment  # type: ignore[union-attr]
    row = add(Chargeback(payment_id=payment.id, stripe_dispute="du_1", currency="usd", amount_minor=48000,
                         reason="fraudulent", state="needs_response", answer_by=now() + timedelta(days=7)))  # fmt: skip
    report("chargeback.opened", again(on), chargeback=str(row.id), reason="fraudulent", amount="$480.00")
    commit()
    work()
    assert "A bank disputes $480.00 for “Launch week, told straight”: fraudulent" in lines(admin)
    assert any("We answer it; the money is frozen" in line for line in lines(writer))
    assert any("If that is a mistake, tell your bank" in line for line in lines(owner))
    assert f"/admin/money/chargebacks/{again(row).id}" in mails(admin)[0]


def test_a_debt_is_told_with_how_it_is_paid(app: Any, work: Any) -> None:
    on, owner, writer = held()
    release(again(on), 48000, by=None, reason="Approved", request_id="a")
    commit()
    claw_back(handed(on), 30000, by=make.staff(), reason="Not what was agreed.", request_id="c")
    commit()
    work()
    assert any(line.startswith("You owe $270.00 for") for line in lines(writer))
    assert any("at most half of each" in body for body in mails(writer))
    assert any("$300.00 of “Launch week, told straight” goes back" in line for line in lines(owner))
    assert f"/payments/holdings/{again(on).id}" in mails(owner)[-1]


def test_the_second_admin_is_asked_and_the_first_hears_the_end(app: Any, work: Any) -> None:
    first, second = make.staff(), make.staff(name="Bo Second")
    on = make.funded(make.holding(amount_minor=200_000))
    row = decide("ruling", f"holding:{on.id}", 200_000, "usd", by=again(first), reason="Half of it was delivered.",
                 request_id=str(uuid4()), to_professional=200_000, to_business=0)  # fmt: skip
    commit()
    work()
    asked = "A decision about $2,000.00 waits for a second admin. Half of it was delivered."
    assert (asked in lines(second), asked in lines(first)) == (True, False)
    confirm(again(row), by=again(second))
    commit()
    work()
    assert "Your decision about money was confirmed and done" in lines(first)


def test_a_decision_of_one_asks_nobody(app: Any, work: Any) -> None:
    first, second = make.staff(), make.staff(name="Bo Second")
    on = make.funded()
    freeze(again(on), "Look at it.", by=None)
    decide("ruling", f"holding:{on.id}", 0, "usd", by=again(first), reason="All is well here.",
           request_id=str(uuid4()), to_professional=0, to_business=0)  # fmt: skip
    commit()
    work()
    assert lines(second) == []


def test_a_removed_way_to_pay_is_told_to_those_who_pay(app: Any, work: Any) -> None:
    org = make.business()
    finance = make.member(org, "finance")
    method = add(
        SavedMethod(
            payer_id=payer_for(org.id).id, stripe_method="pm_1", kind="card", brand="visa", last4="4242"
        )
    )
    remove(method, by=make.owner_of(org))
    commit()
    work()
    assert lines(finance) == ["A way to pay of Northgate Transit was removed, ending in 4242"]
