"""Pairs that are one piece → groups, without chaining: every member was held against the group's middle and its canonical.

A chain of likenesses (A like B, B like C) is no group: one gallery or round-up would join a whole newspaper. So the
pairs only say who *may* belong together. In each such crowd the member that most others are like becomes the middle,
those like it form the group, and the rest is looked at again. Nothing depends on the order in which articles came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

# Crowds up to this size are compared pair by pair; larger ones only with their middles.
SMALL_CROWD = 40
# In a small crowd a member joins a group if at least this share of those it is like stand in it; else it belongs
# with the others, and was only drawn here by a gallery or a round-up.
SUPPORT = 0.5

Alike = Callable[[Sequence[tuple[int, int]]], Sequence[float]]


def groups(pairs: Iterable[tuple[int, int, float]], alike: Alike) -> list[list[int]]:
    """The groups of two or more, each sorted, its middle first moved to the front; sorted by their smallest member.

    `pairs` are (a, b, score) of articles that were found to be one piece; articles are numbers, and smaller numbers win
    ties, so number them by id. `alike` gives the scores of pairs that have none yet; 0 means not one piece.
    """
    scores: dict[tuple[int, int], float] = {}
    for a, b, score in pairs:
        scores[min(a, b), max(a, b)] = score
    found = [group for crowd in _crowds(scores) for group in _settled(crowd, scores, alike)]
    return sorted(found, key=min)


def _crowds(scores: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Articles joined by any chain of pairs: larger than the groups, but no group reaches beyond one."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in scores:
        first, second = sorted((root(a), root(b)))
        parent[second] = first
    crowds: dict[int, list[int]] = {}
    for one in sorted(parent):
        crowds.setdefault(root(one), []).append(one)
    return [crowd for _, crowd in sorted(crowds.items())]


def _settled(crowd: list[int], scores: dict[tuple[int, int], float], alike: Alike) -> list[list[int]]:
    small = len(crowd) <= SMALL_CROWD
    known = {pair: scores[pair] for pair in _all_pairs(crowd) if pair in scores} if small else None
    if known is None:
        inside = set(crowd)
        known = {pair: score for pair, score in scores.items() if pair[0] in inside}
    else:
        unknown = [pair for pair in _all_pairs(crowd) if pair not in known]
        known.update(zip(unknown, alike(unknown), strict=True))
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
