"""The money of milestones: asked payments, holdings, the ledger, releases, refunds, payouts.

Owns: Holding, Freeze, Payment, Allocation, Release, Refund, Payee, StripeCall, Webhook, and the ledger.
Verbs: open_holding, fund, cancel_funding, release, refund, freeze, thaw, set_up_payouts.
Tells: holding.opened/frozen/thawed, payment.started/held/failed/expired/released/refunded, transfer.sent,
transfer.blocked, payee.ready. Hears: nothing; Stripe speaks to `webhook`.
Knows milestones only by subject (`milestone:<uuid>`) and contracts only by stream (`contract:<uuid>`).
"""
