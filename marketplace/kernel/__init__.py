"""What every room stands on.

Owns: the database and its only commit (`db`), events, jobs, mail, files, money, the clock,
refusals (`errors`), forms, pages and fragments (`htmx`) and the HTTP edge (`http`).
Knows nothing of people, briefs or contracts.
"""
