"""Chargebacks, inquiries and early fraud warnings."""

from typing import Any

import pytest
import stripe

from .conftest import Act, Charge, Inbox, Sdk, refusal, visit

FRAUDULENT, INQUIRY, WARNED = "4000000000000259", "4000000000001976", "4000000000005423"


def _of(client: Sdk, charge: str) -> Any:
    [dispute] = client.v1.disputes.list({"charge": charge}).data
    return dispute


def _booked(client: Sdk, dispute: str) -> list[tuple[str, int, int]]:
    found = client.v1.balance_transactions.list({"source": dispute}).data
    return [(each.reporting_category, each.amount, each.fee) for each in found]


def test_a_disputing_card_takes_the_money_back_with_a_fee(client: Sdk, charge: Charge, inbox: Inbox) -> None:
    dispute = _of(client, charge(card=FRAUDULENT).id)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 100_00)
    assert client.v1.charges.retrieve(dispute.charge).disputed
    assert _booked(client, dispute.id) == [("dispute", -100_00, 15_00)]
    assert [each.net for each in dispute.balance_transactions] == [-115_00]
    inbox.about("charge.dispute.created", dispute.id)
    inbox.about("charge.dispute.funds_withdrawn", dispute.id)


@pytest.mark.parametrize(("words", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_words_in_the_evidence_decide(
    client: Sdk, charge: Charge, inbox: Inbox, words: str, status: str
) -> None:
    dispute = _of(client, charge(card=FRAUDULENT).id)
    done = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": words}})
    assert (done.status, done.evidence_details.submission_count) == (status, 1)
    assert len(_booked(client, dispute.id)) == (2 if status == "won" else 1)
    inbox.about("charge.dispute.closed", dispute.id)
    with pytest.raises(stripe.InvalidRequestError, match=f"is {status}"):
        client.v1.disputes.close(dispute.id)


def test_a_won_dispute_gives_the_amount_back_and_keeps_the_fee(
    client: Sdk, charge: Charge, act: Act, inbox: Inbox
) -> None:
    dispute = act("dispute", charge=charge().id, amount=40_00)["id"]
    assert act("dispute_won", dispute=dispute)["status"] == "won"
    assert _booked(client, dispute) == [("dispute_reversal", 40_00, 0), ("dispute", -40_00, 15_00)]
    inbox.about("charge.dispute.funds_reinstated", dispute)


def test_evidence_is_staged_then_submitted_once_and_reviewed(client: Sdk, charge: Charge, act: Act) -> None:
    dispute = act("dispute", charge=charge().id)["id"]
    staged = client.v1.disputes.update(
        dispute, {"evidence": {"product_description": "A plan"}, "submit": False, "metadata": {"a": "b"}}
    )
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert client.v1.disputes.update(dispute, {"submit": True}).status == "under_review"
    with pytest.raises(stripe.InvalidRequestError, match="takes no more evidence"):
        client.v1.disputes.update(dispute, {"evidence": {"product_description": "Another"}})
    assert client.v1.disputes.update(dispute, {"metadata": {"a": ""}}).to_dict()["metadata"] == {}
    assert act("dispute_lost", dispute=dispute)["status"] == "lost"


def test_a_disputed_charge_is_not_refunded_until_it_is_won(client: Sdk, charge: Charge, act: Act) -> None:
    paid = charge().id
    dispute = act("dispute", charge=paid)["id"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": paid})
    assert refused.value.code == "charge_disputed"
    act("dispute_won", dispute=dispute)
    assert client.v1.refunds.create({"charge": paid}).status == "succeeded"


def test_an_inquiry_moves_nothing_and_ends_with_a_refund(client: Sdk, charge: Charge) -> None:
    dispute = _of(client, charge(card=INQUIRY).id)
    assert (dispute.status, dispute.balance_transactions) == ("warning_needs_response", [])
    assert (dispute.is_charge_refundable, dispute.payment_method_details.card.case_type) == (True, "inquiry")
    client.v1.refunds.create({"charge": dispute.charge})
    assert client.v1.disputes.retrieve(dispute.id).status == "warning_closed"


def test_an_inquiry_may_become_a_chargeback(client: Sdk, charge: Charge, act: Act, inbox: Inbox) -> None:
    dispute = act("inquiry", charge=charge().id)["id"]
    assert act("escalate", dispute=dispute)["status"] == "needs_response"
    inbox.about("charge.dispute.funds_withdrawn", dispute)
    assert _booked(client, dispute) == [("dispute", -100_00, 15_00)]


def test_a_dispute_is_accepted_as_lost(client: Sdk, charge: Charge, act: Act) -> None:
    dispute = act("dispute", charge=charge().id)["id"]
    assert client.v1.disputes.close(dispute).status == "lost"


def test_what_cannot_be_disputed_is_refused(charge: Charge, act: Act, sandbox: str) -> None:
    paid = charge().id
    asked = {"act": "dispute", "charge": paid}
    assert "cannot be disputed" in refusal(sandbox, "/_acts", {**asked, "amount": 100_01})
    act("dispute", charge=paid)
    assert "disputed already" in refusal(sandbox, "/_acts", asked)
    assert "No such charge" in refusal(sandbox, "/_acts", {**asked, "charge": "ch_nothing"})
    assert "must be one of dispute" in refusal(sandbox, "/_acts", {"act": "earthquake"})


def test_a_warning_is_actionable_until_the_charge_is_refunded(
    client: Sdk, charge: Charge, inbox: Inbox
) -> None:
    paid = charge(card=WARNED).id
    [warning] = client.v1.radar.early_fraud_warnings.list({"charge": paid}).data
    assert warning.actionable
    inbox.about("radar.early_fraud_warning.created", warning.id)
    client.v1.refunds.create({"charge": paid})
    assert not client.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable
    inbox.about("radar.early_fraud_warning.updated", warning.id)


def test_a_person_disputes_a_charge_on_the_page(client: Sdk, charge: Charge, sandbox: str) -> None:
    paid = charge().id
    assert paid in visit(f"{sandbox}/_acts").text
    assert visit(f"{sandbox}/_acts", {"act": "dispute", "id": paid, "amount": ""}).location == "/_acts"
    assert _of(client, paid).status == "needs_response"
    again = visit(f"{sandbox}/_acts", {"act": "dispute", "id": paid})
    assert (again.status, "disputed already" in again.text) == (422, True)
