"""How much a line's words and letter groups sound like furniture: a linear score over hashes, many lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from newsclean.line_features import Flags, Floats, Ints
from newsclean.line_signs import CASELESS, DIGIT, LOWER, UPPER, kinds, small

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

Keys = np.ndarray[Any, np.dtype[np.uint64]]
Powers = tuple[Keys, Keys]


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


class _Hashed:
    """Letter groups (with the line's edges), words, word pairs and whole lines, case and figures folded, as hashes."""

    def __init__(self, lines: Sequence[str]) -> None:
        text = "\n" + "\n".join([line[:SEEN] for line in lines]) + "\n"
        signs = small(text.replace("İ", "i\u0307"))  # the one sign that is two in small letters
        of_class = kinds(signs)
        signs[of_class == DIGIT] = 48
        edge = signs == 10
        self.marks = marks = edge.nonzero()[0]  # the edges of the lines: one between two of them
        n, most = len(signs), LETTER_GROUPS[-1]
        up, down = _POWERS.reach(n)
        sums = np.zeros(n + most, dtype=np.uint64)
        np.cumsum(signs * up, dtype=np.uint64, out=sums[1 : n + 1])
        # Sums are taken back to position 0.
        groups = np.array([sums[size : size + n - 1] for size in LETTER_GROUPS]) - sums[: n - 1]
        groups *= down[: n - 1]
        groups += _SALTS[: len(LETTER_GROUPS), None]
        self.groups: Keys = groups  # a row for each size, a column for each sign that one begins with
        # Those with an edge among their inner signs do not count.
        self.counted: Flags = np.zeros(groups.shape, dtype=bool)
        np.logical_not(edge[1:], out=self.counted[0])
        for shorter, longer in pairwise(self.counted):
            np.logical_and(shorter[:-1], shorter[1:], out=longer[:-1])
        word = np.zeros(n + 2, dtype=bool)
        word[1:-1] = _IN_WORD.take(of_class)
        turns = (word[1:] != word[:-1]).nonzero()[0]
        first, last = turns[::2], turns[1::2]
        of_line = first.searchsorted(marks)
        follows = np.ones(len(first) + 1, dtype=bool)
        follows[of_line - 1] = False  # behind the last word of a line is none
        pair = follows.nonzero()[0]
        start = np.concatenate((first, first.take(pair), marks[:-1]))
        end = np.concatenate((last, last.take(pair + 1), marks[1:]))
        many = len(first), len(pair), len(lines)
        words = (sums.take(end) - sums.take(start)) * down.take(start)
        words += _SALTS[len(LETTER_GROUPS) :].repeat(many)
        self.words: Keys = words  # words, pairs of words, whole lines
        # Where those of each line begin, and where those of the last one end: a row for each kind.
        lines_ = np.arange(len(lines) + 1)
        self.begins: Ints = np.array((of_line, pair.searchsorted(of_line), lines_))
        self.begins += np.cumsum((0, *many[:2]))[:, None]

    def sizes(self) -> Ints:
        """Per line, how many hashes it has."""
        # With its two edges, a line of n signs has n + 3 - size letter groups of a size.
        groups = np.diff(self.marks) + (2 - np.array(LETTER_GROUPS)[:, None])
        found: Ints = np.maximum(groups, 0).sum(axis=0) + np.diff(self.begins).sum(axis=0)
        return found


def _buckets(hashes: Keys) -> Ints:
    """Numbers below BUCKETS."""
    mixed = hashes ^ (hashes >> np.uint64(29))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed >>= np.uint64(48)
    return mixed.view(np.int64)


def hashed(lines: Sequence[str]) -> Words:
    """Letter groups (with the line's edges), words, word pairs and the whole line, case and digits folded.

    For training, which learns a weight for each; `scores` sums those of a line where they stand.
    """
    read = _Hashed(lines)
    number = np.arange(len(lines))
    of_sign = np.tile(number.repeat(np.diff(read.marks)), (len(LETTER_GROUPS), 1))
    of_word = [number.repeat(np.diff(begins)) for begins in read.begins]
    line = np.concatenate((of_sign[read.counted], *of_word))
    bucket = np.concatenate((_buckets(read.groups[read.counted]), _buckets(read.words)))
    return Words(bucket, line, read.sizes())


def scores(lines: Sequence[str], table: np.ndarray[Any, np.dtype[np.int8]], scale: float, bias: float) -> Floats:
    """How much each line's words and letter groups sound like furniture (log odds). `table` has BUCKETS weights."""
    out = np.zeros(len(lines))
    for at in range(0, len(lines), AT_ONCE):
        read = _Hashed(lines[at : at + AT_ONCE])
        weights = table.take(_buckets(read.groups))
        weights *= read.counted
        total = _between(weights.sum(axis=0, dtype=np.int64), read.marks)
        total += _between(table.take(_buckets(read.words)), read.begins).sum(axis=0)
        out[at : at + AT_ONCE] = total * scale / np.sqrt(read.sizes()) + bias
    return out


def _between(values: np.ndarray[Any, Any], places: Ints) -> Ints:
    """The sums of the values between each place and the next."""
    running = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=running[1:])
    return np.diff(running.take(places))
