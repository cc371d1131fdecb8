"""The floor of intake: a bare Flask view that keeps the body of each POST by one insert of the raw driver."""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
from flask import Flask, request

URL = os.environ.get("DATABASE_URL", "")
MAKE = "CREATE TABLE IF NOT EXISTS floor_message (id TEXT PRIMARY KEY, body TEXT NOT NULL)"

app = Flask(__name__)
local = threading.local()


def connection() -> Any:
    """A connection that each thread keeps."""
    if not hasattr(local, "connection"):
        if URL.startswith("sqlite"):
            local.connection = sqlite.connect(
                URL.removeprefix("sqlite:///"), isolation_level=None, timeout=30
            )
            local.connection.execute("PRAGMA journal_mode=WAL")
            local.connection.execute("PRAGMA synchronous=FULL")
            local.mark = "?"
        else:
            local.connection = psycopg.connect(URL.replace("+psycopg", ""), autocommit=True)
            local.mark = "%s"
    return local.connection


@app.post("/webhooks/stripe")
def keep() -> str:
    """One insert, committed."""
    kept = connection()
    kept.execute(
        f"INSERT INTO floor_message VALUES ({local.mark}, {local.mark})",  # noqa: S608 (our own marks)
        (os.urandom(12).hex(), request.get_data(as_text=True)),
    )
    return "Kept.\n"


@app.get("/")
def ready() -> str:
    """Make the table."""
    connection().execute(MAKE)
    return "Ready.\n"
