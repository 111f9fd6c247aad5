"""Two stops or commas where one belongs: `said. . These`, `ended.. Both`, `the deal,, which`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 20
FAMILY = "punctuation"
RULES = MappingProxyType({"doubled_stop": 0.99, "doubled_comma": 0.99})

# Exactly two stops, close or with a space between; `...`, `. . .` and `..` inside paths and ranges are no damage.
_PLACES = watch_signs((".", "."), (".", " ", "."), (",", ","), (",", " ", ","))
_STOPS = re.compile(r"\.[ \u00a0]?\.(?=[ \u00a0\n\t]|$)(?![ \u00a0]?\.)")
_COMMAS = re.compile(r",[ \u00a0]?,(?=[ \u00a0\n])(?! ?,)")
_BEFORE = re.compile(r"[\w”\"’)\]%]")

_PAUSES = frozenset({"ar", "fa", "ur", "ps", "ckb"})

NEEDS = frozenset((_PLACES,))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The second of two stops or commas, with the space between them."""
    # In Arabic script two stops are a pause.
    if context.language not in _PAUSES:
        yield from _doubled(text, _STOPS, ".", "doubled_stop", "two stops in a row")
    yield from _doubled(text, _COMMAS, ",", "doubled_comma", "two commas in a row")


def _doubled(text: str, pattern: re.Pattern[str], sign: str, rule: str, reason: str) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        if match.start() and _BEFORE.match(text, match.start() - 1):
            yield Edit(match.start(), match[0], sign, rule, reason, RULES[rule], FAMILY)
