"""The desk: drafts, comments, and the approval of exact bytes by a named editor.

Owns: Piece, Version, Comment, Approval. Verbs: save, send, approve, ask_changes, allow_round (actions); comment,
reply, resolve, accept_suggestion (notes). Tells: piece.*, comment.*. Hears: contract.accepted and contract.amended
(makes the pieces), milestone.released_by_silence (stamps what nobody approved).
"""
