"""The doctor: is everything set up between this marketplace and Stripe? In sentences, each with what to do.

`flask --app app stripe doctor` prints them; a job keeps them as an event, which the admin's page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, select

from marketplace.accounts.models import Person
from marketplace.kernel.events import Event, tell
from marketplace.kernel.jobs import later, transaction
from marketplace.payments import doctor_account as of_account
from marketplace.payments import doctor_hearing as of_hearing
from marketplace.payments.doctor_seen import Finding, Seen, look

EXAMINED = "stripe.examined"
CHECKS: tuple[Callable[[Seen], Iterator[Finding]], ...] = (
    of_account.key,
    of_account.account,
    of_account.name_on_statements,
    of_account.payout_schedule,
    of_account.currencies,
    of_account.amounts,
    of_account.ways_to_pay,
    of_account.connect,
    of_account.holding_limit,
    of_account.version,
    of_hearing.endpoints,
    of_hearing.secrets,
    of_hearing.messages,
    of_hearing.clock,
    of_hearing.site,
    of_hearing.worker,
    of_hearing.poller,
)


@dataclass(frozen=True)
class Examined:
    """What was looked at: this marketplace's account at Stripe."""

    subject: str = "stripe:account"


def judge(seen: Seen) -> list[Finding]:
    """All findings about what was seen, in the order in which things are set up."""
    return [finding for check in CHECKS for finding in check(seen)]


def examine() -> list[Finding]:
    """Look and judge. Speaks to the network: never inside a transaction."""
    return judge(look())


def examine_and_keep() -> None:
    """Job, every night and when an admin asks: examine, and keep the findings as an event."""
    found = examine()
    with transaction():
        tell(EXAMINED, Examined(), by=None, stream="admin",
             findings=[[row.level, row.about, row.sentence] for row in found])  # fmt: skip


def ask(*, by: Person) -> None:
    """Have the account examined after commit; who asked is told."""
    tell("stripe.examination_asked", Examined(), by=by, stream="admin")
    later("payments.examine")


def last_examined() -> Select[Event]:
    """The latest examination, if there was any."""
    return select(Event).where(Event.name == EXAMINED).order_by(Event.number.desc()).limit(1)


def findings_of(event: Event) -> list[Finding]:
    """The findings that an examination kept."""
    return [Finding(level, about, sentence) for level, about, sentence in event.data["findings"]]
