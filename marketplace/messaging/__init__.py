"""Plain threads about a subject: a contract, a proposal.

Owns: Thread, Message. Verbs: write. Tells: message.written.
Knows people, never contracts: the room above says, in `doors`, who may write about its subjects.
"""
