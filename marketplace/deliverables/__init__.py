"""The desk: drafts, comments, and the approval of exact bytes by a named editor.

Owns: Piece, Draft, Version, Comment, Approval. Verbs: save, send, comment, reply, resolve, accept_suggestion,
approve, ask_changes, stamp_silent (called on release by silence). Tells: piece.*, comment.*.
Hears: contract.accepted (makes the pieces), milestone.released_by_silence.
"""
