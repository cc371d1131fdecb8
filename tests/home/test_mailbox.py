"""The mailbox page: outgoing mail in development, nothing in production."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.kernel.db import add, commit
from marketplace.kernel.mail import Mail


def letter() -> Mail:
    mail = add(
        Mail(to="ines@example.org", name="Ines", subject_line="Your link", kind="verify",
             body="Open http://localhost/verify/abc\n\n<b>not bold</b>")
    )  # fmt: skip
    commit()
    return mail


def test_mail_can_be_read_and_its_links_followed(app: Any, browser: Any) -> None:
    mail = letter()
    assert "Your link" in browser().get("/dev/mailbox").text
    page = browser().get(f"/dev/mailbox/{mail.id}").text
    assert 'href="http://localhost/verify/abc"' in page
    assert "&lt;b&gt;not bold" in page
    assert "<b>not bold" not in page


@pytest.mark.parametrize("path", ["/dev/mailbox", "/dev/mailbox/{id}"])
def test_in_production_there_is_no_mailbox(app: Any, browser: Any, monkeypatch: Any, path: str) -> None:
    mail = letter()
    monkeypatch.setattr(app.settings, "environment", "production")
    assert browser().get(path.format(id=mail.id)).status_code == 404


def test_a_mail_that_is_not_there_is_not_found(app: Any, browser: Any) -> None:
    assert browser().get("/dev/mailbox/00000000-0000-0000-0000-000000000000").status_code == 404
    assert "No mail yet" in browser().get("/dev/mailbox").text
