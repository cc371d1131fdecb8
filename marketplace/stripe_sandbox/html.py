"""The frame and the small parts of every page a person sees. No script, one stylesheet, all text escaped."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple


class Html(str):
    """Markup that is safe as it is; any other text is escaped on its way into a page."""


class Page(NamedTuple):
    """An answer to a browser: markup, or a way to go (303)."""

    status: int
    markup: str = ""
    location: str = ""


def fill(template: str, /, **values: object) -> Html:
    """The template with its {names} filled in, escaped unless already markup."""
    safe = {name: value if isinstance(value, Html) else escape(str(value)) for name, value in values.items()}
    return Html(template.format(**safe))


def join(parts: Iterable[Html]) -> Html:
    return Html("".join(parts))


_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/_sandbox.css">
</head>
<body>
<header class="notice"><strong>Test sandbox.</strong> No real money moves on this page.
Never type a real card or account number.</header>
<main>
{body}
</main>
</body>
</html>
"""


def page(title: str, body: Html, status: int = 200) -> Page:
    """A whole page."""
    return Page(status, fill(_FRAME, title=title, body=body))


def go(location: str) -> Page:
    """Send the browser on with a GET."""
    return Page(303, location=location)


def sorry(title: str, sentence: str, status: int = 404, link: Html = Html("")) -> Page:  # noqa: B008
    """A page that says why there is nothing to do."""
    return page(
        title,
        fill("<h1>{title}</h1><p>{sentence}</p>{link}", title=title, sentence=sentence, link=link),
        status,
    )


def field(name: str, label: str, value: str, hint: str = "", error: str = "", **attributes: str) -> Html:
    """A labelled text field; its hint and its error are tied to it for screen readers."""
    described = " ".join(f"{name}-{part}" for part, said in (("hint", hint), ("error", error)) if said)
    extra = {"aria-describedby": described, **attributes, **({"aria-invalid": "true"} if error else {})}
    return fill(
        '<div class="field"><label for="{name}">{label}</label>{hint}{error}'
        '<input id="{name}" name="{name}" value="{value}"{extra}></div>',
        name=name, label=label, value=value,
        hint=_said(name, "hint", hint), error=_said(name, "error", error),
        extra=join(fill(' {key}="{value}"', key=key, value=value) for key, value in extra.items() if value),
    )  # fmt: skip


def _said(name: str, part: str, sentence: str) -> Html:
    markup = '<p class="{part}" id="{name}-{part}">{sentence}</p>'
    return fill(markup, name=name, part=part, sentence=sentence) if sentence else Html("")


def problem(sentence: str) -> Html:
    """What went wrong, at the top of a form."""
    if not sentence:
        return Html("")
    return fill('<div class="problem" role="alert"><h2>There is a problem</h2><p>{it}</p></div>', it=sentence)


def table(caption: str, heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Html:
    """A table with a caption and a head row."""
    head = join(fill('<th scope="col">{it}</th>', it=it) for it in heads)
    body = join(
        fill("<tr>{cells}</tr>", cells=join(fill("<td>{it}</td>", it=it) for it in row)) for row in rows
    )
    template = (
        "<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
    return fill(template, caption=caption, head=head, body=body)
