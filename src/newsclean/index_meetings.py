"""Who might be the same in a whole collection: what `Buckets` tells of one article after another, for all at once.

Where the whole collection is known, no bucket has to be looked up: all keys are sorted, equal ones stand side by side.
Keys wait on disk and are sorted part by part, and so do the meetings they make, so a million articles need some hundred
megabytes, and an article costs the same among a million as among a hundred thousand. (Measured there: 72 keys an article
in memory were 0.7 KB each, and looking them up took a third of the time.)
"""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from typing import IO

import numpy as np

from newsclean.arrays import Int64, UInt64
from newsclean.index_buckets import (
    HASH_BITS,
    MOST_ARTICLES,
    NUMBER_BITS,
    TAG_BITS,
    Buckets,
    Meetings,
    View,
    from_row,
    packed,
    ragged,
    row_of,
)

# Keys sorted at once: 64 MB, and as much again while they are sorted.
KEYS_AT_ONCE = 1 << 23
# Meetings made or chosen among at once: 8 bytes each, and 64 more while they are counted.
MEETINGS_AT_ONCE = 1 << 20
# Articles whose meetings wait in one file, at least; and files at most.
_ROWS_IN_FILE, _FILES = 1 << 14, 64

_NUMBER = np.uint64(MOST_ARTICLES - 1)
_RANK = np.uint64(NUMBER_BITS)


class Keys:
    """The keys of articles in the order in which they came, on disk. The file vanishes with this object."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="newsclean-", buffering=0)  # noqa: SIM115 -- as long as this lives
        weakref.finalize(self, self._file.close)
        self._counts = array("H")
        self.total = 0

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, keys: Sequence[UInt64]) -> None:
        """The keys of the next articles."""
        self._file.seek(0, 2)
        self._file.write(b"".join(own.astype("<u8").tobytes() for own in keys))
        counts = [len(own) for own in keys]
        self._counts.extend(counts)
        self.total += sum(counts)

    def blocks(self) -> Iterator[tuple[UInt64, Int64]]:
        """Keys and the numbers of the articles that have them, in order of arrival."""
        counts = np.frombuffer(self._counts, np.uint16).astype(np.int64)
        ends = np.cumsum(counts)
        first = done = 0
        while first < len(counts):
            end = max(first + 1, int(ends.searchsorted(done + MEETINGS_AT_ONCE, side="right")))
            size = int(ends[end - 1]) - done
            self._file.seek(8 * done)
            yield np.frombuffer(self._file.read(8 * size), "<u8"), np.arange(first, end).repeat(counts[first:end])
            first, done = end, done + size

    def of(self, first: int, end: int) -> list[UInt64]:
        """The keys of the articles with the numbers from `first` to before `end`."""
        counts = np.frombuffer(self._counts, np.uint16).astype(np.int64)
        self._file.seek(8 * int(counts[:first].sum()))
        flat = np.frombuffer(self._file.read(8 * int(counts[first:end].sum())), "<u8")
        return np.split(flat, np.cumsum(counts[first:end])[:-1])


def meetings(keys: Keys, ranks: Int64, views: Sequence[View], *, most: int) -> Iterator[Meetings]:
    """Whom each article meets among those before it, as if they came by rank: `ranks[number]`. In order of rank."""
    buckets = Buckets(views, most=most)
    waiting = _Waiting(len(keys))
    parts = -(-keys.total // KEYS_AT_ONCE)
    for part in range(parts):
        for met in _made(_postings(keys, ranks, part, parts), buckets):
            waiting.add(met)
    for first, met in waiting.by_article():
        chosen = buckets.chosen(met)
        yield Meetings(chosen.rows + first, chosen.numbers, chosen.shared)


def _postings(keys: Keys, ranks: Int64, part: int, parts: int) -> UInt64:
    """Key and rank of the articles, for the keys in one part of the range of hashes, sorted, each once."""
    low, high = (np.uint64((at << HASH_BITS) // parts << TAG_BITS) for at in (part, part + 1))
    found = [np.zeros(0, np.uint64)]
    for own, numbers in keys.blocks():
        if parts > 1:
            inside = (own >= low) & (own < high)
            own, numbers = own[inside], numbers[inside]
        found.append(own << _RANK | ranks[numbers].astype(np.uint64))
    flat = np.concatenate(found)
    del found
    flat.sort()
    again = flat[1:] == flat[:-1]
    return flat[np.concatenate([[True], ~again])] if again.any() else flat


def _made(postings: UInt64, buckets: Buckets) -> Iterator[UInt64]:
    """All meetings that these keys make, packed."""
    keys = postings >> _RANK
    begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(begins, append=len(keys))
    shared = np.flatnonzero(sizes > 1)
    begins, sizes = begins[shared], sizes[shared]
    bucket, kind = buckets.limits(keys[begins])
    del keys
    # An article of a bucket meets all before it, up to the limit.
    low, held = bucket.clip(max=sizes), sizes
    costs = np.cumsum(low * (low - 1) // 2 + (held - low) * bucket)
    done, first = 0, 0
    while first < len(begins):
        end = max(first + 1, int(costs.searchsorted(done + MEETINGS_AT_ONCE, side="right")))
        some = slice(first, end)
        at = ragged(begins[some], sizes[some])
        place = at - begins[some].repeat(sizes[some])
        limit = bucket[some].repeat(sizes[some])
        before = np.minimum(place, limit)
        kinds = kind[some].repeat(sizes[some]) + (place >= limit)
        rows = (postings[at] & _NUMBER).astype(np.int64)
        met = (postings[ragged(at - place, before)] & _NUMBER).astype(np.int64)
        yield packed(rows.repeat(before), met, kinds.repeat(before))
        done, first = int(costs[end - 1]), end


class _Waiting:
    """Meetings on their way from the keys that made them to the articles that they are chosen for."""

    def __init__(self, articles: int) -> None:
        self.rows = max(_ROWS_IN_FILE, -(-articles // _FILES))
        files = -(-articles // self.rows)
        self.held: list[list[UInt64]] = [[] for _ in range(files)]
        self.size = 0
        self.files: list[IO[bytes]] = []

    def add(self, met: UInt64) -> None:
        met.sort()
        firsts = np.array([from_row(at * self.rows) for at in range(1, len(self.held))], np.uint64)
        for at, some in enumerate(np.split(met, met.searchsorted(firsts))):
            if len(some):
                self.held[at].append(some)
        self.size += len(met)
        if self.size > 8 * MEETINGS_AT_ONCE:
            self._write()

    def _write(self) -> None:
        if not self.files:
            self.files = [tempfile.TemporaryFile(prefix="newsclean-", buffering=0) for _ in self.held]  # noqa: SIM115 -- closed when read
        for file, some in zip(self.files, self.held, strict=True):
            file.write(b"".join(one.tobytes() for one in some))
            some.clear()
        self.size = 0

    def by_article(self) -> Iterator[tuple[int, UInt64]]:
        """The meetings of a run of articles, sorted, rows counted from the first of the run, which is told."""
        for at, some in enumerate(self.held):
            if self.files:
                self.files[at].seek(0)
                some = [np.frombuffer(self.files[at].read(), np.uint64), *some]
                self.files[at].close()
            met = np.concatenate([np.zeros(0, np.uint64), *some])
            self.held[at] = []
            first = at * self.rows
            met.sort()
            met -= from_row(first)
            begin = 0
            while begin < len(met):
                last = met[min(begin + MEETINGS_AT_ONCE, len(met)) - 1]
                end = int(met.searchsorted(from_row(row_of(last) + 1)))  # an article's meetings stay together
                yield first, met[begin:end]
                begin = end
