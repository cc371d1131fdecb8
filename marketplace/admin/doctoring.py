"""Whether all is set up with Stripe: the latest examination, and asking for a new one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from marketplace.accounts.access import audience, me
from marketplace.config import settings
from marketplace.kernel.db import find
from marketplace.kernel.forms import Act
from marketplace.kernel.htmx import page, see
from marketplace.payments import doctor
from marketplace.payments.doctor_hearing import WANTED


def add_to(bp: Blueprint) -> None:
    """Put this page into the room's blueprint."""
    bp.add_url_rule("/admin/stripe", stripe.__name__, stripe, methods=["GET", "POST"])


@audience("admin")
def stripe() -> Any:
    """The findings that were kept. `since`: the number of the one before, while a new one is waited for."""
    form, latest = Act(), find(doctor.last_examined())
    if form.sent():
        doctor.ask(by=me())
        return see("admin.stripe", since=latest.number if latest else 0)
    since = request.args.get("since", type=int)
    waiting = since is not None and (latest is None or latest.number <= since)
    return page("admin/stripe.html", fragment="admin/_findings.html", form=form, latest=latest, waiting=waiting,
                findings=doctor.findings_of(latest) if latest else [], wanted=WANTED,
                address=f"{settings().base_url.rstrip('/')}/webhooks/stripe")  # fmt: skip
