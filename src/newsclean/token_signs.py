"""Where in a text a repair may have work: signs side by side, and certain words, all looked up at once.

A repair module says once what it watches for and gets a number; `Tokens.places` tells the places in a text:

    _STOPS = watch_signs((".", "."), (".", " ", "."))
    _LOST = watch_words("dont", "isnt")

Two or three neighbouring signs are told by their classes only, and words by a hash, so a place is a place to look at with
a pattern, no more. A text without such places is passed over at the cost of a look into a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from newsclean.token_units import CLASSES, OTHER, Units, Words, units_of, words_of

_BITS = 5  # for a class
_SMALL = tuple(CLASSES.index(letters) for letters in ("a", "ng", "tsdm"))
_CAPITAL = CLASSES.index("A")

# The low bits of a hash say whether the rest of it is worth a look: one word in 500 is looked up for nothing, and of last
# words, which are thousands, one in eight. In the high bits, words that differ in their first letter are alike.
_LOW = 0xFFFF

# For each number that has any: where what is watched for begins in the text, in order.
Places = dict[int, list[int]]
_Numbers = tuple[int, ...]

_signs: dict[tuple[tuple[str, ...], ...], int] = {}
_words: dict[tuple[str, ...], int] = {}
_last_words: dict[tuple[str, ...], int] = {}


def watch_signs(*patterns: tuple[str, ...]) -> int:
    """A number for Tokens.places: each pattern is two or three strings, in each the signs that may stand there.

    A sign stands for its whole class in token_units.CLASSES: "a" for any small letter or one without case, "A" for any
    capital, "0" for any digit, and "" for anything. What stands behind the end of the text counts as line ends.
    """
    return _signs.setdefault(patterns, watched())


def watch_words(*words: str) -> int:
    """A number for Tokens.places; the words are in small letters, those of the text may have capitals."""
    return _words.setdefault(words, watched())


def watch_last_words(*words: str) -> int:
    """A number for Tokens.places: such words with a capital first, and a sign that ends a sentence right behind them."""
    return _last_words.setdefault(words, watched())


def watched() -> int:
    """How many numbers have been given."""
    return len(_signs) + len(_words) + len(_last_words)


def places(units: Units, windows: Iterable[Words]) -> list[Places]:
    """For each text what is watched for in it. `windows` are the words of the texts."""
    found: list[Places] = [{} for _ in units.texts]
    triples = units.kinds[:-2] << _BITS
    triples |= units.kinds[1:-1]
    triples <<= _BITS
    triples |= units.kinds[2:]
    is_watched, numbers = _watched_triples(len(_signs))
    hits = is_watched.take(triples).nonzero()[0]
    _note(found, units, hits, triples.take(hits), numbers)
    rough, of_words = _watched_words(len(_words))
    rough_last, of_last = _watched_words(len(_last_words), last=True)
    for words in windows:
        hits = rough.take(words.hashes & _LOW).nonzero()[0]
        _note(found, units, words.starts.take(hits) + words.offset, words.hashes.take(hits), of_words)
        hits = words.stopped.nonzero()[0]
        hits = hits[words.kinds.take(words.starts.take(hits)) == _CAPITAL]
        hashes = words.hashes.take(hits)
        known = rough_last.take(hashes & _LOW)
        _note(found, units, words.starts.take(hits[known]) + words.offset, hashes[known], of_last)
    return found


def _note(found: Sequence[Places], units: Units, places: Any, seen: Any, numbers: Mapping[int, _Numbers]) -> None:
    """Adds these places, an array in order; `numbers` says of what is seen at each place which numbers it has, if any."""
    for one, text, place in zip(seen.tolist(), *units.located(places), strict=False):
        for number in numbers.get(one, ()):
            of_text = found[text]
            if number not in of_text:
                of_text[number] = [place]
            elif of_text[number][-1] < place:  # windows overlap
                of_text[number].append(place)


@lru_cache(maxsize=2)
def _watched_triples(count: int) -> tuple[Any, Mapping[int, _Numbers]]:
    """For each three classes whether anybody watches for them; the numbers of those that do."""
    import numpy as np

    assert len(_signs) == count
    numbers: dict[int, _Numbers] = {}
    for patterns, number in _signs.items():
        for pattern in patterns:
            for one, two, three in product(*(_of(signs) for signs in (*pattern, "")[:3])):
                triple = (one << _BITS | two) << _BITS | three
                known = numbers.get(triple, ())
                if number not in known:
                    numbers[triple] = (*known, number)
    is_watched = np.zeros(1 << 3 * _BITS, np.bool_)
    is_watched[list(numbers)] = True
    return is_watched, numbers


def _of(signs: str) -> tuple[int, ...]:
    """The classes that a string of a pattern stands for."""
    if not signs:
        return tuple(range(OTHER + 1))
    found: list[int] = []
    for sign in signs:
        (one,) = (number for number, members in enumerate(CLASSES) if sign in members)
        found += _SMALL if sign == "a" else (one,)
    return tuple(found)


@lru_cache(maxsize=4)
def _watched_words(count: int, *, last: bool = False) -> tuple[Any, Mapping[int, _Numbers]]:
    """Whether a watched word has these first bits of a hash; for each hash of such a word, the numbers."""
    import numpy as np

    watched = _last_words if last else _words
    assert len(watched) == count
    numbers: dict[int, _Numbers] = {}
    for some, number in watched.items():
        for words in words_of(units_of([" ".join(some)])):
            for value in words.hashes.tolist():
                numbers[value] = (*numbers.get(value, ()), number)
    rough = np.zeros(_LOW + 1, np.bool_)
    rough[[value & _LOW for value in numbers]] = True
    return rough, numbers
