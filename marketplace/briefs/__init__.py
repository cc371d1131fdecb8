"""A business's need: drafted in five steps, published, answered, closed with a reason.

Owns: VoiceSheet, Brief, BriefPiece, BriefInvitation, Question. Verbs: begin, save_step, publish, invite,
decline_invitation, ask, answer, close; expire and warn (the sweep), hire (called by contracts), expect_decision
(called by proposals).
Tells: brief.begun/published/warned/closed/expired/hired, question.asked/answered,
invitation.sent/declined. Hears: nothing.
"""
