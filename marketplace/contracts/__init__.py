"""Hiring and its milestones: the work side. The money side is payments' holding.

Owns: Contract, Terms, Signature, Milestone. Verbs: offer, counter, accept, decline, withdraw; propose_amendment,
agree_amendment, refuse_amendment; end; start, draft_sent, submit, ask_changes, allow_round, complete (called by
deliverables), cancel; expire, remind, release_by_silence, live (the sweep). Tells: contract.*, milestone.*.
Hears: payment.held, payment.released, payment.refunded.
"""
