"""Brackets with nothing between them, where a link, a note or a picture was: `The president [] arrived`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, looks_like_code

PASS = "sentences"
ORDER = 24
FAMILY = "punctuation"
RULES = MappingProxyType({"empty_brackets": 0.98})

_PLACES = watch_signs(("(", ")"), ("(", " ", ")"), ("[", "]"), ("[", " ", "]"))
# With a space before and nothing glued behind, so that `main()`, `[](link)` and a box to tick at a line's start stay.
_EMPTY = re.compile(r"(?<=[\w.,;:!?”’\"%])[ \u00a0](?:\([ \u00a0]?\)|\[[ \u00a0]?\])(?=\s|$|[.,;:!?”’\"])")

NEEDS = frozenset((_PLACES,))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The empty pair and the space before it."""
    for match in _EMPTY.finditer(text):
        start, end = tokens.line_at(match.start())
        start, end = max(start, match.start() - 200), min(end, match.end() + 200)
        if not looks_like_code(text[start : match.start()] + text[match.end() : end]):
            yield Edit(
                match.start(),
                match[0],
                "",
                "empty_brackets",
                "brackets around nothing",
                RULES["empty_brackets"],
                FAMILY,
            )
