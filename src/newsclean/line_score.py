"""The learned line score: hashed words and a small ensemble of trees, summed in whole numbers, and explained in words.

The weights are weights/lines.npz (arrays) and weights/lines.json (what they are, from which data, thresholds, levels);
benchmarks/train_lines.py writes both. A score of 0 is even odds on the training pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from newsclean.line_features import Floats, Ints
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
class Model:
    """Weights of the line score. Nodes of all trees lie in one array; a leaf is its own child."""

    table: np.ndarray[Any, np.dtype[np.int8]]  # one weight per hashed word or letter group
    scale: float
    bias: float
    feature: Ints
    bound: Floats  # a row goes to the first child when its feature is at most this
    child: Ints  # two per node
    value: np.ndarray[Any, np.dtype[np.int32]]  # in UNITs; of an inner node: the mean below it
    root: Ints  # one per tree
    depth: int
    names: tuple[str, ...]
    # Per profile: the score above which a line goes, the one below which it stays even where a rule finds it, and what is
    # added to the first per 100 characters of the line (up to 600).
    thresholds: Mapping[str, tuple[float, float, float]]
    bands: tuple[tuple[float, float], ...]  # score above its threshold → measured precision, rising
    certainty: Mapping[str, float]  # rule id → measured precision

    def score(self, rows: Floats) -> Floats:
        """Log odds that each row's line is furniture. What the first trees find to be news is not asked of the others."""
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
            news = sums <= NEWS_BELOW * UNIT
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

    def shares(self, row: Floats) -> Ints:
        """How much each feature adds to the row's score: the steps of the means along the paths, summed."""
        node = self.root
        shares = np.zeros(len(self.names), dtype=np.int64)
        for _ in range(self.depth):
            feature = self.feature[node]
            after = self.child[2 * node + (row[feature] > self.bound[node])]
            np.add.at(shares, feature, self.value[after].astype(np.int64) - self.value[node])
            node = after
        return shares

    def certainty_of(self, margin: float) -> float:
        """Measured precision of drops this far above their threshold."""
        found = self.bands[0][1] if self.bands else 0.9
        for bound, precision in self.bands:
            if margin >= bound:
                found = precision
        return found


@cache
def load() -> Model:
    """The weights that come with newsclean."""
    return read(WEIGHTS)


def read(folder: Path) -> Model:
    """The weights in a folder."""
    about = json.loads((folder / "lines.json").read_text("utf-8"))
    with np.load(folder / "lines.npz") as arrays:
        found = {name: arrays[name] for name in ("table", "feature", "bound", "child", "value", "root")}
    # NumPy looks things up by numbers of this width; any other is turned into it at every step.
    found |= {name: found[name].astype(np.int64) for name in ("feature", "child", "root")}
    return Model(
        **found,
        scale=about["word_scale"],
        bias=about["word_bias"],
        depth=about["depth"],
        names=tuple(about["features"]),
        thresholds={name: (one[0], one[1], one[2]) for name, one in about["thresholds"].items()},
        bands=tuple((low, precision) for low, precision in about["certainty_bands"]),
        certainty=about["rule_certainty"],
    )


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
def _groups(names: tuple[str, ...]) -> tuple[str, ...]:
    """The words that speak for each feature; "" for none."""
    return tuple(next((says for starts, says in _WORDS if name.startswith(starts)), "") for name in names)


def reason(model: Model, row: Floats) -> str:
    """Why a line scored high, in plain words, its three strongest grounds first."""
    shares: dict[str, int] = {}
    for words, share in zip(_groups(model.names), model.shares(row).tolist(), strict=True):
        if words:
            shares[words] = shares.get(words, 0) + share
    value = dict(zip(model.names, row.tolist(), strict=True))
    strongest = sorted((words for words in shares if shares[words] > 0), key=lambda words: -shares[words])
    said = [one for one in (_said(words, value) for words in strongest) if one]
    return ", ".join(said[:3])


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
