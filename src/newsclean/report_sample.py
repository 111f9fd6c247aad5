"""Samples that are honest and small: the same articles whatever the order of reading, in memory that does not grow."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Generic, TypeVar

T = TypeVar("T")


def place(name: str) -> int:
    """Where a name stands in an order that has nothing to do with what it says; the same on every machine."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


@dataclass(slots=True)
class Draw(Generic[T]):
    """A random sample: the `size` items whose names hash lowest, so each has the same chance and order is nothing.

    >>> one, other = Draw(2), Draw(2)
    >>> for name in "abcdef": one.offer(name, name)
    >>> for name in "fedcba": other.offer(name, name)
    >>> list(one) == list(other)
    True
    """

    size: int
    _heap: list[tuple[int, str, T]] = field(default_factory=list)

    def offer(self, name: str, item: T) -> None:
        """Give one item its chance. Names are unique."""
        key = (-place(name), name, item)
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, key)
        elif key[0] > self._heap[0][0]:
            heapq.heapreplace(self._heap, key)

    def __iter__(self) -> Iterator[T]:
        for _, _, item in sorted(self._heap, key=lambda entry: (-entry[0], entry[1])):
            yield item


@dataclass(slots=True)
class Top(Generic[T]):
    """The `size` items with the highest value; equal values by name."""

    size: int
    _heap: list[tuple[float, int, str, T]] = field(default_factory=list)

    def offer(self, value: float, name: str, item: T) -> None:
        """Give one item its chance. Names are unique."""
        key = (value, place(name), name, item)
        if len(self._heap) < self.size:
            heapq.heappush(self._heap, key)
        elif key[:3] > self._heap[0][:3]:
            heapq.heapreplace(self._heap, key)

    def __iter__(self) -> Iterator[T]:
        for *_, item in sorted(self._heap, key=lambda entry: (-entry[0], entry[2])):
            yield item


@dataclass(slots=True)
class Wording(Generic[T]):
    """What a rule found, worded one way: how often, and one place where (that of the lowest-hashed article)."""

    count: int
    at: int
    example: T


@dataclass(slots=True)
class Wordings(Generic[T]):
    """A random sample of the *different* texts a rule found, each with how often: a wrong rule shows in its rare ones.

    A wording is in the sample because of its own hash alone, so one that is kept was never dropped before, and its
    count is exact.
    """

    size: int
    _kept: dict[int, Wording[T]] = field(default_factory=dict)
    _worst: int = 1 << 64  # the highest hash that is kept, once the sample is full

    def offer(self, wording: str, article_id: str, example: T) -> None:
        """Count one find."""
        key = place(wording)
        if key > self._worst:
            return
        known = self._kept.get(key)
        at = place(article_id)
        if known is not None:
            known.count += 1
            if at < known.at:
                known.at, known.example = at, example
            return
        self._kept[key] = Wording(1, at, example)
        if len(self._kept) > self.size:
            del self._kept[max(self._kept)]
        if len(self._kept) == self.size:
            self._worst = max(self._kept)

    def __iter__(self) -> Iterator[Wording[T]]:
        for _, found in sorted(self._kept.items(), key=lambda entry: (-entry[1].count, entry[0])):
            yield found
