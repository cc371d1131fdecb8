"""Bids on a brief, read by their words first.

Owns: Proposal, ProposalVersion. Verbs: send, revise, withdraw; read (the first reading), shortlist,
decline, archive, restore; accept and close_others (called by contracts).
Tells: proposal.sent/revised/withdrawn/read/shortlisted/declined/archived/restored/accepted/closed.
Hears: brief.closed, brief.expired, person.closed.
"""
