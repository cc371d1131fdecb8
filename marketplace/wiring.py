"""Who hears which event, who does which job, which rooms have pages: the one page of non-calls."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from marketplace.kernel import events, jobs, mail, migrations, sweep

if TYPE_CHECKING:
    from marketplace.kernel.http import Marketplace

# Low to high: a room imports only from those before it.
FLOORS = (
    "accounts",
    "messaging",
    "payments",
    "talent",
    "briefs",
    "proposals",
    "contracts",
    "deliverables",
    "reviews",
    "vetting",
    "search",
    "notifications",
    "home",
    "admin",
    "seed",
)


def import_models() -> None:
    """Load every table, so that metadata is whole: for the app, for migrations."""
    import marketplace.kernel.events
    import marketplace.kernel.files
    import marketplace.kernel.mail  # noqa: F401

    for room in FLOORS:
        if find_spec(f"marketplace.{room}.models"):
            import_module(f"marketplace.{room}.models")


def wire(app: Marketplace) -> None:
    """Connect the rooms: pages, commands, jobs, hearers, deadlines."""
    import_models()
    for room in FLOORS:
        if find_spec(f"marketplace.{room}.views"):
            views = import_module(f"marketplace.{room}.views")
            app.register_blueprint(views.bp)
        if find_spec(f"marketplace.{room}.commands"):
            app.cli.add_command(import_module(f"marketplace.{room}.commands").cli)
    app.cli.add_command(migrations.migrate)
    wire_templates(app)
    jobs.jobs.update({"mail.send": mail.send, "kernel.sweep": sweep.sweep})
    jobs.schedules.update({"kernel.sweep": "* * * * *"})
    wire_jobs()
    wire_hearers()
    wire_deadlines()


def wire_templates(app: Marketplace) -> None:
    """Filters and globals that all templates have."""
    from marketplace.accounts.signing import login_manager, touch
    from marketplace.kernel import show

    login_manager.init_app(app)
    app.after_request(touch)
    show.install(app)


def wire_jobs() -> None:
    """Which function does which job: `jobs.jobs["room.verb"] = function`; cron in `jobs.schedules`."""
    from marketplace.payments import calls, webhook

    jobs.jobs.update({"payments.call": calls.call, "payments.inbox": webhook.inbox, "payments.poll": webhook.poll})
    jobs.schedules.update({"payments.poll": "*/5 * * * *"})


def wire_hearers() -> None:
    """Who changes state at once when a lower room tells: `events.hearers["payment.held"] = [hear]`."""
    events.hearers.clear()
    events.after_commit.clear()


def wire_deadlines() -> None:
    """Which `due_at` columns the sweep fires."""
    from marketplace.payments import transfers

    sweep.deadlines.clear()
    sweep.deadlines.append(sweep.Deadline("payments.transfer", transfers.due, transfers.send_transfer))
