"""Two candidates → what they share, both ways → a relation and the reason for it.

`measure` compares sketches, many pairs at once; `judge` says how surely two articles are one piece. Two whole texts are
aligned for people in `compare_texts`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from newsclean.anchors import NAME, NUMBER, STRETCHES, Sketch
from newsclean.arrays import Bool, Float, Int64

# Pairs of sketches compared at once: some 10 MB of keys.
PAIRS_AT_ONCE = 512


def share_some(a: Sketch, b: Sketch, least: float) -> bool:
    """Whether the one or the other article shares at least this part of its word pairs; far cheaper than `measure`."""
    one, other = _sampled(a, b)
    if not len(one) or not len(other):
        return False
    both = np.concatenate([one, other])
    both >>= np.uint32(8)
    both.sort()
    return bool(np.count_nonzero(both[1:] == both[:-1]) >= least * min(len(one), len(other)))


def _sampled(a: Sketch, b: Sketch) -> tuple[Any, Any]:
    """The word pairs of both on the coarser of their two samples."""
    if a.pair_sample == b.pair_sample:
        return a.pairs, b.pairs
    limit = np.uint32(1 << (32 - max(a.pair_sample, b.pair_sample)))
    if a.pair_sample < b.pair_sample:
        return a.pairs[: a.pairs.searchsorted(limit)], b.pairs
    return a.pairs, b.pairs[: b.pairs.searchsorted(limit)]


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What the articles of each pair share; index 0 of the last axis is a, 1 is b. All in [0, 1] but for the counts."""

    words: Float  # (n, 2) weighted share of the content words that the other has
    pairs: Float  # (n, 2) weighted share of the word pairs that the other has
    plain: Float  # (n, 2) the same, each pair counted once: the containment that is reported
    jaccard: Float  # (n,) of the word pairs, each counted once
    stretches: Float  # (n, 2, 16) of the word pairs in each stretch of the article, weighted; -1 where there is none
    numbers: Float  # (n, 2) share of the numbers that the other has; 1 if there is none
    names: Float  # (n, 2) share of the rare capitalised words that the other has; 1 if there is none
    number_count: Float  # (n, 2)
    name_count: Float  # (n, 2)
    length: Float  # (n, 2) content words
    shared: Float  # (n,) word pairs in common, estimated where sampled
    order: Float  # (n,) correlation of where shared pairs stand in a and in b: 1 if in the same order, 0 if anyhow
    same_text: Bool  # (n,)


def measure(pairs: Sequence[tuple[Sketch, Sketch]]) -> Shares:
    """What the articles of each pair share. A pair's figures depend on its two sketches alone."""
    parts = [_measure(pairs[at : at + PAIRS_AT_ONCE]) for at in range(0, len(pairs), PAIRS_AT_ONCE)]
    if not parts:
        parts = [_measure([])]
    return Shares(*(np.concatenate([getattr(part, name) for part in parts]) for name in Shares.__slots__))


def _measure(pairs: Sequence[tuple[Sketch, Sketch]]) -> Shares:
    count = len(pairs)
    words = Meeting([(a.words, b.words, max(a.word_sample, b.word_sample)) for a, b in pairs])
    couples = Meeting([(a.pairs, b.pairs, max(a.pair_sample, b.pair_sample)) for a, b in pairs])
    counted = np.ones(len(couples.weight))
    total, met = couples.sums(counted)
    shared = np.minimum(met[:, 0], met[:, 1])
    union = total.sum(axis=1) - shared
    scale = np.array([2.0 ** max(a.pair_sample, b.pair_sample) for a, b in pairs])

    number = (words.payload & NUMBER).astype(np.float64)
    name = ((words.payload & NAME) > 0) & (words.weight >= NAMES_WEIGH)
    number_count, numbers_met = words.sums(number)
    name_count, names_met = words.sums(name.astype(np.float64))

    group = couples.side * STRETCHES + (couples.payload & 15)
    in_stretch = np.bincount(group, couples.weight, count * 2 * STRETCHES).reshape(count, 2, STRETCHES)
    met_in_stretch = np.bincount(group, couples.weight * couples.met, count * 2 * STRETCHES).reshape(in_stretch.shape)
    return Shares(
        words=_share(*words.sums(words.weight)),
        pairs=_share(*couples.sums(couples.weight)),
        plain=_share(total, met),
        jaccard=np.where(union > 0, shared / np.maximum(union, 1), 0.0),
        stretches=np.where(in_stretch > 0, met_in_stretch / np.maximum(in_stretch, 1), -1.0),
        numbers=_share(number_count, numbers_met, none=1.0),
        names=_share(name_count, names_met, none=1.0),
        number_count=number_count,
        name_count=name_count,
        length=np.array([(a.length, b.length) for a, b in pairs], np.float64).reshape(count, 2),
        shared=shared * scale,
        order=couples.order(),
        same_text=np.array([a.text_hash == b.text_hash != 0 for a, b in pairs], bool),
    )


# A capitalised word that is commoner than this begins a sentence more often than it names somebody.
NAMES_WEIGH = 7


class Meeting:
    """All items of all pairs in one sorted array, where an item that both articles have stands beside its like."""

    def __init__(self, items: Sequence[tuple[Any, Any, int]]) -> None:
        self.count = len(items)
        sides = []
        for a, b, sample in items:
            limit = 1 << (32 - sample)
            sides.append(a if not sample else a[: np.searchsorted(a, limit)])
            sides.append(b if not sample else b[: np.searchsorted(b, limit)])
        lengths = np.array([len(side) for side in sides], np.int64)
        values = np.concatenate(sides).astype(np.uint64) if sides else np.zeros(0, np.uint64)
        side = np.repeat(np.arange(len(sides), dtype=np.uint64), lengths)
        # pair, 24 bits of hash, side, payload
        keys = (side >> np.uint64(1)) << np.uint64(33) | (values >> np.uint64(8)) << np.uint64(9)
        keys |= (side & np.uint64(1)) << np.uint64(8) | values & np.uint64(255)
        keys.sort()
        same = keys[1:] >> np.uint64(9) == keys[:-1] >> np.uint64(9)
        self.same = same
        met = np.zeros(len(keys), bool)
        met[1:] |= same
        met[:-1] |= same
        self.met = met
        self.side = (keys >> np.uint64(33) << np.uint64(1) | keys >> np.uint64(8) & np.uint64(1)).astype(np.int64)
        self.payload = (keys & np.uint64(255)).astype(np.int64)
        self.weight = (self.payload >> 4).astype(np.float64)

    def sums(self, amounts: Float) -> tuple[Float, Float]:
        """Of some amount of each item: the sum over each article of each pair, and over what the other has too."""
        total = np.bincount(self.side, amounts, 2 * self.count).astype(np.float64).reshape(self.count, 2)
        met = np.bincount(self.side, amounts * self.met, 2 * self.count).astype(np.float64).reshape(self.count, 2)
        return total, met

    def products(self, amounts: Float) -> Float:
        """Of some amount of each item: the sum of what it is here times what it is there, for each pair of articles."""
        first = np.flatnonzero(self.same)
        return np.bincount(self.side[first] >> 1, amounts[first] * amounts[first + 1], self.count).astype(np.float64)

    def order(self) -> Float:
        """For each pair of articles: weighted correlation of the stretches in which their shared items stand."""
        first = np.flatnonzero(self.same)
        pair, weight = self.side[first] >> 1, self.weight[first]
        x, y = self.payload[first] & 15, self.payload[first + 1] & 15

        def total(amount: Float | Int64) -> Float:
            return np.bincount(pair, weight * amount, self.count).astype(np.float64)

        mass = np.maximum(np.bincount(pair, weight, self.count), 1e-9)
        mean_x, mean_y = total(x) / mass, total(y) / mass
        spread = (total(x * x) / mass - mean_x**2) * (total(y * y) / mass - mean_y**2)
        return (total(x * y) / mass - mean_x * mean_y) / np.sqrt(np.maximum(spread, 0.25))


def _share(total: Float, met: Float, none: float = 0.0) -> Float:
    return np.where(total > 0, met / np.maximum(total, 1e-9), none)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What follows from the shares of each pair."""

    score: Float  # (n,) how surely the two are one piece, in [0, 1]; above 0.5 they are
    template: Bool  # (n,) same form, other numbers or names: never one piece
    part: Float  # (n, 2) share of the stretches of the one that are found in the other


# A stretch of an article is found in the other if so much of its word pairs is. Strangers share 0.03 in the mean, a
# text with half of its words replaced 0.25.
FOUND_FROM = 0.10
# A stretch of the whole of which this much is found in the part belongs to that part of a round-up.
IN_PART = 0.4
# Shared so much, a stretch was taken over word by word, more or less.
VERBATIM_FROM = 0.50
# Stretches that share less do not count for the density.
DENSE_FROM = 0.15
# What a rule against the score leaves of it: too little for a copy at any threshold that makes sense.
UNSURE = 0.3
# Content words below which an article says less by its shares.
FULL_LENGTH = 150

# What the score is made of: see `figures`. Read it like this: what is found from end to end (cover, trace) and in the
# same order is a copy; shared densely in some places only (density without cover) or anyhow (disorder) is another article
# with the same agency paragraphs in it, unless half of all is the same (same, jaccard); what begins in the same way
# (lead) is a copy rather than a follow-up that ends in the same background; of a short text more must be shared
# (short_pairs, lead_full).
FIGURES = (
    "cover", "trace", "half", "density", "pairs", "order", "full", "order_full", "jaccard", "same", "disorder",
    "short_pairs", "lead", "lead_full",
)  # fmt: skip
# Where these figures begin to count, and where the same text is so much that its order matters no more.
TRACE_FROM, IN_ORDER, JACCARD_FROM, JACCARD_SAME = 0.05, 0.92, 0.3, 0.4
# Stretches that an article begins with.
LEAD = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """Two logistic regressions on the figures, for what is shared word by word and for what was reworded all through.

    One alone must weigh real articles with an agency's paragraphs in common, which are dense in places and never copies,
    against spun copies, which are dense nowhere: among other articles than it was fitted on it was right less often
    (n1, four folds: precision 0.83 at recall 0.90, two have 0.90 at 0.93).
    """

    dense: tuple[float, ...]  # one for each of FIGURES, then the intercept
    reworded: tuple[float, ...]
    cut: float  # density at which both count alike
    width: float  # so far from it on either side, one of them counts alone

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Weights:
        """The weights as they are stored."""
        both = (
            [*(stored[part][name] for name in FIGURES), stored[part]["intercept"]] for part in ("dense", "reworded")
        )
        dense, reworded = map(tuple, both)
        return cls(dense, reworded, stored["cut"], stored["width"])


@lru_cache(maxsize=1)
def weights() -> Weights:
    """The weights that ship with newsclean: weights/copies.json, fitted and judged by benchmarks/fit_copies.py."""
    return Weights.of(json.loads((resources.files("newsclean") / "weights" / "copies.json").read_text("utf-8")))


# A text of fewer content words than SHORT must be found in the other nearly whole (of 418 short copies 3 are not; one
# shared sentence is half of a brief), and one of fewer than TINY in most of its pairs.
SHORT, SHORT_COVER = 150, 0.7
TINY, TINY_PAIRS = 40, 0.6
# ...or begin as the other begins: its first half is there nearly word for word, what follows is another's tail. (Among
# pairs of n1 this admits none; of n2hard it admits 9 briefs and 2 strangers, in either half of the stories alike.)
HEAD_FROM, HEAD_SHARE, HEAD_DENSITY = 0.3, 0.5, 0.6

# Who share so much of all their word pairs are one piece in whatever order: paragraphs are moved about. (Of real pairs
# 17 copies and no others share that much; on n2 the order alone had cost five.)
JACCARD_ONE, SURE = 0.6, 0.9

# What is found in the other nearly whole and in order is an excerpt from wherever: a round-up that it may stand in is told
# later. (Of listed pairs of n1 16 copies and no others; of n2 and n2hard copies and parts of round-ups only.)
WHOLE_PAIRS, WHOLE_COVER, WHOLE_ORDER, WHOLE_WORDS = 0.88, 0.93, 0.9, 60

# The block rule: each of the two has so many content words (some 160 words, two or three paragraphs) in stretches of
# which the other has nothing, and what they share is the same word for word: a photo gallery, a document or a survey
# under two different articles. An updated or spun piece has traces everywhere, an excerpt has hardly anything of its
# own. On n1 it takes two of six false pairs, one in each half; of 5,900 copies in n2 and n2hard it costs one.
# Two that share their first three quarters are one piece with another tail (galleries of n1: 0.7 at most).
BLOCK_OWN, BLOCK_DENSITY, BLOCK_BEHIND = 80, 0.8, 0.75

# The template rule. Both are found in one another from end to end, but their numbers differ, and there are many of them.
# With it no two templates of n2 and n2hard are merged; it costs 4 of the 2,214 copies of n2 and none of the 31 of n1.
TEMPLATE_COVER = 0.45
TEMPLATE_NUMBERS = 5
TEMPLATE_NUMBERS_SHARED = 0.76
TEMPLATE_NUMBERS_PER_WORD = 0.025


def _part(shares: Shares) -> Int64:
    """Of each pair the side more of which is found in the other."""
    return (shares.pairs[:, 1] > shares.pairs[:, 0]).astype(np.int64)


def figures(shares: Shares) -> dict[str, Float]:
    """What the score is made of, by the names in FIGURES; each (n,)."""
    row, part = np.arange(len(shares.jaccard)), _part(shares)
    stretches = shares.stretches[row, part]
    dense = stretches >= DENSE_FROM
    length = np.minimum(shares.length[row, part], FULL_LENGTH) / FULL_LENGTH
    order = np.clip(shares.order, 0, 1)
    same = np.clip((shares.jaccard - JACCARD_FROM) / (JACCARD_SAME - JACCARD_FROM), 0, 1)
    pairs = shares.pairs[row, part]
    lead = np.maximum(shares.stretches[:, :, :LEAD], 0).mean(axis=2).min(axis=1, initial=1.0)
    shorter = np.minimum(shares.length.min(axis=1, initial=np.inf), FULL_LENGTH) / FULL_LENGTH
    return {
        "cover": cover(shares.stretches, FOUND_FROM).max(axis=1, initial=0.0),
        "trace": cover(shares.stretches, TRACE_FROM).max(axis=1, initial=0.0),
        "half": cover(shares.stretches, VERBATIM_FROM)[row, part],
        "density": np.where(dense, stretches, 0).sum(axis=1) / np.maximum(dense.sum(axis=1), 1),
        "pairs": pairs,
        "order": order,
        "full": length,
        "order_full": order * length,
        "jaccard": np.maximum(shares.jaccard - JACCARD_FROM, 0),
        "same": same * length,
        "disorder": np.maximum(IN_ORDER - order, 0) * length * (1 - same),
        "short_pairs": pairs * (1 - length),
        "lead": lead,
        "lead_full": lead * shorter,
    }


def log_odds(figure: Mapping[str, Float], weigh: Weights) -> Float:
    """How likely the two of each pair are one piece by what they share alone; above 0 they are, more likely than not."""
    dense, reworded = np.full((2, len(figure["density"])), [[weigh.dense[-1]], [weigh.reworded[-1]]])
    for at, name in enumerate(FIGURES):
        dense += weigh.dense[at] * figure[name]
        reworded += weigh.reworded[at] * figure[name]
    share = np.clip((figure["density"] - weigh.cut + weigh.width) / (2 * weigh.width), 0, 1)
    total: Float = share * dense + (1 - share) * reworded
    return total


def judge(shares: Shares, weigh: Weights | None = None) -> Verdicts:
    """How surely the two articles of each pair are one piece; by the weights that ship, if no others are given."""
    row, part = np.arange(len(shares.jaccard)), _part(shares)
    figure = figures(shares)
    score = 1 / (1 + np.exp(-np.clip(log_odds(figure, weigh or weights()), -30, 30)))
    words = shares.length[row, part]
    little = (words < SHORT) & (figure["cover"] < SHORT_COVER) & ~_begins_alike(shares)
    little |= (words < TINY) & (figure["pairs"] < TINY_PAIRS)
    whole = (figure["pairs"] >= WHOLE_PAIRS) & (figure["cover"] >= WHOLE_COVER) & (figure["order"] >= WHOLE_ORDER)
    whole &= words >= WHOLE_WORDS
    score = np.where(whole | (shares.jaccard >= JACCARD_ONE), np.maximum(score, SURE), score)
    score = np.where(little | _is_block(shares), np.minimum(score, UNSURE), score)
    score = np.where(shares.same_text, 1.0, score)

    unshared = shares.number_count * (1 - shares.numbers) / np.maximum(shares.length, 1)
    template = (
        (cover(shares.stretches, DENSE_FROM).min(axis=1, initial=1.0) >= TEMPLATE_COVER)
        & (shares.number_count[row, part] >= TEMPLATE_NUMBERS)
        & (shares.numbers.max(axis=1, initial=0.0) <= TEMPLATE_NUMBERS_SHARED)
        & (unshared.max(axis=1, initial=0.0) >= TEMPLATE_NUMBERS_PER_WORD)
    )
    return Verdicts(score, template & ~shares.same_text, cover(shares.stretches, FOUND_FROM))


def _begins_alike(shares: Shares) -> Bool:
    """Whether the first half or more of the shorter is found in the other densely, and the other begins in it too."""
    row, part = np.arange(len(shares.jaccard)), _part(shares)
    own, others = shares.stretches[row, part], shares.stretches[row, 1 - part]
    head = np.cumprod(own >= HEAD_FROM, axis=1)
    length = head.sum(axis=1)
    density = np.where(head, own, 0).sum(axis=1) / np.maximum(length, 1)
    there = np.maximum((own >= 0).sum(axis=1), 1)
    alike: Bool = (length >= HEAD_SHARE * there) & (density >= HEAD_DENSITY) & (others[:, 0] >= HEAD_FROM)
    return alike


def _is_block(shares: Shares) -> Bool:
    """Whether two articles with much of their own share a block word for word, and nothing else."""
    stretches = shares.stretches
    there = np.maximum((stretches >= 0).sum(axis=2), 1)
    own = ((stretches >= 0) & (stretches < FOUND_FROM)).sum(axis=2) / there * shares.length
    dense = stretches >= DENSE_FROM
    density = np.where(dense, stretches, 0).sum(axis=2) / np.maximum(dense.sum(axis=2), 1)
    head = np.cumprod(stretches >= HEAD_FROM, axis=2).sum(axis=2) / there
    block: Bool = (own.min(axis=1, initial=1e9) >= BLOCK_OWN) & (density.min(axis=1, initial=1.0) >= BLOCK_DENSITY)
    block &= head.min(axis=1, initial=1.0) < BLOCK_BEHIND
    return block


def cover(stretches: Float, least: float) -> Float:
    """Share of an article's stretches of which at least so much is shared; for both articles."""
    there = (stretches >= 0).sum(axis=-1)
    covered: Float = (stretches >= least).sum(axis=-1) / np.maximum(there, 1)
    return covered
