"""Who might be the same article: keys go in, the few earlier articles that share enough of them come out.

Every article brings some dozens of 64-bit keys, and a key is a bucket. Linking all members of a bucket would cost 200
million pairs for one wire story that 5,000 outlets ran; so an article is only held against the members that came first
(the owner and the next few, `View.bucket`), and each later copy finds those same ones. Whom an article meets depends
on the articles before it and on nothing else: one at a time or all at once gives the same pairs.

The keys lie in a few sorted arrays (runs), 12 bytes a key, oldest run first. A new batch is a run of its own and is
merged into its elder when that is not much larger, so that there are rarely more than three below the size limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

UInt32 = np.ndarray[Any, np.dtype[np.uint32]]
UInt64 = np.ndarray[Any, np.dtype[np.uint64]]
Int64 = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

_TAG_BITS = 4

# A run is merged into the elder one if that has at most this many times as many keys: merging copies the elder at
# 5 ns a key, so each key costs some 300 ns in its life, and a look-up goes through two or three runs.
_MERGED_UP_TO = 64
# Keys above which a run is left as it is (200 MB): a merge needs both at once.
_LONGEST_RUN = 1 << 24
# Removed articles are swept out of the runs when there are this many.
_SWEPT_FROM = 2000


@dataclass(frozen=True, slots=True)
class View:
    """One kind of key: how many of the earliest members of its buckets are looked at, how many keys must be shared."""

    tag: int  # 0 to 15; stands in the key, so that two views never share a bucket
    name: str
    bucket: int
    shared: int

    def keys(self, values: UInt64) -> UInt64:
        """The values as keys of this view; their upper four bits are lost."""
        return values << np.uint64(_TAG_BITS) | np.uint64(self.tag)

    def __str__(self) -> str:
        return f"{self.name}({self.bucket},{self.shared})"


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
        ends = self.rows.searchsorted(np.arange(rows), side="right").tolist()
        return [self.numbers[begin:end] for begin, end in pairwise([0, *ends])]


class Buckets:
    """The keys of all articles, in memory. Articles have numbers, given by the caller, that grow."""

    def __init__(self, views: Iterable[View], *, most: int) -> None:
        self.views = tuple(views)
        self.most = most  # articles that one article meets at most: those that share the most keys
        self._runs: list[tuple[UInt64, UInt32]] = []
        self._dead = np.zeros(0, np.uint32)
        self._bucket = np.zeros(1 << _TAG_BITS, np.int64)
        for view in self.views:
            self._bucket[view.tag] = view.bucket

    @property
    def postings(self) -> int:
        """Keys held, those of removed articles included until they are swept."""
        return sum(len(keys) for keys, _ in self._runs)

    def add(self, numbers: Sequence[int] | Int64, keys: Sequence[UInt64]) -> Meetings:
        """Whom each article meets among all before it, those earlier in this batch included; then they are held too."""
        row, sorted_keys = _sorted(keys)
        met = self._meet(row, sorted_keys, np.asarray(numbers, np.int64))
        self.load(sorted_keys, np.asarray(numbers, np.uint32)[row])
        return met

    def query(self, keys: Sequence[UInt64]) -> Meetings:
        """Whom each article would meet among all that are held."""
        return self._meet(*_sorted(keys), None)

    def load(self, keys: UInt64, numbers: UInt32) -> None:
        """Hold keys that are sorted (equal ones by number) of articles later than all before."""
        run = (keys, numbers)
        while self._runs:
            elder = len(self._runs[-1][0])
            if elder > _MERGED_UP_TO * len(run[0]) or elder + len(run[0]) > _LONGEST_RUN:
                break
            run = merged(self._runs.pop(), run)
        if len(run[0]):
            self._runs.append(run)

    def remove(self, numbers: Sequence[int] | Int64) -> None:
        """Forget these articles; the next member of a bucket takes the place of the first."""
        self._dead = np.union1d(self._dead, np.asarray(numbers, np.uint32))
        if len(self._dead) >= _SWEPT_FROM:
            self.sweep()

    def sweep(self) -> None:
        """Give back the memory of removed articles."""
        if not len(self._dead):
            return
        for at, (keys, numbers) in enumerate(self._runs):
            alive = ~self._is_dead(numbers)
            if not alive.all():
                self._runs[at] = keys[alive], numbers[alive]
        self._runs = [run for run in self._runs if len(run[0])]
        self._dead = np.zeros(0, np.uint32)

    def _meet(self, row: Int64, keys: UInt64, numbers: Int64 | None) -> Meetings:
        """The pairs of a batch (keys sorted, equal ones by row); `numbers` when its articles also meet each other."""
        total = len(keys)
        new = np.ones(total, bool)
        new[1:] = keys[1:] != keys[:-1]
        begins = np.flatnonzero(new)
        tags = keys & np.uint64((1 << _TAG_BITS) - 1)
        limits = self._bucket[tags[begins]]
        counts, members = self._members(keys[begins], limits)
        if not len(members) and (numbers is None or len(begins) == total):  # most articles meet no one
            return Meetings(*np.zeros((3, 0), np.int64))
        bucket = np.cumsum(new) - 1
        held = counts[bucket]
        found_rows = [np.repeat(row, held)]
        found = [members[_ragged((np.cumsum(counts) - counts)[bucket], held)]]
        found_tags = [np.repeat(tags, held)]
        if numbers is not None:
            before = np.minimum(np.arange(total) - begins[bucket], limits[bucket] - held)
            found_rows.append(np.repeat(row, before))
            found.append(numbers[row[_ragged(begins[bucket], before)]])
            found_tags.append(np.repeat(tags, before))
        return self._chosen(np.concatenate(found_rows), np.concatenate(found), np.concatenate(found_tags))

    def _chosen(self, rows: Int64, numbers: Int64, tags: UInt64) -> Meetings:
        """Of all articles that share a key those that share enough of one view, and of those the `most` best."""
        pairs = rows << 32 | numbers
        order = pairs.argsort()
        pairs, tags = pairs[order], tags[order]
        new = np.ones(len(pairs), bool)
        new[1:] = pairs[1:] != pairs[:-1]
        begins = np.flatnonzero(new)
        pairs = pairs[begins]
        enough = np.zeros(len(pairs), bool)
        shared = np.zeros(len(pairs), np.int64)
        for view in self.views:
            here = np.add.reduceat(tags == view.tag, begins, dtype=np.int64)
            enough |= here >= view.shared
            shared += here
        pairs, shared = pairs[enough], shared[enough]
        rows, numbers = pairs >> 32, pairs & 0xFFFF_FFFF
        order = np.lexsort((numbers, -shared, rows))
        rows, numbers, shared = rows[order], numbers[order], shared[order]
        best = np.arange(len(rows)) - rows.searchsorted(rows) < self.most
        return Meetings(rows[best], numbers[best], shared[best])

    def _members(self, keys: UInt64, limits: Int64) -> tuple[Int64, Int64]:
        """For each of the different keys how many members are looked at, and those members, earliest first."""
        counts, members = self._earliest(keys, limits)
        if not len(self._dead):
            return counts, members
        of = np.repeat(np.arange(len(keys)), counts)
        dead = self._is_dead(members)
        if not dead.any():
            return counts, members
        # A removed member stands in the way of a later one: read those buckets whole.
        blocked = np.bincount(of[dead], minlength=len(keys)) > 0
        counts, members = self._earliest(keys, np.where(blocked, np.int64(1) << 40, limits))
        alive = ~self._is_dead(members)
        return _first(np.repeat(np.arange(len(keys)), counts)[alive], members[alive], limits)

    def _is_dead(self, numbers: Any) -> Mask:
        dead: Mask = self._dead.take(self._dead.searchsorted(numbers), mode="clip") == numbers
        return dead

    def _earliest(self, keys: UInt64, limits: Int64) -> tuple[Int64, Int64]:
        owners, found = [], []
        for run_keys, run_numbers in self._runs:
            low = run_keys.searchsorted(keys)
            there = np.flatnonzero(run_keys.take(low, mode="clip") == keys)
            if len(there):
                low = low[there]
                size = np.minimum(run_keys.searchsorted(keys[there], side="right") - low, limits[there])
                owners.append(there.repeat(size))
                found.append(run_numbers[_ragged(low, size)].astype(np.int64))
        if not owners:
            return np.zeros(len(keys), np.int64), np.zeros(0, np.int64)
        if len(owners) == 1:
            return np.bincount(owners[0], minlength=len(keys)), found[0]
        return _first(np.concatenate(owners), np.concatenate(found), limits)


def _first(owners: Int64, members: Int64, limits: Int64) -> tuple[Int64, Int64]:
    """Members grouped by owner, the order within one kept, at most `limits[owner]` of each; and how many each has."""
    order = np.argsort(owners, kind="stable")
    owners, members = owners[order], members[order]
    inside = np.arange(len(owners)) - owners.searchsorted(owners) < limits[owners]
    return np.bincount(owners[inside], minlength=len(limits)), members[inside]


def _ragged(begins: Int64, sizes: Int64) -> Int64:
    """begins[0], begins[0] + 1, … (sizes[0] of them), begins[1], … all in one array."""
    flat: Int64 = np.arange(int(sizes.sum())) + np.repeat(begins - (np.cumsum(sizes) - sizes), sizes)
    return flat


def _sorted(keys: Sequence[UInt64]) -> tuple[Int64, UInt64]:
    """All keys sorted, equal ones by row, each once in a row; and the row of each."""
    flat = np.concatenate([np.zeros(0, np.uint64), *keys])
    row = np.repeat(np.arange(len(keys)), [len(own) for own in keys])
    order = np.argsort(flat, kind="stable")
    flat, row = flat[order], row[order]
    again = np.zeros(len(flat), bool)
    again[1:] = (flat[1:] == flat[:-1]) & (row[1:] == row[:-1])
    return (row[~again], flat[~again]) if again.any() else (row, flat)


def sorted_postings(numbers: Sequence[int] | Int64, keys: Sequence[UInt64]) -> tuple[UInt64, UInt32]:
    """The keys of some articles as `Buckets.load` wants them."""
    row, flat = _sorted(keys)
    return flat, np.asarray(numbers, np.uint32)[row]


def merged(elder: tuple[UInt64, UInt32], younger: tuple[UInt64, UInt32]) -> tuple[UInt64, UInt32]:
    """Two sorted runs as one; of equal keys those of the elder come first."""
    at = np.searchsorted(elder[0], younger[0], side="right") + np.arange(len(younger[0]))
    from_elder = np.ones(len(elder[0]) + len(younger[0]), bool)
    from_elder[at] = False
    keys, numbers = np.empty(len(from_elder), np.uint64), np.empty(len(from_elder), np.uint32)
    keys[at], numbers[at] = younger
    keys[from_elder], numbers[from_elder] = elder
    return keys, numbers
