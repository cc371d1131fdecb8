"""Many objects at once, for measuring how fast lists are read: `POST /_bulk`.

The body is one JSON object a line: `{"account": "acct_…", "object": {"id": "ch_…", "object": "charge", …}}`;
the account may be left out (the platform). Objects are kept as they come, no event is told; balance
transactions count towards the balance. Send some thousand lines at a time.
"""

import json
from collections.abc import Iterable

from .errors import malformed
from .store import PLATFORM, Obj, Store

_MOVED = """
insert into movements(txn, account, currency, available_on, net)
select seq, account, json_extract(body, '$.currency'), json_extract(body, '$.available_on'),
       json_extract(body, '$.net') from objects where kind = 'balance_transaction' and seq > ?
"""
_COUNTED = """
insert into purses(account, currency, total, moved_at)
select account, currency, sum(net), max(available_on) from movements where txn > ? group by account, currency
on conflict(account, currency)
do update set total = total + excluded.total, moved_at = max(moved_at, excluded.moved_at)
"""


def load(store: Store, lines: str) -> int:
    """Keep the objects of these lines; returns how many. Refuses a line that is not one, and keeps nothing."""
    objects = list(_read(lines.splitlines()))
    with store.transaction():
        last = store.rows("select coalesce(max(seq), 0) from objects")[0][0]
        store.put_many(objects)
        store.rows(_MOVED, last)
        store.rows(_COUNTED, last)
    return len(objects)


def _read(lines: Iterable[str]) -> Iterable[tuple[str, Obj]]:
    for number, line in enumerate(lines, 1):
        try:
            whole = json.loads(line)
            obj: Obj = whole["object"]
            if not (isinstance(obj["id"], str) and isinstance(obj["object"], str)):
                raise TypeError
        except (ValueError, KeyError, TypeError) as error:
            sentence = f'Line {number} is not {{"account": …, "object": {{"id": …, "object": …}}}}.'
            raise malformed(sentence, "parameter_invalid", "body") from error
        yield whole.get("account") or PLATFORM, obj
