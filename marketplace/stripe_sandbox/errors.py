"""Refusals in Stripe's shape: a type, a sentence, often a code and the parameter at fault."""

from typing import Any


class StripeError(Exception):
    """An answer other than 200.

    `executed` says whether the endpoint had begun its work: only then does an idempotency key remember
    the refusal. `stays` says that what was done on the way to the refusal stays done.
    """

    def __init__(
        self, status: int, type: str, message: str, executed: bool = True, stays: bool = False, **details: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.stays = stays
        known = {name: value for name, value in details.items() if value is not None}
        self.body: dict[str, Any] = {"error": {"type": type, "message": message, **known}}
        if "code" in known:
            self.body["error"]["doc_url"] = (
                f"https://docs.stripe.com/error-codes#{known['code'].replace('_', '-')}"
            )


def invalid(message: str, code: str | None = None, param: str | None = None, **details: Any) -> StripeError:
    """The request makes no sense in the present state of things (400)."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param, **details)


def malformed(message: str, code: str, param: str) -> StripeError:
    """A parameter failed validation before any work began (400); an idempotency key forgets it."""
    return StripeError(400, "invalid_request_error", message, executed=False, code=code, param=param)


def declined(error: dict[str, Any], **details: Any) -> StripeError:
    """The answer to a request whose payment was refused (402); the attempt is on record all the same."""
    known = {
        name: error[name] for name in ("code", "decline_code", "charge", "payment_method") if name in error
    }
    return StripeError(402, "card_error", error["message"], stays=True, **known, **details)


def missing(kind: str, id: str, param: str | None = None) -> StripeError:
    """No such object: 404 for the one in the address, 400 for one named by a parameter."""
    name = kind.rsplit(".", 1)[-1].replace("_", "")
    status = 400 if param else 404
    return StripeError(
        status,
        "invalid_request_error",
        f"No such {name}: '{id}'",
        code="resource_missing",
        param=param or "id",
    )


def broken() -> StripeError:
    """The 500 of the fault panel."""
    return StripeError(
        500, "api_error", "An unknown error occurred. (The sandbox's fault panel asked for it.)"
    )
