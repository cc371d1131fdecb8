"""What a person is told when a request did not do what it asked for: a status and a sentence."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError
from werkzeug.exceptions import HTTPException

from marketplace.kernel.db import is_busy
from marketplace.kernel.errors import Missing, Refused

SENTENCES = {
    400: "The request could not be read. Please go back and try again.",
    403: "You may look at this, but not do that.",
    404: "There is nothing at this address, or it is not yours to see.",
    405: "That cannot be done at this address.",
    413: "That is too large: a file may have at most 10 MB.",
    414: "That address is too long.",
    415: "That kind of content is not taken here.",
    429: "That was a lot at once. Please wait a little and try again.",
    500: "Something went wrong on our side. Nothing was changed by this request.",
    503: "The marketplace is busy right now. Nothing was changed: please try again in a moment.",
}


def explain(error: Exception) -> tuple[int, str]:
    """The status and the sentence for `error`."""
    match error:
        case Refused():
            return error.status, error.sentence
        case Missing():
            return 404, SENTENCES[404]
        case DBAPIError() if is_busy(error):
            return 503, SENTENCES[503]
        case OverflowError() | DataError():
            # A number that no column can hold: it came from an address, and names nothing.
            return 400, SENTENCES[400]
        case HTTPException(code=int() as code):
            return code, SENTENCES.get(code, SENTENCES[400])
    return 500, SENTENCES[500]
