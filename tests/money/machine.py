"""The state machine of money: every verb, everything that happens at Stripe, and all that goes wrong between.

After each step the books are right and nobody was charged or paid twice; when all came to rest, our books and
the sandbox's say the same, object by object.
"""

from __future__ import annotations

import sys

from hypothesis.stateful import invariant

from tests.money.machine_backward import Backward
from tests.money.machine_elsewhere import Elsewhere
from tests.money.machine_paying import Paying


class Machine(Paying, Backward, Elsewhere):
    """All rules together."""

    @invariant()
    def books_are_right(self) -> None:
        """After every step."""
        self.look()

    def teardown(self) -> None:
        """At the end of a program that went well everything comes to rest."""
        if sys.exc_info()[0] is None:
            self.rest(reconciles=True)
