"""The memory: one SQLite file, one connection, one writer at a time.

An object is kept as the JSON that the API answers with, beside the few values that lists are cut by. What
Stripe knows but does not show (the data for a payment intent not made yet) is a note beside the object.
"""

import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .clock import now
from .errors import missing

Obj = dict[str, Any]
PLATFORM = "acct_platform"

TABLES = """
create table if not exists objects(
    seq integer primary key, id text not null unique, kind text not null, account text not null,
    body text not null, created integer not null, type text);
create table if not exists notes(id text, name text, value text not null, primary key(id, name));
create index if not exists notes_by_name on notes(name);
create table if not exists answers(
    account text, key text, fingerprint text not null, status integer not null, body text not null,
    request_id text not null, primary key(account, key));
create table if not exists deliveries(
    id integer primary key, event text not null, endpoint text not null, payload text not null,
    state text not null default 'waiting', attempts integer not null default 0, due_at real not null,
    said text);
create index if not exists deliveries_due on deliveries(state, due_at);
create index if not exists deliveries_of on deliveries(event);
create table if not exists faults(
    id integer primary key, kind text not null, method text not null, path text not null,
    times integer not null, seconds real not null);
create table if not exists purses(
    account text, currency text, total integer not null, moved_at integer not null,
    primary key(account, currency)) without rowid;
create table if not exists movements(
    txn integer primary key, account text not null, currency text not null, available_on integer not null,
    net integer not null, payout text);
create index if not exists movements_waiting on movements(account, currency, available_on, net);
create index if not exists movements_unpaid on movements(account, currency, available_on) where payout is null;
create index if not exists movements_paid on movements(payout) where payout is not null;
create index if not exists payouts_moving on objects(seq) where kind = 'payout'
    and json_extract(body, '$.status') in ('pending', 'in_transit');
create index if not exists objects_in_order on objects(kind, account, created, seq, type);
"""
INDEXED = {
    "balance_transaction": ("currency", "source"),
    "charge": ("customer", "payment_intent", "transfer_group"),
    "checkout.session": ("customer", "payment_intent", "status"),
    "customer": ("email",),
    "dispute": ("charge", "payment_intent", "status"),
    "payment_intent": ("customer",),
    "payment_method": ("customer",),
    "payout": ("destination", "status"),
    "radar.early_fraud_warning": ("charge", "payment_intent"),
    "refund": ("charge", "payment_intent"),
    "topup": ("status",),
    "transfer": ("destination", "source_transaction", "transfer_group"),
    "transfer_reversal": ("transfer",),
    "v2.core.event": ("related_object.id",),
}
"""What lists are filtered by, so that a page costs the same among ten objects and a hundred thousand."""
_PUT = """
insert into objects(id, kind, account, body, created, type) values(?,?,?,?,?,?)
on conflict(id) do update set body = excluded.body
"""
_OLDER_FILE = """
alter table objects add column created integer not null default 0;
alter table objects add column type text;
update objects set type = json_extract(body, '$.type'), created = case
    when json_type(body, '$.created') = 'integer' then json_extract(body, '$.created')
    else unixepoch(json_extract(body, '$.created')) end;
"""
_OLDER_BOOKS = """
insert into movements(txn, account, currency, available_on, net)
select seq, account, json_extract(body, '$.currency'), json_extract(body, '$.available_on'),
       json_extract(body, '$.net') from objects where kind = 'balance_transaction';
insert into purses(account, currency, total, moved_at)
select account, currency, sum(net), max(available_on) from movements group by account, currency;
insert into objects(id, kind, account, created, body)
select json_extract(value, '$.id'), 'bank_account', id, unixepoch(), json_object('id', json_extract(value, '$.id'),
    'object', 'bank_account', 'last4', json_extract(value, '$.last4'), 'account', id, 'country', 'US',
    'currency', 'usd', 'status', 'new', 'available_payout_methods', json('["standard", "instant"]'))
from notes where name = 'bank';
update notes set value = json_quote(json_extract(value, '$.id')) where name = 'bank';
"""
"""A file from before lists were cut by columns and balances were kept as sums."""


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh id in Stripe's alphabet."""
    return prefix + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


class Store:
    """Objects, notes and tables of the sandbox."""

    def __init__(self, path: str, fast: bool = False) -> None:
        """Open or make the file. fast: what was answered survives the process but not a power cut."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute(f"pragma synchronous={'off' if fast else 'normal'}")
        self._db.execute("pragma cache_size=-32000")
        self._prepare()

    def _prepare(self) -> None:
        columns = {row[1] for row in self._db.execute("pragma table_info(objects)")}
        is_older = bool(columns) and "created" not in columns
        self._db.executescript(
            (_OLDER_FILE if is_older else "") + TABLES + (_OLDER_BOOKS if is_older else "")
        )
        for kind, names in INDEXED.items():
            for name in names:
                self._db.execute(
                    f'create index if not exists "{kind} by {name}"'
                    f" on objects(account, json_extract(body, '$.{name}'), created) where kind = '{kind}'"
                )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; everybody else waits. Never hold one while talking to the network."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def many(self, sql: str, values: Iterable[tuple[Any, ...]]) -> None:
        """Run one statement for each of many values."""
        with self._lock:
            self._db.executemany(sql, values)

    def empty(self) -> None:
        """Forget everything."""
        for table in ("objects", "notes", "answers", "deliveries", "faults", "purses", "movements"):
            self.rows(f"delete from {table}")  # noqa: S608  names are ours

    def put(self, obj: Obj, account: str = PLATFORM) -> Obj:
        """Keep a new object, or the new state of a known one."""
        self.rows(_PUT, *_row(obj, account))
        return obj

    def put_many(self, objects: Iterable[tuple[str, Obj]]) -> None:
        """Keep many objects, each with the account that owns it."""
        self.many(_PUT, (_row(obj, account) for account, obj in objects))

    def find(self, id: str, account: str = PLATFORM) -> Obj | None:
        """The object with this id that the account may see, or None."""
        found = self.rows("select body from objects where id = ? and account = ?", id, account)
        return json.loads(found[0][0]) if found else None

    def get(self, kind: str, id: str, account: str = PLATFORM, param: str | None = None) -> Obj:
        """The object, or the refusal `resource_missing` (pointing at `param` when one named it)."""
        obj = self.find(id, account)
        if obj is None or obj["object"] != kind:
            raise missing(kind, id, param)
        return obj

    def place(self, id: str) -> tuple[int, int]:
        """Where the object stands in lists: (created, sequence)."""
        created, seq = self.rows("select created, seq from objects where id = ?", id)[0]
        return created, seq

    def where(self, kind: str, account: str = PLATFORM, **equal: Any) -> list[Obj]:
        """All objects of a kind whose properties have these values, newest first."""
        return [obj for _, obj in self.page(kind, account, equal)]

    def page(
        self, kind: str, account: str, equal: Obj, more: str = "", values: tuple[Any, ...] = (),
        limit: int = -1,
        oldest_first: bool = False,
    ) -> list[tuple[int, Obj]]:  # fmt: skip
        """(sequence, object) of a kind, newest first unless said otherwise;
        `more` is further SQL with its values.
        """
        tests = "".join(f" and {_column(name)} is ?" for name in equal)
        order = "asc" if oldest_first else "desc"
        sql = (
            f"select seq, body from objects where kind = '{kind}' and account = ?{tests}{more}"  # noqa: S608  names are ours, values are bound
            f" order by created {order}, seq {order} limit ?"
        )
        found = self.rows(sql, account, *equal.values(), *values, limit)
        return [(seq, json.loads(body)) for seq, body in found]

    def objects(self, kinds: Iterable[str] = ()) -> list[tuple[str, str, Obj]]:
        """(kind, account, object) of everything, or of these kinds, oldest first."""
        wanted = tuple(kinds)
        test = f" where kind in ({','.join('?' * len(wanted))})" if wanted else ""
        found = self.rows(f"select kind, account, body from objects{test} order by seq", *wanted)  # noqa: S608  values are bound
        return [(kind, account, json.loads(body)) for kind, account, body in found]

    def note(self, id: str, name: str, value: Any) -> None:
        """Remember something beside an object that the API does not show."""
        self.rows("insert or replace into notes(id, name, value) values(?,?,?)", id, name, json.dumps(value))

    def noted(self, id: str, name: str) -> Any:
        """What was noted, or None."""
        found = self.rows("select value from notes where id = ? and name = ?", id, name)
        return json.loads(found[0][0]) if found else None

    def noted_ids(self, name: str) -> list[str]:
        """Every id that has a note of this name."""
        return [row[0] for row in self.rows("select id from notes where name = ? order by rowid", name)]

    def forget(self, id: str, name: str) -> None:
        """Remove a note."""
        self.rows("delete from notes where id = ? and name = ?", id, name)


def _row(obj: Obj, account: str) -> tuple[Any, ...]:
    created = obj.get("created")
    moment = created if isinstance(created, int) else now()
    return obj["id"], obj["object"], account, json.dumps(obj), moment, obj.get("type")


def _column(name: str) -> str:
    return name if name == "type" else f"json_extract(body, '$.{name}')"
