"""Sending a message. The threads stand on the pages of their subjects."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from marketplace.accounts.access import audience, me
from marketplace.kernel.htmx import go, page
from marketplace.messaging import actions
from marketplace.messaging.doors import door
from marketplace.messaging.forms import Write

bp = Blueprint("messaging", __name__)


@bp.route("/threads/<about>/messages", methods=["GET", "POST"])
@audience("settling")
def write(about: str) -> Any:
    opened, form = door(about, me()), Write()
    if form.sent():
        with form.refusing():
            message = actions.write(about, form.body.data, by=me(), stream=opened.stream)
            return go(f"{opened.address}#message-{message.id}")
    return page("messaging/write.html", form=form, about=about, address=opened.address)
