"""The one table: which event tells whom what, where it leads, and what happens if nothing is done.

In `line`, `url` and `otherwise` a name in braces is a fact of the event (see facts.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.notifications.readers import (
    Who,
    accountable,
    both,
    business,
    decider,
    named,
    other,
    reviewed,
    second_admins,
    staff,
    subject,
    writer,
)


@dataclass(frozen=True)
class Letter:
    """asks: whether it waits for the reader. mail: whether it also goes out by e-mail."""

    who: Who
    line: str
    url: str
    asks: bool = False
    mail: bool = True
    otherwise: str = ""


# What a person can switch off, by the first word of the event; all else is always mailed.
MAIL_KIND = {
    "brief": "briefs", "question": "briefs", "invitation": "briefs", "proposal": "briefs",
    "contract": "work", "milestone": "work", "piece": "work",
    "message": "words", "comment": "words", "review": "reviews",
}  # fmt: skip

BRIEF, SHELF, CONTRACT = "/briefs/{brief_id}", "/briefs/{brief_id}/proposals", "/contracts/{contract_id}"
REVIEW = "/contracts/{contract_id}/review"
HOLDING, PAYMENT = "/payments/holdings/{holding_id}", "/payments/{payment}"
EXPIRES = "An offer that nobody answers expires after a week."
SILENCE = (
    "On {day} the money is released. Silence pays, but it never publishes: texts you have not approved stay "
    "unpublished."
)

BRIEFS = {
    "invitation.sent": Letter(named, "{business} invites you to pitch for “{title}”", BRIEF, asks=True,
                              otherwise="Leaving it unanswered never counts against you."),
    "invitation.declined": Letter(business("hiring"), "{name} declined your invitation to “{title}”",
                                  "/briefs/{brief_id}/invitations", mail=False),
    "question.asked": Letter(business("hiring"), "A professional asks about “{title}”",
                             "/questions/{question_id}/answer", asks=True,
                             otherwise="The question stands unanswered on the brief, for all to see."),
    "question.answered": Letter(named, "Your question about “{title}” is answered", BRIEF),
    "brief.warned": Letter(business("hiring"), "“{title}” closes on {day}", BRIEF, asks=True,
                           otherwise="It closes by itself on that day and takes no more pitches."),
    "brief.expired": Letter(business("hiring"), "“{title}” closed by itself", BRIEF),
}  # fmt: skip

PROPOSALS = {
    "proposal.sent": Letter(business("hiring"), "A pitch came in for “{title}”", SHELF, asks=True,
                            otherwise="The writer waits. Your median time to decide stands on your briefs."),
    "proposal.revised": Letter(business("hiring"), "A pitch for “{title}” was revised", SHELF, mail=False),
    "proposal.withdrawn": Letter(business("hiring"), "A pitch for “{title}” was withdrawn", SHELF, mail=False),
    "proposal.shortlisted": Letter(writer, "{business} shortlisted your pitch for “{title}”",
                                   "/proposals/{proposal_id}"),
    "proposal.declined": Letter(writer, "{business} declined your pitch for “{title}”. {reason}",
                                "/proposals/{proposal_id}"),
    "proposal.closed": Letter(writer, "Your pitch for “{title}” is closed. {reason}", "/proposals/{proposal_id}"),
}  # fmt: skip

CONTRACTS = {
    "contract.offered": Letter(other("hiring"), "{business} offers you a contract: “{title}”", CONTRACT,
                               asks=True, otherwise=EXPIRES),
    "contract.countered": Letter(other("hiring"), "New terms for “{title}” wait for your answer", CONTRACT,
                                 asks=True, otherwise=EXPIRES),
    "contract.declined": Letter(other("hiring"), "The offer “{title}” was declined. {reason}", CONTRACT),
    "contract.withdrawn": Letter(other("hiring"), "The offer “{title}” was taken back", CONTRACT),
    "contract.expired": Letter(both("hiring"), "The offer “{title}” expired without an answer", CONTRACT),
    "contract.amendment_proposed": Letter(other("hiring"), "A change to “{title}” waits for your agreement",
                                          CONTRACT, asks=True, otherwise="The present terms stay in force."),
    "contract.amended": Letter(other("hiring"), "The change to “{title}” is agreed", CONTRACT),
    "contract.amendment_refused": Letter(other("hiring"), "The change to “{title}” was refused", CONTRACT),
    "contract.ended": Letter(both("hiring", "editor", "finance"), "“{title}” has ended. {reason}", CONTRACT),
    "contract.writer_suspended": Letter(
        business("hiring"), "{professional} is suspended. “{title}” goes on: what is open can be settled", CONTRACT),
    "contract.owner_suspended": Letter(
        writer, "An owner of {business} is suspended. “{title}” goes on: what is open can be settled", CONTRACT),
}  # fmt: skip
# One event, two readings: the first that fits a person is theirs.
AGREED = (
    Letter(writer, "“{title}” is agreed. Begin as soon as its money is held", CONTRACT),
    Letter(business("finance", "hiring"), "“{title}” is agreed: hold the money of its first milestone", CONTRACT,
           asks=True, otherwise="Nothing is written before the money is held."),
)  # fmt: skip

MILESTONES = {
    "milestone.held": Letter(writer, "{amount} is held for “{milestone}”: you can begin", CONTRACT, asks=True,
                             otherwise="Work that never begins is refunded in the end."),
    "milestone.submitted": Letter(business("editor"), "All of “{milestone}” is in for your approval", CONTRACT,
                                  asks=True, otherwise=SILENCE),
    "milestone.reminded": Letter(business("editor"), "“{milestone}” waits for your approval until {day}",
                                 CONTRACT, asks=True, otherwise=SILENCE),
    "milestone.released_by_silence": Letter(both("editor", "finance"), "“{milestone}” was released: its review "
                                            "window closed without a decision", CONTRACT),
    "milestone.round_given": Letter(business("editor"), "{professional} allows another round of changes on "
                                    "“{milestone}”", CONTRACT, mail=False),
    "milestone.cancelled": Letter(other("hiring", "finance"), "“{milestone}” was cancelled. {reason}", CONTRACT),
    "milestone.life_warned": Letter(both("editor", "hiring"), "The money of “{milestone}” can be held until {day}",
                                    CONTRACT, asks=True,
                                    otherwise="What is not submitted by then goes back by the kill-fee rule."),
    "milestone.overdue": Letter(staff("admin"), "“{milestone}” of “{title}” has reached the end of its hold",
                                CONTRACT, asks=True, otherwise="The money stays where it is until you decide."),
    "piece.sent": Letter(business("editor"), "{professional} sent draft {draft} of “{piece}”", CONTRACT,
                         asks=True, mail=False),
    "piece.changes_asked": Letter(writer, "{business} asks for changes to “{piece}”", CONTRACT, asks=True,
                                  otherwise="The review window stands still until you send a new draft."),
    "piece.approved": Letter(writer, "“{piece}” is approved, exactly as in draft {draft}", CONTRACT, mail=False),
    "comment.left": Letter(other("editor"), "A note on “{piece}”", CONTRACT, mail=False),
    "comment.replied": Letter(other("editor"), "An answer to a note on “{piece}”", CONTRACT, mail=False),
    "message.written": Letter(other("editor", "hiring"), "A message about “{title}”", "{thread}"),
}  # fmt: skip

MONEY = {
    "payment.released": Letter(writer, "{net} is yours from “{title}”: the transfer follows on {day}", CONTRACT),
    "payment.failed": Letter(business("finance"), "The payment for “{title}” failed. {reason}", CONTRACT,
                             asks=True, otherwise="Nothing is held, so work does not begin."),
    "payment.expired": Letter(business("finance"), "The payment page for “{title}” expired unpaid", CONTRACT,
                              asks=True, otherwise="Nothing is held, so work does not begin."),
    "payment.refunded": Letter(business("finance"), "{amount} of “{title}” is on its way back to you", CONTRACT),
    "payment.quarantined": Letter(staff("admin"), "Something from Stripe does not fit our books: {type}", "/admin",
                                  asks=True, otherwise="It stays set aside, and changes nothing."),
    "books.broken": Letter(
        staff("admin"),
        "The nightly check of the books found something wrong",
        "/admin/books",
        asks=True,
        otherwise="It is found again every night until it is put right.",
    ),
    "books.differ": Letter(
        staff("admin"),
        "Our books and Stripe’s differ. {sentence}",
        "/admin/books/{difference_id}",
        asks=True,
        otherwise="While it is open, none of the platform’s own money can be withdrawn.",
    ),
    "payment.unheard": Letter(staff("admin"), "A message of Stripe’s could not be handled: {type}", "/admin",
                              asks=True, otherwise="The next look at Stripe’s own list tries it again."),
    "transfer.sent": Letter(writer, "{amount} for “{title}” was transferred to your payout account", "/payments"),
    "transfer.blocked": Letter(writer, "A transfer for “{title}” waits. {reason}", "/payments/payouts", asks=True,
                               otherwise="The money is yours and waits here until the account is in order."),
    "payee.ready": Letter(named, "Your payout account is ready", "/payments/payouts"),
    "payee.restricted": Letter(named, "Stripe needs something more from you before money can be sent to you",
                               "/payments/payouts", asks=True,
                               otherwise="What is released waits for you here, and is lost to nobody."),
    "payee.rejected": Letter(named, "Stripe closed your payout account: your money stays yours, and waits", "/contact",
                             asks=True, otherwise="The money waits until you have written to us."),
    # Always by mail, to the owner of the account: whoever changed it may be somebody else.
    "payee.bank_changed": Letter(named, "The bank account for your payouts was changed: nothing is sent there before "
                                 "{day}", "/payments/payouts", asks=True,
                                 otherwise="From then on your money goes to the new account. If it was not you, write "
                                 "to us at once and change your password."),
    "payout.paid": Letter(named, "{amount} was paid out to your bank", "/payments/payouts", mail=False),
    "payout.failed": Letter(named, "Your bank returned a payout of {amount}. {reason}", "/payments/payouts", asks=True,
                            otherwise="The money stays in your account at Stripe until you give another bank account."),
    "payout.refused": Letter(named, "Stripe refused the payout that you asked for. {reason}", "/payments/payouts"),
    "holding.frozen": Letter(both("finance"), "The money of “{title}” is frozen. {reason}", CONTRACT),
    "holding.thawed": Letter(both("finance"), "The money of “{title}” is no longer frozen", CONTRACT),
    "holding.ruled": Letter(both("finance", "hiring"), "Ruled about “{title}”: {to_professional} to the professional, "
                            "{to_business} to the business. {reason}", HOLDING),
    "debt.owed": Letter(writer, "You owe {amount} for “{title}”. {reason}", HOLDING,
                        otherwise="It is kept from your later releases, at most half of each. Nothing is taken from "
                        "your bank."),
    "debt.offset": Letter(writer, "{amount} of a release for “{title}” paid off what you owed", "/payments"),
    "debt.written_off": Letter(writer, "{amount} of what you owed for “{title}” is given up: you owe it no more",
                               "/payments"),
    "payment.processing": Letter(business("finance"), "Your bank was asked for {amount} for “{title}”", PAYMENT,
                                 mail=False, otherwise="Its answer takes some days; nothing is held before."),
    "payment.surplus": Letter(business("finance"), "{amount} came when “{title}” no longer waited for it, and goes "
                              "back", PAYMENT),
    "payment.release_voided": Letter(both("finance"), "{amount} of a release for “{title}” was taken back before it "
                                     "was sent. {reason}", HOLDING),
    "payment.clawed_back": Letter(both("finance"), "{amount} of “{title}” goes back to the business after its release. "
                                  "{reason}", HOLDING),
    "payment.refund_voided": Letter(both("finance"), "The refund of {amount} of “{title}” was taken back. {reason}",
                                    HOLDING),
    "payment.warned": Letter(staff("admin"), "A bank warns that a payment for “{title}” may be fraud", "/admin/money",
                             asks=True, otherwise="The money stays frozen until you have looked."),
    "payment.refund_refused": Letter(staff("admin"), "Stripe refused a refund for “{title}”. {reason}", "/admin/money",
                                     asks=True, otherwise="The money stays here, owed to the business."),
    "payment.surplus_refund_refused": Letter(staff("admin"), "Stripe refused to return a surplus. {reason}",
                                             "/admin/money", asks=True, otherwise="The money stays here."),
    "payment.surplus_refund_failed": Letter(staff("admin"), "A surplus of {amount} could not be returned. {reason}",
                                            "/admin/money", asks=True, otherwise="The money stays here."),
    "chargeback.answered": Letter(staff("admin"), "A bank was answered about a chargeback",
                                  "/admin/money/chargebacks/{chargeback_id}", mail=False),
    "chargeback.conceded": Letter(staff("admin"), "A chargeback was conceded. {reason}",
                                  "/admin/money/chargebacks/{chargeback_id}", mail=False),
    "chargeback.won": Letter(both("finance"), "The bank decided about {amount} of “{title}”: the money stays", HOLDING),
    "decision.made": Letter(second_admins, "A decision about {amount} waits for a second admin. {reason}",
                            "/admin/money/decisions/{decision_id}", asks=True, otherwise="Nothing moves before."),
    "decision.done": Letter(decider, "Your decision about money was confirmed and done",
                            "/admin/money/decisions/{decision_id}"),
    "decision.withdrawn": Letter(decider, "Your decision about money was withdrawn",
                                 "/admin/money/decisions/{decision_id}"),
    "method.removed": Letter(business("finance"), "A way to pay of {business} was removed, ending in {last4}",
                             "/payments/methods"),
}  # fmt: skip
# Several readings of one event: the first that fits a person is theirs.
MONEY_OF_SEVERAL = {
    "payment.refund_failed": (
        Letter(staff("admin"), "A refund of {amount} for “{title}” failed", "/admin/money", asks=True,
               otherwise="The money stays here, owed to the business."),
        Letter(business("finance"), "The refund of {amount} for “{title}” could not be made: we are looking into it",
               HOLDING),
    ),
    "chargeback.opened": (
        Letter(staff("admin"), "A bank disputes {amount} for “{title}”: {reason}",
               "/admin/money/chargebacks/{chargeback}", asks=True,
               otherwise="An unanswered chargeback is lost."),
        Letter(writer, "The bank of {business} disputes the payment for “{title}”. We answer it; the money is frozen "
               "until the bank has decided", HOLDING),
        Letter(business("finance"), "Your bank disputes {amount} for “{title}”: {reason}. If that is a mistake, tell "
               "your bank", HOLDING),
    ),
    "chargeback.lost": (
        Letter(staff("admin"), "A chargeback of {amount} for “{title}” is lost",
               "/admin/money/chargebacks/{chargeback}"),
        Letter(both("finance"), "The bank keeps {amount} of “{title}”. The page of this money says who bears it",
               HOLDING),
    ),
    "transfer.reversed": (
        Letter(writer, "{amount} was taken back out of your account at Stripe for “{title}”", HOLDING),
        Letter(staff("admin"), "{amount} of a transfer for “{title}” was taken back at Stripe", "/admin/money",
               mail=False),
    ),
}  # fmt: skip

PEOPLE = {
    "application.submitted": Letter(staff("reader", "admin"), "An application waits to be read",
                                    "/admin/vetting", asks=True, mail=False),
    # The letter with the reasons is mailed by vetting itself, the notice of a suspension by accounts.
    "application.decided": Letter(writer, "Your application is decided: read the letter", "/apply", mail=False),
    "person.suspended": Letter(subject, "Your account is suspended: {reason}", "/contact", mail=False),
    "person.restored": Letter(subject, "Your account is no longer suspended", "/"),
    "organisation.joined": Letter(business(), "{who} now acts for your business as {role}",
                                  "/settings", mail=False),
    "organisation.changed_roles": Letter(named, "Your roles in {organisation} were changed", "/settings"),
    "organisation.named_editor": Letter(accountable, "You now answer for the words of {organisation}", "/settings"),
}  # fmt: skip

REVIEWS = {
    "review.opened": Letter(both("editor", "hiring"), "Say how “{title}” went, until {day}", REVIEW, asks=True,
                            otherwise="What the other side writes is shown all the same."),
    "review.written": Letter(other("editor", "hiring"), "The other side has reviewed “{title}”: yours is missing",
                             REVIEW, asks=True, mail=False,
                             otherwise="Both are hidden until yours is in or the window closes."),
    "review.shown": Letter(reviewed("editor", "hiring"), "“{title}”: what the other side says can be read now", REVIEW),
    "review.replied": Letter(other("editor", "hiring"), "Your review of “{title}” was answered", REVIEW, mail=False),
    "review.removed": Letter(both("editor", "hiring"), "A review of “{title}” was removed. {reason}", REVIEW),
}  # fmt: skip

LETTERS: dict[str, tuple[Letter, ...]] = {
    name: (letter,)
    for group in (BRIEFS, PROPOSALS, CONTRACTS, MILESTONES, MONEY, PEOPLE, REVIEWS)
    for name, letter in group.items()
} | {"contract.accepted": AGREED, **MONEY_OF_SEVERAL}
