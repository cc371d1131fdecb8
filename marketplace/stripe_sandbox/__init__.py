"""A stand-in for Stripe that speaks its HTTP protocol, for running without keys.

Its own process (`python -m marketplace.stripe_sandbox`), loopback only, one SQLite file,
standard library only.
It imports nothing of the rest of the product and nothing imports it: the product talks to it with the real
`stripe` SDK, only the base address and the key differ.
Reading order: server (HTTP) > api (one request) > checkout, paying, payments, charges, payment_methods, refunds,
disputes, transfers, connect, payouts (nouns) > cards, banks (test numbers and what they do) > store, events,
webhooks (memory and deliveries) > pages (what a person sees) > acts, faults (what goes its own way).
"""

VERSION = "2026-08-26.dahlia"
