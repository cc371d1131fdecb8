"""The table itself: every address exists, every fact is known, every event is told by somebody."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.exceptions import MethodNotAllowed

import marketplace
from marketplace.notifications.letters import LETTERS, Letter

FACTS = {
    "amount", "brief_id", "business", "chargeback", "chargeback_id", "contract_id", "day", "decision_id",
    "difference_id", "draft", "holding_id", "last4", "milestone", "name", "net", "organisation", "payment", "piece",
    "professional", "proposal_id", "question_id", "reason", "role", "sentence", "thread", "title", "to_business",
    "to_professional", "type", "who",
}  # fmt: skip
ALL = [(name, letter) for name, letters in LETTERS.items() for letter in letters]
SOURCE = "\n".join(path.read_text() for path in Path(marketplace.__file__).parent.glob("*/*.py")
                   if path.parent.name != "notifications")  # fmt: skip


@pytest.mark.parametrize(("name", "letter"), ALL)
def test_an_address_exists(app: Any, name: str, letter: Letter) -> None:
    facts = {fact: str(uuid4()) for fact in FACTS} | {"thread": "/inbox"}
    try:
        app.url_map.bind("localhost").match(letter.url.format(**facts), method="GET")
    except MethodNotAllowed:
        pytest.fail(f"{name} leads to an address that cannot be opened")


@pytest.mark.parametrize(("name", "letter"), ALL)
def test_its_facts_are_known(name: str, letter: Letter) -> None:
    for sentence in (letter.line, letter.url, letter.otherwise):
        assert {found for _, found, _, _ in Formatter().parse(sentence) if found} <= FACTS


@pytest.mark.parametrize(("name", "letter"), ALL)
def test_whoever_is_asked_by_mail_learns_what_silence_means(name: str, letter: Letter) -> None:
    assert not (letter.asks and letter.mail) or letter.otherwise


@pytest.mark.parametrize("name", LETTERS)
def test_somebody_tells_it(name: str) -> None:
    noun, _, verb = name.partition(".")
    # A surplus tells the same of itself as any other refund.
    name, verb = name.replace("surplus_refund_failed", "refund_failed"), verb.removeprefix("surplus_")
    composed = rf'f"{noun}\.\{{[^}}]+\}}"'
    told = f'"{name}"' in SOURCE or (re.search(composed, SOURCE) and f'"{verb}"' in SOURCE)
    assert told, f"no room tells {name}"
