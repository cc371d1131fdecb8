"""How often one visitor may do a thing: moving windows, in memory (of each process) or Redis."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request
from limits import RateLimitItemPerSecond
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from marketplace.config import settings
from marketplace.kernel.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])
_storages: dict[str, Storage] = {}


def limit(name: str, most: Callable[[], int], seconds: int) -> Callable[[View], View]:
    """Let one address send `most()` POSTs in `seconds`; more get a sentence and 429.

    name: what is counted. Only POSTs count: looking is free.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if request.method == "POST" and not hit(name, request.remote_addr or "", most(), seconds):
                raise Refused("That was a lot at once. Please wait a while and try again.", status=429)
            return view(*args, **kwargs)

        return cast(View, counted)

    return decorate


def hit(name: str, who: str, most: int, seconds: int) -> bool:
    """Count one try of `who`; False when it is one too many."""
    url = settings().redis_url
    storage = _storages.get(url) or _storages.setdefault(url, cast(Storage, storage_from_string(url)))
    return MovingWindowRateLimiter(storage).hit(RateLimitItemPerSecond(most, seconds), name, who)


def forget() -> None:
    """Begin counting anew (between tests)."""
    for storage in _storages.values():
        storage.reset()
