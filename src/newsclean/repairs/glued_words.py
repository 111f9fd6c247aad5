"""Two words with no space between them: `onWednesday`, `ofthe`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs, watch_words
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 38
FAMILY = "layout"
RULES = MappingProxyType({"glued_capital": 0.985, "glued_small_words": 0.99})
LANGUAGES = frozenset({"en"})

_CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September "
    "October November December".split()
)
_CAPITALS = watch_signs(("a", "A", "a"))
# A capital behind a small letter; what stands before it is looked at afterwards, for speed.
_CAPITAL = re.compile(r"[A-Z](?<=[a-z].)[a-z]{2,20}(?![\w@/]|['’]?[A-Z])")
_SMALL_LEFT = re.compile(
    r"(?<![\w#@./'’-])(?:on|in|of|from|with|and|the|for|to|at|by|that|said|last|next|since|until|than|as)$"
)
_NAME = re.compile(r"[A-Z](?<=[a-z,] .)[a-z]{3,}(?![\w-])")
# No English word, and no name in the development sets, is made of these two.
_THE = re.compile(r"(?<![\w#@./'’-])(of|in|on|to|for|from|with|and|at|by|that|is|was|as)(the)(?![\w@/'’-]|\.\w)")
_THES = watch_words(*(f"{word}the" for word in "of in on to for from with and at by that is was as".split()))

NEEDS = frozenset((_CAPITALS, _THES))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """A space before a capital that stands alone elsewhere in the text, and between small words. English only."""
    found = []
    for place in tokens.places(_CAPITALS):
        match = _CAPITAL.match(text, place + 1)
        if match is None:
            continue
        left = _SMALL_LEFT.search(text, max(0, match.start() - 8), match.start())
        if left:
            found.append((match.start(), left[0] + match[0], match[0]))
    if found:
        names = frozenset(_NAME.findall(text))
        times = Counter(whole for _, whole, _ in found)
        for at, whole, name in found:
            # `inDrive`, `onSemi` and `byDesign` are brands; the second part must be a day, a month, or stand alone
            # elsewhere in this text, and a brand would come again.
            if name in _CALENDAR or (name in names and times[whole] == 1):
                yield _edit(at, "glued_capital")
    for place in tokens.places(_THES):
        match = _THE.match(text, place)
        if match:
            yield _edit(match.end(1), "glued_small_words")


def _edit(at: int, rule: str) -> Edit:
    return Edit(at, "", " ", rule, "no space between two words", RULES[rule], FAMILY)
