"""That what the product asks of Stripe is judged by Stripe's own document while payments are tried."""

from collections.abc import Callable

from marketplace.payments.models import Payee, Payment
from tests import make
from tests.stripe_sandbox.openapi import needs_document
from tests.stripe_sandbox.watching import Watch

from .conftest import again


@needs_document
def test_the_products_own_calls_pass_the_judges(
    paid: Callable[..., Payment], onboarded: Callable[..., Payee], watch: Watch
) -> None:
    holding = make.holding()
    payment = paid(holding)
    onboarded(again(holding).payee)
    assert again(payment).state == "succeeded"
    asked = {
        "POST /v1/checkout/sessions",
        "GET /v1/events",
        "POST /v2/core/accounts",
        "POST /v2/core/account_links",
    }
    assert asked <= watch.seen
    assert watch.faults == []
