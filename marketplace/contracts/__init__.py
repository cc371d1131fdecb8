"""Hiring and its milestones: the work side. The money side is payments' holding.

Owns: Contract, Terms, Signature, Milestone, Amendment. Verbs: offer, counter, accept, decline, withdraw,
amend, agree, end; start, submit, ask_changes, complete (called by deliverables); expire, remind, release_by_silence,
stop_life (the sweep). Tells: contract.*, milestone.*. Hears: payment.held, payment.released, payment.refunded.
"""
