"""Finding people and briefs by words and facts.

Owns: an index that is kept from what the rooms below tell, and the two lists.
Verbs: none; `finding.professionals` and `finding.briefs` answer, `indexing` reads again what changed.
Hears: everything about profiles, samples, applications and briefs, as ids only.
"""
