"""Honest reviews, hidden until both sides wrote or the window closed.

Owns: Review, Window. Verbs: write, reply, remove; open_window, publish (the sweep). Tells: review.opened,
review.written, review.shown, review.replied, review.removed. Hears: contract.ended.
Offers: models.shown_on(profile_id), scores.summary(reviews), templates/reviews/_reviews.html.
"""
