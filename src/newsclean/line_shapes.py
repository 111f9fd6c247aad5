"""What a line looks like by itself: how many signs and words of each kind it has, how it begins and how it ends.

All counts of a line are fields of a few numbers, so that those of many lines are summed at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from newsclean.arrays import Bool, Float, Int64, UInt64
from newsclean.line_signs import (
    CASELESS,
    DIGIT,
    LOWER,
    MARK,
    SPACE,
    STOP,
    UPPER,
    classes,
    clipped,
    codes,
    kinds,
    members,
)

# Signs that are counted at once: what they become stays in the processor's cache.
AT_ONCE = 1 << 14

# What is counted in a line: signs of a class or out of a list, …
_COUNTED: Mapping[str, int | str] = {
    "upper": UPPER,
    "lower": LOWER,
    "digits": DIGIT,
    "caseless": CASELESS,
    "stops": STOP,
    "spaces": SPACE,
    "marks": MARK,
    "bars": "|»›·•>→/",
    "at": "@#",
    "copyright": "©",
    "colons": ":",
    "commas": ",、，",
    "quotes": '"“”„«»「」',
    "brackets": "()[]（）",
    "money": "$€£%",
}
# … and signs that are the first of a word, or stand behind another.
_IN_PLACE = ("words", "capital_words", "small_words", "number_words", "shouting", "glued", "sentences")
_ROW = {name: row for row, name in enumerate((*_COUNTED, *_IN_PLACE))}

# Features that are such a count, for each word, letter or sign of the line, or as it is.
_COUNTS: Mapping[str, tuple[str, str]] = {
    "capital_words": ("capital_words", "word"),
    "small_words": ("small_words", ""),
    "small_share": ("small_words", "word"),
    "number_words": ("number_words", "word"),
    "upper_share": ("upper", "letter"),
    "shouting": ("shouting", "letter"),
    "glued": ("glued", ""),
    "digits": ("digits", "sign"),
    "digit_count": ("digits", ""),
    "caseless": ("caseless", "letter"),
    "stops": ("stops", ""),
    "sentences": ("sentences", ""),
    "marks": ("marks", "sign"),
}
_OF_COUNTS = np.array([_ROW[count] for count, _ in _COUNTS.values()])
_FOR_EACH = np.array([("", "word", "letter", "sign").index(unit) for _, unit in _COUNTS.values()])
_PLAIN_COUNTS = ("bars", "at", "copyright", "colons", "commas", "quotes", "brackets", "money")

# Features of a line's last and first sign: whether it is one of these.
_LAST = {
    "last_colon": ":：",
    "last_ellipsis": "…",
    "last_question": "?？",
    "last_quote": "\"”’'»“",
    "last_closer": ")]",
}
_FIRST = {"first_quote": "\"“„«'‘「", "first_dash": "-–—•*·"}


@cache
def _adds(field: type[np.unsignedinteger[Any]]) -> tuple[UInt64, UInt64]:
    """What a sign adds to the counts of _COUNTED, and to those of _IN_PLACE for its class and that of the sign before it.

    Each count is a field of a number: a row for as many of them as a number holds, a column for each sign or two classes.
    """
    of_sign = np.array([classes() == of if isinstance(of, int) else members(of) for of in _COUNTED.values()])
    of_pair = np.zeros((len(_IN_PLACE), 8, 8), dtype=bool)
    words = [UPPER, LOWER, DIGIT, CASELESS]
    of_pair[0][np.ix_([kind for kind in range(8) if kind not in words], words)] = True
    of_pair[1:4, :, :] = of_pair[0] & (np.arange(8) == [[[UPPER]], [[LOWER]], [[DIGIT]]])
    of_pair[(4, 5, 6), (UPPER, LOWER, STOP), (UPPER, UPPER, SPACE)] = True
    return _packed(of_sign, field), _packed(of_pair.reshape(len(_IN_PLACE), 64), field)


def _packed(rows: Bool, field: type[np.unsignedinteger[Any]]) -> UInt64:
    """The rows as fields of numbers: as many rows to a number as it holds."""
    each = 8 // np.dtype(field).itemsize
    fields = np.zeros((rows.shape[1], -(-len(rows) // each) * each), dtype=field)
    fields[:, : len(rows)] = rows.T
    return fields.view(np.uint64).T.copy()


@cache
def _ends() -> Bool:
    """Whether each code point is one of _LAST and _FIRST."""
    return np.array([members(signs) for signs in (*_LAST.values(), *_FIRST.values())])


def _counts(lines: Sequence[str]) -> tuple[Float, Int64]:
    """How many signs and words of each kind the lines have, a row for each of _ROW; first and last sign of each line."""
    signs = codes("\n" + "\n".join(lines) + "\n")
    longest = max(map(len, lines))
    field = np.uint8 if longest < 1 << 8 else np.uint16 if longest < 1 << 16 else np.uint32
    of_sign, of_pair = _adds(field)
    kind = kinds(signs)
    added = np.empty((len(of_sign) + len(of_pair), len(signs) - 1), dtype=np.uint64)
    of_sign.take(signs[1:], axis=1, mode="clip", out=added[: len(of_sign)])
    of_pair.take((kind[:-1] << 3) | kind[1:], axis=1, mode="clip", out=added[len(of_sign) :])
    edges = (signs == 10).nonzero()[0]
    found = np.add.reduceat(added, edges[:-1], axis=1)
    signs_, pairs = (part.T.copy().view(field).T for part in (found[: len(of_sign)], found[len(of_sign) :]))
    counted = np.concatenate((signs_[: len(_COUNTED)], pairs[: len(_IN_PLACE)])).astype(np.float64)
    return counted, clipped(signs.take([edges[:-1] + 1, edges[1:] - 1]))


def _parts(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """The lines, as many at a time as AT_ONCE allows."""
    low = size = 0
    for at, line in enumerate(lines):
        size += len(line)
        if size > AT_ONCE and at > low:
            yield lines[low:at]
            low, size = at, len(line)
    yield lines[low:]


# What `shapes` tells, in its order.
NAMES = (*("length", "words", "word_length", *_COUNTS, "first_kind", "last_kind", *_LAST, *_FIRST, *_PLAIN_COUNTS),)
_PLAIN = [_ROW[name] for name in _PLAIN_COUNTS]


def shapes(lines: Sequence[str]) -> Float:
    """Counts and shares of one line each: a row for each of NAMES, a column for each line."""
    parts = [_counts(part) for part in _parts(lines)]
    count = np.concatenate([one for one, _ in parts], axis=1)
    first, last = ends = np.concatenate([one for _, one in parts], axis=1)
    units = np.empty((4, len(lines)))  # one; words, letters and signs, at least one
    units[0], units[1], units[3] = 1, count[_ROW["words"]], list(map(len, lines))
    units[2] = count[0] + count[1] + count[_ROW["caseless"]]
    np.maximum(units, 1, out=units)
    of_ends = np.concatenate((_ends()[: len(_LAST)].take(last, axis=1), _ends()[len(_LAST) :].take(first, axis=1)))
    of_ends[list(_LAST).index("last_ellipsis")] |= [line.endswith("..") for line in lines]
    sizes = units[3], units[1], units[2] / units[1]
    return np.concatenate((sizes, count[_OF_COUNTS] / units[_FOR_EACH], classes().take(ends), of_ends, count[_PLAIN]))
