"""The places where two versions differ: what they say must turn one version into the other, however long both are."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.edit_hunks import WINDOW, hunks

WORDS = "harbour council ferry keeper roof bridge winter market school train the of a".split()


def changed(ours: list[str], theirs: list[str]) -> list[str]:
    """`ours` with every hunk put in."""
    out: list[str] = []
    at = 0
    for i, j, k, m in hunks(ours, theirs):
        assert at <= i <= j
        assert ours[i:j] != theirs[k:m]
        out += ours[at:i] + theirs[k:m]
        at = j
    return out + ours[at:]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_the_hunks_turn_one_version_into_the_other(ours: list[str], theirs: list[str]) -> None:
    assert changed(ours, theirs) == theirs


@settings(max_examples=20)
@given(st.randoms(use_true_random=False), st.integers(0, 40), st.sampled_from([len(WORDS), 2]))
def test_so_they_do_where_both_are_long(draw: random.Random, changes: int, vocabulary: int) -> None:
    ours = [draw.choice(WORDS[:vocabulary]) for _ in range(3 * WINDOW)]
    theirs = list(ours)
    for _ in range(changes):
        at = draw.randrange(len(theirs))
        theirs[at : at + draw.randrange(2)] = draw.choice([[], ["new"], ["the"], WORDS])
    assert changed(ours, theirs) == theirs


def test_a_few_changes_far_apart_stay_small() -> None:
    draw = random.Random(4)
    ours = [f"{draw.choice(WORDS)}{draw.randrange(90)}" for _ in range(20 * WINDOW)]
    theirs = list(ours)
    for at in range(200, len(ours), 500):
        theirs[at] = "new"
    found = hunks(ours, theirs)
    assert [(i, j, m - k) for i, j, k, m in found] == [(at, at + 1, 1) for at in range(200, len(ours), 500)]


def test_what_has_nothing_in_common_is_one_hunk() -> None:
    assert hunks(["a"] * 2 * WINDOW, ["b"] * 2 * WINDOW) == [(0, 2 * WINDOW, 0, 2 * WINDOW)]
