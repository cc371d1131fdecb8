"""Who is told what: an in-app list and e-mail for every event that asks somebody to act.

Owns: Notice. Verbs: notify (a job after each event), read. Tells: nothing. Nobody imports it.
"""
