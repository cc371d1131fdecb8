"""Pages and fragments: one address, one template, and the fragment that it includes."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and not for the whole, as when restoring history)."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def page(
    template: str, *, fragment: str = "", status: int = 200, form: Any = None, **context: Any
) -> Response:
    """Answer with `template`, or with `fragment` (a `_file.html` that it includes) when htmx asks.

    form: its status (422 after a refusal, 409, 400) becomes the answer's. Always says
    `Vary: HX-Request`: without it the browser's Back shows a naked fragment.
    """
    chosen = fragment if fragment and wants_fragment() else template
    answer = make_response(render_template(chosen, form=form, **context))
    answer.status_code = form.status if form is not None and form.status != 200 else status
    answer.vary.add("HX-Request")
    return answer


def see(endpoint: str, **values: Any) -> AnyResponse:
    """After a verb: go to `endpoint`'s page. htmx is told to load it whole; browsers get a 303."""
    anchor = values.pop("anchor", None)
    target = url_for(endpoint, _anchor=anchor, **values)
    return go(target)


def go(target: str) -> AnyResponse:
    """After a verb: go to `target`, an address of this site (or Stripe's, from our own row)."""
    if "HX-Request" in request.headers:
        # 2xx, since the verb is done and its transaction is to be committed.
        return Response(status=204, headers={"HX-Redirect": target})
    return Response(status=303, headers={"Location": target})
