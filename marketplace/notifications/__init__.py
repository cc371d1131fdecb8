"""Who is told what: an in-app list and e-mail for every event that asks somebody to act.

Owns: Notice. Verbs: notify (a job after each listed event), read, read_all. Tells: nothing. Nobody imports it.
letters.py is the one table of who hears what in which words; readers.py finds the people.
"""
