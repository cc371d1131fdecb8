"""Plain threads about a subject: a contract, a proposal.

Owns: Thread, Message. Verbs: write. Tells: message.written.
Knows people, never contracts: the room above says who may see a thread.
"""
