"""UTF-8 read as cp1252 whose byte 0x9d was dropped on the way: `heritage.â€ President` once ended in `”`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 5  # before mojibake, which would read `â€` and the space behind it as a dagger
FAMILY = "encoding"
RULES = MappingProxyType({"lost_byte": 0.99})

# The closing quote is bytes E2 80 9D. cp1252 has no character for 9D, so many programs drop it or put `?` for it. The
# other bytes it has none for (81, 8D, 8F, 90) are no punctuation after E2 80. Behind a dropped byte stands something
# that cannot be the third byte of a character.
_FOLLOWS = r"(?=[\s\"'.,;:!?)\]<\u2013\u2014-]|[A-Za-z0-9]|$)"
_ONCE = re.compile(rf"(?<=\S)â€{_FOLLOWS}")
_TWICE = re.compile(rf"(?<=\S)Ã¢â‚¬Â(?!\x9d){_FOLLOWS}")
_MARKED = re.compile(r"â€\?(?=\s[a-z]|[,.;:)])")
_REASON = "UTF-8 read as cp1252, its byte 0x9d lost"


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Puts the byte back; mojibake then reads the whole character."""
    if "€" not in tokens.beyond and "‚" not in tokens.beyond:
        return
    # `â€?` before a small letter or a stop: the question mark stands for the byte, there and all over the text.
    marked = _MARKED.search(text) is not None
    for match in _ONCE.finditer(text):
        if marked and text[match.end() : match.end() + 1] == "?":
            yield Edit(match.end(), "?", "\x9d", "lost_byte", _REASON, RULES["lost_byte"], FAMILY)
        else:
            yield Edit(match.end(), "", "\x9d", "lost_byte", _REASON, RULES["lost_byte"], FAMILY)
    for match in _TWICE.finditer(text):
        yield Edit(match.end(), "", "\x9d", "lost_byte", _REASON, RULES["lost_byte"], FAMILY)
