"""The forms of a page, as a browser would send them."""

from __future__ import annotations

from html.parser import HTMLParser

FREE = {"text", "search", "url", "email", "tel", "textarea"}


class Sent(dict[str, str]):
    """The values of one form. `free` names those that take any words."""

    action: str = ""
    method: str = "get"

    def __init__(self) -> None:
        super().__init__()
        self.free: set[str] = set()

    def filled(self, words: str) -> dict[str, str]:
        """Every field that takes words holds `words`, one for a link a script; the others stay as offered."""
        return {
            name: self._typed(name, words) if name in self.free else value for name, value in self.items()
        }

    def _typed(self, name: str, words: str) -> str:
        return "javascript:a(1)//" if any(part in name for part in ("link", "website", "url")) else words


class Forms(HTMLParser):
    """Collects the forms of a page, with the first choice where there are several."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Sent] = []
        self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read one element."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Sent())
            self.found[-1].action = given.get("action", "")
            self.found[-1].method = given.get("method", "get").lower()
        elif self.found and tag in {"input", "textarea", "select", "button"}:
            self._field(self.found[-1], tag, given)
        elif self.found and tag == "option" and self.select and given.get("value"):
            self.found[-1].setdefault(self.select, given["value"])

    def _field(self, form: Sent, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text") if tag == "input" else tag
        self.select = name if tag == "select" else ""
        if not name or kind in {"file", "select", "submit", "button"} or name == "csrf_token":
            return
        if kind in FREE:
            form.free.add(name)
        form.setdefault(name, given.get("value", ""))
