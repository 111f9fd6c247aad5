"""Characters that steer old terminals and typewriters, byte order marks, half emoji, and line ends of other systems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 30  # behind mojibake: C1 controls are cp1252 punctuation first
FAMILY = "encoding"
RULES = MappingProxyType({"control_character": 0.999, "line_end": 0.999, "half_character": 0.999})

_ESCAPE = r"\x1b\[[0-9;]{0,32}[A-Za-z]"
_CONTROL = re.compile(rf"{_ESCAPE}|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u206a-\u206f\ufeff\ufff9-\ufffc]+|[\x0b\x0c]+")
_LINE_END = re.compile("\r\n?|[\u2028\u2029\x85]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_HAS_CONTROL = frozenset(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) - {"\n", "\t", "\r", "\x85"} | frozenset(
    "\u206a\u206b\u206c\u206d\u206e\u206f\ufeff\ufff9\ufffa\ufffb\ufffc"
)
_HAS_LINE_END = frozenset("\r\u2028\u2029\x85")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Controls go, or become a space where they alone part two words; foreign line ends become newlines."""
    beyond = tokens.beyond
    if not beyond:
        return
    if not beyond.isdisjoint(_HAS_CONTROL):
        for match in _CONTROL.finditer(text):
            yield _control(text, match.start(), match[0])
    if not beyond.isdisjoint(_HAS_LINE_END):
        for match in _LINE_END.finditer(text):
            yield Edit(
                match.start(), match[0], "\n", "line_end", "line end of another system", RULES["line_end"], FAMILY
            )
    if any("\ud800" <= char <= "\udfff" for char in beyond):
        for match in _PAIR.finditer(text):
            whole = match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            reason = "half of a character" if len(match[0]) == 1 else "a character written as its two halves"
            yield Edit(match.start(), match[0], whole, "half_character", reason, RULES["half_character"], FAMILY)


def _control(text: str, start: int, found: str) -> Edit:
    before, after = text[start - 1 : start], text[start + len(found) : start + len(found) + 1]
    # Tabulators and page breaks part words; NULs and the like were never seen by the author.
    parts = found[0] in "\x0b\x0c" and before.strip() and after.strip()
    put = ("\n" if "\x0c" in found else " ") if parts else ""
    return Edit(
        start, found, put, "control_character", "control character, not text", RULES["control_character"], FAMILY
    )
