"""Texts as arrays: the class of each character, and words as hashes, read at once for tests that cost next to nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Any, NamedTuple

# Characters are told apart by class. Letters have four: those of words in -ing, the ends of contractions (`t`, `s`, `d`,
# `m`), capitals, and all others.
CLASSES = (
    *("a", "ng", "tsdm", " \u00a0"),
    *("\n", ".", "?!", "。！？", ",", ";:", '"', "“‘«„", "”»", "’", "'", "(", ")", "[", "]", "-", "–—", "…", "+", "&"),
    *("0", "A"),
)
OTHER = len(CLASSES)

# The words of a long text are hashed in windows; a run of words or a sentence longer than the overlap that lies across the
# edge of a window is not seen.
WINDOW = 32768
OVERLAP = 2048
# Characters of several texts that are read at once, each of them shorter than a window: with a third of it reading takes
# an eighth longer, and with more it is no faster.
SHEET = 98304

# Any odd number has an inverse modulo 2^32; this one mixes all bits.
_BASE = 0x9E3779B1
_INVERSE = pow(_BASE, -1, 1 << 32)


class Units(NamedTuple):
    """The characters of some texts, one text behind the other.

    Two line ends stand behind each text, so that every character of it has one behind it, and one behind that.
    """

    texts: Sequence[str]
    begins: list[int]  # where each text begins, and where another one would
    bounds: Any  # the same as an array, if there are several texts
    kinds: Any  # uint16[n]: the number of the class
    values: Any  # uint16[n]: what a letter adds to the hash of its word; 0 where it is no part of one

    def located(self, places: Any) -> tuple[Iterable[int], list[int]]:
        """For each of the places, an array: the number of the text it lies in, and how far from that one's beginning."""
        if len(self.texts) == 1:
            return repeat(0), places.tolist()
        owners = self.bounds.searchsorted(places, side="right") - 1
        return owners.tolist(), (places - self.bounds.take(owners)).tolist()


class Words(NamedTuple):
    """The words of one window, in order. A word is letters, digits and what may join them: ' ’ & @ / _ and \\."""

    offset: int  # of the window in the units
    starts: Any  # int[words], in the window
    ends: Any
    hashes: Any  # uint32[words]: equal words in small letters have equal hashes
    kinds: Any  # uint16[n]: the classes of the window
    stopped: Any  # bool[words]: whether a stop, a question or an exclamation mark stands right behind the word
    sums: Any  # uint32[n + 1] and
    inverses: Any  # uint32: (sums[b] - sums[a]) * inverses[a] is the hash of all word characters between a and b
    firsts: list[int]  # the first word of each text, and one behind the last

    def owner(self, word: int) -> int:
        """The number of the text that the word stands in."""
        return bisect_right(self.firsts, word) - 1 if len(self.firsts) > 2 else 0


def units_of(texts: Sequence[str]) -> Units:
    """The characters of the texts as classes and values.

    >>> units_of(["a’😀", "b"]).begins
    [0, 5, 8]
    """
    import numpy as np

    laid_out = "\n\n".join((*texts, ""))
    coded = laid_out.encode("utf-16-le", "surrogatepass")
    if len(coded) == 2 * len(laid_out):
        codes = np.frombuffer(coded, np.uint16)
    else:  # emoji, more often than letters: all that is beyond U+FFFF counts as U+FFFF
        wide = np.frombuffer(laid_out.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(wide, 0xFFFF).astype(np.uint16)
    both = _character_table().take(codes)
    begins = [0, *accumulate(len(text) + 2 for text in texts)]
    return Units(texts, begins, np.array(begins) if len(texts) > 1 else None, both >> 8, both & 0xFF)


def words_of(units: Units) -> Iterator[Words]:
    """The hashed words of several texts at once; those of one text in windows that overlap by OVERLAP characters."""
    import numpy as np

    powers, inverses, is_stop = _powers(_BASE), _powers(_INVERSE), stop_table()
    size = len(units.values)
    alone = len(units.texts) == 1
    assert alone or size <= SHEET
    width = WINDOW if alone else SHEET
    for offset in range(0, max(1, size - 2 - OVERLAP), width - OVERLAP):
        # A line end, if only the one behind the text, ends the last word.
        values = units.values[offset : offset + width]
        kinds = units.kinds[offset : offset + width]
        in_word = np.zeros(len(values) + 2, np.bool_)
        np.not_equal(values, 0, out=in_word[1:-1])
        edges = (in_word[1:] != in_word[:-1]).nonzero()[0]
        starts, ends = edges[::2].copy(), edges[1::2].copy()
        # A sum of values times powers of an odd number: the hash of any stretch is a difference of two sums.
        sums = np.zeros(len(values) + 1, np.uint32)
        (values * powers[: len(values)]).cumsum(dtype=np.uint32, out=sums[1:])
        hashes = (sums.take(ends) - sums.take(starts)) * inverses.take(starts)
        stopped = is_stop.take(kinds.take(ends, mode="clip"))
        firsts = [0, len(starts)] if alone else starts.searchsorted(units.bounds).tolist()
        yield Words(offset, starts, ends, hashes, kinds, stopped, sums, inverses, firsts)


@lru_cache(maxsize=1)
def stop_table() -> Any:
    """bool[classes]: which classes of characters end a sentence."""
    import numpy as np

    is_stop = np.zeros(len(CLASSES) + 1, np.bool_)
    is_stop[[CLASSES.index(signs) for signs in (".", "?!", "。！？")]] = True
    return is_stop


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

    made = np.full(SHEET + 2, base, np.uint32)
    made[0] = 1
    return np.multiply.accumulate(made, dtype=np.uint32)
