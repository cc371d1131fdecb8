"""Outgoing mail: a row in the same transaction, sent by a job after commit.

One template a kind, in plain text: its first line is the subject, the rest the body. The HTML part is
made from the same text, so that the two never differ.
"""

from __future__ import annotations

import re
import smtplib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlparse
from uuid import UUID

from flask import current_app, render_template
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.config import settings
from marketplace.kernel.clock import now
from marketplace.kernel.db import Row, add, db, one
from marketplace.kernel.jobs import later, transaction
from marketplace.kernel.show import paragraphs


class Mail(Row, kw_only=True, eq=False, repr=False):
    """One message to one address. Its Message-ID comes from its id, so a repeat can be recognised."""

    __tablename__ = "kernel_mail"

    to: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    subject_line: Mapped[str]
    body: Mapped[str]
    kind: Mapped[str]
    sent_at: Mapped[datetime | None] = mapped_column(default=None)


def post(to: str, name: str, kind: str, **context: Any) -> Mail:
    """Send the mail `templates/email/<kind>.txt` to one address after commit.

    to, name: the stored address and the person's name. context: what the template shows.
    """
    text = render_template(f"email/{kind}.txt", name=name, site=settings(), **context)
    subject, _, body = text.strip().partition("\n")
    mail = add(Mail(to=to, name=name, subject_line=" ".join(subject.split()), body=body.strip(), kind=kind))
    later("mail.send", str(mail.id), key=str(mail.id))
    return mail


def link(endpoint: str, **values: Any) -> str:
    """An absolute address on the configured base URL, never on a host that a request names."""
    # Bound here, since jobs and commands have no request whose address `url_for` could use.
    return settings().base_url.rstrip("/") + current_app.url_map.bind("").build(endpoint, values)


def html(mail: Mail) -> str:
    """The HTML part: the same words on the house's letter paper. Only addresses of this site become
    links, so that a person's name or title can never lead a reader elsewhere."""
    ours = re.compile(rf"{re.escape(settings().base_url.rstrip('/'))}(?:/[^\s<]*)?(?![^\s<])")
    linked = ours.sub(r'<a href="\g<0>">\g<0></a>', str(paragraphs(mail.body)))
    # Escaped by `paragraphs`; the addresses in it are escaped with the rest.
    return render_template("email/letter.html", subject=mail.subject_line, body=Markup(linked))  # noqa: S704


def message(mail: Mail) -> EmailMessage:
    """`mail` as it goes out."""
    letter = EmailMessage()
    user, _, domain = mail.to.rpartition("@")
    letter["To"] = Address(mail.name, user, domain)
    letter["From"] = settings().mail_from
    letter["Subject"] = mail.subject_line
    letter["Message-ID"] = f"<{mail.id}@{urlparse(settings().base_url).hostname}>"
    letter.set_content(mail.body)
    letter.add_alternative(html(mail), subtype="html")
    return letter


def send(mail_id: str) -> None:
    """Job: hand one message to the mail server. Without SMTP_URL it stays in the mailbox page."""
    mail = one(select(Mail).where(Mail.id == UUID(mail_id)))
    if mail.sent_at is not None:
        return
    letter, server = message(mail), urlparse(settings().smtp_url)
    db.session.rollback()
    if server.hostname:
        with smtplib.SMTP(server.hostname, server.port or 25, timeout=20) as smtp:
            if server.scheme == "smtps+starttls":
                smtp.starttls()
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(letter)
    with transaction():
        mail.sent_at = now()
