"""Characters nobody sees: zero-width spaces and joiners, soft hyphens. Kept where a script or an emoji needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 40  # behind mojibake: U+00AD is one of its bytes
FAMILY = "encoding"
RULES = MappingProxyType({"zero_width": 0.999, "soft_hyphen": 0.999})

_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060-\u2064\u180e]+")
_SOFT = re.compile("\xad+(?:\n(?=[a-zß-öø-ÿ]))?")
_HAS_ZERO_WIDTH = frozenset("\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u180e")

# Scripts written with joiners (Arabic and Persian, Syriac, Indic, Mongolian) or with zero-width spaces between words
# (Thai, Lao, Myanmar, Khmer, Tibetan), and what emoji are made of.
_NEEDS = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u18af\u1980-\u1aaf\ufb50-\ufdff\ufe70-\ufefc"
    "\u200d\ufe0f\u2190-\u2bff\U0001f000-\U0001faff\U000e0020-\U000e007f]"
)


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Every invisible character that does nothing where it stands."""
    beyond = tokens.beyond
    if not beyond.isdisjoint(_HAS_ZERO_WIDTH):
        for match in _ZERO_WIDTH.finditer(text):
            start, end = match.span()
            if _NEEDS.match(text, end) or (start and _NEEDS.match(text, start - 1)):
                continue
            yield Edit(
                start, match[0], "", "zero_width", "zero-width character inside text", RULES["zero_width"], FAMILY
            )
    if "\xad" in beyond:
        for match in _SOFT.finditer(text):
            start, end = match.span()
            digits = start > 0 and text[start - 1].isdigit() and text[end : end + 1].isdigit()
            # Between numbers it was typed for the hyphen it looks like.
            put = (
                "-" if digits else "\n" if match[0].endswith("\n") and (not start or text[start - 1].isspace()) else ""
            )
            yield Edit(
                start,
                match[0],
                put,
                "soft_hyphen",
                "soft hyphen: a place to break a word",
                RULES["soft_hyphen"],
                FAMILY,
            )
