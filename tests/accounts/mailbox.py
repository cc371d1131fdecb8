"""What arrived in a mailbox."""

from __future__ import annotations

import re

from sqlalchemy import select

from marketplace.kernel.db import db, many
from marketplace.kernel.mail import Mail


def letters(to: str) -> list[Mail]:
    """The mails sent to an address, oldest first."""
    db.session.rollback()
    return many(select(Mail).where(Mail.to == to).order_by(Mail.created_at))


def link_in(to: str) -> str:
    """The path of the first link in the latest mail to an address."""
    found = re.search(r"http://localhost(/\S+)", letters(to)[-1].body)
    assert found is not None
    return found[1]
