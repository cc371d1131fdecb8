"""The words a result leads with: whole sentences, those that were asked for marked."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from marketplace.kernel.show import excerpt
from marketplace.search.folding import Query, terms

_SENTENCE = re.compile(r"(?<=[.!?…”\"])\s+")
_WORD = re.compile(r"[\w'’\u0300-\u036f]+")
# What parts the posts of a thread.
_RULE = re.compile(r"^\s*-{3,}\s*$", re.MULTILINE)
MOST = 200  # characters of one excerpt


def shown(text: str, query: Query | None) -> Markup:
    """The part of `text` a result shows, escaped, the asked words in <mark>.

    It begins with the first sentence that holds an asked word, or with the first of all.
    """
    text = _RULE.sub("", text)
    if query is None:
        return escape(excerpt(text, MOST))
    sentences = _SENTENCE.split(" ".join(text.split()))
    first = next((i for i, sentence in enumerate(sentences) if query.hits(sentence)), 0)
    return marked(excerpt(near(" ".join(sentences[first:]), query), MOST), query)


def near(text: str, query: Query) -> str:
    """`text`, begun later where its first asked word would fall out of the excerpt."""
    hit = next((w.start() for w in _WORD.finditer(text) if any(query.met_by(t) for t in terms(w[0]))), 0)
    if hit < MOST // 2:
        return text
    return "… " + text[max(hit - MOST // 4, 0) :].partition(" ")[2]


def marked(text: str, query: Query | None) -> Markup:
    """`text` escaped, with the asked words in <mark>."""
    if query is None:
        return escape(text)
    result, end = Markup(""), 0
    for word in _WORD.finditer(text):
        if any(query.met_by(term) for term in terms(word[0])):
            result += escape(text[end : word.start()]) + Markup("<mark>{}</mark>").format(word[0])
            end = word.end()
    return result + escape(text[end:])
