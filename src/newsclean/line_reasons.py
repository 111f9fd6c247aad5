"""Says in words why a line scored high: which features added most to its score, and what they mean to a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import islice

import numpy as np

from newsclean.line_features import Floats, Ints
from newsclean.line_score import Model

Values = Mapping[str, float]
Words = str | Callable[[Values], str]


def _place(value: Values) -> str:
    if not value["prose_lines_after"]:
        return "after the last sentence"
    return "" if value["prose_lines_before"] else "before the first sentence"


def _end(value: Values) -> str:
    if value["place_from_end"] < 6:
        return "near the end"
    return "near the top" if value["place"] < 4 else ""


def _around(value: Values) -> str:
    furniture = value["furniture_share"] * value["lines"]
    return f"{furniture:.0f} furniture-like lines around it" if furniture >= 2 else ""


def _run(value: Values) -> str:
    return f"one of {value['run']:.0f} short lines in a row" if value["run"] >= 2 else ""


def _repeated(value: Values) -> str:
    return f"there {value['repeats']:.0f} times" if value["repeats"] > 1 else ""


def _length(value: Values) -> str:
    return f"short ({value['length']:.0f} characters)" if value["length"] < 100 else ""


def _stop(value: Values) -> str:
    return "" if value["stopped"] else "no end punctuation"


def _echo(value: Values) -> str:
    return "its words do not come back in the article" if 0 <= value["echo_share"] < 0.4 else ""


# What a feature means to a reader: beginnings of the names of features, and the words, or what finds them in a row's values.
# The first group that a feature's name starts with speaks for it; a group speaks once.
_WORDS: tuple[tuple[tuple[str, ...], Words], ...] = (
    (("words_score",), "worded like site furniture"),
    (("rule", "heading"), "a rule's words are in it or beside it"),
    (("echo",), _echo),
    (("score", "page_", "short_score", "furniture", "since_"), _around),
    (("prose_lines_after", "prose_ahead", "prose_before", "prose_back"), _place),
    (("run",), _run),
    (("place",), _end),
    (("length", "width", "words", "small_words"), _length),
    (("stop", "last_", "sentences", "plain"), _stop),
    (("capital", "upper", "shouting", "small_share"), "cased like a link or label"),
    (("digit", "number", "money"), "digits like a date or count"),
    (
        ("bars", "marks", "colons", "at", "copyright", "commas", "brackets", "glued", "first_"),
        "signs of a label or link",
    ),
    (("repeats",), _repeated),
    (("lines", "prose", "mean_width", "stopped_share"), "on a page with many short lines"),
)
_TOLD = (
    *(
        "prose_lines_after",
        "prose_lines_before",
        "place_from_end",
        "place",
        "furniture_share",
        "lines",
        "run",
        "repeats",
    ),
    *("length", "stopped", "echo_share"),
)


@cache
def _groups(names: tuple[str, ...]) -> tuple[tuple[Words, ...], Ints]:
    """The words of the groups, and per feature and group 1 where the group speaks for the feature."""
    which = [next((words for starts, words in _WORDS if name.startswith(starts)), "") for name in names]
    says = tuple(dict.fromkeys(words for words in which if words))
    return says, np.array([[words == one for one in says] for words in which], dtype=np.int64)


# Rows whose reasons are counted at once: one takes 28 KB while that lasts, so that a list of 50,000 lines took 1.4 GB.
_REASONED = 256


def reasons(model: Model, rows: Floats) -> list[str]:
    """Why each row's line scored high, in plain words, its three strongest grounds first."""
    says, of_feature = _groups(model.names)
    values = rows[:, [model.names.index(name) for name in _TOLD]].tolist()
    told: list[str] = []
    for start in range(0, len(rows), _REASONED):
        some = rows[start : start + _REASONED]
        shares = (model.first.shares(some) + model.trees.shares(some)) @ of_feature
        told += [_reason(says, *one) for one in zip(shares.tolist(), values[start : start + _REASONED], strict=True)]
    return told


def _reason(says: Sequence[Words], shares: Sequence[int], values: Sequence[float]) -> str:
    value = dict(zip(_TOLD, values, strict=True))
    strongest = sorted((k for k, share in enumerate(shares) if share > 0), key=lambda k: -shares[k])
    said = (words if isinstance(words, str) else words(value) for words in map(says.__getitem__, strongest))
    return ", ".join(islice(filter(None, said), 3))
