"""Releasing: held money becomes the professional's, less the fee, and is sent when the hold is over."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.kernel.db import commit, db, many
from marketplace.kernel.errors import Forbidden, Missing, Refused, Stale
from marketplace.payments.actions import freeze, release
from marketplace.payments.ledger import LedgerAccount
from marketplace.payments.models import Holding
from tests import make


def balance(code: str) -> int:
    """The cached balance of an account, in minor units."""
    return db.session.scalars(select(LedgerAccount.balance).where(LedgerAccount.code == code)).one()


def give(on: Holding, amount: int, by: Any = None, request: str = "one") -> Any:
    """Release, as the verb is called."""
    return release(on, amount, by=by, reason="Approved", request_id=request)


def test_a_release_books_the_fee_and_the_rest(app: Any) -> None:
    on = make.funded()
    made = give(on, 48000)
    commit()
    assert (made.gross_minor, made.fee_minor, made.net_minor) == (48000, 4800, 43200)
    assert (on.money_state, on.left_minor) == ("released", 0)
    assert balance(f"held:{on.id}") == 0
    assert balance(f"payable:{on.payee_id}") == -43200
