"""The signed contract on paper: each version that both sides signed, with their names and the hash of the terms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from marketplace.contracts import amendments, papers
from marketplace.kernel import clock, jobs
from marketplace.kernel.db import commit, many, one
from marketplace.payments import pdf
from marketplace.payments.papers import Document
from tests import make
from tests.payments.conftest import again
from tests.payments.papering import read


def versions() -> list[Document]:
    """The contracts on paper, in order."""
    return many(select(Document).where(Document.kind == "contract").order_by(Document.number))


def test_hiring_puts_the_contract_on_paper(app: Any, work: Any) -> None:
    contract = make.contract()
    work()
    contract = again(contract)
    (row,) = versions()
    assert (row.label.endswith("-0001"), row.total_minor, row.issuer) == (True, 48000, contract.subject)
    assert (row.person_id, row.organisation_id) == (contract.profile.person_id, contract.organisation_id)
    assert row.data["sha256"] == contract.current_terms.sha256
    assert [(signed["name"], signed["side"]) for signed in row.data["signatures"]] == [
        ("Dana Whitlock", "business"), ("Ines Okafor", "professional"),
    ]  # fmt: skip


def test_an_offer_that_nobody_answered_is_no_contract(app: Any, work: Any) -> None:
    make.offer()
    work()
    assert versions() == []


def test_each_agreed_amendment_is_a_version_of_its_own(app: Any, work: Any) -> None:
    contract = make.contract()
    amendments.propose_amendment(
        contract, make.terms(title="Launch week, told straighter"), by=make.owner_of(contract.organisation)
    )
    commit()
    work()
    assert len(versions()) == 1
    contract = again(contract)
    assert contract.proposed_terms
    writer = contract.profile.person
    amendments.agree_amendment(contract, by=writer, sha256=contract.proposed_terms.sha256)
    commit()
    work()
    assert [(row.number, row.data["contract"]) for row in versions()] == [
        (1, "Launch week, told straight"), (2, "Launch week, told straighter"),
    ]  # fmt: skip


def test_it_is_put_on_paper_once(app: Any, work: Any) -> None:
    contract = make.contract()
    work()
    jobs.perform("contracts.paper", str(again(contract).id))
    papers.make(again(contract).current_terms.id)
    commit()
    assert len(versions()) == 1


def test_the_sweep_finds_what_a_job_left_out(app: Any) -> None:
    contract = make.contract()
    assert many(papers.overdue(clock.now())) == [contract.current_terms.id]
    papers.make(contract.current_terms.id)
    commit()
    assert many(papers.overdue(clock.now())) == []


def test_the_pdf_holds_the_terms_that_were_signed(app: Any, work: Any) -> None:
    contract = make.contract(rights="All rights on payment.")
    work()
    jobs.perform("payments.paper", str(versions()[0].id))
    words = read(pdf.stored(one(select(Document))))
    for part in (
        "Contract", "Launch week, told straight", "Four posts", "Post 1 (Post, LinkedIn)", "480.00 USD",
        "All rights on payment.", "Dana Whitlock", "Ines Okafor", again(contract).current_terms.sha256,
    ):  # fmt: skip
        assert part in words.replace("\N{NO-BREAK SPACE}", " ")


def test_invoices_name_the_contract(app: Any, work: Any) -> None:
    make.working()
    work()
    receipt = one(select(Document).where(Document.kind == "receipt"))
    assert receipt.data["contract"] == "Launch week, told straight"


def test_an_auditions_writer_is_on_no_paper_of_the_business(app: Any, work: Any) -> None:
    contract = make.contract()
    contract.kind = "audition"
    commit()
    assert papers.about(contract.id).is_blind
    work()
    assert versions() == []
