"""The walls of the house stand, and each of them bites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import house

ROOT = Path(__file__).resolve().parent.parent

LONG = "\n".join(["def long():", *["    pass"] * 40])
TOO_LONG_TEST = "\n".join(["def test_it():", *["    pass"] * 25])
PAGE = "from marketplace.accounts.access import audience\n"
VERB = "def pay(row, *, by): ...\n"

# wall -> folders that break it, each a mapping of file to text.
OFFENDERS: dict[Any, list[dict[str, str]]] = {
    house.imports_point_down: [
        {"marketplace/talent/models.py": "from marketplace.contracts.models import Contract"},
        {"marketplace/talent/actions.py": "def f():\n    from marketplace.briefs import actions"},
        {"marketplace/talent/forms.py": "import marketplace.briefs.models"},
        {"marketplace/talent/actions.py": "from ..briefs import actions"},
        {"marketplace/kernel/db.py": "from marketplace.accounts.models import Person"},
        {"marketplace/accounts/views.py": "from marketplace import create_app"},
    ],
    house.pages_call_their_own_verbs: [
        {
            "marketplace/contracts/views.py": "from marketplace.talent import actions",
            "marketplace/talent/actions.py": "",
        },
        {
            "marketplace/contracts/views.py": "from marketplace.payments.holdings import pay",
            "marketplace/payments/holdings.py": VERB,
        },
        {
            "marketplace/contracts/wizard.py": PAGE + "from marketplace.payments import holdings",
            "marketplace/payments/holdings.py": VERB,
        },
    ],
    house.nobody_imports_pages: [
        {
            "marketplace/admin/views.py": "from marketplace.talent import views",
            "marketplace/talent/views.py": "",
        },
        {
            "marketplace/talent/actions.py": "from marketplace.talent.editing import edit",
            "marketplace/talent/editing.py": PAGE,
        },
    ],
    house.starters_stay_thin: [
        {"marketplace/worker.py": "from marketplace.payments import calls"},
        {"marketplace/attic/models.py": ""},
    ],
    house.the_sandbox_stands_apart: [
        {"marketplace/stripe_sandbox/api.py": "from marketplace.kernel import clock"},
        {"marketplace/payments/calls.py": "from marketplace.stripe_sandbox import api"},
    ],
    house.only_the_kernel_commits: [
        {"marketplace/talent/actions.py": "db.session.commit()"},
        {"marketplace/talent/views.py": "def f():\n    commit()"},
    ],
    house.one_file_speaks_to_stripe: [
        {"marketplace/payments/actions.py": "import stripe"},
        {"marketplace/contracts/views.py": "from stripe.error import StripeError"},
    ],
    house.verbs_know_no_flask: [
        {"marketplace/talent/models.py": "from flask import request"},
        {"marketplace/talent/actions.py": "import flask"},
        {"marketplace/payments/holdings.py": "from flask import g\n" + VERB},
    ],
    house.prose_is_pure: [{"marketplace/editorial/rules.py": "from marketplace.kernel.db import db"}],
    house.relationships_point_down: [
        {"marketplace/talent/models.py": "class A:\n    b: Mapped[list[Contract]] = relationship()"},
        {"marketplace/talent/models.py": "class A:\n    b: Mapped[A] = relationship('Contract')"},
        {"marketplace/talent/models.py": "class A:\n    b: Mapped[A] = relationship(backref='c')"},
    ],
    house.nothing_is_too_long: [
        {"marketplace/talent/actions.py": LONG},
        {"marketplace/talent/actions.py": "#\n" * 401},
        {"tests/talent/test_price.py": TOO_LONG_TEST},
        {"templates/talent/show.html": "<p>\n" * 151},
    ],
    house.names_say_something: [{"marketplace/talent/utils.py": ""}, {"tests/helpers.py": ""}],
    house.templates_hold_no_code: [
        {"templates/a.html": '<p class="b" style="color:red">'},
        {"templates/a.html": "<style>p {}</style>"},
        {"templates/a.html": "<script>alert(1)</script>"},
        {"templates/a.html": '<button\n  onclick="f()">'},
        {"templates/a.html": '<a href="javascript:f()">'},
        {"templates/a.html": "<form hx-vals='js:{}'>"},
        {"templates/a.html": "<a title={{ name }}>"},
    ],
    house.markup_is_listed: [
        {"templates/a.html": "{{ name|safe }}"},
        {"templates/a.html": "{{ attributes|xmlattr }}"},
        {"templates/a.html": "{% autoescape false %}"},
        {"marketplace/talent/views.py": "markupsafe.Markup(name)"},
        {"marketplace/talent/views.py": "render_template_string(name)"},
    ],
}


@pytest.fixture(scope="module")
def ours() -> house.House:
    """This house, read once."""
    return house.House(ROOT)


@pytest.mark.parametrize("wall", house.WALLS, ids=lambda wall: wall.__name__)
def test_the_wall_stands(wall: Any, ours: house.House) -> None:
    offences = [str(offence) for offence in wall(ours)]
    assert not offences, "\n".join([str(wall.__doc__), *offences])


CASES = [
    pytest.param(wall, files, id=f"{wall.__name__}-{number}")
    for wall, several in OFFENDERS.items()
    for number, files in enumerate(several)
]


@pytest.mark.parametrize(("wall", "files"), CASES)
def test_the_wall_bites(wall: Any, files: dict[str, str], tmp_path: Path) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    offences = list(wall(house.House(tmp_path)))
    assert [offence.file for offence in offences] == [next(iter(files))]


def test_every_wall_is_shown_to_bite() -> None:
    assert set(OFFENDERS) == set(house.WALLS)


def test_every_listed_markup_is_still_there(ours: house.House) -> None:
    texts = {**ours.templates, **{path: source.text for path, source in ours.product.items()}}
    assert all("Markup(" in texts[path] or house.UNESCAPED.search(texts[path]) for path in house.MARKUP)


def test_a_page_may_read_what_lies_above_it(tmp_path: Path) -> None:
    page = tmp_path / "marketplace" / "talent" / "views.py"
    page.parent.mkdir(parents=True)
    page.write_text("from marketplace.reviews.models import Review")
    assert not list(house.imports_point_down(house.House(tmp_path)))
