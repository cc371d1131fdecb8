"""The floor: what Flask, Jinja and one SQL query cost at the least, with as many bytes as the page.

`DATABASE` is the same database file, `BYTES` (JSON) says how long each page is.
"""

from __future__ import annotations

import json
import os
import threading
from typing import Any

import pysqlite3.dbapi2 as sqlite
from flask import Flask, abort, render_template_string

QUERY = "SELECT name, statement, city FROM talent_profile ORDER BY handle LIMIT 20"
PAGE = """<!doctype html><html lang="en"><title>{{ name }}</title><body><ul>
{% for row in rows %}<li><h2>{{ row[0] }}</h2><p>{{ row[1] }}</p><p>{{ row[2] }}</p></li>
{% endfor %}</ul><!--{{ padding }}--></body></html>"""

app = Flask(__name__)
lengths: dict[str, int] = json.loads(os.environ.get("BYTES", "{}"))
local = threading.local()


def rows() -> list[Any]:
    """The one query, on a connection that each thread keeps."""
    if not hasattr(local, "connection"):
        local.connection = sqlite.connect(os.environ["DATABASE"])
    found: list[Any] = local.connection.execute(QUERY).fetchall()
    return found


@app.get("/<name>")
def page(name: str) -> str:
    """A list of twenty people, padded to the length of the product's page `name`."""
    if name not in lengths:
        abort(404)
    found = rows()
    short = render_template_string(PAGE, name=name, rows=found, padding="")
    missing = max(0, lengths[name] - len(short.encode()))
    return short.replace("<!--", "<!--" + "x" * missing, 1)
