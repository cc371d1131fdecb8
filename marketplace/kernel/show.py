"""How templates show moments, money and texts."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask
from flask_login import current_user
from markupsafe import Markup, escape

from marketplace.config import settings
from marketplace.kernel import money
from marketplace.kernel.clock import now


def install(app: Flask) -> None:
    """Give the filters and globals of this file to all templates."""
    app.jinja_env.filters.update(
        money=as_money,
        price=as_price,
        day=day,
        moment=moment,
        ago=ago,
        paragraphs=paragraphs,
        excerpt=excerpt,
        percent=percent,
    )
    app.context_processor(
        lambda: {"site_name": settings().site_name, "payments_mode": settings().payments_mode, "now": now()}
    )
    app.jinja_env.add_extension("jinja2.ext.do")


def as_money(minor: Any, currency: str = "") -> str:
    """`480.00` with its sign: of minor units and a currency, or of a Money."""
    return str(minor) if isinstance(minor, money.Money) else money.text(minor, currency)


def as_price(minor: int, currency: str) -> str:
    """As `money`, without `.00`."""
    return money.short(minor, currency)


def percent(bps: int) -> str:
    """Hundredths of a per cent as people read them: `10 %`, `2.5 %`."""
    return f"{bps / 100:g}\N{NO-BREAK SPACE}%"


def zone() -> ZoneInfo:
    """The reader's zone, or UTC."""
    name = getattr(current_user, "timezone", "UTC") if current_user else "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def day(value: date | datetime | None, weekday: bool = False, year: bool = False) -> Markup:
    """`27 November`, with the year when it is not this one or when asked for it, in the reader's zone."""
    if value is None:
        return Markup("")
    shown = value.astimezone(zone()).date() if isinstance(value, datetime) else value
    text = f"{shown.day} {shown:%B}" + ("" if shown.year == now().year and not year else f" {shown.year}")
    text = f"{shown:%A} {text}" if weekday else text
    return Markup('<time datetime="{}">{}</time>').format(shown.isoformat(), text)


def moment(value: datetime | None) -> Markup:
    """`27 November, 08:02` in the reader's zone."""
    if value is None:
        return Markup("")
    local = value.astimezone(zone())
    text = f"{local.day} {local:%B}" + ("" if local.year == now().year else f" {local.year}")
    return Markup('<time datetime="{}">{}, {:%H:%M}</time>').format(local.isoformat(), text, local)


def ago(value: datetime) -> Markup:
    """`3 days ago`, `in 2 hours`: for ages in queues."""
    seconds = int((now() - value).total_seconds())
    past, seconds = seconds >= 0, abs(seconds)
    for name, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            text = f"{count} {name}{'s' if count != 1 else ''}"
            shown = f"{text} ago" if past else f"in {text}"
            return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), shown)
    return Markup('<time datetime="{}">just now</time>').format(value.isoformat())


def paragraphs(text: str) -> Markup:
    """A person's text as paragraphs: blank lines part them, single line ends stay. Always escaped."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    shown = [Markup("<br>").join(escape(row) for row in block.split("\n")) for block in blocks]
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in shown)


def excerpt(text: str, most: int = 180) -> str:
    """The beginning of `text` up to a whole sentence, or to a whole word with an ellipsis."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    sentences = re.match(rf"(.{{40,{most}}}[.!?”\"])(?=\s)", flat)
    return sentences[1] if sentences else flat[:most].rsplit(" ", 1)[0] + "…"
