"""`python -m marketplace.stripe_sandbox`: start the stand-in."""

from .server import Sandbox
from .settings import parse


def main() -> None:
    """Listen on the loopback address until interrupted."""
    settings = parse()
    sandbox = Sandbox(settings)
    print(f"Stripe sandbox on {settings.public_url} (fault panel: {settings.public_url}/_faults)", flush=True)
    sandbox.run()


if __name__ == "__main__":
    main()
