"""Not an Echo: the marketplace where businesses hire vetted social media professionals.

Nothing is imported here at module level, so that `python -m marketplace.stripe_sandbox`
loads none of the application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marketplace.config import Settings
    from marketplace.kernel.http import Marketplace


def create_app(settings: Settings | None = None) -> Marketplace:
    """Build the application.

    settings: where it runs and every default number; read from the environment when left out.
    Raises pydantic's ValidationError, in sentences, when a setting is missing or unsafe.
    """
    from marketplace import wiring
    from marketplace.config import Settings
    from marketplace.kernel.http import Marketplace

    app = Marketplace(settings or Settings())
    wiring.wire(app)
    return app
