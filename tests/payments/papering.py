"""Making papers in tests, and reading them: by kind, as sums, as the text of their PDF."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

from pypdf import PdfReader
from sqlalchemy import select

from marketplace.accounts.models import Organisation, Person
from marketplace.kernel import clock
from marketplace.kernel.db import commit, many, one
from marketplace.payments import chargebacks, details, documents, pdf
from marketplace.payments.models import Holding
from marketplace.payments.papers import Document
from tests import make
from tests.payments.conftest import again

GB, FR = "GB 123 4567 89", "FR 12 345678901"


def consenting(person: Person, **also: Any) -> Person:
    """A professional in whose name invoices may be made, who charges no tax unless told otherwise."""
    said = {"legal_name": "Ines Adaeze Okafor", "address": "22 Beech Road\nLeeds LS6 2AA", "country": "GB",
            "tax_id": "", "rate_bps": 0, **also}  # fmt: skip
    details.describe(again(person), by=again(person), consents=True, **said)
    commit()
    return person


def named(org: Organisation, **also: Any) -> Organisation:
    """A business that said what its papers name."""
    said = {"legal_name": "Northgate Transit Authority Ltd", "address": "14 Carrow Street\nLeeds LS1 4AB",
            "country": "GB", "tax_id": "", **also}  # fmt: skip
    details.describe(again(org), by=make.owner_of(again(org)), **said)
    commit()
    return org


def funded(*, consents: bool = True, **also: Any) -> Holding:
    """Held money, of a professional who consented to invoices unless told otherwise."""
    payee = make.person("Ines Okafor", side="professional")
    if consents:
        consenting(payee)
    return make.funded(make.holding(payee=payee, **also))


def papers(on: Holding, *kinds: str) -> list[Document]:
    """Make what is to be made for a holding's contract; its papers of these kinds (or all), in order of making."""
    documents.make_job(again(on).stream)
    found = select(Document).where(Document.stream == again(on).stream)
    if kinds:
        found = found.where(Document.kind.in_(kinds))
    return many(found.order_by(Document.made_at, Document.number))


def only(on: Holding, kind: str) -> Document:
    """The one paper of a kind."""
    (row,) = papers(on, kind)
    return row


def printed(row: Document) -> str:
    """The text of a paper's PDF, made by its job, as a reader would copy it; spaces in a row are one."""
    pdf.make_job(str(row.id))
    return read(pdf.stored(one(select(Document).where(Document.id == row.id))))


def read(body: bytes) -> str:
    """The text of a PDF."""
    pages = PdfReader(io.BytesIO(body)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def numbers(issuer: str) -> list[int]:
    """The numbers an issuer gave, in order."""
    return sorted(many(select(Document.number).where(Document.issuer == issuer)))


def charge_of(on: Any) -> str:
    """The charge at Stripe that paid for a holding."""
    return str(again(on).live_allocation.payment.charge_id)


def handed(on: Any) -> Any:
    """A holding whose releases were handed to Stripe, so that they can only be clawed back."""
    for made in again(on).releases:
        made.called_at = made.called_at or clock.now()
    commit()
    return again(on)


def lost(on: Any, amount: int) -> dict[str, Any]:
    """The bank takes `amount` of the payment back, for good; returns the dispute as Stripe shows it."""
    taken = {"id": f"txn_{uuid4().hex}", "currency": "usd", "amount": -amount, "fee": 1500}
    found = {"id": f"du_{uuid4().hex}", "charge": charge_of(on), "amount": amount, "currency": "usd",
             "reason": "fraudulent", "status": "lost", "balance_transactions": [taken]}  # fmt: skip
    chargebacks.dispute(found)
    commit()
    return found
