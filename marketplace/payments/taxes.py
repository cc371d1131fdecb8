"""The tax in an amount, by what seller and buyer entered: whole minor units, and one rule for what remains.

The platform gives no advice on tax: it writes down rates and numbers as people gave them.
"""

from __future__ import annotations

from typing import Any

REVERSE_CHARGE = "Reverse charge: tax is to be accounted for by the recipient."


def is_reversed(seller: dict[str, Any], buyer: dict[str, Any]) -> bool:
    """Whether the buyer accounts for the tax: both gave a tax number, and their countries differ.

    seller, buyer: parties as papers name them, with `tax_id` and `country` (ISO code).
    """
    both = bool(seller["tax_id"] and buyer["tax_id"] and seller["country"] and buyer["country"])
    return both and seller["country"] != buyer["country"]


def contained(gross_minor: int, rate_bps: int) -> int:
    """The tax contained in `gross_minor` at `rate_bps` (hundredths of a per cent), in minor units.

    Rounded half up; what is net is the rest, so that net and tax always sum to the amount that moved.
    """
    whole = 10_000 + rate_bps
    return (2 * gross_minor * rate_bps + whole) // (2 * whole)


def mirrored(gross_minor: int, taken_before: int, taken_now: int, rate_bps: int) -> int:
    """The tax in `taken_now`, taken back out of a paper over `gross_minor`, in minor units.

    taken_before: what earlier papers took back of it. What remains always contains exactly its own tax, so that
    credit notes over the whole sum to the whole's tax.
    """
    left = gross_minor - taken_before
    return contained(left, rate_bps) - contained(left - taken_now, rate_bps)
