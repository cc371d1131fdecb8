"""People, organisations, sign-in, roles, sessions.

Owns: Person, Session, Attempt, Token, Organisation, Brand, Membership, Invitation, Acceptance.
Verbs: sign_up, verify, sign_in, sign_out, reset, change_email, change_password, end_session, found,
add_brand, invite, join, change_role, remove, accept_terms, appoint, suspend, close.
Tells: person.*, organisation.*. Hears: nothing.
"""
