"""The first page: the landing for strangers, the list of turns for people; help and policies.

Owns nothing and has no verbs: it reads what the rooms below hold.
"""
