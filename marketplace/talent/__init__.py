"""The professional: profile, rates, availability, writing samples.

Owns: Profile, Rate, Sample, Grant, Opening, Shortlisting. Verbs: begin, describe, price, pause, resume,
admit, shortlist, drop; samples.py: add_sample, revise_sample, remove_sample, reorder, freeze, let_in,
open_sealed. Tells: profile.*, sample.*. Called by vetting (freeze, admit). Hears: nothing.
"""
