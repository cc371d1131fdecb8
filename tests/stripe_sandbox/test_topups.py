"""Top-ups, the platform's balance, and the books that it is the sum of."""

import json
import urllib.request
from collections import Counter
from typing import Any

import pytest
import stripe

from .conftest import Act, Charge, Inbox, Payee, Sdk, call_json, refusal


def test_a_topup_arrives(client: Sdk, inbox: Inbox) -> None:
    made = client.v1.topups.create({"amount": 25_00, "currency": "usd", "metadata": {"why": "float"}})
    assert (made.status, made.balance_transaction) == ("pending", None)
    inbox.about("topup.created", made.id)
    inbox.about("topup.succeeded", made.id)
    now = client.v1.topups.retrieve(made.id, {"expand": ["balance_transaction"]})
    assert (now.status, now.balance_transaction.type, now.balance_transaction.net) == (
        "succeeded",
        "topup",
        25_00,
    )
    assert made.id in [each.id for each in client.v1.topups.list({"status": "succeeded"}).data]
    with pytest.raises(stripe.InvalidRequestError, match="status succeeded cannot be canceled"):
        client.v1.topups.cancel(made.id)


def test_a_topup_by_hand_is_there_at_once(client: Sdk, act: Act) -> None:
    before = sum(each.amount for each in client.v1.balance.retrieve().available if each.currency == "eur")
    assert act("topup", amount=30_00, currency="eur")["status"] == "succeeded"
    after = sum(each.amount for each in client.v1.balance.retrieve().available if each.currency == "eur")
    assert after - before == 30_00


def test_every_balance_is_the_sum_of_its_transactions(
    client: Sdk, charge: Charge, payee: Payee, act: Act, sandbox: str
) -> None:
    paid, account = charge().id, payee()
    params: Any = {"amount": 60_00, "currency": "usd", "destination": account, "source_transaction": paid}
    act("reverse_transfer", transfer=client.v1.transfers.create(params).id, amount=1)
    act("dispute_won", dispute=act("dispute", charge=paid)["id"])
    client.v1.refunds.create({"charge": paid, "amount": 7_00})
    sums: Counter[tuple[str, str]] = Counter()
    for entry in call_json(f"{sandbox}/_state?kinds=balance_transaction")["objects"]["balance_transaction"]:
        sums[entry["_account"], entry["currency"]] += entry["net"]
        assert entry["net"] == entry["amount"] - entry["fee"]
    for whose in ("acct_platform", account):
        options = {"stripe_account": account} if whose == account else {}
        whole = client.v1.balance.retrieve(options=options)
        both = [*whole.available, *whole.pending]
        assert sum(each.amount for each in both if each.currency == "usd") == sums[whose, "usd"]


def _load(sandbox: str, lines: list[str]) -> int:
    body = "\n".join(lines).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{sandbox}/_bulk", body), timeout=60) as answer:
        return int(json.loads(answer.read())["kept"])


def test_many_objects_are_loaded_and_read_in_pages(client: Sdk, charge: Charge, sandbox: str) -> None:
    like = client.v1.refunds.create({"charge": charge().id}).to_dict()
    refunds = [
        {
            **like,
            "id": f"re_bulk{place}",
            "created": 1_000_000 + place // 3,
            "charge": f"ch_bulk{place % 2}",
        }
        for place in range(250)
    ]
    assert _load(sandbox, [json.dumps({"object": each}) for each in refunds]) == 250
    old: Any = {"created": {"lte": 1_000_100}, "limit": 100}
    found = [each.id for each in client.v1.refunds.list(old).auto_paging_iter()]
    assert found == [each["id"] for each in refunds[::-1]]
    odd = client.v1.refunds.list({"charge": "ch_bulk1", "ending_before": "re_bulk201", "limit": 3}).data
    assert [each.id for each in odd] == ["re_bulk207", "re_bulk205", "re_bulk203"]
    some = client.v1.refunds.list({"created": {"gt": 1_000_000, "lt": 1_000_002}}).data
    assert [each.id for each in some] == ["re_bulk5", "re_bulk4", "re_bulk3"]


def test_a_line_that_is_no_object_keeps_nothing(client: Sdk, sandbox: str) -> None:
    good = json.dumps({"object": {"id": "re_half", "object": "refund", "created": 1}})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        _load(sandbox, [good, "nonsense"])
    with pytest.raises(stripe.InvalidRequestError, match="No such refund"):
        client.v1.refunds.retrieve("re_half")


def test_acts_of_the_platform_need_an_amount(sandbox: str) -> None:
    assert "Received unknown parameter: id" in refusal(sandbox, "/_acts", {"act": "tick", "id": "ch_1"})
    asked = {"act": "platform_payout", "amount": 99_999_999}
    assert "insufficient funds" in refusal(sandbox, "/_acts", asked)
