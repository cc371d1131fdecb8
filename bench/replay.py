"""The floor of a verb: its own SQL, recorded once, sent again by the raw driver with other ids.

Nothing of the application runs in the replay: no models, no session, no rules. What it costs is what the
database and its driver cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, event

IDS = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
Statement = tuple[str, Any, bool]


@contextmanager
def recording(engine: Engine) -> Iterator[list[Statement]]:
    """Every statement that `engine` sends meanwhile: its text, its parameters, and whether they are many."""
    heard: list[Statement] = []

    def note(_c: Any, _cursor: Any, sql: str, parameters: Any, _context: Any, many: bool) -> None:
        if not sql.startswith("BEGIN"):  # whoever plays it begins by itself
            heard.append((sql, parameters, many))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", note)


def play(cursor: Any, statements: list[Statement]) -> None:
    """Send statements by a raw cursor, and read what they answer."""
    for sql, parameters, many in statements:
        if many:
            cursor.executemany(sql, parameters)
        else:
            cursor.execute(sql, parameters)
            if cursor.description:
                cursor.fetchall()


class Script:
    """A recorded transaction that can be played for other rows."""

    def __init__(self, statements: list[Statement]) -> None:
        self.statements = statements

    def for_rows(self, swapped: dict[UUID, UUID]) -> list[Statement]:
        """The statements for other rows. swapped: recorded ids and whose place they take; unknown ones are new."""
        known = {old.hex: new.hex for old, new in swapped.items()}
        return [
            (sql, [self._other(one, known) for one in given] if many else self._other(given, known), many)
            for sql, given, many in self.statements
        ]

    def _other(self, value: Any, known: dict[str, str]) -> Any:
        if isinstance(value, dict):
            return {name: self._other(one, known) for name, one in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self._other(one, known) for one in value)
        if isinstance(value, UUID):
            return UUID(self._id(value.hex, known))
        return IDS.sub(lambda found: self._text(found[0], known), value) if isinstance(value, str) else value

    def _text(self, found: str, known: dict[str, str]) -> str:
        other = self._id(found.replace("-", ""), known)
        return str(UUID(other)) if "-" in found else other

    def _id(self, old: str, known: dict[str, str]) -> str:
        return known.setdefault(old, uuid4().hex)
