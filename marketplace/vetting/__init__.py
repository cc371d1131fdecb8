"""Open vetting: two blind readers, five lines, a letter with reasons.

Owns: Application, Reading, Margin. Verbs: begin, submit, claim, release_claim, mark, decide, withdraw.
Tells: application.*. Calls talent.admit. Hears: nothing.
"""
