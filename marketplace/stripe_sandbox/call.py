"""One piece of work: who asks, what for, under which request."""

from dataclasses import dataclass, field

from .settings import Settings
from .store import PLATFORM, Obj, Store


@dataclass
class Call:
    """What every noun gets. Without a request id it is the sandbox's own doing: a hosted page or a clock
    tick.
    """

    store: Store
    settings: Settings
    account: str = PLATFORM
    ids: tuple[str, ...] = ()
    params: Obj = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def id(self) -> str:
        """The id in the address."""
        return self.ids[0]

    def on(self, account: str) -> "Call":
        """The same call seen from another account."""
        return Call(
            self.store,
            self.settings,
            account,
            request_id=self.request_id,
            idempotency_key=self.idempotency_key,
        )
