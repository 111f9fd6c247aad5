"""The signs of many lines at once, as numbers: which class each is of, and its small letter."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np

from newsclean.arrays import Bool, Int64, UInt8, UInt32

OTHER, UPPER, LOWER, DIGIT, SPACE, STOP, MARK, CASELESS = range(8)

SENTENCE_ENDS = frozenset(".!?…。！？؟।॥։")


def codes(text: str) -> UInt32:
    """The text's code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


# Behind the last letter that is capital or small, in Unicode 17.
CASED = 0x1F18A


@cache
def small_letters() -> UInt32:
    """The small letter of each code point below CASED; that of İ, which is two signs, is i."""
    return codes("".join(map(chr, range(CASED))).replace("İ", "I").lower())


def small(text: str) -> UInt32:
    """The code points of the text in small letters, one for each sign: İ becomes i."""
    if "Σ" in text:  # its small letter is another at the end of a word
        return codes(text.replace("İ", "I").lower()).copy()
    written = codes(text)
    signs = small_letters().take(written, mode="clip")
    if (beyond := written >= CASED).any():
        signs[beyond] = written[beyond]
    return signs


@cache
def classes() -> UInt8:
    """The class of each code point of the basic plane, from its Unicode category."""
    by_category = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": CASELESS, "Lm": LOWER, "Nd": DIGIT, "Mn": LOWER}
    table = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        kind = by_category.get(category, OTHER)
        if category[0] == "Z" or code == 9:
            kind = SPACE
        elif chr(code) in SENTENCE_ENDS:
            kind = STOP
        elif category[0] in "PS":
            kind = MARK
        table[code] = kind
    return table


@cache
def members(signs: str) -> Bool:
    """Whether each code point of the basic plane is one of the signs."""
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(sign) for sign in signs]] = True
    return table


def kinds(signs: np.ndarray[Any, Any]) -> UInt8:
    """The class of each code point."""
    return classes().take(signs, mode="clip")


def clipped(signs: np.ndarray[Any, Any]) -> Int64:
    """The code points, those beyond the basic plane as its last one."""
    found: Int64 = np.minimum(signs, 0xFFFF).astype(np.int64)
    return found
