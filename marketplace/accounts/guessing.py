"""Against guessing passwords: a growing wait for one account from one address, a limit for one address.

Never by account alone, so that nobody can lock the real person out.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import delete, func, select

from marketplace.accounts.models import Attempt
from marketplace.config import rules
from marketplace.kernel.clock import now
from marketplace.kernel.db import add, alone_with, db
from marketplace.kernel.errors import Refused


def network(address: str) -> str:
    """The address that counts: an IPv6 visitor owns a whole /64, so that is one address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed) if parsed.version == 4 else str(ip_network(f"{address}/64", strict=False))


def wait_for(email_key: str, address: str) -> timedelta:
    """How long this address must wait before it may try this account again; zero when it may."""
    since = now() - timedelta(hours=1)
    recent = (
        select(func.count(), func.max(Attempt.created_at))
        .where(Attempt.created_at > since, Attempt.email_key == email_key, Attempt.address == address)
        .select_from(Attempt)
    )
    failures, latest = db.session.execute(recent).one()
    excess = failures - rules().sign_in_failures
    if excess < 0:
        return timedelta(0)
    pause = min(timedelta(seconds=30) * 2**excess, rules().sign_in_wait_most)
    left: timedelta = latest + pause - now()
    return max(left, timedelta(0))


def is_flooding(address: str) -> bool:
    """Whether this address failed too often in the last minutes, whatever accounts it tried."""
    since = now() - rules().sign_in_window
    recent = select(func.count()).where(Attempt.address == address, Attempt.created_at > since)
    return (db.session.scalar(recent) or 0) >= rules().sign_in_per_address


def check(email_key: str, address: str) -> None:
    """Raise Refused (429) with the time to wait while this address may not try."""
    wait = wait_for(email_key, address)
    if wait or is_flooding(address):
        minutes = max(1, round((wait or rules().sign_in_window) / timedelta(minutes=1)))
        unit = "minute" if minutes == 1 else "minutes"
        sentence = f"Too many wrong passwords from here. Wait {minutes} {unit}, or choose a new password."
        raise Refused(sentence, status=429)


def begin(email_key: str, address: str) -> UUID:
    """Count a try before its password is looked at, so that many at once are no more than one after another.

    Raises Refused as `check` does. Returns the try, to be forgiven when the password was right.
    """
    alone_with(f"guessing:{address}")
    check(email_key, address)
    return add(Attempt(email_key=email_key, address=address)).id


def forgive(attempt_id: UUID) -> None:
    """The password was right: the try counts for nothing."""
    db.session.execute(delete(Attempt).where(Attempt.id == attempt_id))
