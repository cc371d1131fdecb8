"""What attacks are tried on: a marketplace with one person of each kind and a contract under way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from marketplace.config import Settings, use
from marketplace.kernel.http import Marketplace, flask_config
from tests.crawling import World, furnish


@pytest.fixture
def world(app: Marketplace) -> World:
    """One person of each kind and a contract under way."""
    return furnish()


@pytest.fixture
def https(app: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The same application as people reach it in earnest: by https, at its own name."""
    secure = app.settings.model_copy(update={"base_url": "https://market.example"})
    assert isinstance(secure, Settings)
    for name, value in flask_config(secure).items():
        if name.startswith(("SESSION_", "TRUSTED_", "PREFERRED_")):
            monkeypatch.setitem(app.config, name, value)
    use(secure)
    yield lambda **kwargs: app.test_client().open(base_url="https://market.example", **kwargs)
    use(app.settings)
