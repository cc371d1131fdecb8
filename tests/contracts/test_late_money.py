"""Money that comes for a milestone that is over goes back, at once or when a freeze ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.contracts.ending import end
from marketplace.kernel import jobs
from marketplace.kernel.db import commit, many, one
from marketplace.payments.freezing import freeze, thaw
from marketplace.payments.models import Freeze, Holding
from marketplace.payments.rulings import decide
from tests import make
from tests.payments.conftest import again


def late() -> Holding:
    """Money that came frozen, for a contract that had ended."""
    contract = make.contract()
    end(contract, "Plans changed.", by=make.owner_of(contract.organisation))
    held = one(select(Holding).where(Holding.stream == contract.subject))
    freeze(held, "A person looks.", by=None)
    commit()
    return make.funded(held)


def test_frozen_money_for_what_is_over_is_held_and_goes_back_after_the_thaw(app: Any) -> None:
    held = late()
    subject = held.subject
    assert (held.funded_minor, held.left_minor) == (48000, 48000)
    thaw(many(select(Freeze))[0], by=None)
    commit()
    jobs.perform("contracts.return_late", subject)
    held = again(held)
    assert (held.refunded_minor, held.left_minor) == (48000, 0)


def test_a_ruling_about_it_comes_first(app: Any) -> None:
    held = late()
    subject = held.subject
    decide("ruling", f"holding:{held.id}", 28000, "usd", by=make.staff(), reason="They agreed.", request_id="r",
           to_professional=20000, to_business=0)  # fmt: skip
    commit()
    jobs.perform("contracts.return_late", subject)
    held = again(held)
    assert (held.released_minor, held.refunded_minor, held.left_minor) == (20000, 28000, 0)
