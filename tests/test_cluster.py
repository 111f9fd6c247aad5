"""Pairs become groups: nothing is chained, nothing is lost, and the order of the pairs does not matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import cluster
from newsclean.cluster import SMALL_CROWD


def groups(pairs: Sequence[tuple[int, int, float]], alike: cluster.Alike) -> list[list[int]]:
    rows = np.array(pairs, [("a", int), ("b", int), ("score", float)])
    return cluster.groups(rows["a"], rows["b"], rows["score"], alike)


def alike(scores: dict[tuple[int, int], float]):  # type: ignore[no-untyped-def]
    return lambda pairs: [scores.get(pair, 0.0) for pair in pairs]


def grouped(scores: dict[tuple[int, int], float]) -> list[list[int]]:
    return groups([(a, b, score) for (a, b), score in scores.items()], alike(scores))


def test_a_chain_is_no_group() -> None:
    chain = {(number, number + 1): 0.9 for number in range(9)}
    assert max(len(group) for group in grouped(chain)) == 3  # each a middle with its two neighbours


def test_two_stories_joined_by_one_gallery_stay_two() -> None:
    first = {(a, b): 0.9 for a in range(4) for b in range(a + 1, 4)}
    second = {(a, b): 0.9 for a in range(10, 14) for b in range(a + 1, 14)}
    bridge = {(3, 10): 0.6}
    assert [sorted(group) for group in grouped(first | second | bridge)] == [[0, 1, 2, 3], [10, 11, 12, 13]]


def test_a_large_crowd_is_compared_with_its_middle_only() -> None:
    asked: list[tuple[int, int]] = []
    size = 5 * SMALL_CROWD

    def always(pairs: Sequence[tuple[int, int]]) -> list[float]:
        asked.extend(pairs)
        return [0.9] * len(pairs)

    found = groups(
        [(0, number, 0.9) for number in range(1, size, 2)] + [(1, n, 0.9) for n in range(2, size, 2)], always
    )
    assert [len(group) for group in found] == [size]
    assert len(asked) < size


def test_a_pair_is_a_group_of_two() -> None:
    assert groups([(3, 7, 0.5)], alike({})) == [[3, 7]]


PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([0.5, 0.7, 0.9]),
    max_size=40,
)


@given(PAIRS, st.randoms())
def test_whatever_the_pairs_every_member_is_like_its_middle_and_in_one_group(scores, chance) -> None:  # type: ignore[no-untyped-def]
    found = grouped(scores)
    members = [one for group in found for one in group]
    assert len(members) == len(set(members))
    for group in found:
        assert len(group) > 1
        assert all((min(group[0], one), max(group[0], one)) in scores for one in group[1:])
    mixed = list(scores.items())
    chance.shuffle(mixed)
    assert grouped(dict(mixed)) == found


def test_crowds_are_settled_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {(3 * number, 3 * number + 1): 0.9 for number in range(7)}
    monkeypatch.setattr(cluster, "CROWDS_AT_ONCE", 2)
    assert grouped(scores) == [[3 * number, 3 * number + 1] for number in range(7)]
    assert grouped({}) == []
