"""Letters taken apart into base and accent (NFD), or written as a double of another character: put into NFC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.repairs import small_edits
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 60
FAMILY = "encoding"
RULES = MappingProxyType({"unicode_form": 0.999})

# Composition never crosses ASCII white space, so each run between two of them can be put into NFC by itself.
_RUN = re.compile(r"[^ \t\n\r\x0b\x0c]*[^\x00-\x7f][^ \t\n\r\x0b\x0c]*")

# What every form leaves as it is, beside characters below U+0300: the usual signs of typography.
_SETTLED = frozenset("‐‑–—‘’‚“”„†‡•…‰‹›€™")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The runs that NFC would change, letter by letter."""
    if all(char < "\u0300" or char in _SETTLED for char in tokens.beyond) or unicodedata.is_normalized("NFC", text):
        return
    for match in _RUN.finditer(text):
        run = match[0]
        if not unicodedata.is_normalized("NFC", run):
            yield from small_edits(
                run,
                unicodedata.normalize("NFC", run),
                start=match.start(),
                rule="unicode_form",
                reason="not in the composed form (NFC)",
                certainty=RULES["unicode_form"],
                family=FAMILY,
            )
