"""Races: people and workers who do the same thing at the same moment, eight at a time.

volleys.py is what a volley is and how its shots are fired by threads; elsewhere.py fires them from other
processes, web.py at the real web server; acts.py are the things done, kinds_*.py the 24 kinds, and arena.py
puts them together. `python -m tests.races` prints a table; test_races.py fires a few of each for every push.
"""
