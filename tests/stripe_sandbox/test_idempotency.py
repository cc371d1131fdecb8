"""The same key does the same thing once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from .conftest import Payee, Sdk, Trouble


def _customer(client: Sdk, key: str, name: str = "Ada") -> Any:
    return client.v1.customers.create({"name": name}, {"idempotency_key": key})


def test_a_repeated_request_gets_the_first_answer(client: Sdk) -> None:
    first, second = _customer(client, "repeat"), _customer(client, "repeat")
    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"


def test_a_key_with_other_parameters_is_refused(client: Sdk) -> None:
    _customer(client, "other")
    with pytest.raises(stripe.IdempotencyError) as refused:
        _customer(client, "other", name="Grace")
    assert refused.value.http_status == 400


def test_keys_belong_to_an_account(client: Sdk, payee: Payee) -> None:
    ours = _customer(client, "shared")
    options: stripe.RequestOptions = {"idempotency_key": "shared", "stripe_account": payee()}
    assert client.v1.customers.create({"name": "Ada"}, options).id != ours.id


def test_a_500_is_remembered_with_its_work(client: Sdk, trouble: Trouble) -> None:
    trouble(kind="error_after", path="/v1/customers")
    before = len(client.v1.customers.list({"email": "five@example.com"}).data)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({"email": "five@example.com"}, {"idempotency_key": "five hundred"})
    assert len(client.v1.customers.list({"email": "five@example.com"}).data) == before + 1


def test_a_refusal_of_the_work_is_remembered_and_one_of_the_form_is_not(client: Sdk) -> None:
    def refund(key: str, **params: str) -> Any:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create(params, {"idempotency_key": key})
        return refused.value

    refund("work", charge="ch_nothing")
    assert refund("work", charge="ch_nothing").headers["Idempotent-Replayed"] == "true"
    refund("form", amount="many")
    assert "Idempotent-Replayed" not in refund("form", amount="many").headers


def test_the_same_key_at_the_same_time_is_a_conflict(client: Sdk, trouble: Trouble) -> None:
    trouble(kind="delay", path="/v1/customers", seconds=1)

    def attempt(_: int) -> int:
        try:
            return int(_customer(client, "at once").last_response.code)
        except stripe.StripeError as error:
            return error.http_status or 0

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(attempt, range(2))) == [200, 409]
