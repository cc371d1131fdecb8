"""Mail leaves once, as text and as HTML, to one address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from marketplace.config import settings
from marketplace.kernel import mail
from marketplace.kernel.db import commit


class Postbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.arrived: list[Any] = []
        self.entered: list[Any] = []

    def enter(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        """Anybody may come in; who did is remembered."""
        self.entered.append(data)
        return AuthResult(success=True)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """One message."""
        self.arrived.append(envelope)
        return "250 OK"


@pytest.fixture
def postbox(app: Any) -> Iterator[Postbox]:
    """A mail server that the product sends to."""
    box = Postbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port, authenticator=box.enter, auth_require_tls=False)
    server.start()
    here = settings()
    here.smtp_url = f"smtp://127.0.0.1:{port}"
    yield box
    here.smtp_url = ""
    server.stop()


def test_a_name_and_password_in_the_address_are_read_as_they_were_meant(postbox: Postbox) -> None:
    here = settings()
    here.smtp_url = here.smtp_url.replace("//", "//post%40x.example:a%2Fb@")
    letter = str(mail.post("pat@x.example", "Pat", "sign_up_again", url="http://localhost/sign-in").id)
    commit()
    mail.send(letter)
    assert postbox.entered == [LoginPassword(b"post@x.example", b"a/b")]
    assert len(postbox.arrived) == 1


def test_a_letter_leaves_once_and_says_who_it_is_from(postbox: Postbox, work: Any) -> None:
    letter = str(mail.post("pat@x.example", "Pat", "sign_up_again", url="http://localhost/sign-in").id)
    commit()
    work()
    mail.send(letter)
    (envelope,) = postbox.arrived
    assert envelope.rcpt_tos == ["pat@x.example"]
    text = envelope.content.decode()
    assert "Subject: You already have an account" in text
    assert f"Message-ID: <{letter}@localhost>" in text
    assert "text/html" in text


def test_a_name_cannot_add_headers_or_links(app: Any) -> None:
    wicked = mail.post("pat@x.example", "Pat\r\nBcc: all@x.example", "sign_up_again", url="http://localhost/")
    wicked.body += '\n<a href="https://evil.example">here</a> https://evil.example'
    assert 'href="https://evil.example"' not in mail.html(wicked)
    with pytest.raises(ValueError, match=r"CR|LF|newline|linefeed"):
        mail.message(wicked)
