"""Letters taken apart into base and accent (NFD), or written as a double of another character: put into NFC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.repairs import small_edits
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 60
FAMILY = "encoding"
RULES = MappingProxyType({"unicode_form": 0.999})

# Composition never crosses ASCII white space, so each run between two of them can be put into NFC by itself.
_RUN = re.compile(r"[^ \t\n\r\x0b\x0c]+")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The runs that NFC would change, letter by letter."""
    if all(map(_is_settled, tokens.beyond)) or unicodedata.is_normalized("NFC", text):
        return
    for start, end in tokens.lines:
        if not unicodedata.is_normalized("NFC", text[start:end]):
            for match in _RUN.finditer(text, start, end):
                yield from _of_run(match[0], match.start())


def _of_run(run: str, start: int) -> list[Edit]:
    return small_edits(
        run,
        unicodedata.normalize("NFC", run),
        start=start,
        rule="unicode_form",
        reason="not in the composed form (NFC)",
        certainty=RULES["unicode_form"],
        family=FAMILY,
    )


@lru_cache(maxsize=4096)
def _is_settled(char: str) -> bool:
    """Whether NFC leaves the character as it is, whatever stands beside it: signs, and letters below U+0300."""
    if char < "\u0300":
        return True
    # Only marks and letters combine with what is before them; a canonical decomposition has no <tag>.
    return unicodedata.category(char)[0] not in "ML" and unicodedata.decomposition(char)[:1] in ("", "<")
