"""The learned line score: hashed words and a small ensemble of trees, summed in whole numbers, and explained in words.

The weights are weights/lines.npz (arrays) and weights/lines.json (what they are, from which data, thresholds, levels);
benchmarks/train_lines.py writes both. A score of 0 is even odds on the training pages.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from newsclean import line_features, line_glance, line_words
from newsclean.line_features import Flags, Floats, Grid, Ints
from newsclean.rulebook import WEIGHTS

# Leaf values are whole multiples of this part of a log odd: sums are exact in any order.
UNIT = 1 << 12

SLICE = 32

# Rows times trees that are walked through at once: 16 rows and the seven slices behind the first.
AT_ONCE = 16 * 7 * SLICE

# A line whose score falls below this on the way is news: true of all but 5 in 21,000 lines of the development pages that
# would end as furniture, and 68 % of the news lines need no more than the first slice.
NEWS_BELOW = -2.0


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A small ensemble of trees. All nodes lie in one array; a leaf is its own child."""

    feature: Ints
    bound: Floats  # a row goes to the first child when its feature is at most this
    child: Ints  # two per node
    value: np.ndarray[Any, np.dtype[np.int32]]  # in UNITs; of an inner node: the mean below it
    root: Ints  # one per tree
    depth: int

    def score(self, rows: Floats, news_below: float = -math.inf) -> Floats:
        """Log odds of each row. What falls below `news_below` on the way is not asked of the trees that are left."""
        total = np.zeros(len(rows), dtype=np.int64)
        asked = np.arange(len(rows))
        # A slice of trees at a time, so that the working arrays stay in the cache; few rows go through several at once.
        at, trees = 0, len(self.root)
        while at < trees and len(asked):
            slices = 1 if not at else max(1, AT_ONCE // (len(asked) * SLICE))
            to = min(trees, at + slices * SLICE)
            node = self._leaves(rows[asked], np.broadcast_to(self.root[at:to], (len(asked), to - at)))
            starts = np.arange(0, to - at, SLICE)
            sums = total[asked, None] + np.cumsum(
                np.add.reduceat(self.value[node], starts, axis=1, dtype=np.int64), axis=1
            )
            news = sums <= news_below * UNIT
            # The first slice that finds news has the last word.
            total[asked] = sums[np.arange(len(asked)), np.where(news.any(axis=1), news.argmax(axis=1), len(starts) - 1)]
            asked = asked[~news.any(axis=1)]
            at = to
        return total / UNIT

    def _leaves(self, rows: Floats, node: Any) -> Any:
        flat = rows.ravel()
        base = (np.arange(len(rows)) * rows.shape[1])[:, None]
        for _ in range(self.depth):
            right = flat.take(base + self.feature.take(node)) > self.bound.take(node)
            node = self.child.take(2 * node + right)
        return node

    def shares(self, rows: Floats) -> Ints:
        """How much each feature adds to each row's score: the steps of the means along the paths, summed."""
        flat, columns = rows.ravel(), rows.shape[1]
        base = (np.arange(len(rows)) * columns)[:, None]
        node = np.broadcast_to(self.root, (len(rows), len(self.root)))
        shares = np.zeros(rows.size)
        for _ in range(self.depth):
            at = base + self.feature.take(node)
            after = self.child.take(2 * node + (flat.take(at) > self.bound.take(node)))
            step = self.value.take(after).astype(np.int64) - self.value.take(node)
            # Whole numbers, far below 2**53: exact in any order.
            shares += np.bincount(at.ravel(), weights=step.ravel(), minlength=rows.size)
            node = after
        return shares.astype(np.int64).reshape(rows.shape)


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


def weigh(grid: Grid, evidence: Floats, model: Model) -> tuple[Ints, Floats, Floats]:
    """The lines worth a full look (their numbers in the grid), the score of each, and its row of features."""
    looked = sift(grid, evidence, model.glance, model.dismiss_below)
    # An article of which no line is worth it is done. In the others the words of each doubtful line are read, as they tell
    # of the lines around them, but only the lines beside those in question are counted through.
    read = grid.doubtful & (np.bincount(grid.page, weights=looked, minlength=len(grid.first)) > 0)[grid.page]
    numbers, lines = np.flatnonzero(looked), [grid.lines[i] for i in np.flatnonzero(read).tolist()]
    if not len(numbers):
        return numbers, np.zeros(0), np.zeros((0, len(model.names)))
    known = np.full(len(grid.lines), line_features.PLAIN_SCORE)
    known[read] = line_words.scores(lines, model.table, model.scale, model.bias)
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
        glance=_trees(found, "glance_", about["glance_depth"]),
        dismiss_below=about["dismiss_below"],
        trees=_trees(found, "", about["depth"]),
        names=tuple(about["features"]),
        thresholds={name: (one[0], one[1], one[2]) for name, one in about["thresholds"].items()},
        bands=tuple((low, precision) for low, precision in about["certainty_bands"]),
        certainty=about["rule_certainty"],
    )


def _trees(arrays: Mapping[str, Any], kind: str, depth: int) -> Trees:
    # NumPy looks things up by numbers of this width; any other is turned into it at every step.
    feature, child, root = (arrays[kind + name].astype(np.int64) for name in ("feature", "child", "root"))
    return Trees(feature, arrays[kind + "bound"], child, arrays[kind + "value"], root, depth)


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
