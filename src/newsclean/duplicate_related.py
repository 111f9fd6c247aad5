"""Independent articles on one event: the same names and rare words, hardly a pair of words side by side.

Only on request (`related = true`), and never one piece. Text alone knows a running story, not the day: articles whose
dates are known and lie more than a week apart are not linked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from newsclean.anchors import NAME, NUMBER, Sketch
from newsclean.arrays import Float, UInt64
from newsclean.compare import FOUND_FROM, IN_PART, Meeting, Shares, cover
from newsclean.index_buckets import View

# Articles on one event share few word pairs, so a third of such pairs would never be compared: names are a view of their
# own. Of related pairs of n2, n2hard and n1 (2026-11) 0.77, 0.82 and 0.81 are compared (0.71, 0.76 and 0.78 without it), at
# 0.7 to 2.6 more comparisons an article.
NAMES = View(2, "names", bucket=40, shared=4, crowded=6)
# A capitalised word that is commoner than this is hardly a name, or everybody's.
NAMES_WEIGH = 7

FIGURES = (
    "words_more", "words_less", "pairs_more", "pairs_less", "shared", "spread_more", "spread_less", "found_more",
    "verbatim_more", "verbatim_less", "order", "shorter", "longer", "cosine", "rare_cosine", "name_cosine", "names",
    "rare_names", "numbers", "rare_words",
)  # fmt: skip
# Days between two dated articles, above which they are on two events: of 404 related pairs nine in ten lie within 3 days,
# of as many that only share furniture one in ten within 5.
WITHIN_DAYS = 7.0


def name_keys(sketches: Sequence[Sketch]) -> list[UInt64]:
    """The keys of each article's names."""
    return [NAMES.keys((one.words[_names(one.words)] >> 8).astype(np.uint64)) for one in sketches]


def _names(words: Any) -> Any:
    return (words & NAME > 0) & (words >> 4 & 15 >= NAMES_WEIGH)


def figures(pairs: Sequence[tuple[Sketch, Sketch]], shares: Shares) -> dict[str, Float]:
    """What two articles on one event have in common, by the names in FIGURES; each (n,)."""
    words = Meeting([(a.words, b.words, max(a.word_sample, b.word_sample)) for a, b in pairs])
    scale = np.array([2.0 ** max(a.word_sample, b.word_sample) for a, b in pairs])
    weight = words.weight
    name = (words.payload & NAME) > 0
    rare = np.maximum(weight - 5, 0) ** 2

    def cosine(amount: Float) -> Float:
        total, met = words.sums(amount)
        return np.asarray(met.mean(axis=1) / np.sqrt(np.maximum(total.prod(axis=1), 1e-9)))

    def count(which: Any) -> Float:
        shared: Float = words.sums(which.astype(np.float64))[1].min(axis=1) * scale
        return np.log1p(shared)

    verbatim = cover(shares.stretches, IN_PART)
    spread = cover(shares.stretches, np.nextafter(0, 1))
    length = np.sort(shares.length, axis=1)
    return dict(
        zip(
            FIGURES,
            (
                shares.words.max(axis=1), shares.words.min(axis=1), shares.plain.max(axis=1), shares.plain.min(axis=1),
                np.log1p(np.minimum(shares.shared, 300)), spread.max(axis=1), spread.min(axis=1),
                cover(shares.stretches, FOUND_FROM).max(axis=1), verbatim.max(axis=1), verbatim.min(axis=1),
                shares.order, np.log(length[:, 0] + 5), np.log((length[:, 1] + 5) / (length[:, 0] + 5)),
                cosine(weight**2), cosine(rare), cosine(rare * name), count(name & (weight >= NAMES_WEIGH)),
                count(name & (weight >= 10)), count((words.payload & NUMBER > 0) & (weight >= 7)), count(weight >= 8),
            ),
            strict=True,
        )
    )  # fmt: skip


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """The weights that ship with newsclean: weights/related.json, fitted and judged by benchmarks/fit_related.py."""
    stored = json.loads((resources.files("newsclean") / "weights" / "related.json").read_text("utf-8"))
    return {name: float(value) for name, value in stored["weights"].items()}


def log_odds(pairs: Sequence[tuple[Sketch, Sketch]], shares: Shares, weigh: dict[str, float] | None = None) -> Float:
    """How likely the articles of each pair are on one event, if they are not one piece; above 0 they are linked."""
    if not pairs:
        return np.zeros(0)
    weigh = weigh or weights()
    total = np.full(len(pairs), weigh["intercept"])
    for name, figure in figures(pairs, shares).items():
        total += weigh[name] * figure
    return total
