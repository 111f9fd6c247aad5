"""Printers' ligatures that came along from a page: `ﬁnal`, `oﬃce`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 70
FAMILY = "encoding"
RULES = MappingProxyType({"ligature": 0.999})

# æ, œ and ĳ are letters of their languages, not ligatures; Armenian and Hebrew ones belong to their script.
LIGATURES = MappingProxyType({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_LIGATURE = re.compile("[ﬀ-ﬆ]")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The letters that each ligature stands for."""
    if tokens.beyond.isdisjoint(LIGATURES):
        return
    for match in _LIGATURE.finditer(text):
        yield Edit(
            match.start(), match[0], LIGATURES[match[0]], "ligature", "printer's ligature", RULES["ligature"], FAMILY
        )
