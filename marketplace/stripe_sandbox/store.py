"""The memory: one SQLite file, one connection, one writer at a time.

An object is kept as the JSON that the API answers with. What Stripe knows but does not show (the data
for a payment intent not made yet) is a note beside the object.
"""

import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import missing

Obj = dict[str, Any]
PLATFORM = "acct_platform"

TABLES = """
create table if not exists objects(
    seq integer primary key, id text not null unique, kind text not null, account text not null,
    body text not null);
create index if not exists objects_by_kind on objects(kind, account, seq);
create table if not exists notes(id text, name text, value text not null, primary key(id, name));
create table if not exists answers(
    account text, key text, fingerprint text not null, status integer not null, body text not null,
    request_id text not null, primary key(account, key));
create table if not exists deliveries(
    id integer primary key, event text not null, endpoint text not null, payload text not null,
    state text not null default 'waiting', attempts integer not null default 0, due_at real not null,
    said text);
create index if not exists deliveries_due on deliveries(state, due_at);
create table if not exists faults(
    id integer primary key, kind text not null, method text not null, path text not null,
    times integer not null, seconds real not null);
"""


def new_id(prefix: str, length: int = 24) -> str:
    """A fresh id in Stripe's alphabet."""
    return prefix + "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


class Store:
    """Objects, notes and tables of the sandbox."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.executescript(TABLES)

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

    def put(self, obj: Obj, account: str = PLATFORM) -> Obj:
        """Keep a new object, or the new state of a known one."""
        self.rows(
            "insert into objects(id, kind, account, body) values(?,?,?,?)"
            " on conflict(id) do update set body = excluded.body",
            obj["id"], obj["object"], account, json.dumps(obj),
        )  # fmt: skip
        return obj

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
        tests = "".join(f" and json_extract(body, '$.{name}') is ?" for name in equal)
        order = "asc" if oldest_first else "desc"
        sql = (
            f"select seq, body from objects where kind = ? and account = ?{tests}{more} order by seq"  # noqa: S608  names are ours, values are bound
            f" {order} limit ?"
        )
        found = self.rows(sql, kind, account, *equal.values(), *values, limit)
        return [(seq, json.loads(body)) for seq, body in found]

    def objects(self) -> list[tuple[str, str, Obj]]:
        """(kind, account, object) of everything, oldest first."""
        found = self.rows("select kind, account, body from objects order by seq")
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
