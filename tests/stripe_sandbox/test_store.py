"""The sandbox's file: one from an older version is read, and lists are cut by indexes."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from marketplace.stripe_sandbox import balance, external_accounts
from marketplace.stripe_sandbox.call import Call
from marketplace.stripe_sandbox.settings import parse
from marketplace.stripe_sandbox.store import INDEXED, Store

_OLD = """
create table objects(seq integer primary key, id text not null unique, kind text not null,
    account text not null, body text not null);
create table notes(id text, name text, value text not null, primary key(id, name));
"""


def _older_file(path: Path) -> None:
    """As the first version wrote it: one charge, its money, and a bank account that was only a note."""
    money = {"id": "txn_1", "object": "balance_transaction", "created": 1_000, "currency": "usd"}
    objects: list[dict[str, Any]] = [
        {"id": "ch_1", "object": "charge", "created": 1_000, "payment_intent": "pi_1"},
        {**money, "type": "charge", "available_on": 1_000, "net": 96_80},
        {"id": "acct_1", "object": "v2.core.account", "created": "1970-01-01T00:16:40.000Z"},
    ]
    with sqlite3.connect(path) as old:
        old.executescript(_OLD)
        sql = "insert into objects(id, kind, account, body) values(?, ?, 'acct_platform', ?)"
        old.executemany(sql, [(each["id"], each["object"], json.dumps(each)) for each in objects])
        bank = json.dumps({"id": "ba_1", "last4": "6789"})
        old.execute("insert into notes values('acct_1', 'bank', ?)", (bank,))


def test_an_older_file_keeps_its_lists_its_balance_and_its_banks(tmp_path: Path) -> None:
    _older_file(tmp_path / "old.sqlite")
    store = Store(str(tmp_path / "old.sqlite"))
    call = Call(store, parse([]))
    assert [each["id"] for each in store.where("charge", payment_intent="pi_1")] == ["ch_1"]
    assert store.place("acct_1")[0] == 1_000
    assert balance.funds(call, "usd") == (96_80, 0)
    bank = external_accounts.current(call.on("acct_1"))
    assert bank
    assert bank["last4"] == "6789"


def test_every_filter_has_its_index(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "new.sqlite"))
    for kind, names in INDEXED.items():
        for name in names:
            sql = (
                f"explain query plan select body from objects where kind = '{kind}' and account = 'a'"
                f" and json_extract(body, '$.{name}') is ? order by created desc, seq desc"
            )
            [step] = store.rows(sql, "x")
            assert f"USING INDEX {kind} by {name}" in step[3]
