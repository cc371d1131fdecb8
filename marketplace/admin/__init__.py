"""Running the marketplace: what waits, who is who, whether the books are right, and what happened.

Owns: no table. Verbs are those of other rooms, each with a reason. Tells: admin.read, admin.exported.
An admin's look at private things is itself recorded: see reading.py.
"""
