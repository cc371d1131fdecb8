"""Lists of the second kind of API: pages with an address for the next one."""

from typing import Any
from urllib.parse import quote

from .call import Call
from .errors import malformed
from .params import Parser, integer, text
from .store import Obj

CURSOR: dict[str, Parser] = {"limit": integer, "page": text}
_USUAL, _MOST = 20, 100


def page_v2(call: Call, kind: str, url: str, more: str = "", values: tuple[Any, ...] = ()) -> Obj:
    """One page of the platform's objects of a kind, newest first; `more` is further SQL with its values.

    The address of the next page repeats what was asked for. Refuses a page that is no place in the list.
    """
    asked = call.params
    limit = min(max(asked.get("limit", _USUAL), 1), _MOST)
    if place := asked.get("page"):
        created, _, seq = place.partition("-")
        if not (created.isdigit() and seq.isdigit()):
            raise malformed("Invalid page.", "parameter_invalid", "page")
        more, values = f"{more} and (created, seq) < (?, ?)", (*values, int(created), int(seq))
    found = call.store.page(kind, call.account, {}, more, values, limit + 1)
    data = [obj for _, obj in found[:limit]]
    following = None
    if len(found) > limit:
        last = call.store.place(data[-1]["id"])
        following = f"{url}?{_again(asked)}limit={limit}&page={last[0]}-{last[1]}"
    return {"data": data, "next_page_url": following, "previous_page_url": None}


def _again(asked: Obj) -> str:
    """The filters of the request, for the address of the next page."""
    parts = []
    for name, value in asked.items():
        if name in CURSOR:
            continue
        if isinstance(value, dict):
            parts += [f"{name}[{key}]={each}" for key, each in value.items()]
        elif isinstance(value, list):
            parts += [f"{name}[{place}]={each}" for place, each in enumerate(value)]
        else:
            parts.append(f"{name}={str(value).lower() if isinstance(value, bool) else value}")
    return "".join(f"{quote(part, safe='=[]')}&" for part in parts)
