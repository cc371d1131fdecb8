"""The guide to going live names only settings, commands, pages and rules that exist, and all that are needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marketplace.config import Rules, Settings
from marketplace.kernel.http import Marketplace
from marketplace.payments.doctor_account import CAPABILITIES
from marketplace.payments.doctor_hearing import WANTED

GUIDE = (Path(__file__).parent.parent / "docs" / "going-live-with-stripe.md").read_text()


def named() -> list[str]:
    """What stands between backticks or in indented lines like a setting."""
    typed = re.findall(r"`([A-Z][A-Z_]{4,})(?:=[^`]*)?`", GUIDE)
    return sorted({*typed, *re.findall(r"^    ([A-Z_]+)=", GUIDE, re.MULTILINE)})


@pytest.mark.parametrize("name", named())
def test_every_setting_it_names_exists(name: str) -> None:
    if name.startswith("RULE_"):
        assert name.removeprefix("RULE_").lower() in Rules.model_fields
    else:
        assert name.lower() in Settings.model_fields


def test_it_names_the_secret_of_every_endpoint_and_every_way_to_pay() -> None:
    for wanted in WANTED:
        assert f"`{wanted.setting}`" in GUIDE
    for way in CAPABILITIES:
        assert way in GUIDE


def test_every_command_it_names_exists(whole_app: Marketplace) -> None:
    named_ones = set(re.findall(r"flask --app app ([a-z]+)(?: ([a-z]+))?", GUIDE))
    assert ("stripe", "doctor") in named_ones
    for group, verb in named_ones:
        command = whole_app.cli.commands[group]
        assert not hasattr(command, "commands") or verb in command.commands


def test_every_page_it_names_exists(whole_app: Marketplace) -> None:
    addresses = {str(rule) for rule in whole_app.url_map.iter_rules()}
    for page in re.findall(r"`(/[a-z/]+)`", GUIDE):
        assert page in addresses
