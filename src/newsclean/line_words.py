"""How much a line's words and letter groups sound like furniture: a linear score over hashes, many lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from newsclean.line_features import CASELESS, DIGIT, LOWER, UPPER, Floats, Ints, codes, kinds

# Hashed letter groups and words: sums modulo 2**64 of code * FACTOR**position, taken back to position 0, so that a
# group has the same number wherever it stands in a batch.
FACTOR = 0x9E3779B97F4A7C15
BUCKETS = 1 << 16

# Characters of a line that are read: what is longer says what it is in its first sentence.
SEEN = 160

LETTER_GROUPS = (3, 4, 5)

# Which classes of signs words have, and what keeps groups, words, pairs of words and whole lines apart in the buckets.
_IN_WORD = np.isin(np.arange(8), (UPPER, LOWER, DIGIT, CASELESS))
_SALTS = np.array((*LETTER_GROUPS, 101, 102, 103), dtype=np.uint64)

# Lines that are read at once, so that memory stays small however many short lines a text has.
AT_ONCE = 1024

Powers = tuple[np.ndarray[Any, np.dtype[np.uint64]], np.ndarray[Any, np.dtype[np.uint64]]]


class _Powers:
    """FACTOR**k and FACTOR**-k for k below a bound that grows when asked for more."""

    def __init__(self) -> None:
        self._known: Powers = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))

    def reach(self, n: int) -> Powers:
        known = self._known
        if len(known[0]) < n:
            size = max(n, 2 * len(known[0]), 1 << 14)
            steps = np.full(size, FACTOR, dtype=np.uint64)
            back = np.full(size, pow(FACTOR, -1, 1 << 64), dtype=np.uint64)
            steps[0] = back[0] = 1
            # Both at once: another thread must never see a long one beside a short one.
            known = self._known = (np.multiply.accumulate(steps), np.multiply.accumulate(back))
        return known[0][:n], known[1][:n]


_POWERS = _Powers()


@dataclass(frozen=True, slots=True)
class Words:
    """Hashed letter groups and words of some lines: bucket and line of each, and how many a line has."""

    bucket: Ints
    line: Ints
    count: Ints


def hashed(lines: Sequence[str]) -> Words:
    """Letter groups (with the line's edges), words, word pairs and the whole line, case and digits folded."""
    signs = codes("\n" + "\n".join([line[:SEEN].lower() for line in lines]) + "\n")
    of_class = kinds(signs)
    signs = np.where(of_class == DIGIT, np.uint32(48), signs)
    edge = signs == 10
    n = len(signs)
    up, down = _POWERS.reach(n + 1)
    sums = np.zeros(n + 1, dtype=np.uint64)
    np.cumsum(signs * up[:n], dtype=np.uint64, out=sums[1:])
    edges = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(edge, out=edges[1:])

    # Where what is hashed begins and ends; all of it is hashed in one go.
    begins: list[Ints] = []
    ends: list[Ints] = []
    for size in LETTER_GROUPS:
        # Those without an edge among their inner signs.
        begin = (edges[1 : max(1, n - size + 2)] == edges[size - 1 : n]).nonzero()[0]
        begins.append(begin)
        ends.append(begin + size)
    word = np.zeros(n + 2, dtype=bool)
    word[1:-1] = _IN_WORD.take(of_class)
    turns = (word[1:] != word[:-1]).nonzero()[0]
    first, last = turns[::2], turns[1::2]
    pair = (edges[first[1:]] == edges[first[:-1]]).nonzero()[0]
    marks = edge.nonzero()[0]
    begins += [first, first[pair], marks[:-1]]
    ends += [last, last[pair + 1], marks[1:]]
    start, end = np.concatenate(begins), np.concatenate(ends)
    mixed = (sums.take(end) - sums.take(start)) * down.take(start)
    mixed += _SALTS.repeat([len(one) for one in begins])
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    # The line that a sign, or the edge before it, belongs to.
    line = edges[1:].take(start) - 1
    return Words((mixed >> np.uint64(48)).astype(np.int64), line, np.bincount(line, minlength=len(lines)))


def scores(lines: Sequence[str], table: np.ndarray[Any, np.dtype[np.int8]], scale: float, bias: float) -> Floats:
    """How much each line's words and letter groups sound like furniture (log odds). `table` has BUCKETS weights."""
    out = np.zeros(len(lines))
    for at in range(0, len(lines), AT_ONCE):
        some = lines[at : at + AT_ONCE]
        found = hashed(some)
        # Sums of whole numbers in float64 are exact in any order.
        total = np.bincount(found.line, weights=table[found.bucket], minlength=len(some))
        out[at : at + AT_ONCE] = total * scale / np.sqrt(found.count) + bias
    return out
