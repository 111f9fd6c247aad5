"""Where a text says the same words twice in a row: found in one cheap pass that all repairs of doubling share."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

# The longest run of words looked for. Longer doubles are whole sentences, which are found by comparing sentences.
LONGEST = 8

# What goes on with a word: `AT at&t`, `the the-wall`, `it it's` are no doubles.
_JOINS = "-‐‑'’&@/_\\"

# Texts are read in windows, so that the tables of powers stay small; a run or sentence longer than the overlap that
# lies across the edge of a window is not seen.
_WINDOW = 32768
_OVERLAP = 2048

# Any odd number has an inverse modulo 2^64; this one mixes all bits.
_BASE = 0x9E3779B97F4A7C15
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_STOPS = ".?!。！？"


class Repeat(NamedTuple):
    """`words` from `first`, and the same words again from `second` to `end`, with single spaces between all of them."""

    words: tuple[str, ...]
    first: int
    second: int
    end: int


class Said(NamedTuple):
    """What a text says twice: runs of words in a row, words around `or` and `and`, and perhaps whole sentences."""

    repeats: tuple[Repeat, ...]
    around: tuple[str, ...]  # "prisoners or prisoners"
    sentences: bool  # some stretch between two stops comes again at once: worth looking at the sentences


@lru_cache(maxsize=8)
def said_twice(lower: str) -> Said:
    """Everything that is said twice in a row. `lower` is the text in small letters (Tokens.lower); case does not count.

    The words are hashed and compared all at once; only what is the same twice is looked at as text.
    """
    found: set[Repeat] = set()
    around: set[str] = set()
    sentences = False
    for start in range(0, max(1, len(lower) - _OVERLAP), _WINDOW - _OVERLAP):
        doubled = _doubled(lower, start, found, around)
        sentences = sentences or doubled
    return Said(tuple(sorted(found, key=lambda one: (one.first, one.words))), tuple(sorted(around)), sentences)


def repeats(lower: str) -> tuple[Repeat, ...]:
    """Every run of one to eight words that is said again at once, in the order of the text, shorter runs first.

    A run that is itself a shorter run twice is left to the shorter one.

    >>> [(one.words, one.second) for one in repeats("sent to to the men of the men of may")]
    [(('to',), 8), (('the', 'men', 'of'), 22)]
    """
    return said_twice(lower).repeats


def _doubled(lower: str, offset: int, found: set[Repeat], around: set[str]) -> bool:
    """Adds the repeats and the words around `or` and `and` of one window; whether a stretch between stops is doubled."""
    import numpy as np  # six times as fast as comparing the words one by one

    window = lower[offset : offset + _WINDOW]
    if not window.isascii() and _ASTRAL.search(window):
        window = _ASTRAL.sub("\uffff", window)  # one unit for each character: an emoji is no word
    coded = window.encode("utf-16-le", "surrogatepass")
    codes = np.frombuffer(coded, np.uint16)
    values, is_stop, powers, inverses = _tables()
    # A sum of codes times powers of an odd number: the hash of any stretch is a difference of two sums.
    terms = values[codes]
    in_word = np.zeros(len(codes) + 2, np.bool_)
    np.not_equal(terms, 0, out=in_word[1:-1])
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.multiply(terms, powers[: len(codes)], out=terms)
    np.cumsum(terms, out=sums[1:])
    edges = np.flatnonzero(in_word[1:] != in_word[:-1])
    starts, ends = edges[::2], edges[1::2]
    hashes = (sums[ends] - sums[starts]) * inverses[starts]

    def word(at: int) -> str:
        return window[int(starts[at]) : int(ends[at])]

    for count in range(1, min(LONGEST, len(hashes) - 1) + 1):
        # Bytes are searched faster than arrays are asked.
        marks = (hashes[:-count] == hashes[count:]).tobytes()
        at = marks.find(b"\x01" * count)
        while at >= 0:
            close = marks.find(b"\x00", at)
            close = close if close >= 0 else len(marks)
            # What is said three times or more is a chant or a sound, and nobody's repair.
            if close - at < 2 * count:
                for first in range(at, close - count + 1):
                    repeat = _repeat(
                        window, int(starts[first]), int(starts[first + count]), int(ends[first + 2 * count - 1])
                    )
                    if repeat and len(repeat.words) == count:
                        found.add(Repeat(repeat.words, *(offset + place for place in repeat[1:])))
            at = marks.find(b"\x01" * count, close)
        if count == 2:
            at = marks.find(b"\x01")
            while at >= 0:
                if ends[at + 1] - starts[at + 1] < 4 and word(at + 1) in ("or", "and"):
                    around.add(word(at))
                at = marks.find(b"\x01", at + 1)
    return _has_doubled_stretch(codes, is_stop, starts, ends, sums, inverses)


def _has_doubled_stretch(codes: Any, is_stop: Any, starts: Any, ends: Any, sums: Any, inverses: Any) -> bool:
    """Whether the words between two stops are the words between the next two, or between those after one to three more."""
    import numpy as np

    if len(ends) < 2:
        return False
    # A stop stands right behind its word, or behind a closing quote.
    behind = ends[:-1]
    lasts = np.flatnonzero(is_stop[codes[behind]] | (is_stop[codes[behind + 1]]))
    lasts = np.append(lasts, len(ends) - 1)
    firsts = np.append(0, lasts[:-1] + 1)
    # Initials and short cries come again all the time; a title splits a sentence in two or three.
    longer = lasts - firsts > 1
    begins = starts[firsts[longer]]
    stretches = (sums[ends[lasts[longer]]] - sums[begins]) * inverses[begins]
    return any(
        b"\x01" in (stretches[:-apart] == stretches[apart:]).tobytes()
        for apart in range(1, 5)
        if len(stretches) > apart
    )


@lru_cache(maxsize=1)
def _tables() -> Any:
    """For each UTF-16 unit, its value in a word (0: no part of one) and whether it is a stop; powers of base and inverse."""
    import numpy as np

    units = [chr(code) for code in range(0x10000)]
    words = [ord(char) if char.isalnum() or char in "'’&@/_\\" or 0xD800 <= ord(char) < 0xE000 else 0 for char in units]
    is_stop = np.array([char in _STOPS for char in units])
    inverse = pow(_BASE, -1, 1 << 64)
    return np.array(words, np.uint64), is_stop, _powers(_BASE), _powers(inverse)


def _powers(base: int) -> Any:
    import numpy as np

    made = np.full(_WINDOW + 1, base, np.uint64)
    made[0] = 1
    return np.multiply.accumulate(made)


def _repeat(window: str, first: int, second: int, end: int) -> Repeat | None:
    """The repeat at these places, if single spaces stand between its words and nothing goes on with them."""
    said = window[first : second - 1]
    if window[second:end] != said or window[second - 1 : second] != " ":
        return None
    words = tuple(said.split(" "))
    if not all(words) or _is_shorter_run_again(words):
        return None
    before, after = window[max(0, first - 1) : first], window[end : end + 1]
    if len(words) > 1:  # a phrase may meet itself at a hyphen: "privacy-conscious buyers conscious buyers"
        before, after = before.replace("-", " "), after.replace("-", " ")
    if before.isalnum() or after.isalnum() or (before and before in _JOINS) or (after and after in _JOINS):
        return None
    return Repeat(words, first, second, end)


def _is_shorter_run_again(run: tuple[str, ...]) -> bool:
    count = len(run)
    return any(run == run[:part] * (count // part) for part in range(1, count) if not count % part)
