"""Open vetting: two blind readers, five lines, a letter with reasons.

Owns: Application, Reading, Margin. Verbs: begin, submit, withdraw, claim, release_claim, mark, refuse
(a decision follows by itself from the marks). Tells: application.*. Calls talent.begin, freeze, admit.
Hears: nothing.
"""
