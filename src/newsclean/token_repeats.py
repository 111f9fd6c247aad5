"""Where a text says the same words twice in a row: found in one cheap pass that all repairs of doubling share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from newsclean.token_units import Units, Words, stop_table, units_of, words_of

# The longest run of words looked for. Longer doubles are whole sentences, which are found by comparing sentences.
LONGEST = 8
# An echo says one word more, and may have hyphens in it.
_LONGEST_ECHO = 10

# What goes on with a word: `AT at&t`, `the the-wall`, `it it's` are no doubles.
_JOINS = "-‐‑'’&@/_\\"

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

    def names(self) -> tuple[str, ...]:
        """The names of those of its parts that there are."""
        return tuple(name for name, part in zip(self._fields, self, strict=True) if part) if any(self) else ()


_NOTHING = Said((), (), False, ())


def said_twice(units: Units, windows: Iterable[Words]) -> list[Said]:
    """For each text everything that is said twice in a row; case does not count. `windows` are the words of the texts.

    All hashes are compared at once; only what is the same twice is looked at as text.
    """
    found: dict[int, _Found] = {}
    for words in windows:
        if len(words.hashes):
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
    import numpy as np

    hashes = words.hashes
    size = len(hashes)
    ahead = np.zeros(size + _LONGEST_ECHO, np.uint32)
    ahead[:size] = hashes
    # Row n tells of each word whether it comes again n + 1 words further on. Bytes are searched faster than arrays.
    again = np.ndarray((_LONGEST_ECHO, size), np.uint32, ahead, 4, (4, 4)) == hashes
    marks = again.tobytes()
    for count in range(1, min(_LONGEST_ECHO + 1, size)):
        row, run = (count - 1) * size, b"\x01" * count
        at = marks.find(run, row, row + size - count)
        while at >= 0:
            owner = words.owner(at - row)
            bound = row + words.firsts[owner + 1]  # one text does not go on with another
            close = marks.find(b"\x00", at, bound - count)
            # The run of words that come again ends at the first that does not, or so far before the text's end.
            close, goes_on = (close, close) if close >= 0 else (bound - count, bound)
            if close - at >= count:
                of_text = found.setdefault(owner, _Found())
                of_text.echoes |= count > 2
                # What is said three times or more is a chant or a sound, and nobody's repair.
                if count <= LONGEST and close - at < 2 * count:
                    firsts = range(at - row, close - row - count + 1)
                    of_text.repeats.update(_repeats_in(units, words, owner, count, firsts))
            at = marks.find(run, goes_on, row + size - count)
    either, both = _or_and()
    links = (hashes == either) | (hashes == both)
    for link in ((links[1:-1] & again[1, : size - 2]).nonzero()[0] + 1).tolist():
        if words.owner(link - 1) == (owner := words.owner(link + 1)):
            shift = words.offset - units.begins[owner]
            one, other = (
                units.texts[owner][shift + int(words.starts[at]) : shift + int(words.ends[at])].lower()
                for at in (link - 1, link)
            )
            if other in ("or", "and"):
                found.setdefault(owner, _Found()).around.add(one)


def _repeats_in(units: Units, words: Words, owner: int, count: int, firsts: Iterable[int]) -> Iterator[Repeat]:
    """The repeats of so many words that begin with one of these words."""
    shift = words.offset - units.begins[owner]
    for first in firsts:
        places = words.starts[first], words.starts[first + count], words.ends[first + 2 * count - 1]
        repeat = _repeat(units.texts[owner], count, *(shift + int(place) for place in places))
        if repeat:
            yield repeat


@lru_cache(maxsize=1)
def _or_and() -> tuple[Any, Any]:
    """The hashes of these two words."""
    (words,) = words_of(units_of(["or and"]))
    return words.hashes[0], words.hashes[1]


def _doubled_stretches(units: Units, words: Words, found: dict[int, _Found]) -> None:
    """Adds where words between two stops begin that are those between the next two, or those after one to three more."""
    import numpy as np

    # A stop stands right behind its word, or behind a closing quote. The last word of a text ends its last stretch.
    stopped = words.stopped | stop_table().take(words.kinds.take(words.ends + 1, mode="clip"))
    for first, next_first in pairwise(words.firsts):
        if next_first > first:
            stopped[next_first - 1] = True
    lasts = stopped.nonzero()[0]
    firsts = np.zeros(len(lasts), np.intp)
    np.add(lasts[:-1], 1, out=firsts[1:])
    # Initials and short cries come again all the time; a title splits a sentence in two or three.
    longer = (lasts - firsts > 1).nonzero()[0]
    firsts = firsts.take(longer)
    begins, ends = words.starts.take(firsts), words.ends.take(lasts.take(longer))
    stretches = (words.sums.take(ends) - words.sums.take(begins)) * words.inverses.take(begins)
    if len(set(stretches.tolist())) == len(stretches):
        return
    for apart in range(1, min(5, len(stretches))):
        for at in (stretches[:-apart] == stretches[apart:]).nonzero()[0].tolist():
            first, again = int(firsts[at]), int(firsts[at + apart])
            if words.owner(first) == (owner := words.owner(again)):
                place = words.offset + int(words.starts[first]) - units.begins[owner]
                found.setdefault(owner, _Found()).sentences.add(place)


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
