"""Honest reviews, hidden until both sides wrote or the window closed.

Owns: Review. Verbs: write, reply, remove; open_window, publish (the sweep). Tells: review.*.
Hears: contract.ended.
"""
