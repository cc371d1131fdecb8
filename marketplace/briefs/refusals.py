"""What a brief may not ask for, and the sentence that says why.

Pure. The text is first reduced to plain words, so that every pattern walks over it once: gaps between
words are short lists of filler, never "anything".
"""

from __future__ import annotations

import re
import unicodedata

FOLLOWERS = (
    "This asks for followers. A count can be bought and tells nobody whether a reader understood, so nobody "
    "here is hired for it. Say what the reader should learn, or what you want to happen."
)
LIKES = (
    "This asks for likes. They count thumbs, not readers, so nobody here is hired for them. Say what the "
    "reader should learn, or what you want to happen."
)
PODS = (
    "This asks for traded attention, such as an engagement pod. It deceives readers and breaks the networks’ "
    "rules, so nobody here does it. Ask for words worth answering instead."
)
REVIEWS = (
    "This asks for reviews that no customer wrote. That is against the law in most countries, so it cannot be "
    "published here. Ask for answers to real reviews instead."
)
VOLUME = (
    "This asks for as many posts as possible. Readers feel a flood as noise, and a price needs a number. Say "
    "how many pieces you want, and what each is for."
)

_FILLER = (
    "a an the us me our my your its more new extra real active some many lot lots of and genuine organic targeted "
    "cheap fast quick lots plenty additional at least up to around over thousand thousands hundred hundreds million "
    "instagram linkedin tiktok youtube facebook threads bluesky mastodon twitter x page account social media "
    "likes followers"
)
_GAP = rf"(?:(?:{'|'.join(sorted(set(_FILLER.split())))}|[0-9]{{1,9}}[km]?) ){{0,6}}"
_GET = (
    "(?:get|gets|getting|gain|gains|gaining|grow|growing|build|building|increase|increasing|boost|boosting|raise|buy|"
    "buying|bring|win|attract|attracting|add|adding|earn|double|triple|drive|generate|deliver|collect|maximise|"
    "maximize|achieve)"
)
_STARS = "(?:five star|5 star|positive|glowing|fake|invented|made up|paid|google|trustpilot|yelp|amazon|tripadvisor)"
_WRITE = "(?:write|writing|post|posting|leave|leaving|buy|buying|order|get|need|want|generate|create|invent|produce)"

_PATTERNS = [
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (rf"\b{_GET} {_GAP}followers?\b", FOLLOWERS),
        (r"\bmore followers\b|\b(?:want|need) [0-9]{1,9}[km]? followers\b", FOLLOWERS),
        (r"\bfollower (?:growth|target)\b", FOLLOWERS),
        (r"\b(?:grow|growing|increase|boost|double|triple) (?:our|the|my|a|its|your) following\b", FOLLOWERS),
        (rf"\b{_GET} {_GAP}likes\b|\bmore likes\b|\b(?:want|need) [0-9]{{1,9}}[km]? likes\b", LIKES),
        (r"\b(?:engagement|comment|like|linkedin|instagram) pods?\b|\bengagement groups?\b", PODS),
        (r"\b(?:like for like|follow for follow|f4f|l4l|follow backs?)\b", PODS),
        (rf"\b{_WRITE} (?:(?:us|me|some|a|few|our|more|[0-9]{{1,5}}) ){{0,3}}(?:{_STARS} ){{1,3}}"
         r"(?:customer |product |online )?(?:reviews?|testimonials?|ratings?)\b(?! (?:removed|deleted|taken))",
         REVIEWS),
        (r"\bas (?:many|much) (?:new |social |media |linkedin |instagram ){0,3}(?:posts?|posting|pieces?|content|"
         r"threads|captions|tweets|articles) as (?:possible|you can|we can)\b", VOLUME),
        (r"\bpost(?:ing)? as (?:much|often|many times) as (?:possible|you can)\b", VOLUME),
        (r"\bunlimited (?:number of )?(?:posts?|pieces|content|threads|captions)\b", VOLUME),
        (r"\bmaximum (?:number|amount) of (?:posts|pieces|content)\b", VOLUME),
    )
]  # fmt: skip
# "We do not want more followers" is a sentence we like.
_NOT = frozenset(
    ("not", "no", "never", "dont", "doesnt", "wont", "without", "neither", "nor", "cannot", "isnt", "arent",
     "instead", "rather", "stop", "refuse")
)  # fmt: skip
_WORD = re.compile(r"[^\W_]{1,40}")


def plain(text: str) -> str:
    """`text` as lower-case words with one space between, without look-alike widths or hidden characters."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("'", "").replace("’", "")
    shown = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join(_WORD.findall(shown))


def refusal(text: str) -> str:
    """Why a brief may not ask for what `text` asks for, in sentences; empty when it may.

    The work grows with the length of the text and no faster.
    """
    words = plain(text)
    for pattern, sentence in _PATTERNS:
        for found in pattern.finditer(words):
            before = words[max(0, found.start() - 60) : found.start()].split()[-4:]
            if not _NOT & set(before):
                return sentence
    return ""
