"""Stripe's official command line client as an independent user of the sandbox: `stripe trigger EVENT`."""

import os
import subprocess
from pathlib import Path

import pytest

from marketplace.payments.webhook import HANDLED
from scripts import stripe_cli

from .conftest import Inbox, Sdk, sdk

TRIGGERED = {
    "charge.dispute.closed", "charge.dispute.created", "charge.dispute.updated",
    "checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded",
    "checkout.session.completed", "checkout.session.expired", "payment_intent.canceled",
    "payment_intent.payment_failed", "payment_intent.processing", "payment_intent.succeeded",
    "payout.created", "payout.updated", "transfer.created", "transfer.reversed", "transfer.updated",
}  # fmt: skip
FOLLOWING = {
    "charge.updated": "charge.succeeded",
    "refund.created": "charge.refunded",
    "refund.updated": "charge.refund.updated",
    "topup.succeeded": "topup.created",
}
"""Events that the client has no name for, and the one whose trigger brings them along."""
UNKNOWN = {
    "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn", "payout.canceled", "payout.failed",
    "payout.paid", "radar.early_fraud_warning.created", "refund.failed",
}  # fmt: skip
"""Events that the client cannot bring about. Test cards, test accounts and acts do, in the other files."""
BESIDE = (
    "charge.failed", "charge.refunded", "charge.succeeded", "customer.created", "customer.deleted",
    "customer.updated", "payment_intent.created", "payment_intent.requires_action",
    "payment_method.attached", "payment_method.detached", "payment_method.updated", "price.created",
    "price.updated", "product.created", "product.updated", "setup_intent.canceled", "setup_intent.created",
    "setup_intent.requires_action", "setup_intent.setup_failed", "setup_intent.succeeded", "topup.created",
)  # fmt: skip
"""Events that the product does not act upon; the client makes them on its way or by name."""


@pytest.fixture(scope="session")
def client() -> Path:
    """The client's path."""
    try:
        return stripe_cli.fetch()
    except stripe_cli.Absent as reason:
        pytest.skip(str(reason))


def _trigger(client: Path, home: Path, address: str, event: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "STRIPE_CLI_TELEMETRY_OPTOUT": "1"}
    command = [str(client), "trigger", event, "--api-base", address, "--api-key", "sk_test_sandbox"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def _told(sandbox: Sdk, event: str) -> set[str]:
    return {each.id for each in sandbox.v1.events.list({"type": event, "limit": 100}).data}


@pytest.mark.parametrize("event", [*sorted(TRIGGERED), *BESIDE, *sorted(FOLLOWING)])
def test_the_client_brings_about(
    client: Path, tmp_path: Path, quick_sandbox: str, inbox: Inbox, event: str
) -> None:
    sandbox = sdk(quick_sandbox)
    before, heard = _told(sandbox, event), {delivery.body["id"] for delivery in inbox.heard}
    done = _trigger(client, tmp_path, quick_sandbox, FOLLOWING.get(event, event))
    assert done.returncode == 0, done.stdout + done.stderr
    inbox.wait(lambda body: body["type"] == event and body["id"] not in heard)
    assert _told(sandbox, event) - before


def test_every_event_that_the_product_handles_is_tried_or_unknown_to_the_client() -> None:
    assert set(HANDLED) == TRIGGERED | set(FOLLOWING) | UNKNOWN
    assert not (TRIGGERED | set(FOLLOWING)) & UNKNOWN


@pytest.mark.parametrize("event", sorted(UNKNOWN | set(FOLLOWING)))
def test_the_client_has_no_name_for(client: Path, tmp_path: Path, quick_sandbox: str, event: str) -> None:
    done = _trigger(client, tmp_path, quick_sandbox, event)
    assert done.returncode != 0
    assert "not supported by Stripe CLI" in done.stdout + done.stderr
