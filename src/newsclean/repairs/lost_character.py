"""U+FFFD where a character was lost: the apostrophe in `didn�t` is certain, quotes are likely, letters unknowable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit, Flag
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 80
FAMILY = "encoding"
# On 1,144 lost characters of real web pages (cp1252 read as UTF-8): apostrophes 571 of 571 right, opening quotes 176 of
# 180, closing quotes 147 of 154, dashes 108 of 117. Whether a quote was single or double cannot be seen.
RULES = MappingProxyType(
    {"lost_apostrophe_char": 0.998, "lost_open_quote": 0.977, "lost_close_quote": 0.954, "lost_dash": 0.923}
)
LOST = "\ufffd"

# One U+FFFD for a byte of cp1252, or three for the three bytes of UTF-8.
_CLITIC = re.compile(r"(?<=[A-Za-z])(?:\ufffd{3}|\ufffd)(?=(?:s|t|re|ve|ll|d|m|S|T|RE|VE|LL)\b)")
_RUN = re.compile("\ufffd+")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit | Flag]:
    """The apostrophe of English contractions and possessives; everything else is pointed at."""
    if LOST not in tokens.beyond:
        return
    known = set()
    if context.language == "en":
        for match in _CLITIC.finditer(text):
            known.add(match.start())
            reason = "a lost character in an English contraction or possessive"
            yield Edit(
                match.start(), match[0], "’", "lost_apostrophe_char", reason, RULES["lost_apostrophe_char"], FAMILY
            )
    for match in _RUN.finditer(text):
        start, end = match.span()
        if start in known:
            continue
        guess = _guess(text, start, end) if len(match[0]) in (1, 3) else None
        if guess:
            rule, meant = guess
            yield Edit(start, match[0], meant, rule, "a lost character, by its place", RULES[rule], FAMILY)
        else:
            reason = "a character was lost before the text came here; which one cannot be known"
            yield Flag("lost_character", start, end, "lost_character", reason)


def _guess(text: str, start: int, end: int) -> tuple[str, str] | None:
    """What a lost character at the edge of a word likely was."""
    before, after = text[start - 1 : start], text[end : end + 1]
    opens, closes = not before or before in " \n\t([", not after or after in " \n\t.,;:)]"
    if opens and after.isalnum():
        return "lost_open_quote", "“"
    if closes and before in tuple(".,!?") and LOST not in before:
        return "lost_close_quote", "”"
    if before == after == " ":
        return "lost_dash", "–"
    return None
