"""The ground holds: the application starts, says it is well, and commits only good answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from marketplace import dev
from marketplace.config import Settings
from marketplace.kernel import db
from marketplace.kernel.errors import Missing
from marketplace.kernel.http import answer_error
from marketplace.supervisor import read_procfile


def test_a_healthy_marketplace_says_so(browser: Any) -> None:
    assert browser().get("/healthz").status_code == 200


def test_an_unknown_address_is_answered_with_a_sentence(browser: Any) -> None:
    answer = browser().get("/no-such-page")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text


def test_the_page_of_an_error_waits_for_no_lock(app: Any) -> None:
    with app.test_request_context("/", method="POST"):
        app.preprocess_request()
        assert not db.reading.get()
        answer_error(Missing())
        assert db.reading.get()


@pytest.mark.parametrize("given", [{}, {"STRIPE_SECRET_KEY": "sk_test_own"}])
def test_every_name_in_the_procfile_is_known(
    given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "VAR", tmp_path)
    monkeypatch.setattr(dev, "SETTINGS", tmp_path / "dev.env")
    assert set(read_procfile(dev.ROOT / "Procfile", dev.settings(given))) == {"web", "worker", "sandbox"}


def test_the_development_world_shows_bank_debits_and_instant_payouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "VAR", tmp_path)
    monkeypatch.setattr(dev, "SETTINGS", tmp_path / "dev.env")
    for name in ("PAYMENT_METHODS", "INSTANT_PAYOUTS"):
        monkeypatch.setenv(name, dev.settings({})[name])
        assert name not in dev.settings({"STRIPE_SECRET_KEY": "sk_test_own"})
    read = Settings(secret_key="a key that only tests know, 32 characters long")
    assert (read.payment_methods[1:], read.instant_payouts) == (
        ["us_bank_account", "sepa_debit", "bacs_debit"],
        True,
    )
