"""All 24 kinds, in their order."""

from __future__ import annotations

from tests.races import kinds_hiring, kinds_money, kinds_people, kinds_stripe
from tests.races.volleys import Kind

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in sorted(
        (*kinds_money.KINDS, *kinds_stripe.KINDS, *kinds_hiring.KINDS, *kinds_people.KINDS),
        key=lambda kind: kind.code,
    )
}
