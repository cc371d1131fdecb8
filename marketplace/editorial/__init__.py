"""Reading prose: pure functions, text in, findings out. No Flask, no database.

Owns: the table of platforms and how each counts.
"""
