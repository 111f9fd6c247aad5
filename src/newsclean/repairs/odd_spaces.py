"""Spaces of other widths and no-break spaces in running text, where the language sets a plain one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 50  # behind mojibake: U+00A0 is one of its bytes
FAMILY = "encoding"
RULES = MappingProxyType({"odd_space": 0.999})

_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]+")
_HAS_SPACE = frozenset("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f")
# Numbers keep the space that the typesetter put before their unit and between their groups of three, in any language.
_AFTER_DIGIT = re.compile(
    r"%|‰|°|€|£|\$|¥|(?:[kcm]?m[²³]?|km/h|[kmµ]?g|[mc]?l|[kMGT]?(?:B|Hz|W|Wh|V)|[hs]|min|bar|ha|Uhr|Mio|Mrd)\b"
)
_GROUP = re.compile(r"\d{3}(?!\d)")
_MILLIONS = re.compile(r"(?:millions?|milliards?|milliers?|euros?|ans|heures?|minutes?|kilomètres?|mètres?)\b")
# A tree of folders is drawn with these, and its spaces are its columns.
_TREE = frozenset("│├└")
# Around one-letter abbreviations (z. B., S. 12, J. F. Kennedy), signs for a section and currency signs.
_BEFORE = re.compile(r"(?:[§№€£$]|(?<!\w)[^\W\d_]\.)$")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """A plain space for each odd one, but for those that French and numbers are set with."""
    if tokens.beyond.isdisjoint(_HAS_SPACE):
        return
    french = context.language == "fr"
    drawn = not tokens.beyond.isdisjoint(_TREE)
    for match in _SPACE.finditer(text):
        start, end = match.span()
        if end - start == 1 and _is_set(text, start, end, french):
            continue
        if drawn and not _TREE.isdisjoint(text[slice(*tokens.line_at(start))]):
            continue
        yield Edit(
            start, match[0], " ", "odd_space", "no-break or odd-width space in running text", RULES["odd_space"], FAMILY
        )


def _is_set(text: str, start: int, end: int, french: bool) -> bool:
    """Whether a typesetter puts a space of this kind here."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isdigit() and (_AFTER_DIGIT.match(text, end) or _GROUP.match(text, end)):
        return True
    if french and (after in tuple(";:!?»") or before == "«" or (before.isdigit() and _MILLIONS.match(text, end))):
        return True
    return bool(after.strip()) and bool(_BEFORE.search(text[max(0, start - 3) : start]))
