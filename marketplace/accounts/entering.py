"""Coming in with a password, wherever it is asked for."""

from __future__ import annotations

from flask import request

from marketplace.accounts import guessing, passwords
from marketplace.accounts.models import Person, by_email
from marketplace.kernel.db import find, own_transaction
from marketplace.kernel.text import key

WRONG = "That address and password do not belong together. Try again, or choose a new password."


def known(email: str, password: str) -> Person | None:
    """The person whom the pair belongs to; else None. A try counts from its beginning until it was right.

    Raises Refused (429) while somebody has to wait after too many failures.
    """
    folded, address = key(email), guessing.network(request.remote_addr or "")
    with own_transaction():
        attempt = guessing.begin(folded, address)
    person = find(by_email(folded))
    if passwords.matches(password, person.password_hash if person else None) and person:
        with own_transaction():
            guessing.forgive(attempt)
        return person
    return None
