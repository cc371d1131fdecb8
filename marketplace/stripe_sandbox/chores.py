"""What happens by itself as time passes, in one place."""

from . import checkout, disputes, payments, payouts, refunds, topups
from .call import Call


def run(call: Call) -> None:
    """Do everything that is due; call it in a transaction."""
    checkout.close_overdue(call)
    topups.run(call)
    refunds.decide(call)
    disputes.close_overdue(call)
    payments.run(call)
    payouts.run(call)
