"""Changing what is written on an object."""

from .call import Call
from .events import tell
from .store import Obj


def change(call: Call, obj: Obj, event: str | None) -> Obj:
    """The object with what the request changes: metadata is merged, an empty value removes its key.

    event: what is told of it, with the former values; None for objects whose changes Stripe does not tell.
    """
    wanted = {name: value for name, value in call.params.items() if name != "expand"}
    if "metadata" in wanted:
        merged = {**obj["metadata"], **wanted["metadata"]} if wanted["metadata"] else {}
        wanted["metadata"] = {key: value for key, value in merged.items() if value}
    before = {name: obj.get(name) for name in wanted if obj.get(name) != wanted[name]}
    changed = call.store.put({**obj, **wanted}, call.account)
    if event:
        tell(call, event, changed, before)
    return changed
