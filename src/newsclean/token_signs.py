"""Where in a text a repair may have work: signs side by side, and certain words, all looked up at once.

A repair module says once what it watches for and gets a number; `Tokens.places` tells the places in a text:

    _STOPS = watch_signs((".", "."), (".", " ", "."))
    _LOST = watch_words("dont", "isnt")

Two or three neighbouring signs are told by their classes only, and words by a hash, so a place is a place to look at with
a pattern, no more. A text without such places is passed over at the cost of a look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from newsclean.token_units import CLASSES, OTHER, Units, Words, units_of, words_of

_BITS = 5  # for a class
_ROUGH = 13  # bits of a hash: a table of 8 kB stays in the fastest cache, and one word in 70 is looked up for nothing
_SMALL = tuple(CLASSES.index(letters) for letters in ("a", "ng", "tsdm"))

Places = dict[int, list[int]]

_signs: dict[tuple[tuple[str, ...], ...], int] = {}
_words: dict[tuple[str, ...], int] = {}


def watch_signs(*patterns: tuple[str, ...]) -> int:
    """A number for Tokens.places: each pattern is two or three strings, in each the signs that may stand there.

    A sign stands for its whole class in token_units.CLASSES: "a" for any small letter or one without case, "A" for any
    capital, "0" for any digit, and "" for anything. What stands behind the end of the text counts as line ends.
    """
    return _signs.setdefault(patterns, len(_signs))


def watch_words(*words: str) -> int:
    """A number for Tokens.word_places; the words are in small letters, those of the text may have capitals."""
    return _words.setdefault(words, len(_words))


def sign_places(units: Units) -> list[Places]:
    """For each text and each number of watch_signs that has any: the places where a pattern of its begins, in order."""
    kinds = units.kinds
    triples = kinds[:-2] << _BITS
    triples |= kinds[1:-1]
    triples <<= _BITS
    triples |= kinds[2:]
    rough, masks = _watched_triples(len(_signs))
    hits = rough.take(triples).nonzero()[0]
    seen = iter(masks.take(triples.take(hits)).tolist())
    found: list[Places] = []
    for places in units.parts(hits):
        of_text: Places = {}
        for place in places:
            for number in _numbers(next(seen)):
                of_text.setdefault(number, []).append(place)
        found.append(of_text)
    return found


def word_places(units: Units, windows: Sequence[Words]) -> list[Places]:
    """For each text and each number of watch_words that has any: where such words begin, in order."""
    import numpy as np

    rough, exact = _watched_words(len(_words))
    found: list[Places] = [{} for _ in units.texts]
    for words in windows:
        hits = rough.take(words.hashes >> np.uint32(32 - _ROUGH)).nonzero()[0]
        seen = iter(words.hashes.take(hits).tolist())
        for of_text, places in zip(found, units.parts(words.starts.take(hits) + words.offset), strict=True):
            for place in places:
                for number in exact.get(next(seen), ()):
                    known = of_text.setdefault(number, [])
                    if not known or known[-1] < place:  # windows overlap
                        known.append(place)
    return found


def capitals_before_stops(units: Units, windows: Sequence[Words]) -> list[list[tuple[int, int]]]:
    """For each text: start and end of the words with a capital first and a sign that ends a sentence right behind them."""
    capital = CLASSES.index("A")
    found: list[list[tuple[int, int]]] = [[] for _ in units.texts]
    for words in windows:
        last = words.stopped.nonzero()[0]
        last = last[words.kinds.take(words.starts.take(last)) == capital]
        starts, ends = (units.parts(places.take(last) + words.offset) for places in (words.starts, words.ends))
        for of_text, *spans in zip(found, starts, ends, strict=True):
            known = of_text[-1][0] if of_text else -1  # windows overlap
            of_text += [span for span in zip(*spans, strict=True) if span[0] > known]
    return found


@lru_cache(maxsize=4096)
def _numbers(mask: int) -> tuple[int, ...]:
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


@lru_cache(maxsize=2)
def _watched_triples(count: int) -> tuple[Any, Any]:
    """For each three classes whether anybody watches for them, and a mask of the numbers that do."""
    import numpy as np

    assert count < 63, "a mask has 63 numbers"
    watched = np.zeros((1 << _BITS,) * 3, np.int64)
    for patterns, number in _signs.items():
        for pattern in patterns:
            for triple in product(*(_of(signs) for signs in (*pattern, "")[:3])):
                watched[triple] |= 1 << number
    return watched.ravel() != 0, watched.ravel()


def _of(signs: str) -> tuple[int, ...]:
    """The classes that a string of a pattern stands for."""
    if not signs:
        return tuple(range(OTHER + 1))
    found: list[int] = []
    for sign in signs:
        (one,) = (number for number, members in enumerate(CLASSES) if sign in members)
        found += _SMALL if sign == "a" else (one,)
    return tuple(found)


@lru_cache(maxsize=2)
def _watched_words(count: int) -> tuple[Any, Mapping[int, tuple[int, ...]]]:
    """Whether a watched word has these first bits of a hash; for each hash of such a word, the numbers."""
    import numpy as np

    exact: dict[int, tuple[int, ...]] = {}
    for watched, number in _words.items():
        (words,) = words_of(units_of([" ".join(watched)]))
        for value in words.hashes.tolist():
            exact[value] = (*exact.get(value, ()), number)
    assert len(_words) == count
    rough = np.zeros(1 << _ROUGH, np.bool_)
    rough[[value >> (32 - _ROUGH) for value in exact]] = True
    return rough, exact
