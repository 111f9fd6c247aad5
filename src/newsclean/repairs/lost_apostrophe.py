"""English contractions and possessives whose apostrophe was lost: `They re late`, `the minister s office`, `isnt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 36
FAMILY = "punctuation"
RULES = MappingProxyType({"apostrophe_to_space": 0.995, "apostrophe_lost": 0.985})

_SPACED = re.compile(
    r"(?<![\w'’-])(?:"
    r"(?P<nt>(?:do|does|did|is|are|was|were|has|have|had|wo|would|could|should|must|need|ca|ai|might|sha)n)[ \u00a0]t"
    r"|(?P<ve>I|you|we|they|who|would|could|should|might|must|there)[ \u00a0]ve"
    r"|(?P<ll>I|you|he|she|it|we|they|who|that|there|this|what)[ \u00a0]ll"
    r"|(?P<re>you|we|they|who|what|there)[ \u00a0]re(?![ \u00a0](?:elect|examin|open|enter|start|build|evaluat|"
    r"consider|think))"
    r"|(?P<d>I|you|he|she|it|we|they|who|that|there)[ \u00a0]d"
    r"|(?P<m>I)[ \u00a0]m"
    r"|(?P<s>[A-Za-z][\w.&-]{0,40}[A-Za-z])[ \u00a0]s"
    r")(?=[ \u00a0,.;:?!\n”\"—–)]|$)(?!\. ?[A-Za-z]\.)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[ \u00a0](?:[tsdm]|ve|ll|re)(?!\w)", re.IGNORECASE)
# The letter or the plural ending itself is meant.
_NAMES_THE_LETTER = frozenset(
    "letter letters plural the small capital double or and with an single silent extra final of a to in".split()
)

_CLOSED = MappingProxyType(
    {
        word.replace("'", ""): word
        for word in (
            "don't doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't wouldn't couldn't shouldn't "
            "mustn't "
            "ain't needn't they're you're they've you've we've they'll you'll that's there's what's where's "
            "here's who's"
        ).split()
    }
)
_LOST = re.compile(r"(?<![\w'’#@./-])(?:" + "|".join(sorted(_CLOSED)) + r")(?!['’.@/_-]?\w)", re.IGNORECASE)
_MESSAGE = re.compile(r"https?:|t\.co/|(?<!\w)[#@]\w|\btweet|\b(?:u|ur|gon|gonna|lol|smh|omg)\b", re.IGNORECASE)


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The apostrophe in the place of the space; without a space only in words that cannot be others."""
    if context.language != "en":
        return
    if _LETTER.search(text):
        for match in _SPACED.finditer(text):
            kind = match.lastgroup or "s"
            head = match[kind]
            tail = match[0][len(head) + 1 :]
            if (tail != tail.lower() and not head.isupper()) or (kind == "s" and head.lower() in _NAMES_THE_LETTER):
                continue
            reason = "a space where the apostrophe was"
            yield Edit(
                match.end(kind),
                text[match.end(kind)],
                _apostrophe(text),
                "apostrophe_to_space",
                reason,
                RULES["apostrophe_to_space"],
                FAMILY,
            )
    for match in _LOST.finditer(text):
        word = match[0]
        start, end = tokens.line_at(match.start())
        # People write messages without apostrophes, and papers quote them as they are.
        if _MESSAGE.search(text, max(start, match.start() - 300), min(end, match.end() + 300)):
            continue
        if not (word.islower() or (word[0].isupper() and word[1:].islower() and _begins_sentence(text, match.start()))):
            continue
        at = match.start() + _CLOSED[word.lower()].index("'")
        reason = "a contraction without its apostrophe"
        yield Edit(at, "", _apostrophe(text), "apostrophe_lost", reason, RULES["apostrophe_lost"], FAMILY)


def _apostrophe(text: str) -> str:
    """The sign this text uses: the curly one if it has curly quotes of any kind."""
    return "’" if "’" in text or "“" in text else "'"


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" \u00a0\"“‘'(")
    return not before or before[-1] in ".?!\n:…"
