"""How a verb says no: with a sentence a person understands, and the right status."""

from __future__ import annotations


class Refused(Exception):
    """A rule says no. The sentence is shown to the person; the transaction is rolled back.

    sentence: what is wrong and, where there is one, the way out.
    status: 422 for what was sent, 409 when somebody else acted first, 403 when this person may look
    but not act, 429 for too much.
    field: the form field the sentence belongs to, if any.
    """

    def __init__(self, sentence: str, status: int = 422, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.status, self.field = sentence, status, field


class Stale(Refused):
    """The page was old: somebody acted in the meantime."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=409)


class Forbidden(Refused):
    """This person may see the thing but may not do this with it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, status=403)


class Missing(Exception):
    """There is no such thing, or this person may not know of it: the answer is 404 in both cases."""
