"""Who might be the same article: keys go in, the few earlier articles that share enough of them come out.

Every article brings some dozens of keys, and a key is a bucket. Linking all members of a bucket would cost 200 million
pairs for one wire story that 5,000 outlets ran; so an article is only held against the members that came first (the
owner and the next few, `View.bucket`), and each later copy finds those same ones. Whom an article meets depends on the
articles before it and on nothing else: one at a time or all at once gives the same pairs.

A key and the number of an article make one 64-bit posting. Postings lie in a few sorted arrays (runs), oldest first. A
new batch is a run of its own and is merged into its elder when that is not much larger, so that there are rarely more
than three below the size limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from newsclean.arrays import Bool, Int64, UInt64

# A posting: 34 bits of hash, 2 of view, 28 of article. Two different keys of one view are taken for the same with the
# chance 2⁻³⁴: among a million articles an article meets 0.2 others for no reason, and comparing tells.
HASH_BITS, TAG_BITS, NUMBER_BITS = 34, 2, 28
MOST_ARTICLES = 1 << NUMBER_BITS
_NUMBER = np.uint64(MOST_ARTICLES - 1)
_SHIFT = np.uint64(NUMBER_BITS)

# Shared keys are counted up to 4,095, to be sorted in one number with the article.
_COUNT_BITS = 12
_COUNTED = (1 << _COUNT_BITS) - 1

# A run is merged into the elder one if that has at most this many times as many keys: merging copies the elder at
# 3 ns a key, so each key costs some 200 ns in its life, and a look-up goes through two or three runs.
_MERGED_UP_TO = 64
# Keys above which a run is left as it is (130 MB): a merge needs both at once.
_LONGEST_RUN = 1 << 24
# A meeting: the row of the article, the number of the one it meets, and by what kind of key, in one number.
_KIND_BITS = TAG_BITS + 1
_ROW_SHIFT = np.uint64(NUMBER_BITS + _KIND_BITS)

# A bucket of which at most so many members are looked at is read by its first postings; a larger one, where removed articles
# stand in the way, to its end. (Tried for single look-ups: every 16th posting first, which saves 25 µs of 7 million postings
# and costs 6 of 1.4 million; counting meetings without NumPy, which takes as long.)
_WINDOW = 64

# Removed articles are swept out of the runs when there are this many.
_SWEPT_FROM = 2000


@dataclass(frozen=True, slots=True)
class View:
    """One kind of key: how many of the earliest members of its buckets are looked at, how many keys must be shared.

    A key that `bucket` articles had before says little: of such keys two articles must share `crowded`, by default one
    more, unless one is enough. (Of real and invented news that took a third of the comparisons away, and no cluster.)
    """

    tag: int  # 0 to 3; stands in the key, so that two views never share a bucket
    name: str
    bucket: int
    shared: int
    crowded: int = 0

    def keys(self, values: UInt64) -> UInt64:
        """The values (hashes) as keys of this view: 36 bits each."""
        keys: UInt64 = values * np.uint64(0x9E3779B97F4A7C15)  # anchors are small hashes: spread what tells them apart
        keys >>= np.uint64(NUMBER_BITS + TAG_BITS)
        keys <<= np.uint64(TAG_BITS)
        keys |= np.uint64(self.tag)
        return keys

    def __post_init__(self) -> None:
        if not self.crowded:
            object.__setattr__(self, "crowded", self.shared + (self.shared > 1))


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Who met whom: the article at `rows[i]` of the batch shares `shared[i]` keys with the article `numbers[i]`.

    Sorted by row; within one, most shared keys first, then the earlier article.
    """

    rows: Int64
    numbers: Int64
    shared: Int64

    def by_row(self, rows: int) -> list[Int64]:
        """The numbers that each of `rows` articles met."""
        if rows == 1:
            return [self.numbers]
        ends = self.rows.searchsorted(np.arange(rows), side="right").tolist()
        return [self.numbers[begin:end] for begin, end in pairwise([0, *ends])]


class Buckets:
    """The keys of all articles, in memory: 8 bytes each. Articles have numbers, given by the caller, that grow."""

    def __init__(self, views: Iterable[View], *, most: int) -> None:
        self.views = tuple(views)
        self.most = most  # articles that one article meets at most: those that share the most keys
        self._runs: list[UInt64] = []
        self._dead = np.zeros(0, np.uint64)
        self._bucket = np.zeros(1 << TAG_BITS, np.int64)
        self._shared = np.full(1 << TAG_BITS, MOST_ARTICLES)
        self._crowded = self._shared.copy()
        for view in self.views:
            self._bucket[view.tag] = view.bucket
            self._shared[view.tag], self._crowded[view.tag] = view.shared, view.crowded

    @property
    def keys(self) -> int:
        """Keys held, those of removed articles included until they are swept."""
        return sum(map(len, self._runs))

    def add(self, numbers: Sequence[int] | Int64, keys: Sequence[UInt64]) -> Meetings:
        """Whom each article meets among all before it, those earlier in this batch included; then they are held too."""
        given = np.asarray(numbers, np.uint64)
        batch = postings(np.arange(len(keys)), keys)
        met = self._meet(batch, given)
        self.load(batch >> _SHIFT << _SHIFT | given[batch & _NUMBER])
        return met

    def query(self, keys: Sequence[UInt64]) -> Meetings:
        """Whom each article would meet among all that are held."""
        return self._meet_one(keys[0]) if len(keys) == 1 else self._meet(postings(np.arange(len(keys)), keys), None)

    def load(self, run: UInt64) -> None:
        """Hold the postings of articles later than all before."""
        while self._runs:
            elder = len(self._runs[-1])
            if elder > _MERGED_UP_TO * len(run) or elder + len(run) > _LONGEST_RUN:
                break
            run = merged(self._runs.pop(), run)
        if len(run):
            self._runs.append(run)

    def remove(self, numbers: Sequence[int] | Int64) -> None:
        """Forget these articles; the next member of a bucket takes the place of the first."""
        self._dead = np.union1d(self._dead, np.asarray(numbers, np.uint64))
        if len(self._dead) >= _SWEPT_FROM:
            self.sweep()

    def sweep(self) -> None:
        """Give back the memory of removed articles."""
        if len(self._dead):
            runs = [run[~self._is_dead(run & _NUMBER)] for run in self._runs]
            self._runs = [run for run in runs if len(run)]
            self._dead = np.zeros(0, np.uint64)

    def _meet(self, batch: UInt64, numbers: UInt64 | None) -> Meetings:
        """The pairs of a batch of postings by row; `numbers` when its articles also meet each other."""
        keys = batch >> _SHIFT
        new = np.ones(len(keys), bool)
        new[1:] = keys[1:] != keys[:-1]
        begins = np.flatnonzero(new)
        limits, kinds = self.limits(keys[begins])
        counts, members = self._members(keys[begins], limits)
        rows = (batch & _NUMBER).astype(np.int64)
        bucket = np.cumsum(new) - 1
        held = counts[bucket]
        met = members[ragged((np.cumsum(counts) - counts)[bucket], held)]
        before = np.zeros(len(keys), np.int64)
        if numbers is not None:
            before = np.minimum(np.arange(len(keys)) - begins[bucket], limits[bucket] - held)
            met = np.concatenate([met, numbers[rows[ragged(begins[bucket], before)]].astype(np.int64)])
        kinds = kinds[bucket] + (held + before >= limits[bucket])
        both = packed(
            np.concatenate([rows.repeat(held), rows.repeat(before)]),
            met,
            np.concatenate([kinds.repeat(held), kinds.repeat(before)]),
        )
        both.sort()
        return self.chosen(both)

    def _meet_one(self, keys: UInt64) -> Meetings:
        """The same for one article, at half the cost: it meets no other of its batch, and each of its keys stands alone."""
        keys = np.sort(keys)
        if (again := keys[1:] == keys[:-1]).any():
            keys = keys[np.concatenate([[True], ~again])]
        limits, kinds = self.limits(keys)
        counts, members = self._members(keys, limits)
        kinds += counts >= limits
        met = members << _KIND_BITS | kinds.repeat(counts)
        met.sort()
        return self.chosen(met.view(np.uint64))

    def limits(self, keys: UInt64) -> tuple[Int64, Int64]:
        """How many members of each key's bucket are looked at, and the kind of meeting that it makes while it has fewer."""
        tags = (keys & np.uint64((1 << TAG_BITS) - 1)).astype(np.int64)
        return self._bucket[tags], tags * 2

    def chosen(self, met: UInt64) -> Meetings:
        """Of all packed meetings, sorted, those of articles that share enough of one view; for each row the `most` best."""
        if not len(met):  # most articles meet no one
            return Meetings(*np.zeros((3, 0), np.int64))
        signed = met.view(np.int64)
        pairs = signed >> _KIND_BITS
        new = np.empty(len(pairs), bool)
        new[0] = True
        np.not_equal(pairs[1:], pairs[:-1], out=new[1:])
        places = new.cumsum()
        places -= 1
        places <<= _KIND_BITS
        places |= signed & (1 << _KIND_BITS) - 1
        pairs = pairs[new]
        counts = np.bincount(places, minlength=len(pairs) << _KIND_BITS).reshape(-1, 1 << _KIND_BITS)
        telling = counts[:, ::2]
        every = telling + counts[:, 1::2]
        enough = np.flatnonzero(((telling >= self._shared) | (every >= self._crowded)).any(axis=1))
        pairs = pairs[enough]
        rows, numbers = pairs >> NUMBER_BITS, pairs & (MOST_ARTICLES - 1)
        shared = np.minimum(every[enough].sum(axis=1), _COUNTED)
        best_first = np.sort((rows << _COUNT_BITS | _COUNTED - shared) << NUMBER_BITS | numbers)
        rows = best_first >> (NUMBER_BITS + _COUNT_BITS)
        if len(rows) > self.most:
            best = np.arange(len(rows)) - rows.searchsorted(rows) < self.most
            rows, best_first = rows[best], best_first[best]
        shared = _COUNTED - (best_first >> NUMBER_BITS & _COUNTED)
        return Meetings(rows, best_first & (MOST_ARTICLES - 1), shared)

    def _members(self, keys: UInt64, limits: Int64) -> tuple[Int64, Int64]:
        """For each of the different keys how many members are looked at, and those members, earliest first."""
        counts, members = self._earliest(keys, limits)
        if not len(self._dead):
            return counts, members
        of = np.arange(len(keys)).repeat(counts)
        dead = self._is_dead(members)
        if not dead.any():
            return counts, members
        # A removed member stands in the way of a later one: read those buckets whole.
        blocked = np.bincount(of[dead], minlength=len(keys)) > 0
        counts, members = self._earliest(keys, np.where(blocked, MOST_ARTICLES, limits))
        alive = ~self._is_dead(members)
        return _first(np.arange(len(keys)).repeat(counts)[alive], members[alive], limits)

    def _is_dead(self, numbers: Any) -> Bool:
        if not len(self._dead):
            return np.zeros(len(numbers), bool)
        dead: Bool = self._dead.take(self._dead.searchsorted(numbers), mode="clip") == numbers
        return dead

    def _earliest(self, keys: UInt64, limits: Int64) -> tuple[Int64, Int64]:
        owners, found = [], []
        lowest = keys << _SHIFT
        widest = int(limits.max(initial=0))
        place = np.arange(min(widest, _WINDOW))
        for run in self._runs:
            low = run.searchsorted(lowest)
            there = (run.take(low, mode="clip") >> _SHIFT == keys).nonzero()[0]
            if not len(there):
                continue
            low = low[there]
            if widest <= _WINDOW:
                window = run.take(low[:, None] + place, mode="clip")
                size = limits[there]
                # At the end of the run the last posting is read again and again: it counts once.
                inside = (window >> _SHIFT == keys[there, None]) & (place < np.minimum(size, len(run) - low)[:, None])
                owners.append(there.repeat(inside.sum(axis=1)))
                members = window[inside]
            else:
                size = np.minimum(run.searchsorted(lowest[there] | _NUMBER, side="right") - low, limits[there])
                owners.append(there.repeat(size))
                members = run[ragged(low, size)]
            found.append((members & _NUMBER).astype(np.int64))
        if not owners:
            return np.zeros(len(keys), np.int64), np.zeros(0, np.int64)
        if len(owners) == 1:
            return np.bincount(owners[0], minlength=len(keys)), found[0]
        return _first(np.concatenate(owners), np.concatenate(found), limits)


def postings(numbers: Sequence[int] | Int64, keys: Sequence[UInt64]) -> UInt64:
    """The keys of some articles, sorted, equal ones by article, each once for an article: as `Buckets.load` wants them.

    Raises ValueError beyond 268 million articles.
    """
    if len(numbers) and int(numbers[-1]) >= MOST_ARTICLES:
        raise ValueError(f"an index holds {MOST_ARTICLES:,} articles at most, removed ones included; begin a new one")
    flat = np.concatenate([np.zeros(0, np.uint64), *keys]) << _SHIFT
    flat |= np.asarray(numbers, np.uint64).repeat([len(own) for own in keys])
    flat.sort()
    again = np.zeros(len(flat), bool)
    np.equal(flat[1:], flat[:-1], out=again[1:])
    return flat[~again] if again.any() else flat


def merged(elder: UInt64, younger: UInt64) -> UInt64:
    """Two sorted runs as one."""
    run: UInt64 = np.insert(elder, elder.searchsorted(younger), younger)
    return run


def packed(rows: Int64, numbers: Int64, kinds: Int64) -> UInt64:
    """Meetings as numbers that sort by row, then by the number that is met."""
    met: UInt64 = (rows.astype(np.uint64) << _ROW_SHIFT) | (numbers.astype(np.uint64) << np.uint64(_KIND_BITS))
    met |= kinds.astype(np.uint64)
    return met


def from_row(row: int) -> np.uint64:
    """Where the packed meetings of this row begin."""
    return np.uint64(row) << _ROW_SHIFT


def row_of(met: np.uint64) -> int:
    """The row of a packed meeting."""
    return int(met >> _ROW_SHIFT)


def _first(owners: Int64, members: Int64, limits: Int64) -> tuple[Int64, Int64]:
    """Members grouped by owner, the order within one kept, at most `limits[owner]` of each; and how many each has."""
    order = np.argsort(owners, kind="stable")
    owners, members = owners[order], members[order]
    inside = np.arange(len(owners)) - owners.searchsorted(owners) < limits[owners]
    return np.bincount(owners[inside], minlength=len(limits)), members[inside]


def ragged(begins: Int64, sizes: Int64) -> Int64:
    """begins[0], begins[0] + 1, … (sizes[0] of them), begins[1], … all in one array."""
    flat: Int64 = np.arange(int(sizes.sum())) + np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
    return flat
