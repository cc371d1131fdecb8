"""What a ruling would do, before it is made: the same sums as the ruling itself, without moving anything."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.kernel import money
from marketplace.payments.models import Holding


@dataclass(frozen=True)
class Preview:
    """The effect of a split on one milestone; all in minor units of its currency.

    released: newly released, gross; fee: what our fee changes by; taken: out of releases that were not sent;
    returned: out of what is held; clawed: out of what the professional has; stays: held afterwards.
    """

    released: int
    returned: int
    taken: int
    clawed: int
    stays: int
    fee: int
    fee_after: int

    @property
    def professional(self) -> int:
        """What the professional gets more (or less) than before, after our fee."""
        return self.released - self.taken - self.clawed - self.fee

    @property
    def business(self) -> int:
        """What the business gets back."""
        return self.returned + self.clawed


def ruling(holding: Holding, to_professional: int, to_business: int) -> Preview:
    """The effect of giving so much to each side, in minor units, gross."""
    unsent = sum(row.gross_minor - row.voided_minor for row in holding.releases if row.is_unsent)
    taken = min(unsent, max(0, to_professional + to_business - holding.left_minor))
    there = holding.left_minor + taken
    returned = min(to_business, max(0, there - to_professional))
    clawed = to_business - returned
    kept = holding.released_minor - holding.clawed_minor - taken + to_professional - clawed
    after = money.fee_until(max(0, kept), holding.fee_bps, money.step_of(holding.currency))
    return Preview(
        released=to_professional, returned=returned, taken=taken, clawed=clawed,
        stays=there - to_professional - returned, fee=after - holding.fee_minor, fee_after=after,
    )  # fmt: skip
