"""Why our books and Stripe's can differ: the whole list, each cause in words and with what to do about it."""

from __future__ import annotations

from typing import NamedTuple


class Cause(NamedTuple):
    """A cause as people read it, and what they can do."""

    words: str
    advice: str


CAUSES = {
    "missing_here": Cause(
        "Not in our books",
        "Open it at Stripe and find out what it was for. It stands in suspense until a repair moves it out.",
    ),
    "missing_at_stripe": Cause(
        "Not at Stripe",
        "Compare the entry with the row that made it. If the money never moved, repair it by the opposite entry.",
    ),
    "amount": Cause(
        "Amounts differ",
        "Stripe moved the money, so its amount is right: find out why ours is not, then repair the rest.",
    ),
    "currency": Cause(
        "Currencies differ",
        "Look at how Stripe settled it. Repair each currency by an entry of its own.",
    ),
    "duplicate": Cause(
        "Done twice",
        "Take the second one back at Stripe, or ask for the money. Nothing leaves the milestone before.",
    ),
    "state": Cause(
        "States differ",
        "Read both sides. If Stripe is right and it was tried in vain here, the message names the reason.",
    ),
    "unknown_object": Cause(
        "Nobody here knows it",
        "Somebody used this account at Stripe for another thing. Ask who, then repair it out of suspense.",
    ),
    "mismatched_account": Cause(
        "Sent to another account",
        "The money went to an account that is not the professional’s. Take the transfer back at Stripe at once.",
    ),
    "late_webhook": Cause(
        "Heard late",
        "Nothing: it was fetched and entered. When it happens often, look at the webhook endpoint at Stripe.",
    ),
    "outside_action": Cause(
        "Done by hand at Stripe",
        "It is entered. Ask who did it and why, then say here that it is explained.",
    ),
    "unsettled_fee": Cause(
        "Fees differ",
        "Read the fee at Stripe. What is missing or too much is repaired against the expense.",
    ),
    "stuck_call": Cause(
        "A call without an answer",
        "The poller asks again by itself. After a day, look at Stripe whether it was done.",
    ),
    "unheard": Cause(
        "A message set aside",
        "Read why it could not be entered. What it is about is compared here too.",
    ),
    "counter": Cause(
        "A counter is off",
        "A counter of a milestone is not what its account holds. Stop, and look for who wrote to the database.",
    ),
    "balance": Cause(
        "Balances differ",
        "The sums differ by more than the other differences explain. Run the whole comparison again.",
    ),
    "solvency": Cause(
        "Too little at Stripe",
        "Top up the platform’s balance at Stripe: what is owed must be there.",
    ),
    "clock": Cause(
        "Clocks differ",
        "Set the clock of this server by a time server.",
    ),
}
# Of these, ours_minor and theirs_minor are what each side's balance has of it, so they explain a sum that differs.
OF_MONEY = (
    "missing_here",
    "missing_at_stripe",
    "amount",
    "currency",
    "duplicate",
    "unknown_object",
    "unsettled_fee",
)
# These are over when a person says so, not when a later look does not find them.
LASTING = ("outside_action",)
