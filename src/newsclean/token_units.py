"""A text as arrays: the class of each character, and its words as hashes, read at once for tests that cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

# Characters are told apart by class. Letters have four: those of words in -ing, the ends of contractions (`t`, `s`, `d`,
# `m`), capitals, and all others.
CLASSES = (
    *("a", "ng", "tsdm", " \u00a0"),
    *("\n", ".", "?!", "。！？", ",", ";:", '"', "“‘«„", "”»", "’", "'", "(", ")", "[", "]", "-", "–—", "…", "+", "&"),
    *("0", "A"),
)
OTHER = len(CLASSES)

# Words are hashed in windows, so that the tables of powers stay small; a run of words or a sentence longer than the
# overlap that lies across the edge of a window is not seen.
WINDOW = 32768
OVERLAP = 2048

# Any odd number has an inverse modulo 2^32; this one mixes all bits.
_BASE = 0x9E3779B1


class Units(NamedTuple):
    """The characters of a text with two line ends behind it, so that every character has one, and one behind that."""

    codes: Any  # uint16[n + 2]: the code point, of those beyond U+FFFF (emoji more often than letters) U+FFFF
    kinds: Any  # uint16[n + 2]: the number of the class
    values: Any  # uint16[n + 2]: what a letter adds to the hash of its word; 0 where it is no part of one


class Words(NamedTuple):
    """The words of one window, in order. A word is letters, digits and what may join them: ' ’ & @ / _ and \\."""

    offset: int  # of the window in the text
    starts: Any  # int[words], in the window
    ends: Any
    hashes: Any  # uint32[words]: equal words in small letters have equal hashes
    kinds: Any  # uint16[n]: the classes of the window,
    behind: Any  # uint16[words]: and of what stands right behind each word
    sums: Any  # uint32[n + 1] and
    inverses: Any  # uint32: (sums[b] - sums[a]) * inverses[a] is the hash of all word characters between a and b

    def text(self, whole: str, at: int) -> str:
        """The word number `at`, out of the whole text."""
        return whole[self.offset + int(self.starts[at]) : self.offset + int(self.ends[at])]


def units_of(text: str) -> Units:
    """The characters as numbers.

    >>> units_of("a’😀").codes.tolist() == [0x61, 0x2019, 0xFFFF, 10, 10]
    True
    """
    import numpy as np

    padded = text + "\n\n"
    coded = padded.encode("utf-16-le", "surrogatepass")
    if len(coded) == 2 * len(padded):
        codes = np.frombuffer(coded, np.uint16)
    else:
        wide = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    both = _character_table().take(codes)
    return Units(codes, both >> 8, both & 0xFF)


def words_of(units: Units) -> Iterator[Words]:
    """The hashed words, window by window; the windows overlap by OVERLAP characters."""
    import numpy as np

    powers, inverses = _powers(_BASE), _powers(pow(_BASE, -1, 1 << 32))
    size = len(units.values)
    for offset in range(0, max(1, size - 2 - OVERLAP), WINDOW - OVERLAP):
        # A line end, if only the one behind the text, ends the last word.
        values = units.values[offset : offset + WINDOW]
        kinds = units.kinds[offset : offset + WINDOW]
        in_word = np.zeros(len(values) + 2, np.bool_)
        np.not_equal(values, 0, out=in_word[1:-1])
        edges = (in_word[1:] != in_word[:-1]).nonzero()[0]
        # A sum of values times powers of an odd number: the hash of any stretch is a difference of two sums.
        sums = np.zeros(len(values) + 1, np.uint32)
        (values * powers[: len(values)]).cumsum(dtype=np.uint32, out=sums[1:])
        starts, ends = edges[::2], edges[1::2]
        hashes = (sums.take(ends) - sums.take(starts)) * inverses.take(starts)
        yield Words(offset, starts, ends, hashes, kinds, kinds.take(ends, mode="clip"), sums, inverses)


@lru_cache(maxsize=1)
def _character_table() -> Any:
    """uint16[65536]: the class of each character times 256, and its small letter's value in a word."""
    import numpy as np

    chars = list(map(chr, range(0x10000)))
    kinds = np.full(len(chars), OTHER)
    for sign, members in (("0", str.isnumeric), ("a", str.isalpha), ("A", str.isupper)):
        kinds[np.fromiter(map(members, chars), np.bool_, len(chars))] = CLASSES.index(sign)
    for number, signs in enumerate(CLASSES):
        if signs not in ("0", "A", "a"):
            kinds[[ord(sign) for sign in signs]] = number
    lower = [ord(low) if len(low := char.lower()) == 1 else ord(char) for char in chars]
    in_word = [char.isalnum() or char in "'’&@/_\\" or "\ud800" <= char <= "\udfff" for char in chars]
    # Two of 255 letters may share a value: what has equal hashes is looked at as text before it counts.
    values = np.where(np.array(in_word), np.array(lower) % 255 + 1, 0)
    return (kinds * 256 + values).astype(np.uint16)


@lru_cache(maxsize=2)
def _powers(base: int) -> Any:
    import numpy as np

    made = np.full(WINDOW + 2, base, np.uint32)
    made[0] = 1
    return np.multiply.accumulate(made, dtype=np.uint32)
