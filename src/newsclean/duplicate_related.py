"""Independent articles on one event: the same people, places and things from the start and all through, in other words.

Only on request (`related = true`), and never one piece.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import numpy as np

from newsclean import gist
from newsclean.arrays import Float, UInt32, UInt64
from newsclean.compare import IN_PART, Meeting, Shares
from newsclean.index_buckets import View

# Whom to compare: who shares two of the ten words that tell most. Of related pairs of n2, n2hard and n1 (2026-11) 0.91, 0.92
# and 0.91 are compared (0.71, 0.76 and 0.78 without it), at 2.2 to 5.9 more comparisons an article; with eight words 0.87 to
# 0.89 at 2.1 to 4.2, with twelve 0.92 to 0.94 at 3.7 to 8.8.
TOPICS = View(2, "topics", bucket=24, shared=1, crowded=2)

# How much surer than undated articles two must be that lie so many days apart, at most; beyond the last they are on two events.
# Of 360 pairs of n1 that were read (benchmarks/judged_related.jsonl, use = fit) as many were on one event:
#   up to 7 days apart    173 of 177 above -1.55, 15 of 18 below it
#   8 to 30 days          32 of 32 above -1.05, 8 of 13 below it
#   31 to 92 days         4 of 5 above 0.45, 13 of 24 below it
#   more than 92          7 of 18 above -0.25: what is alike after a quarter of a year is as often another round of it
APART = ((7, -1.55), (30, -1.05), (92, 0.45))
# Less is never enough.
EVENT_FROM = min(least for _, least in APART)

# What is held against each other: how alike the words are that the two are about (about), and those that they begin with
# (beginning); in how much of each, beside what was taken over, the other shows (elsewhere). Of standing matter under
# different articles nothing shows elsewhere.
FIGURES = ("about", "beginning", "elsewhere_more", "elsewhere_less", "pairs_more", "in_blocks", "shorter", "longer")


def topic_keys(gists: Sequence[UInt32]) -> list[UInt64]:
    """The keys of each article's most telling words, two by two."""
    return [TOPICS.keys(gist.telling_pairs(one)) for one in gists]


def figures(gists: Sequence[tuple[UInt32, UInt32]], shares: Shares) -> dict[str, Float]:
    """What two articles on one event have in common, by the names in FIGURES; each (n,)."""
    words = Meeting([(a, b, 0) for a, b in gists])
    amount = gist.amounts(words.payload).astype(np.float64)
    there = shares.stretches >= 0
    taken_over = shares.stretches >= IN_PART
    rest = there & ~taken_over
    elsewhere = (rest & (shares.stretches > 0)).sum(axis=2) / np.maximum(rest.sum(axis=2), 1)
    shared = np.where(there, shares.stretches, 0)
    in_blocks = np.where(taken_over, shared, 0).sum(axis=2) / np.maximum(shared.sum(axis=2), 1e-9)
    length = np.sort(shares.length, axis=1)

    def alike(counted: Float) -> Float:
        size = words.sums(counted**2)[0].prod(axis=1)
        return np.asarray(words.products(counted) / np.sqrt(np.maximum(size, 1e-9)))

    return dict(
        zip(
            FIGURES,
            (
                alike(amount), alike(amount * (words.payload >> 1 & 1)), elsewhere.max(axis=1), elsewhere.min(axis=1),
                shares.plain.max(axis=1), in_blocks.max(axis=1), np.log(length[:, 0] + 5),
                np.log((length[:, 1] + 5) / (length[:, 0] + 5)),
            ),
            strict=True,
        )
    )  # fmt: skip


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """The weights that ship with newsclean: weights/related.json, fitted and judged by benchmarks/fit_related.py."""
    stored = json.loads((resources.files("newsclean") / "weights" / "related.json").read_text("utf-8"))
    return {name: float(value) for name, value in stored["weights"].items()}


def log_odds(gists: Sequence[tuple[UInt32, UInt32]], shares: Shares, weigh: dict[str, float] | None = None) -> Float:
    """How likely the articles of each pair are on one event, if they are not one piece; undated ones above 0 are linked."""
    if not gists:
        return np.zeros(0)
    weigh = weigh or weights()
    total = np.full(len(gists), weigh["intercept"])
    for name, figure in figures(gists, shares).items():
        total += weigh[name] * figure
    return total


def needed(days: Float) -> Float:
    """What the log odds of articles so many days apart must be above; not a number: a date is missing."""
    least = np.where(np.isnan(days), 0.0, np.inf)
    for limit, bound in reversed(APART):
        least = np.where(days <= limit, bound, least)
    return least
