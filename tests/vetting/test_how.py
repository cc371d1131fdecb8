"""The public page: honest about what is not known yet, computed from the data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marketplace.kernel.clock import now
from tests import make


def decided(decision: str, days: int, *marks: int) -> None:
    profile = make.professional(f"Person{days} Nr{len(marks)}", admitted=False)
    row = make.application(profile, state="decided", decision=decision, decided_at=now())
    row.submitted_at = now() - timedelta(days=days)
    for number, mark in enumerate(marks):
        make.reading(row, make.reader(f"Reader{number} R"), mark=mark)


def test_without_readings_it_says_so(app: Any, browser: Any) -> None:
    page = browser().get("/vetting").text
    assert "Not enough readings yet" in page
    assert "No letter yet" in page


def test_rate_wait_and_agreement_come_from_the_decisions(app: Any, browser: Any) -> None:
    for number in range(10):
        decided("admitted" if number % 2 else "not_yet", 4, 3 + number % 2, 3 + number % 2)
    page = browser().get("/vetting").text
    assert "5 of 10 (50 %)" in page
    assert "4.0 days" in page
    assert "1.00 (almost perfect)" in page
    assert "50 pairs of marks from 10 applications" in page
