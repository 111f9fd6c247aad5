"""Two words with no space between them: `onWednesday`, `ofthe`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 38
FAMILY = "layout"
RULES = MappingProxyType({"glued_capital": 0.985, "glued_small_words": 0.99})

_CALENDAR = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August "
    "September "
    "October November December".split()
)
_CAPITAL = re.compile(
    r"(?<![\w#@./'’-])(on|in|of|from|with|and|the|for|to|at|by|that|said|last|next|since|until|than|"
    r"as)([A-Z][a-z]{2,20})(?![\w@/]|['’]?[A-Z])"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?![\w-])")
# No English word, and no name in the development sets, is made of these two.
_SMALL = re.compile(
    r"(?<![\w#@./'’-])(of|in|on|to|for|from|with|and|at|by|that|is|was|as)(the|his|their|this|these|"
    r"its)(?![\w@/'’-]|\.\w)"
)
_WORDS = frozenset({"tothis", "asthis", "isthis", "forthis", "bythis"})


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """A space before a capital that stands alone elsewhere in the text, and between small words. English only."""
    if context.language != "en":
        return
    found = list(_CAPITAL.finditer(text))
    if found:
        names = frozenset(_NAME.findall(text))
        times = Counter(match[0] for match in found)
        for match in found:
            # `inDrive`, `onSemi` and `byDesign` are brands; the second part must be a day, a month, or stand alone
            # elsewhere in this text, and a brand would come again.
            if match[2] in _CALENDAR or (match[2] in names and times[match[0]] == 1):
                yield _edit(match.end(1), "glued_capital")
    for match in _SMALL.finditer(text):
        if match[0] not in _WORDS:
            yield _edit(match.end(1), "glued_small_words")


def _edit(at: int, rule: str) -> Edit:
    return Edit(at, "", " ", rule, "no space between two words", RULES[rule], FAMILY)
