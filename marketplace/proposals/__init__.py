"""Bids on a brief, read by their words first.

Owns: Proposal, ProposalVersion. Verbs: send, revise, withdraw, shortlist, decline, archive, restore;
read (the first reading), accept and release_slot (called by contracts).
Tells: proposal.*. Hears: brief.closed, brief.expired.
"""
