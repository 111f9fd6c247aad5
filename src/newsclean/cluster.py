"""Pairs that are one piece → groups, without chaining: every member was held against the group's middle and its canonical.

A chain of likenesses (A like B, B like C) is no group: one gallery or round-up would join a whole newspaper. So the
pairs only say who *may* belong together. In each such crowd the member that most others are like becomes the middle,
those like it form the group, and the rest is looked at again. Nothing depends on the order in which articles came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

# Crowds up to this size are compared pair by pair; larger ones only with their middles.
SMALL_CROWD = 40
# In a small crowd a member joins a group if at least this share of those it is like stand in it; else it belongs
# with the others, and was only drawn here by a gallery or a round-up. (With 0.3 and 0.4 false merges of n2 double, to 4 in 10,000;
# with 0.6 and 0.75 recall of n2hard falls by 0.002 and 0.012.)
SUPPORT = 0.5

# Crowds whose missing pairs are compared together.
CROWDS_AT_ONCE = 1000

Numbers = np.ndarray[Any, np.dtype[Any]]
Alike = Callable[[Sequence[tuple[int, int]]], Sequence[float]]


def groups(firsts: Numbers, seconds: Numbers, scores: Numbers, alike: Alike) -> list[list[int]]:
    """The groups of two or more, each with its middle first, then sorted; sorted by their smallest member.

    Pairs that were found to be one piece come as three columns: smaller article, larger article, score. Articles are
    numbers, and smaller numbers win ties, so number them by id. `alike` gives the scores of pairs that have none yet;
    0 means not one piece.
    """
    found: list[list[int]] = []
    waiting = _crowds(firsts, seconds, scores)
    while crowds := list(islice(waiting, CROWDS_AT_ONCE)):
        small = [(crowd, known) for crowd, known in crowds if len(crowd) <= SMALL_CROWD]
        missing = [pair for crowd, known in small for pair in _all_pairs(crowd) if pair not in known]
        more = dict(zip(missing, alike(missing), strict=True))
        for crowd, known in small:
            known.update((pair, more[pair]) for pair in _all_pairs(crowd) if pair not in known)
        for crowd, known in crowds:
            found += _settled(crowd, known, alike)
    return sorted(found, key=min)


def _crowds(
    firsts: Numbers, seconds: Numbers, scores: Numbers
) -> Iterator[tuple[list[int], dict[tuple[int, int], float]]]:
    """Articles joined by any chain of pairs, and those pairs: larger than the groups, but no group reaches beyond one."""
    pairs = len(firsts)
    numbers, places = np.unique(np.concatenate([firsts, seconds]), return_inverse=True)
    parent = list(range(len(numbers)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in zip(places[:pairs].tolist(), places[pairs:].tolist(), strict=True):
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    roots = np.array([root(one) for one in range(len(numbers))], np.int64)
    of_pair = roots[places[:pairs]]
    heads = np.unique(roots)
    by_crowd, pairs_by_crowd = roots.argsort(kind="stable"), of_pair.argsort(kind="stable")
    members = np.split(by_crowd, roots[by_crowd].searchsorted(heads[1:]))
    inside = np.split(pairs_by_crowd, of_pair[pairs_by_crowd].searchsorted(heads[1:]))
    for crowd, held in zip(members, inside, strict=True):
        if len(crowd):
            ends = zip(firsts[held].tolist(), seconds[held].tolist(), strict=True)
            yield numbers[crowd].tolist(), dict(zip(ends, scores[held].tolist(), strict=True))


def _settled(crowd: list[int], known: dict[tuple[int, int], float], alike: Alike) -> list[list[int]]:
    small = len(crowd) <= SMALL_CROWD
    near: dict[int, dict[int, float]] = {one: {} for one in crowd}
    for (a, b), score in known.items():
        if score > 0:
            near[a][b] = near[b][a] = score
    made: list[list[int]] = []
    left = set(crowd)
    while True:
        middle = max(sorted(left), key=lambda one: (len(near[one]), sum(near[one].values()), -one), default=None)
        if middle is None or not near[middle]:
            return made
        if not small:
            others = [one for one in sorted(left) if one != middle and one not in near[middle]]
            for one, score in zip(others, alike([_pair(middle, other) for other in others]), strict=True):
                if score > 0:
                    near[middle][one] = near[one][middle] = score
        group = [middle, *sorted(near[middle])]
        if small:
            group = [one for one in group if one == middle or _supported(one, group, near)]
        if len(group) > 1:
            made.append(group)
        left -= set(group)
        for one in left:
            near[one] = {other: score for other, score in near[one].items() if other in left}


def _supported(one: int, group: list[int], near: dict[int, dict[int, float]]) -> bool:
    return sum(other in near[one] for other in group) >= SUPPORT * len(near[one])


def _all_pairs(crowd: list[int]) -> list[tuple[int, int]]:
    return [(a, b) for at, a in enumerate(crowd) for b in crowd[at + 1 :]]


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)
