"""The learned line score: hashed words and a small ensemble of trees, summed in whole numbers, and explained in words.

The weights are weights/lines.npz (arrays) and weights/lines.json (what they are, from which data, thresholds, levels);
benchmarks/train_lines.py writes both. A score of 0 is even odds on the training pages.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from newsclean import line_features, line_glance, line_words
from newsclean.line_features import Flags, Floats, Grid, Ints
from newsclean.rulebook import WEIGHTS

# Leaf values are whole multiples of this part of a log odd: sums are exact in any order.
UNIT = 1 << 12

SLICE = 32

# Rows times nodes that are asked at once. More would not be quicker; with an eighth, a batch takes twice the time.
AT_ONCE = 1 << 17

# A line whose score falls below this on the way is news: true of all but 5 in 21,000 lines of the development pages that
# would end as furniture, and 68 % of the news lines need no more than the first slice.
NEWS_BELOW = -2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """Some trees that are asked together, all their nodes at once: quicker than going down each, and as exact.

    A node whose feature lies above its bound rules out the leaves of its first branch; of those that no node rules out
    the first is the one that a row comes to (Lucchese et al. 2015, “QuickScorer”). The nodes lie tree beside tree, so
    that what they rule out is joined for all trees at once; trees with fewer nodes have some that rule out nothing.
    """

    trees: int
    feature: Ints
    bound: Floats
    ruled_out: np.ndarray[Any, Any]  # leaves as bits, the first one highest
    every: Any  # all leaves of a tree as bits
    first_leaf: Ints  # per tree: where its leaves begin in the arrays below, less what a float's exponent is off by
    value: Ints  # per leaf, in UNITs
    path: np.ndarray[Any, np.dtype[np.int16]]  # per leaf: the features asked on the way to it,
    gain: np.ndarray[Any, np.dtype[np.int32]]  # and what each of them added to the mean

    @classmethod
    def of(cls, feature: Ints, bound: Floats, child: Ints, value: Ints, root: Ints, trees: range) -> _Step:
        """The trees of these numbers, out of nodes that lie tree after tree, first branches first.

        A node's feature, its bound, its two children (a leaf is its own child), and the mean below it.
        """
        parent = np.arange(len(feature))
        is_leaf = child[::2] == parent
        inner = np.flatnonzero(~is_leaf)
        parent[child[2 * inner]] = parent[child[2 * inner + 1]] = inner
        before = np.concatenate(([0], np.cumsum(is_leaf)))  # leaves before each node
        ends = np.append(root[1:], len(feature))
        most = int((before[ends] - before[root]).max())
        assert most <= 52, "a float has 52 bits"
        tree = np.repeat(np.arange(len(root)), ends - root)
        low = before[root[tree]]
        ours = (tree >= trees.start) & (tree < trees.stop)
        inner, leaves = inner[ours[inner]], np.flatnonzero(ours & is_leaf)
        tree -= trees.start

        place = np.arange(len(inner)) - np.searchsorted(tree[inner], tree[inner]), tree[inner]
        shape = int(place[0].max(initial=0)) + 1, len(trees)
        features, bounds, ruled_out = np.zeros(shape, np.int64), np.full(shape, np.inf), np.zeros(shape, np.int64)
        features[place], bounds[place] = feature[inner], bound[inner]
        bits = [1 << (most - before[child[2 * inner + branch]] + low[inner]) for branch in (0, 1)]
        ruled_out[place] = bits[0] - bits[1]

        slot = tree[leaves] * most + most - 1 - before[leaves] + low[leaves]
        values = np.zeros(len(trees) * most, np.int64)
        values[slot] = value[leaves]
        path: list[Ints] = []
        gain: list[Ints] = []
        node = np.zeros(len(values), np.int64)
        node[slot] = leaves
        while (node != parent[node]).any():
            above = parent[node]
            path.append(feature[above])
            gain.append(value[node] - value[above])
            node = above
        kind = np.uint32 if most <= 32 else np.uint64
        return cls(
            len(trees),
            features.ravel(),
            bounds.ravel(),
            ruled_out.ravel().astype(kind),
            kind((1 << most) - 1),
            np.arange(len(trees)) * most - 1023,
            values,
            np.array(path, np.int16).reshape(-1, len(values)).T.copy(),
            np.array(gain, np.int32).reshape(-1, len(values)).T.copy(),
        )

    def leaves(self, rows: Floats) -> Iterator[Ints]:
        """Per row and tree the leaf that the row comes to, some rows at a time."""
        step = max(1, AT_ONCE // len(self.feature))
        for at in range(0, len(rows), step):
            some = rows[at : at + step]
            above = some.take(self.feature, axis=1, mode="clip") > self.bound
            out = np.bitwise_or.reduce((self.ruled_out * above).reshape(len(some), -1, self.trees), axis=1)
            # The exponent of a float is its highest bit.
            yield ((out ^ self.every).astype(np.float64).view(np.int64) >> 52) + self.first_leaf

    def sums(self, rows: Floats) -> Ints:
        """What the first SLICE trees add to each row's score, what the first two, three … SLICEs do."""
        starts = np.arange(0, self.trees, SLICE)
        found = [np.add.reduceat(self.value.take(some), starts, axis=1) for some in self.leaves(rows)]
        sums: Ints = np.cumsum(np.concatenate(found), axis=1)
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A small ensemble of trees."""

    start: int  # the mean of all rows it was trained on, in UNITs
    steps: tuple[_Step, ...]  # the trees in the order in which they are asked

    def score(self, rows: Floats, news_below: float = -math.inf) -> Floats:
        """Log odds of each row. What falls below `news_below` on the way is not asked of the trees that are left."""
        total = np.zeros(len(rows), dtype=np.int64)
        asked = np.arange(len(rows))
        for step in self.steps:
            if not len(asked):
                break
            sums = total[asked, None] + step.sums(rows[asked])
            news = sums <= news_below * UNIT
            # The first slice that finds news has the last word.
            total[asked] = sums[np.arange(len(asked)), np.where(news.any(axis=1), news.argmax(axis=1), -1)]
            asked = asked[~news.any(axis=1)]
        return total / UNIT

    def shares(self, rows: Floats) -> Ints:
        """How much each feature adds to each row's score: the steps of the means along the paths, summed."""
        columns = rows.shape[1]
        shares = np.zeros(rows.shape, np.int64)
        for step in self.steps:
            at = 0
            for leaves in step.leaves(rows):
                base = (np.arange(len(leaves)) * columns)[:, None, None]
                path, gain = base + step.path.take(leaves, axis=0), step.gain.take(leaves, axis=0)
                # Whole numbers, far below 2**53: exact in any order.
                found = np.bincount(path.ravel(), weights=gain.ravel(), minlength=len(leaves) * columns)
                shares[at : at + len(leaves)] += found.astype(np.int64).reshape(-1, columns)
                at += len(leaves)
        return shares


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights of the line score."""

    table: np.ndarray[Any, np.dtype[np.int8]]  # one weight per hashed word or letter group
    scale: float
    bias: float
    glance: Trees  # over line_glance.look: which lines are worth a full look
    dismiss_below: float
    trees: Trees  # over line_features.describe
    names: tuple[str, ...]
    # Per profile: the score above which a line goes, the one below which it stays even where a rule finds it, and what is
    # added to the first per 100 characters of the line (up to 600).
    thresholds: Mapping[str, tuple[float, float, float]]
    bands: tuple[tuple[float, float], ...]  # score above its threshold → measured precision, rising
    certainty: Mapping[str, float]  # rule id → measured precision

    def score(self, rows: Floats) -> Floats:
        """Log odds that each row's line is furniture."""
        return self.trees.score(rows, NEWS_BELOW)

    def certainty_of(self, margin: float) -> float:
        """Measured precision of drops this far above their threshold."""
        found = self.bands[0][1] if self.bands else 0.9
        for bound, precision in self.bands:
            if margin >= bound:
                found = precision
        return found


def weigh(
    grid: Grid, evidence: Floats, model: Model, words: dict[str, float] | None = None
) -> tuple[Ints, Floats, Floats]:
    """The lines worth a full look (their numbers in the grid), the score of each, and its row of features.

    `words` keeps what the words of a line say; lines that are in it are not read again.
    """
    looked = sift(grid, evidence, model.glance, model.dismiss_below)
    # An article of which no line is worth it is done. In the others the words of each doubtful line are read, as they tell
    # of the lines around them, but only the lines beside those in question are counted through.
    read = grid.doubtful & (np.bincount(grid.page, weights=looked, minlength=len(grid.first)) > 0)[grid.page]
    numbers, lines = np.flatnonzero(looked), [grid.lines[i] for i in np.flatnonzero(read).tolist()]
    if not len(numbers):
        return numbers, np.zeros(0), np.zeros((0, len(model.names)))
    known = np.full(len(grid.lines), line_features.PLAIN_SCORE)
    words = {} if words is None else words
    if new := [line for line in dict.fromkeys(lines) if line not in words]:
        scores = line_words.scores(new, model.table, model.scale, model.bias)
        words.update(zip(new, scores.tolist(), strict=True))
    known[read] = [words[line] for line in lines]
    same = grid.page[1:] == grid.page[:-1]
    beside = looked.copy()
    beside[1:] |= looked[:-1] & same
    beside[:-1] |= looked[1:] & same
    beside &= grid.doubtful
    _, rows = line_features.describe(grid, np.flatnonzero(beside), known, evidence)
    rows = rows[looked[beside]]
    return numbers, model.score(rows), rows


def sift(grid: Grid, evidence: Floats, glance: Trees, dismiss_below: float) -> Flags:
    """Per line, whether it is worth a full look: what a rule marks always is, other doubtful lines at a glance."""
    looked = np.zeros(len(grid.lines), dtype=bool)
    numbers = np.flatnonzero(grid.doubtful)
    if len(numbers):
        _, rows = line_glance.look(grid, evidence)
        looked[numbers] = (glance.score(rows) >= dismiss_below) | (evidence[numbers, 0] > 0)
    return looked


@cache
def load() -> Model:
    """The weights that come with newsclean."""
    return read(WEIGHTS)


def read(folder: Path) -> Model:
    """The weights in a folder."""
    about = json.loads((folder / "lines.json").read_text("utf-8"))
    with np.load(folder / "lines.npz") as arrays:
        found = {name: arrays[name] for name in arrays.files}
    return Model(
        table=found["table"],
        scale=about["word_scale"],
        bias=about["word_bias"],
        glance=_trees(found, "glance_"),
        dismiss_below=about["dismiss_below"],
        trees=_trees(found, "", SLICE),
        names=tuple(about["features"]),
        thresholds={name: (one[0], one[1], one[2]) for name, one in about["thresholds"].items()},
        bands=tuple((low, precision) for low, precision in about["certainty_bands"]),
        certainty=about["rule_certainty"],
    )


def _trees(arrays: Mapping[str, Any], kind: str, *stops: int) -> Trees:
    """The ensemble of this kind; after `stops` trees what is news already is asked no further."""
    feature, child, value, root = (
        arrays[kind + name].astype(np.int64) for name in ("feature", "child", "value", "root")
    )
    ends = sorted({0, len(root), *(stop for stop in stops if stop < len(root))})
    steps = [_Step.of(feature, arrays[kind + "bound"], child, value, root, range(*part)) for part in pairwise(ends)]
    return Trees(int(value[root].sum()), tuple(steps))


@cache
def present() -> bool:
    """Whether weights are installed."""
    return (WEIGHTS / "lines.json").is_file()


# What a feature means to a reader: groups of features, and the words for a value. The first group that a feature's name
# starts with speaks for it; a group speaks once.
_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("words_score",), "worded like site furniture"),
    (("rule", "heading"), "a rule's words are in it or beside it"),
    (("score", "page_score", "short_score", "furniture"), "{furniture} furniture-like lines around it"),
    (("prose_lines_after", "prose_ahead", "prose_before", "prose_back"), "{place}"),
    (("run",), "one of {run} short lines in a row"),
    (("place",), "{ends}"),
    (("length", "width", "words", "small_words"), "{length}"),
    (("stop", "last_", "sentences", "plain"), "{stop}"),
    (("capital", "upper", "shouting", "small_share"), "cased like a link or label"),
    (("digit", "number", "money"), "digits like a date or count"),
    (
        ("bars", "marks", "colons", "at", "copyright", "commas", "brackets", "glued", "first_"),
        "signs of a label or link",
    ),
    (("repeats",), "there {repeats} times"),
    (("lines", "prose", "mean_width", "stopped_share"), "on a page with many short lines"),
)


@cache
def _groups(names: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """The words, and per feature and words 1 where they speak for it."""
    speaks = [next((says for starts, says in _WORDS if name.startswith(starts)), "") for name in names]
    says = tuple(dict.fromkeys(one for one in speaks if one))
    return says, np.array([[one == words for words in says] for one in speaks], dtype=np.int64)


# Rows whose reasons are counted at once: one takes 28 KB while that lasts, so that a list of 50,000 lines took 1.4 GB.
_REASONED = 256


def reasons(model: Model, rows: Floats) -> list[str]:
    """Why each row's line scored high, in plain words, its three strongest grounds first."""
    says, of_feature = _groups(model.names)
    told: list[str] = []
    for start in range(0, len(rows), _REASONED):
        some = rows[start : start + _REASONED]
        shares = model.trees.shares(some) @ of_feature
        told += [_reason(says, own, row, model.names) for own, row in zip(shares.tolist(), some.tolist(), strict=True)]
    return told


def _reason(says: Sequence[str], shares: Sequence[int], row: Sequence[float], names: Sequence[str]) -> str:
    value = dict(zip(names, row, strict=True))
    strongest = sorted((k for k, share in enumerate(shares) if share > 0), key=lambda k: -shares[k])
    return ", ".join(islice((one for one in (_said(says[k], value) for k in strongest) if one), 3))


def _said(words: str, value: Mapping[str, float]) -> str:
    furniture = value["furniture_share"] * value["lines"]
    top = "before the first sentence" if not value["prose_lines_before"] else ""
    edge = "near the top" if value["place"] < 4 else ""
    says = {
        "{length}": f"short ({value['length']:.0f} characters)" if value["length"] < 100 else "",
        "{stop}": "" if value["stopped"] else "no end punctuation",
        "{place}": "after the last sentence" if not value["prose_lines_after"] else top,
        "{ends}": "near the end" if value["place_from_end"] < 6 else edge,
    }
    if words in says:
        return says[words]
    if words.startswith("{furniture}"):
        return words.format(furniture=f"{furniture:.0f}") if furniture >= 2 else ""
    if words.startswith("one of"):
        return words.format(run=f"{value['run']:.0f}") if value["run"] >= 2 else ""
    if words.startswith("there"):
        return f"there {value['repeats']:.0f} times" if value["repeats"] > 1 else ""
    return words
