"""Where a text says the same words twice in a row: found in one cheap pass that all repairs of doubling share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from newsclean.token_units import CLASSES, Units, Words, units_of, words_of

# The longest run of words looked for. Longer doubles are whole sentences, which are found by comparing sentences.
LONGEST = 8
# An echo says one word more, and may have hyphens in it.
_LONGEST_ECHO = 10

# What goes on with a word: `AT at&t`, `the the-wall`, `it it's` are no doubles.
_JOINS = "-‐‑'’&@/_\\"

_STOPS = tuple(CLASSES.index(signs) for signs in (".", "?!", "。！？"))
_MIX = 0x85EBCA6B  # an odd number, so that the order of words counts


# A speaker's label: what follows is a transcript, and people do say "the the".
SPEAKER = re.compile(r"(?:[A-Z][A-Z.'’\-]+(?: [A-Z.'’\-]+)*(?:,? \([^)]*\)|, [^:]{2,40})?|Q|A|Question|Answer):\s")


class Repeat(NamedTuple):
    """`words` from `first`, and the same words again from `second` to `end`, with single spaces between all of them."""

    words: tuple[str, ...]
    first: int
    second: int
    end: int


class Said(NamedTuple):
    """What a text says twice: runs of words in a row, words around `or` and `and`, and perhaps echoes and sentences."""

    repeats: tuple[Repeat, ...]
    around: tuple[str, ...]  # "prisoners or prisoners"
    echoes: bool  # three words or more come again at once, whatever stands between them
    sentences: tuple[int, ...]  # where a stretch between two stops begins that comes again at once


_NOTHING = Said((), (), False, ())


def said_twice(units: Units, windows: Iterable[Words]) -> list[Said]:
    """For each text everything that is said twice in a row; case does not count. `windows` are the words of the texts.

    All hashes are compared at once; only what is the same twice is looked at as text.
    """
    found: dict[int, _Found] = {}
    for words in windows:
        _doubled(units, words, found)
        _doubled_stretches(units, words, found)
    return [found[at].said() if at in found else _NOTHING for at in range(len(units.texts))]


def repeats(text: str) -> tuple[Repeat, ...]:
    """Every run of one to eight words that is said again at once, in the order of the text, shorter runs first.

    A run that is itself a shorter run twice is left to the shorter one.

    >>> [(one.words, one.second) for one in repeats("sent to to the men of the men of may")]
    [(('to',), 8), (('the', 'men', 'of'), 22)]
    """
    units = units_of([text])
    return said_twice(units, words_of(units))[0].repeats


@dataclass(slots=True)
class _Found:
    """What one text says twice, as far as it is known."""

    repeats: set[Repeat] = field(default_factory=set)
    around: set[str] = field(default_factory=set)
    echoes: bool = False
    sentences: set[int] = field(default_factory=set)

    def said(self) -> Said:
        in_order = sorted(self.repeats, key=lambda one: (one.first, one.words))
        return Said(tuple(in_order), tuple(sorted(self.around)), self.echoes, tuple(sorted(self.sentences)))


def _doubled(units: Units, words: Words, found: dict[int, _Found]) -> None:
    """Adds the repeats, the echoes and the words around `or` and `and` of one window."""
    for count in _counts(words.hashes):
        same = words.hashes[:-count] == words.hashes[count:]
        for bound in words.firsts[1:-1]:  # one text does not go on with another
            same[max(0, bound - count) : bound] = False
        # Bytes are searched faster than arrays are asked.
        marks = same.tobytes()
        at = marks.find(b"\x01" * count)
        while at >= 0:
            close = marks.find(b"\x00", at)
            close = close if close >= 0 else len(marks)
            owner = words.owner(at)
            of_text = found.setdefault(owner, _Found())
            of_text.echoes |= count > 2
            # What is said three times or more is a chant or a sound, and nobody's repair.
            if count <= LONGEST and close - at < 2 * count:
                shift = words.offset - units.begins[owner]
                for first in range(at, close - count + 1):
                    places = words.starts[first], words.starts[first + count], words.ends[first + 2 * count - 1]
                    repeat = _repeat(units.texts[owner], count, *(shift + int(place) for place in places))
                    if repeat:
                        of_text.repeats.add(repeat)
            at = marks.find(b"\x01" * count, close)
        if count == 2:
            either, both = _or_and()
            middle = words.hashes[1:-1]
            for at in (same & ((middle == either) | (middle == both))).nonzero()[0].tolist():
                owner = words.owner(at)
                shift = words.offset - units.begins[owner]
                (start, end), (link, link_end) = (
                    (shift + int(words.starts[word]), shift + int(words.ends[word])) for word in (at, at + 1)
                )
                if units.texts[owner][link:link_end].lower() in ("or", "and"):
                    found.setdefault(owner, _Found()).around.add(units.texts[owner][start:end].lower())


@lru_cache(maxsize=1)
def _or_and() -> tuple[Any, Any]:
    """The hashes of these two words."""
    (words,) = words_of(units_of(["or and"]))
    return words.hashes[0], words.hashes[1]


def _counts(hashes: Any) -> list[int]:
    """How many words the runs may have that are said again at once: one and two always, more where three words are."""
    import numpy as np

    words = len(hashes)
    counts = [count for count in (1, 2) if count < words]
    if words > 4:
        threes = np.zeros(words + _LONGEST_ECHO, np.uint32)
        here = threes[: words - 2]
        np.add(hashes[:-2] * np.uint32(_MIX) + hashes[1:-1], hashes[2:] >> np.uint32(1), out=here)
        # Row n holds the threes that stand n + 3 words further on.
        again = np.ndarray((_LONGEST_ECHO - 2, words - 2), np.uint32, threes, 3 * 4, (4, 4)) == here
        if again.any():
            counts += (again.any(axis=1).nonzero()[0] + 3).tolist()
    return [count for count in counts if count < words]


def _doubled_stretches(units: Units, words: Words, found: dict[int, _Found]) -> None:
    """Adds where words between two stops begin that are those between the next two, or those after one to three more."""
    import numpy as np

    is_stop = _stop_table()
    # A stop stands right behind its word, or behind a closing quote. The last word of a text ends its last stretch.
    stopped = is_stop.take(words.behind) | is_stop.take(words.kinds.take(words.ends + 1, mode="clip"))
    for first, next_first in pairwise(words.firsts):
        if next_first > first:
            stopped[next_first - 1] = True
    lasts = stopped.nonzero()[0]
    firsts = np.zeros(len(lasts), np.intp)
    np.add(lasts[:-1], 1, out=firsts[1:])
    # Initials and short cries come again all the time; a title splits a sentence in two or three.
    longer = (lasts - firsts > 1).nonzero()[0]
    firsts, lasts = firsts.take(longer), lasts.take(longer)
    stretches = (words.sums.take(lasts + 1) - words.sums.take(firsts)) * words.inverses.take(firsts)
    for apart in range(1, min(5, len(stretches))):
        marks = (stretches[:-apart] == stretches[apart:]).tobytes()
        at = marks.find(b"\x01")
        while at >= 0:
            owner = words.owner(int(firsts[at]))
            if owner == words.owner(int(firsts[at + apart])):
                place = words.offset + int(words.starts[firsts[at]]) - units.begins[owner]
                found.setdefault(owner, _Found()).sentences.add(place)
            at = marks.find(b"\x01", at + 1)


@lru_cache(maxsize=1)
def _stop_table() -> Any:
    import numpy as np

    is_stop = np.zeros(len(CLASSES) + 1, np.bool_)
    is_stop[list(_STOPS)] = True
    return is_stop


def _repeat(text: str, count: int, first: int, second: int, end: int) -> Repeat | None:
    """The repeat at these places, if single spaces stand between its words and nothing goes on with them."""
    if text[second - 1 : second] != " ":
        return None
    said = text[first : second - 1].lower()
    if text[second:end].lower() != said:
        return None
    words = tuple(said.split(" "))
    if len(words) != count or not all(words) or _is_shorter_run_again(words):
        return None
    before, after = text[max(0, first - 1) : first], text[end : end + 1]
    if len(words) > 1:  # a phrase may meet itself at a hyphen: "privacy-conscious buyers conscious buyers"
        before, after = before.replace("-", " "), after.replace("-", " ")
    if before.isalnum() or after.isalnum() or (before and before in _JOINS) or (after and after in _JOINS):
        return None
    return Repeat(words, first, second, end)


def _is_shorter_run_again(run: tuple[str, ...]) -> bool:
    count = len(run)
    return any(run == run[:part] * (count // part) for part in range(1, count) if not count % part)
