"""Questions are asked and answered in public, without the asker's name."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace.briefs import actions
from marketplace.briefs.models import Question
from marketplace.config import rules
from marketplace.kernel.db import commit, many
from marketplace.kernel.errors import Forbidden, Refused, Stale
from tests import make

ASKED = {"body": "May she say that we do not know yet?"}


def test_question_and_answer_are_read_by_everybody_and_name_nobody(browser: Any) -> None:
    brief, zoe = make.brief(), make.professional("Zoe Canary")
    assert browser(zoe.person).post(f"/briefs/{brief.id}/ask", ASKED).status_code == 303
    question = many(select(Question))[0]
    web = browser(make.owner_of(brief.organisation))
    assert web.get(f"/questions/{question.id}/answer").status_code == 200
    assert (
        web.post(f"/questions/{question.id}/answer", {"answer": "She has it in writing."}).status_code == 303
    )
    page = browser().get(f"/briefs/{brief.id}").text
    assert "we do not know yet?" in page
    assert "She has it in writing." in page
    assert "Canary" not in web.get(f"/briefs/{brief.id}").text


def test_an_empty_question_is_refused_and_a_short_one_kept(browser: Any) -> None:
    brief, ines = make.brief(), make.professional()
    refused = browser(ines.person).post(f"/briefs/{brief.id}/ask", {"body": "Why?"})
    assert refused.status_code == 422
    assert ">Why?</textarea>" in refused.text.replace("\r\n", "").replace("\n", "")


def test_ten_questions_a_brief_are_the_most(app: Any) -> None:
    brief, ines = make.brief(), make.professional()
    for _ in range(rules().questions_per_brief):
        actions.ask(brief, ASKED["body"], by=ines.person)
    with pytest.raises(Refused, match="10 questions") as refused:
        actions.ask(brief, ASKED["body"], by=ines.person)
    assert refused.value.status == 429
    actions.ask(brief, ASKED["body"], by=make.professional("Other One").person)


def test_only_admitted_professionals_ask_while_it_is_open(app: Any) -> None:
    brief = make.brief()
    for person in (make.person(), make.professional("Not Yet", admitted=False).person):
        with pytest.raises(Forbidden):
            actions.ask(brief, ASKED["body"], by=person)
    with pytest.raises(Stale):
        actions.ask(make.brief(state="closed"), ASKED["body"], by=make.professional().person)


def test_only_the_business_answers(browser: Any) -> None:
    brief, ines = make.brief(), make.professional()
    question = actions.ask(brief, ASKED["body"], by=ines.person)
    commit()
    path = f"/questions/{question.id}/answer"
    assert browser(ines.person).post(path, {"answer": "Yes"}).status_code == 404
    assert browser(make.person()).post(path, {"answer": "Yes"}).status_code == 404
    assert browser(make.member(brief.organisation, "viewer")).post(path, {"answer": "Yes"}).status_code == 403
    assert browser(make.owner_of(brief.organisation)).post(path, {"answer": " "}).status_code == 422
