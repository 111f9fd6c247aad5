"""A small word in capitals: `Peter Baker AND Michael Crowley contributed reporting`, `most OF the members`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 62
FAMILY = "garble"
RULES = MappingProxyType({"byline_capitals": 0.99, "small_word_capitals": 0.985})

_CAPITALS = watch_signs((" ", "A", "A"))
_NAME = r"[A-ZÀ-Þ](?:[a-zß-ÿ]+|\.)(?:['’\-][A-Z]?[a-z]+)*"
_BETWEEN_NAMES = re.compile(rf" (?P<word>AND|OR|OF|IN|FROM|WITH|FOR|AT|TO|BY|THE|UND|ET|EN|VON|MIT|AUS)(?= {_NAME})")
# What both patterns need, looked for once.
_SMALL_WORD = re.compile(r" (?:AND|OR|BUT|OF|IN|FROM|WITH|FOR|AT|TO|BY|THE|UND|ET|EN|VON|MIT|AUS) ")
_CREDIT = re.compile(
    r"contribut|report(?:ed|ing)\b|^\s*(?:by|from|with|additional|compiled|edited|written|story|words|text)\b|"
    r"\bstaff\b|\bcorrespondent|associated press"
    r"|reuters|mitarbeit|beitrag|contribu|redac",
    re.IGNORECASE,
)
# A byline is short, and its line has little else in capitals. 300: the longest credit line of the development articles.
_LONGEST_CREDIT = 300
_LONGEST_PARAGRAPH = 4000

# Inside a sentence, between small words, the news stresses these hardly ever; THE it does ("is THE priority").
_INSIDE = re.compile(r" (?P<word>AND|OR|BUT|OF|IN|WITH)(?= (?:[a-z]{2}|a |\d|[A-Z][a-z]))")
# "the AND gate", "an OF clause": the capitals are a name.
_NAMED = re.compile(
    r"(?:\b(?:the|a|an|word|words|function|operator|key|not|anything|nothing|everything|is|was|are|be)$|[^a-z,;]$)",
    re.IGNORECASE,
)

_SMALL_LAST = re.compile(r"[^\w'’\-][A-Z][a-z]+$|(?:^|[^\w'’\-])[a-z]+(?:['’][a-z]+)?,?$|^[“\"]?[A-Z][a-z]+$")

_STOPPED = re.compile(r"^[^@#]*[.?!][\"”’)]*\s*$")
_SHOUTED = re.compile(
    r"(?<![\w’'])(?:AND|OR|BUT|THE|NOT|NO|ALL|IS|ARE|NEVER|ONLY|VERY|SO|EVERY|ANY|MUST|DO|IF|YOU|WE|THEY)(?![\w’'])"
)

NEEDS = frozenset((_CAPITALS,))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """In a line of credits the word gets its small letters. So it does inside a sentence, outside of "
    "quotations. English only."""
    places = [place for place in tokens.places(_CAPITALS) if _SMALL_WORD.match(text, place)]
    if context.language == "en":
        yield from _inside_sentences(text, places, tokens)
    for place in places:
        match = _BETWEEN_NAMES.match(text, place)
        if match is None:
            continue
        before = text[max(0, match.start() - 1) : match.start()]
        if not (before.islower() or before == "."):
            continue
        start, end = tokens.line_at(match.start())
        if end - start > _LONGEST_CREDIT:
            continue
        line = text[start:end]
        shouted = sum(word.isupper() and len(word) > 1 for word in re.findall(r"[^\W\d_]+", line))
        if _CREDIT.search(line) and shouted <= 2:
            yield Edit(
                match.start("word"),
                match["word"],
                match["word"].lower(),
                "byline_capitals",
                "a small word of a byline in capitals",
                RULES["byline_capitals"],
                FAMILY,
            )


def _inside_sentences(text: str, places: Iterable[int], tokens: Tokens) -> Iterator[Edit]:
    for place in places:
        match = _INSIDE.match(text, place)
        if match is None:
            continue
        start, end = tokens.line_at(match.start())
        if end - start > _LONGEST_PARAGRAPH:
            continue
        before = text[max(start, match.start() - 24) : match.start()]
        if _NAMED.search(before) or not _SMALL_LAST.search(before):
            continue
        # Nobody stresses "of". Otherwise, in a quotation or where other words are shouted too, the capitals are meant.
        quoted = text.count('"', start, match.start()) % 2 or text.count("“", start, match.start()) > text.count(
            "”", start, match.start()
        )
        # "and" and "or" are stressed in asides and posts.
        aside = match["word"] in ("AND", "OR") and (
            text.count("(", start, match.start()) > text.count(")", start, match.start())
            or not _STOPPED.search(text, start, end)
        )
        if aside or (quoted and match["word"] != "OF") or len(_SHOUTED.findall(text, start, end)) > 1:
            continue
        yield Edit(
            match.start("word"),
            match["word"],
            match["word"].lower(),
            "small_word_capitals",
            "a small word in capitals inside a sentence",
            RULES["small_word_capitals"],
            FAMILY,
        )
