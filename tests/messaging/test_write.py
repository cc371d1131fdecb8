"""Writing in the thread of a contract."""

from __future__ import annotations

from typing import Any

import pytest

from marketplace.config import rules
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Refused
from marketplace.messaging.actions import write
from marketplace.messaging.models import messages_about
from tests import make


def test_both_sides_write_and_read(app: Any, browser: Any) -> None:
    contract = make.contract()
    boss, writer = browser(make.owner_of(contract.organisation)), browser(contract.profile.person)
    address = f"/threads/{contract.subject}/messages"
    assert (
        boss.post(address, {"body": "When do you begin?"})
        .headers["Location"]
        .startswith(f"/contracts/{contract.id}#")
    )
    assert "When do you begin?" in writer.get(f"/contracts/{contract.id}").text


def test_what_people_write_is_shown_as_text(app: Any, browser: Any) -> None:
    contract = make.contract()
    browser(contract.profile.person).post(f"/threads/{contract.subject}/messages", {"body": "<b>bold</b>"})
    page = browser(make.owner_of(contract.organisation)).get(f"/contracts/{contract.id}").text
    assert ("&lt;b&gt;bold" in page, "<b>bold" in page) == (True, False)


def test_strangers_and_unknown_subjects_are_not_there(app: Any, browser: Any) -> None:
    contract = make.contract()
    stranger = browser(make.person())
    for about in (contract.subject, "planet:1", "contract:nonsense"):
        assert stranger.post(f"/threads/{about}/messages", {"body": "Hello."}).status_code == 404


def test_viewers_only_read(app: Any, browser: Any) -> None:
    contract = make.contract()
    viewer = browser(make.member(contract.organisation, "viewer"))
    assert viewer.post(f"/threads/{contract.subject}/messages", {"body": "Hello."}).status_code == 403


def test_an_empty_message_is_refused(app: Any, browser: Any) -> None:
    contract = make.contract()
    answer = browser(contract.profile.person).post(f"/threads/{contract.subject}/messages", {"body": "  "})
    assert answer.status_code == 422


def test_sixty_messages_an_hour_are_enough(app: Any, monkeypatch: Any) -> None:
    contract = make.contract()
    ines = contract.profile.person
    monkeypatch.setattr(rules(), "messages_per_hour", 2)
    for _ in range(2):
        write(contract.subject, "Hello.", by=ines, stream=contract)
    with pytest.raises(Refused, match="lot of messages"):
        write(contract.subject, "Hello.", by=ines, stream=contract)
    commit()
    assert len(many(messages_about(contract.subject))) == 2
