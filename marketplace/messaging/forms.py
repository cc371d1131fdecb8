"""What people write to each other."""

from __future__ import annotations

from marketplace.kernel.forms import Form, area

BODY_MOST = 5000


class Write(Form):
    body = area("Your message", BODY_MOST)
