"""A stand-in for Stripe that speaks its HTTP protocol, for running without keys.

Its own process (`python -m marketplace.stripe_sandbox`), loopback only, one SQLite file,
standard library only.
It imports nothing of the rest of the product and nothing imports it: the product talks to it with the real
`stripe` SDK, only the base address and the key differ.
Reading order: server (HTTP) > api (one request) > checkout, paying, payments, charges, payment_methods, refunds,
disputes, fraud_warnings, transfers, topups, connect, accounts, payouts (nouns) > balance (their books) > cards,
banks, external_accounts (test numbers and what they do) > store, events, webhooks (memory and deliveries) >
chores, clock (what time brings) > pages (what a person sees) > acts, faults (what goes its own way).

Besides Stripe's addresses a program has these, all JSON: `POST /_acts` lets something happen at Stripe (acts.py
names what), `POST /_faults` orders trouble for requests and deliveries (`{}` only tells what is ordered, and how
many deliveries wait), `GET /_state?kinds=charge,refund` tells everything, `POST /_bulk` loads many objects
(bulk.py), `POST /_reset` forgets everything.
"""

VERSION = "2026-08-26.dahlia"
