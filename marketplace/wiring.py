"""Who hears which event, who does which job, which rooms have pages: the one page of non-calls."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from marketplace.kernel import events, files, jobs, machines, mail, matrix, migrations, sweep

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
    import marketplace.kernel.heartbeat
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
        for name in command_files(room):
            app.cli.add_command(import_module(f"marketplace.{room}.{name}").cli)
    app.cli.add_command(migrations.migrate)
    app.cli.add_command(matrix.access)
    wire_templates(app)
    wire_doors(app)
    jobs.jobs.update({"mail.send": mail.send, "kernel.sweep": sweep.sweep, "files.forget": files.forget})
    jobs.schedules.update({"kernel.sweep": "* * * * *"})
    wire_jobs()
    wire_hearers()
    wire_deadlines()
    wire_papers()
    wire_leaving()


def command_files(room: str) -> list[str]:
    """The files of a room that hold commands: `commands.py` and those whose name ends so, each with one `cli`."""
    package = import_module(f"marketplace.{room}")
    names = sorted(module.name for module in iter_modules(package.__path__))
    return [name for name in names if name == "commands" or name.endswith("_commands")]


def wire_templates(app: Marketplace) -> None:
    """Filters and globals that all templates have."""
    from marketplace.accounts.signing import login_manager, touch
    from marketplace.kernel import show
    from marketplace.notifications.views import theme, unread

    login_manager.init_app(app)
    app.after_request(touch)
    show.install(app)
    # Called by the page, so that a fragment without a masthead counts nothing.
    app.jinja_env.globals["unread_notices"] = unread
    app.context_processor(lambda: {"theme": theme()})


def wire_doors(app: Marketplace) -> None:
    """Where programs knock with what they signed."""
    from marketplace.payments import webhook

    app.doors["/webhooks/stripe"] = machines.Door(webhook.hear, "HTTP_STRIPE_SIGNATURE")


def wire_jobs() -> None:
    """Which function does which job, and which jobs run by the clock (cron)."""
    from marketplace.contracts import hearing as contracts
    from marketplace.notifications import actions as notifications
    from marketplace.payments import calls, check, doctor, payouts, reconcile, saved, webhook
    from marketplace.search import indexing

    jobs.jobs.update(
        {
            "payments.call": calls.call,
            "payments.inbox": webhook.inbox,
            "payments.take_in": webhook.take_in,
            "payments.poll": webhook.poll,
            "payments.methods": saved.look,
            "payments.payout_items": payouts.note_items,
            "payments.check": check.nightly,
            "payments.examine": doctor.examine_and_keep,
            "payments.reconcile": reconcile.nightly,
            "payments.reconcile_waiting": reconcile.hourly,
            "contracts.return_late": contracts.return_late,
            "search.reindex_professional": indexing.reindex_professional,
            "search.reindex_brief": indexing.reindex_brief,
            "notifications.notify": notifications.notify,
        }
    )
    jobs.schedules.update(
        {
            "payments.take_in": "* * * * *",
            "payments.poll": "*/5 * * * *",
            "payments.check": "10 3 * * *",
            "payments.reconcile": "20 3 * * *",
            "payments.reconcile_waiting": "50 * * * *",
            "payments.examine": "40 4 * * *",
        }
    )


def wire_hearers() -> None:
    """Who changes state at once when a lower room tells, and who is started after commit."""
    from marketplace.briefs import hearing as briefs
    from marketplace.contracts import hearing as contracts
    from marketplace.contracts import talking
    from marketplace.deliverables import hearing as deliverables
    from marketplace.messaging import doors
    from marketplace.notifications import actions as notifications
    from marketplace.proposals import hearing as proposals
    from marketplace.reviews import hearing as reviews
    from marketplace.search import hearing as search

    events.hearers.clear()
    for name, hear in (
        ("brief.closed", proposals.brief_ended),
        ("brief.expired", proposals.brief_ended),
        ("person.closed", briefs.person_left),
        ("person.closed", proposals.person_left),
        ("person.suspended", contracts.suspended),
        ("payment.held", contracts.held),
        ("payment.released", contracts.released),
        ("payment.refunded", contracts.refunded),
        ("holding.ruled", contracts.ruled),
        ("holding.thawed", contracts.thawed),
        ("contract.accepted", deliverables.make_pieces),
        ("contract.amended", deliverables.make_pieces),
        ("contract.ended", reviews.open_window),
        ("milestone.released_by_silence", deliverables.stamp_silent),
    ):
        events.hearers.setdefault(name, []).append(hear)
    events.after_commit[:] = [search.heard, notifications.heard]
    doors.may_write["contract"] = talking.door


def wire_deadlines() -> None:
    """Which `due_at` columns the sweep fires."""
    from marketplace.briefs import actions as briefs
    from marketplace.briefs import deadlines as brief_clocks
    from marketplace.contracts import actions as contracts
    from marketplace.contracts import deadlines as clocks
    from marketplace.contracts import milestones
    from marketplace.payments import payees, transfers
    from marketplace.reviews import actions as reviews
    from marketplace.reviews import hearing as reviewing

    sweep.deadlines[:] = [
        sweep.Deadline("brief.expire", brief_clocks.expiring, briefs.expire),
        sweep.Deadline("brief.warn", brief_clocks.warning, briefs.warn),
        sweep.Deadline("payments.transfer", transfers.due, transfers.send_transfer),
        sweep.Deadline("payments.resume_payouts", payees.cooled, payees.resume_payouts),
        sweep.Deadline("reviews.open", reviewing.resting, reviewing.open_for),
        sweep.Deadline("reviews.close", reviewing.closing, reviews.publish),
        sweep.Deadline("contract.expire", clocks.expiring, contracts.expire),
        sweep.Deadline("milestone.silence", clocks.silent, milestones.release_by_silence),
        sweep.Deadline("milestone.remind", clocks.reminding, milestones.remind),
        sweep.Deadline("milestone.live", clocks.living, milestones.live),
    ]


def wire_papers() -> None:
    """Who makes which papers, when, and what is made up for when a job was missed."""
    from marketplace.contracts import papers as contracts
    from marketplace.payments import documents, parties, payout_statements, pdf, yearly

    parties.knows["contract"] = contracts.about
    makers = (documents, payout_statements, contracts)
    jobs.jobs.update({maker.MAKING: maker.make_job for maker in (*makers, pdf)})
    jobs.jobs["payments.years"] = yearly.last_year
    jobs.slow.add(pdf.MAKING)
    # Each night of January from the 2nd: a night that was missed is made up for by the next.
    jobs.schedules["payments.years"] = "20 4 2-31 1 *"
    events.after_commit += [maker.heard for maker in makers]
    sweep.deadlines += [
        sweep.Deadline("payments.documents", documents.overdue, documents.make),
        sweep.Deadline(
            "payments.payout_statement", payout_statements.overdue, payout_statements.payout_statement
        ),
        sweep.Deadline("contracts.paper", contracts.overdue, contracts.make),
        sweep.Deadline("payments.paper", pdf.overdue, pdf.ask_again),
    ]


def wire_leaving() -> None:
    """What stands in the way of closing an account, what goes along, and what is taken away."""
    from marketplace.accounts import closing
    from marketplace.briefs import leaving as briefs
    from marketplace.contracts import leaving as contracts
    from marketplace.deliverables import leaving as deliverables
    from marketplace.messaging import leaving as messaging
    from marketplace.notifications import leaving as notifications
    from marketplace.payments import leaving as payments
    from marketplace.payments import papers_leaving as papers
    from marketplace.proposals import leaving as proposals
    from marketplace.reviews import leaving as reviews
    from marketplace.talent import leaving as talent
    from marketplace.vetting import leaving as vetting

    closing.objectors[:] = [contracts.objections, payments.objections]
    rooms = (
        talent,
        vetting,
        briefs,
        proposals,
        contracts,
        deliverables,
        messaging,
        payments,
        reviews,
        notifications,
    )
    closing.exporters.update({room.__name__.split(".")[1]: room.export for room in rooms})
    closing.exporters["papers"] = papers.export
    closing.removers[:] = [
        deliverables.remove,
        vetting.remove,
        talent.remove,
        notifications.remove,
        papers.remove,
    ]
