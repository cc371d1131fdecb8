"""A believable world for development, told by the same verbs as people use.

Owns: no table. `flask --app app seed` reads world/*.toml, puts all that happened into one list by time, and lets
it happen, with the clock moved back to each moment. Deadlines fire on the way, money goes through the sandbox.
Never in production.
"""
