"""The invariants bite: each mistake that is planted is named under its number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from marketplace.accounts.models import Membership
from marketplace.kernel import mail
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, commit, db
from marketplace.kernel.events import tell
from marketplace.kernel.files import File
from marketplace.payments.models import StripeCall, Webhook
from marketplace.payments.papers import Series
from tests import make
from tests.money.invariants import Told, invariants
from tests.reviews import ended


def waiting_call() -> None:
    add(StripeCall(op="refund", ref_id=uuid4(), epoch=0, idem_key="a", params={}))


def unread_message() -> None:
    add(
        Webhook(
            source="platform",
            event_id="evt_1",
            type="charge.updated",
            object_id="ch_1",
            account="",
            payload={},
        )
    )


def paper_without_number() -> None:
    add(Series(issuer="platform", year=date.today().year, last=1))


def file_without_bytes() -> None:
    owner = make.person()
    add(File(owner_id=owner.id, mime="image/webp", size=1, sha256="a", width=1, height=1))


def business_without_owner() -> None:
    business = make.business()
    db.session.execute(
        update(Membership).where(Membership.organisation_id == business.id).values(role="viewer")
    )


def money_held_twice() -> None:
    held = make.funded()
    tell("payment.held", held, by=None, stream=held.stream, payment=str(held.allocations[0].payment_id))


def mail_left_behind() -> None:
    mail.post("pat@x.example", "Pat", "sign_up_again", url="http://localhost/")


def review_shown_alone() -> None:
    from marketplace.reviews import actions

    contract = ended.contract()
    made = actions.write(contract, scores=ended.THEIRS, body="Good.", by=contract.profile.person)
    made.shown_at = now()


@pytest.mark.parametrize(
    ("plant", "number"),
    [
        (waiting_call, "13. The call refund"),
        (unread_message, "19. The message charge.updated"),
        (paper_without_number, "20. The papers"),
        (file_without_bytes, "14. The file"),
        (business_without_owner, "11. The business"),
        (money_held_twice, "10. The money"),
        (mail_left_behind, "15. The mail"),
        (review_shown_alone, "17. A review"),
    ],
)
def test_a_planted_mistake_is_named(app: Any, plant: Callable[[], None], number: str) -> None:
    plant()
    commit()
    assert [sentence for sentence in invariants() if sentence.startswith(number)]


def test_what_clients_were_told_is_held_against_the_database(app: Any) -> None:
    told = Told(promised=[("The money is held.", lambda: False)], statuses=[303, 500])
    assert invariants(told=told) == ["9. The money is held.", "22. An answer had the status 500."]


def test_an_empty_marketplace_breaks_nothing(app: Any) -> None:
    assert invariants() == []
