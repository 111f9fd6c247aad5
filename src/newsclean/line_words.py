"""How much a line's words and letter groups sound like furniture: a linear score over hashes, many lines at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from newsclean.line_features import CASELESS, DIGIT, LOWER, UPPER, Flags, Floats, Ints, codes, kinds

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


@dataclass(frozen=True, slots=True)
class _Hashed:
    """Hashes of one kind, line by line: which count, and where each line's begin (one more where the last ends)."""

    hashes: np.ndarray[Any, np.dtype[np.uint64]]
    counts: Flags | None  # None: all of them
    begins: Ints

    def buckets(self) -> Ints:
        """Numbers below BUCKETS."""
        mixed = self.hashes ^ (self.hashes >> np.uint64(29))
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed >>= np.uint64(48)
        return mixed.view(np.int64)

    def sums(self, values: np.ndarray[Any, Any]) -> Ints:
        """Per line, the sum of some whole numbers, one for each hash."""
        running = np.zeros(len(values) + 1, dtype=np.int64)
        np.cumsum(values, out=running[1:])
        at = running.take(self.begins)
        return at[1:] - at[:-1]


def _kinds_of(lines: Sequence[str]) -> Iterator[_Hashed]:
    """Letter groups (with the line's edges), words, word pairs and the whole line, case and digits folded."""
    signs = codes("\n" + "\n".join([line[:SEEN].lower() for line in lines]) + "\n")
    of_class = kinds(signs)
    signs = np.where(of_class == DIGIT, np.uint32(48), signs)
    edge = signs == 10
    n = len(signs)
    up, down = _POWERS.reach(n + 1)
    sums = np.zeros(n + 1, dtype=np.uint64)
    np.cumsum(signs * up[:n], dtype=np.uint64, out=sums[1:])
    marks = edge.nonzero()[0]
    for size, salt in zip(LETTER_GROUPS, _SALTS, strict=False):
        # Sums are taken back to position 0. Groups with an edge among their inner signs do not count.
        group = sums[size:] - sums[: max(0, n - size + 1)]
        group *= down[: len(group)]
        group += salt
        inner = ~edge
        for step in range(2, size - 1):
            inner[: -step + 1] &= ~edge[step - 1 :]
        yield _Hashed(group, inner[1 : len(group) + 1], np.minimum(marks, len(group)))
    word = np.zeros(n + 2, dtype=bool)
    word[1:-1] = _IN_WORD.take(of_class)
    turns = (word[1:] != word[:-1]).nonzero()[0]
    first, last = turns[::2], turns[1::2]
    edges = edge.cumsum()
    pair = (edges[first[1:]] == edges[first[:-1]]).nonzero()[0]
    several = (first, last), (first[pair], last[pair + 1]), (marks[:-1], marks[1:])
    for (start, end), salt in zip(several, _SALTS[len(LETTER_GROUPS) :], strict=True):
        yield _Hashed((sums.take(end) - sums.take(start)) * down.take(start) + salt, None, start.searchsorted(marks))


def hashed(lines: Sequence[str]) -> Words:
    """Letter groups (with the line's edges), words, word pairs and the whole line, case and digits folded.

    For training, which learns a weight for each; `scores` sums those of a kind where they stand.
    """
    buckets, of_line = [], []
    for one in _kinds_of(lines):
        counts = slice(None) if one.counts is None else one.counts
        buckets.append(one.buckets()[counts])
        of_line.append(np.repeat(np.arange(len(lines)), np.diff(one.begins))[counts])
    line = np.concatenate(of_line)
    return Words(np.concatenate(buckets), line, np.bincount(line, minlength=len(lines)))


def scores(lines: Sequence[str], table: np.ndarray[Any, np.dtype[np.int8]], scale: float, bias: float) -> Floats:
    """How much each line's words and letter groups sound like furniture (log odds). `table` has BUCKETS weights."""
    out = np.zeros(len(lines))
    for at in range(0, len(lines), AT_ONCE):
        some = lines[at : at + AT_ONCE]
        total = np.zeros(len(some), dtype=np.int64)
        # With its two edges, a line of n signs has n + 3 - size letter groups of a size.
        signs = np.array([len(line[:SEEN].lower()) for line in some])
        count = np.maximum(signs + 3 - np.array([[size] for size in LETTER_GROUPS]), 0).sum(axis=0)
        for one in _kinds_of(some):
            weights = table.take(one.buckets())
            if one.counts is None:
                count += np.diff(one.begins)
            else:
                weights *= one.counts
            total += one.sums(weights)
        out[at : at + AT_ONCE] = total * scale / np.sqrt(count) + bias
    return out
