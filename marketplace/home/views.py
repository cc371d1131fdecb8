"""Interim pages; the home room replaces this file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from marketplace.accounts.access import audience

bp = Blueprint("home", __name__)


@bp.get("/")
@audience("anyone")
def index() -> Any:
    return "home"


@bp.get("/start")
@audience("person")
def start() -> Any:
    return "start"
