"""The learned line score: hashed words and a small ensemble of trees, summed in whole numbers.

The weights are weights/lines.npz (arrays) and weights/lines.json (what they are, from which data, thresholds, levels);
benchmarks/train_lines.py writes both. A score of 0 is even odds on the training pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from newsclean import line_echoes, line_features, line_glance, line_runs, line_words
from newsclean.line_features import Flags, Floats, Grid, Ints
from newsclean.rulebook import WEIGHTS

# Leaf values are whole multiples of this part of a log odd: sums are exact in any order.
UNIT = 1 << 12

# Rows times nodes that are asked at once. More would not be quicker; with an eighth, a batch takes twice the time.
AT_ONCE = 1 << 17


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
        """What the trees add to each row's score."""
        found = [self.value.take(some).sum(axis=1) for some in self.leaves(rows)]
        return np.concatenate(found) if found else np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A small ensemble of trees."""

    start: int  # the mean of all rows it was trained on, in UNITs
    all: _Step

    def score(self, rows: Floats) -> Floats:
        """Log odds of each row."""
        return self.all.sums(rows) / UNIT

    def shares(self, rows: Floats) -> Ints:
        """How much each feature adds to each row's score: the steps of the means along the paths, summed."""
        columns = rows.shape[1]
        shares = np.zeros(rows.shape, np.int64)
        at = 0
        for leaves in self.all.leaves(rows):
            base = (np.arange(len(leaves)) * columns)[:, None, None]
            path, gain = base + self.all.path.take(leaves, axis=0), self.all.gain.take(leaves, axis=0)
            # Whole numbers, far below 2**53: exact in any order.
            found = np.bincount(path.ravel(), weights=gain.ravel(), minlength=len(leaves) * columns)
            shares[at : at + len(leaves)] = found.astype(np.int64).reshape(-1, columns)
            at += len(leaves)
        return shares


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Weights of the line score."""

    table: np.ndarray[Any, np.dtype[np.int8]]  # one weight per hashed word or letter group
    scale: float
    bias: float
    glance: Trees  # over line_glance.look: which lines are worth a full look
    first: Trees  # over `describe`: which of these lines are worth reading what the article says of them
    trees: Trees  # over `describe` and line_echoes.describe: what is added to the first score
    names: tuple[str, ...]
    # Per profile: the glance below which a line gets no full look, and the first score below which no second is asked.
    looks: Mapping[str, tuple[float, float]]
    # Per profile: the score above which a line goes, the one below which it stays even where a rule finds it, and what is
    # added to the first per 100 characters of the line (up to 600).
    thresholds: Mapping[str, tuple[float, float, float]]
    bands: tuple[tuple[float, float], ...]  # score above its threshold → measured precision, rising
    certainty: Mapping[str, float]  # rule id → measured precision

    def certainty_of(self, margin: float) -> float:
        """Measured precision of drops this far above their threshold."""
        found = self.bands[0][1] if self.bands else 0.9
        for bound, precision in self.bands:
            if margin >= bound:
                found = precision
        return found


def weigh(
    grid: Grid, evidence: Floats, model: Model, profiles: Sequence[str], words: dict[str, float] | None = None
) -> tuple[Ints, Floats, Floats]:
    """The lines worth a full look (their numbers in the grid), the score of each, and its row of features.

    `profiles`: that of each page, which says what is worth a look. `words` keeps what the words of a line say; lines that
    are in it are not read again.
    """
    bounds = np.array([model.looks[profile] for profile in profiles]).reshape(-1, 2)
    looked = sift(grid, evidence, model.glance, bounds[:, 0])
    numbers = np.flatnonzero(looked)
    rows = np.full((len(numbers), len(model.names)), UNREAD)
    if not len(numbers):
        return numbers, np.zeros(0), rows
    # An article of which no line is worth it is done. In the others the words of each doubtful line are read, as they tell
    # of the lines around them, but only the lines beside those in question are counted through.
    read = _on_pages(grid, looked)
    known = np.full(len(grid.lines), line_features.PLAIN_SCORE)
    lines = [grid.lines[i] for i in np.flatnonzero(read).tolist()]
    words = {} if words is None else words
    if new := [line for line in dict.fromkeys(lines) if line not in words]:
        scores = line_words.scores(new, model.table, model.scale, model.bias)
        words.update(zip(new, scores.tolist(), strict=True))
    known[read] = [words[line] for line in lines]
    beside = _beside(grid, looked, 1)
    _, table = describe(grid, np.flatnonzero(beside), known, evidence)
    columns = table.shape[1]
    rows[:, :columns] = table[looked[beside]]
    score = model.first.score(rows)
    # What is news by then is left at that; the others' words are looked for in the article.
    open_ = score >= bounds[grid.page[numbers], 1]
    if open_.any():
        left = looked.copy()
        left[numbers] = open_
        near = _beside(grid, left, line_echoes.REACH)
        rows[open_, columns:] = line_echoes.describe(grid, numbers[open_], np.flatnonzero(near))[1]
        score[open_] += model.trees.score(rows[open_])
    return numbers, score, rows


# The features of a line whose words are not looked for in its article.
UNREAD = -9.0


def describe(grid: Grid, rows: Ints, known: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """All features but the echoes: names, and a row for each of these doubtful lines."""
    names, table = line_features.describe(grid, rows, known, evidence)
    more, runs = line_runs.describe(grid, rows, known, evidence)
    return names + more, np.concatenate((table, runs), axis=1)


def _on_pages(grid: Grid, of: Flags) -> Flags:
    """The doubtful lines of all pages that have one of these lines."""
    found: Flags = grid.doubtful & (np.bincount(grid.page, weights=of, minlength=len(grid.first)) > 0)[grid.page]
    return found


def _beside(grid: Grid, of: Flags, reach: int) -> Flags:
    """The doubtful lines up to `reach` lines from one of these on its page."""
    found = of.copy()
    for step in range(1, reach + 1):
        same = grid.page[step:] == grid.page[:-step]
        found[step:] |= of[:-step] & same
        found[:-step] |= of[step:] & same
    return found & grid.doubtful


def sift(grid: Grid, evidence: Floats, glance: Trees, dismiss_below: Floats) -> Flags:
    """Per line, whether it is worth a full look: what a rule marks always is, other doubtful lines at a glance.

    `dismiss_below`: per page, the glance below which a line is not.
    """
    looked = np.zeros(len(grid.lines), dtype=bool)
    numbers = np.flatnonzero(grid.doubtful)
    if len(numbers):
        _, rows = line_glance.look(grid, evidence)
        looked[numbers] = (glance.score(rows) >= dismiss_below[grid.page[numbers]]) | (evidence[numbers, 0] > 0)
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
        first=_trees(found, "first_"),
        trees=_trees(found, ""),
        names=tuple(about["features"]),
        looks={name: (one[0], one[1]) for name, one in about["looks"].items()},
        thresholds={name: (one[0], one[1], one[2]) for name, one in about["thresholds"].items()},
        bands=tuple((low, precision) for low, precision in about["certainty_bands"]),
        certainty=about["rule_certainty"],
    )


def _trees(arrays: Mapping[str, Any], kind: str) -> Trees:
    """The ensemble of this kind."""
    feature, child, value, root = (
        arrays[kind + name].astype(np.int64) for name in ("feature", "child", "value", "root")
    )
    step = _Step.of(feature, arrays[kind + "bound"], child, value, root, range(len(root)))
    return Trees(int(value[root].sum()), step)


@cache
def present() -> bool:
    """Whether weights are installed."""
    return (WEIGHTS / "lines.json").is_file()
