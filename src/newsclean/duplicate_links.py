"""What pairs of articles have to do with each other: verified links between numbered articles, and round-ups among them.

Works on sketches and dates only; names, reasons and clusters are made from it in `duplicates`.
"""

from __future__ import annotations

import math
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from newsclean.anchors import Sketch
from newsclean.compare import Float, Shares, Verdicts, judge, measure

# Pairs verified at once.
CHUNK = 2048

# A stretch of the whole of which this much is found in the part belongs to that part of a round-up.
IN_PART = 0.4
# A round-up: two or more different stories, each in stretches of its own, fill this much of it.
ROUNDUP_FILLED = 0.55
# ...and it is one piece with none that has more than this of it: that is a copy.
ROUNDUP_ONE_PART = 0.75
# A story that scores like a copy of a round-up, of which less than this is found in it, stands in it and is none.
# n2hard, raw texts, 2026-11: pair precision 0.995 -> 0.999, recall 0.834 -> 0.839.
ROUNDUP_CORNER = 0.5
# ...and it has at least so many content words: two paragraphs of two stories. A brief with another site's tail is none.
# n2hard: link precision 0.883 -> 0.905, no round-up lost.
ROUNDUP_LENGTH = 150
# Of a story at least this much must stand in the round-up to be linked, in its own order: a paragraph is no part.
ROUNDUP_OF_PART = 0.3
ROUNDUP_ORDER = 0.7
# Articles of which so much is found in the other are of one story, for a round-up.
AKIN = 0.5
# As many strangers in one place of an article are furniture: a disclaimer, a blurb.
FURNITURE_FROM = 2


class Shelf:
    """Sketches by number, on disk, because a million of them are 2.5 GB. The file vanishes with the shelf."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="newsclean-")  # noqa: SIM115 -- lives as long as the shelf
        weakref.finalize(self, self._file.close)
        self._ends = [0]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, sketches: Iterable[bytes]) -> None:
        """Put sketches behind those that are there."""
        self._file.seek(self._ends[-1])
        for sketch in sketches:
            self._file.write(sketch)
            self._ends.append(self._ends[-1] + len(sketch))

    def get(self, number: int) -> Sketch:
        """The sketch of one article."""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return Sketch.read(self._file.read(end - begin))


@dataclass(frozen=True, slots=True)
class Link:
    """Two articles (numbers, a < b) that share text, with all that later decisions need; `shares` is one row."""

    a: int
    b: int
    score: float
    template: bool
    same_text: bool
    jaccard: float
    containment: tuple[float, float]  # of a in b, of b in a
    found: tuple[float, float]  # share of stretches found in the other
    words: tuple[float, float]
    names: tuple[float, float]
    numbers: tuple[float, float]
    name_count: tuple[float, float]
    length: tuple[float, float]
    order: float
    shared: float  # word pairs in common
    stretches: tuple[int, int]  # bit i: stretch i is found in the other, densely
    filled: tuple[float, float]  # share of the stretches that are


def verified(pairs: Iterable[tuple[int, int]], sketch: Callable[[int], Sketch], least: float) -> Iterator[Link]:
    """The links of those pairs that share enough to be something: a score of `least`, a part, or many words."""
    for chunk in _chunks(pairs, CHUNK):
        known = {number: sketch(number) for number in sorted({number for pair in chunk for number in pair})}
        shares = measure([(known[a], known[b]) for a, b in chunk])
        verdicts = judge(shares)
        yield from _links(chunk, shares, verdicts, least)


def _chunks(pairs: Iterable[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    chunk: list[tuple[int, int]] = []
    for pair in pairs:
        chunk.append(pair)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _links(chunk: Sequence[tuple[int, int]], shares: Shares, verdicts: Verdicts, least: float) -> Iterator[Link]:
    dense = shares.stretches >= IN_PART
    there = np.maximum((shares.stretches >= 0).sum(axis=2), 1)
    filled = dense.sum(axis=2) / there
    bits = dense @ (1 << np.arange(dense.shape[2]))
    partly = (verdicts.part.max(axis=1) >= ROUNDUP_OF_PART) & (filled.max(axis=1) > 0)
    wordy = shares.words.max(axis=1) >= 0.2
    for row in np.flatnonzero((verdicts.score >= least) | partly | wordy).tolist():
        a, b = chunk[row]
        yield Link(
            a,
            b,
            float(verdicts.score[row]),
            bool(verdicts.template[row]),
            bool(shares.same_text[row]),
            float(shares.jaccard[row]),
            _two(shares.plain, row),
            _two(verdicts.part, row),
            _two(shares.words, row),
            _two(shares.names, row),
            _two(shares.numbers, row),
            _two(shares.name_count, row),
            _two(shares.length, row),
            float(shares.order[row]),
            float(shares.shared[row]),
            (int(bits[row, 0]), int(bits[row, 1])),
            _two(filled, row),
        )


def _two(values: Float | Any, row: int) -> tuple[float, float]:
    return float(values[row, 0]), float(values[row, 1])


def roundups(links: Sequence[Link], joins: Callable[[Link], bool]) -> dict[int, list[Link]]:
    """Round-ups, and the links to the articles that stand in each.

    A round-up is filled by stretches of two or more stories that are not one piece among themselves, and it is no copy
    of a single article. A stretch that several strangers share is furniture and belongs to no story. What would be taken
    for one piece with a round-up without being most of it is another of its parts.
    """
    near: dict[int, list[Link]] = {}
    akin: dict[int, set[int]] = {}
    for link in links:
        near.setdefault(link.a, []).append(link)
        near.setdefault(link.b, []).append(link)
        if joins(link) or max(link.found) >= AKIN:
            akin.setdefault(link.a, set()).add(link.b)
            akin.setdefault(link.b, set()).add(link.a)
    found: dict[int, list[Link]] = {}
    for whole, around in sorted(near.items()):
        if around[0].length[_side(around[0], whole)] < ROUNDUP_LENGTH:
            continue
        parts = [link for link in around if _is_part(link, whole)]
        if len(parts) < 2 or any(joins(link) and link.found[_side(link, whole)] > ROUNDUP_ONE_PART for link in around):
            continue
        parts.sort(key=lambda link: (-link.filled[_side(link, whole)], _other(link, whole)))
        regions = {_other(link, whole): link.stretches[_side(link, whole)] for link in parts}
        stories: list[int] = []
        taken = 0
        for one, region in regions.items():
            strangers = [
                other
                for other, theirs in regions.items()
                if other != one
                and other not in akin.get(one, ())
                and (theirs & region).bit_count() >= 0.5 * min(region.bit_count(), theirs.bit_count())
            ]
            if len(strangers) >= FURNITURE_FROM or (region & taken).bit_count() > 0.35 * region.bit_count():
                continue
            if not any(story in akin.get(one, ()) for story in stories):
                stories.append(one)
                taken |= region
        size = max(_stretches(link, whole) for link in parts)
        if len(stories) >= 2 and taken.bit_count() >= ROUNDUP_FILLED * size:
            theirs = {*stories, *(other for story in stories for other in akin.get(story, ()))}
            found[whole] = [
                link
                for link in around
                if (_other(link, whole) in theirs and _is_part(link, whole)) or _in_a_corner(link, whole, joins)
            ]
    return found


def _in_a_corner(link: Link, whole: int, joins: Callable[[Link], bool]) -> bool:
    """Whether a story told nearly whole in one place of a round-up scores like a copy of it."""
    return joins(link) and link.found[_side(link, whole)] < ROUNDUP_CORNER


def _stretches(link: Link, whole: int) -> int:
    """In how many stretches the article was read."""
    side = _side(link, whole)
    return round(link.stretches[side].bit_count() / link.filled[side])


def _is_part(link: Link, whole: int) -> bool:
    side = _side(link, whole)
    dense = link.stretches[side].bit_count()
    return (
        dense >= 2
        and not link.template
        and link.found[1 - side] >= ROUNDUP_OF_PART
        and link.filled[1 - side] >= ROUNDUP_OF_PART
        and (dense == 2 or link.order >= ROUNDUP_ORDER or (dense == 3 and _in_one_place(link.stretches[side])))
    )


def _in_one_place(region: int) -> bool:
    """Whether stretches follow one another: of so few, their order says little."""
    first = region & -region
    return (region + first) & region == 0


def _side(link: Link, number: int) -> int:
    return 0 if link.a == number else 1


def _other(link: Link, number: int) -> int:
    return link.b if link.a == number else link.a


# Independent articles on one event use the same words, but not side by side. Logistic regression on same-event pairs of
# n2 and n2hard, each judged by what was fitted on the other: precision 0.56 and 0.82 at recall 0.51 and 0.43, where
# unlisted pairs, of which some are on one event too, count as wrong.
_RELATED = (7.03, 9.67, -18.08, -13.59, 1.53, 10.47)
_RELATED_INTERCEPT = -11.39


def is_related(link: Link) -> bool:
    """Whether two articles that are not one piece are likely on the same event."""
    if link.template:
        return False
    figures = (
        max(link.words),
        min(link.words),
        max(link.containment),
        min(link.containment),
        math.log1p(min(link.shared, 200.0)),
        max(link.found),
    )
    return _RELATED_INTERCEPT + sum(weight * figure for weight, figure in zip(_RELATED, figures, strict=True)) > 0
