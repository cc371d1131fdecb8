"""Lists with cursors, and the `expand` parameter."""

from typing import Any

from .call import Call
from .errors import invalid
from .shapes import listed
from .store import Obj

SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(
    call: Call, kind: str, url: str, filters: tuple[str, ...] = (), more: str = "", values: Any = ()
) -> Obj:
    """One page of the account's objects of a kind, newest first, as `listing` parameters ask for it."""
    params = call.params
    equal = {name: params[name] for name in filters if params.get(name) is not None}
    limit = min(max(params.get("limit", 10), 1), 100)
    for word, moment in params.get("created", {}).items():
        more, values = f"{more} and created {SIGNS[word]} ?", (*values, moment)
    backwards = bool(params.get("ending_before"))
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if params.get(name):
            more = f"{more} and (created, seq) {sign} (?, ?)"
            values = (*values, *_place(call, kind, params[name], name))
    found = [obj for _, obj in call.store.page(kind, call.account, equal, more, values, limit + 1, backwards)]
    data = found[:limit][::-1] if backwards else found[:limit]
    return listed(data, url, has_more=len(found) > limit)


def _place(call: Call, kind: str, id: str, param: str) -> tuple[int, int]:
    call.store.get(kind, id, call.account, param)
    return call.store.place(id)


def expand(call: Call, answer: Obj, paths: list[str]) -> Obj:
    """The answer with the named ids replaced by the objects they stand for (`data.` leads into a list)."""
    for path in paths:
        _open(call, answer, path.split("."), path)
    return answer


def _open(call: Call, here: Obj, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    value = _inside(call, here, name)
    if value is None and name not in here:
        raise invalid(f"This property cannot be expanded ({path}).", None, "expand")
    if isinstance(value, str):
        value = call.store.find(value, call.account)
        if value is None:
            raise invalid(f"This property cannot be expanded ({path}).", None, "expand")
    here[name] = value
    for inner in value if isinstance(value, list) else [value] if value else []:
        if rest:
            _open(call, inner, rest, path)


def _inside(call: Call, here: Obj, name: str) -> Any:
    """The value of a property, including the two that Stripe only sends when asked."""
    id = here.get("id", "")
    if (here.get("object"), name) == ("checkout.session", "line_items"):
        return listed(call.store.noted(id, "line_items"), f"/v1/checkout/sessions/{id}/line_items")
    if (here.get("object"), name) == ("charge", "refunds"):
        return listed(call.store.where("refund", call.account, charge=id), f"/v1/charges/{id}/refunds")
    return here.get(name)
