"""What pairs of articles have to do with each other: verified links between numbered articles, and round-ups among them.

Works on sketches and dates only; names, reasons and clusters are made from it in `duplicates`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from newsclean.anchors import Sketch
from newsclean.arrays import Bool, Float, Int64, UInt32
from newsclean.compare import IN_PART, Shares, Verdicts, judge, measure, share_some
from newsclean.duplicate_related import EVENT_FROM, log_odds

# Pairs verified at once.
CHUNK = 2048
# Two articles that share a smaller part of their word pairs are strangers, and nothing more is asked of them. Of all that
# was ever linked, or stood in a round-up, in n1, n2hard and 20,000 invented articles the least shared 0.050; of the rest
# three quarters share less.
STRANGERS_SHARE = 0.05

# A round-up: two or more different stories, each in stretches of its own, fill this much of it. (n2hard, 2026-11: with 0.35 and
# 0.45 all round-ups are linked, not 0.993 of them, and 2 to 3 links more are wrong; with 0.65 and 0.75 link precision is 0.946,
# not 0.919. Those round-ups are filled to the brim; of n1's real links 25 and 21 are left of 33, so it stays in the middle. n1's
# copies and n2 do not move, here and below, unless it is said.)
ROUNDUP_FILLED = 0.55
# ...and it is one piece with none that has more than this of it: that is a copy. (0.65 and 0.85 move one link of n2hard; with 0.95
# link precision is 0.907 and F1 0.002 less.)
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
# Articles of which so much is found in the other are of one story, for a round-up. (0.3 and 0.4 move two links of n2hard; with
# 0.6 and 0.7 some 40 links fewer are made, most of them wrong, but parts are missed: 0.004 and 0.009.)
AKIN = 0.5
# As many strangers in one place of an article are furniture: a disclaimer, a blurb. (With 1, round-ups of n2hard are linked at
# 0.963 and false merges are twice as many. With 3 or 4 the last round-ups of n2 and n2hard are linked, too: no furniture
# stands in these, so the smallest number that spares most of them was kept.)
FURNITURE_FROM = 2


@dataclass(frozen=True, slots=True)
class Link:
    """Two articles (numbers, a < b) that share text, with all that later decisions need."""

    a: int
    b: int
    score: float
    template: bool
    same_text: bool
    jaccard: float
    containment: tuple[float, float]  # of a in b, of b in a
    found: tuple[float, float]  # share of stretches found in the other
    length: tuple[float, float]
    order: float
    stretches: tuple[int, int]  # bit i: stretch i is found in the other, densely
    filled: tuple[float, float]  # share of the stretches that are
    event: float  # how likely independent articles on one event: see duplicate_related


class Links:
    """Links by number, packed in columns: some 150 bytes each. A pair of articles has one link at most."""

    DTYPE = np.dtype(
        [
            ("a", "i4"),
            ("b", "i4"),
            ("score", "f8"),
            ("template", "?"),
            ("same_text", "?"),
            ("jaccard", "f8"),
            ("containment", "f8", 2),
            ("found", "f8", 2),
            ("length", "f8", 2),
            ("order", "f8"),
            ("stretches", "u2", 2),
            ("filled", "f8", 2),
            ("event", "f8"),
        ]
    )

    def __init__(self) -> None:
        self._parts: list[np.ndarray[Any, Any]] = []
        self._table = np.zeros(0, self.DTYPE)
        self._keys = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.table)

    def add(self, rows: np.ndarray[Any, Any]) -> None:
        """Take in links of pairs that have none yet."""
        if len(rows):
            self._parts.append(rows)

    @property
    def table(self) -> np.ndarray[Any, Any]:
        """All links, by pair."""
        if self._parts:
            table = np.concatenate([self._table, *self._parts])
            self._parts = []
            keys = _key(table["a"], table["b"])
            order = np.argsort(keys, kind="stable")
            self._table, self._keys = table[order], keys[order]
        return self._table

    def of(self, pairs: Sequence[tuple[int, int]]) -> Int64:
        """The numbers of the links between these articles (smaller first); -1 where there is none."""
        table = self.table
        if not len(table) or not len(pairs):
            return np.full(len(pairs), -1)
        wanted = _key(*np.array(pairs, np.int64).T)
        at = np.minimum(self._keys.searchsorted(wanted), len(table) - 1)
        return np.where(self._keys[at] == wanted, at, -1)

    def get(self, number: int) -> Link:
        """One link."""
        return Link(*as_values(self.table[number]))

    def around(self) -> tuple[Int64, Int64]:
        """For each article in order the numbers of its links: (articles, links), sorted by article, then link."""
        table = self.table
        articles = np.concatenate([table["a"], table["b"]]).astype(np.int64)
        numbers = np.tile(np.arange(len(table)), 2)
        order = np.lexsort((numbers, articles))
        return articles[order], numbers[order]


def as_values(row: Any) -> tuple[Any, ...]:
    """One row of links as plain numbers, the fields with two of them as tuples."""
    return tuple(tuple(value.tolist()) if isinstance(value, np.ndarray) else value for value in row.item())


def _key(a: Any, b: Any) -> Int64:
    return np.asarray(a, np.int64) << 32 | np.asarray(b, np.int64)


def verified(
    pairs: Iterable[tuple[int, int]],
    sketch: Callable[[int], Sketch],
    least: float,
    *,
    gist: Callable[[int], UInt32] | None = None,
) -> Iterator[np.ndarray[Any, Any]]:
    """The links of those pairs that share enough to be something: a score of `least`, a part, or (with a `gist`) an event."""
    for chunk in _chunks(pairs, CHUNK):
        known = {number: sketch(number) for number in {number for pair in chunk for number in pair}}
        if gist is None:
            chunk = [pair for pair in chunk if share_some(known[pair[0]], known[pair[1]], STRANGERS_SHARE)]
        sketches = [(known[a], known[b]) for a, b in chunk]
        shares = measure(sketches)
        event = np.full(len(chunk), -np.inf)
        if gist is not None:
            about = {number: gist(number) for number in known}
            event = log_odds([(about[a], about[b]) for a, b in chunk], shares)
        yield _links(chunk, shares, judge(shares), event, least)


def _chunks(pairs: Iterable[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    waiting = iter(pairs)
    while chunk := list(islice(waiting, size)):
        yield chunk


def _links(
    chunk: Sequence[tuple[int, int]], shares: Shares, verdicts: Verdicts, event: Float, least: float
) -> np.ndarray[Any, Any]:
    dense = shares.stretches >= IN_PART
    there = np.maximum((shares.stretches >= 0).sum(axis=2), 1)
    filled = dense.sum(axis=2) / there
    kept = (verdicts.score >= least) | (
        (verdicts.part.max(axis=1, initial=0) >= ROUNDUP_OF_PART) & (filled.max(axis=1, initial=0) > 0)
    )
    kept |= event > EVENT_FROM
    rows = np.zeros(int(kept.sum()), Links.DTYPE)
    if not len(rows):
        return rows
    pairs = np.array(chunk)[kept]
    rows["a"], rows["b"] = pairs.T
    rows["stretches"] = (dense @ (1 << np.arange(dense.shape[2])))[kept]
    for name, values in (
        ("score", verdicts.score),
        ("template", verdicts.template),
        ("same_text", shares.same_text),
        ("jaccard", shares.jaccard),
        ("containment", shares.plain),
        ("found", verdicts.part),
        ("length", shares.length),
        ("order", shares.order),
        ("filled", filled),
        ("event", event),
    ):
        rows[name] = values[kept]
    return rows


def roundups(links: Links, joins: Bool) -> dict[int, list[int]]:
    """Round-ups, and the links to the articles that stand in each; `joins` tells which links make one piece of two.

    A round-up is filled by stretches of two or more stories that are not one piece among themselves, and it is no copy
    of a single article. A stretch that several strangers share is furniture and belongs to no story. What would be taken
    for one piece with a round-up without being most of it is another of its parts.
    """
    table = links.table
    sides = (table["a"], table["b"])
    parts = [_is_part(table, side) for side in (0, 1)]
    count = int(max(table["b"], default=-1)) + 1
    told = sum((np.bincount(sides[side][parts[side]], minlength=count) for side in (0, 1)), np.zeros(count, np.int64))
    out = np.zeros(count, bool)
    for side in (0, 1):
        one_part = joins & (table["found"][:, side] > ROUNDUP_ONE_PART)
        out[sides[side][one_part | (table["length"][:, side] < ROUNDUP_LENGTH)]] = True
    akin_link = joins | (table["found"].max(axis=1, initial=0.0) >= AKIN)
    articles, numbers = links.around()

    def around(one: int) -> Int64:
        return numbers[articles.searchsorted(one) : articles.searchsorted(one, side="right")]

    found: dict[int, list[int]] = {}
    for whole in np.flatnonzero((told >= 2) & ~out).tolist():
        near = around(whole)
        side = (table["b"][near] == whole).astype(np.int64)
        own, other = np.arange(len(near)), np.where(side == 0, table["b"][near], table["a"][near])
        is_part = np.where(side == 0, parts[0][near], parts[1][near])
        filled, bits = table["filled"][near][own, side], table["stretches"][near][own, side]
        regions = {
            int(other[at]): int(bits[at])
            for at in sorted(np.flatnonzero(is_part).tolist(), key=lambda at: (-filled[at], other[at]))
        }
        akin: dict[int, set[int]] = {}
        for one in regions:
            theirs = around(one)
            theirs = theirs[akin_link[theirs]]
            akin[one] = {*table["a"][theirs].tolist(), *table["b"][theirs].tolist()} - {one}
        stories, taken = _stories(regions, akin)
        size = max(round(int(bits[at]).bit_count() / filled[at]) for at in np.flatnonzero(is_part).tolist())
        if len(stories) >= 2 and taken.bit_count() >= ROUNDUP_FILLED * size:
            of_stories = {*stories, *(one for story in stories for one in akin[story])}
            in_a_corner = joins[near] & (table["found"][near][own, side] < ROUNDUP_CORNER)
            told_of = np.isin(other, sorted(of_stories)) & is_part
            found[whole] = near[told_of | in_a_corner].tolist()
    return found


def _stories(regions: Mapping[int, int], akin: Mapping[int, set[int]]) -> tuple[list[int], int]:
    """Different stories that each have stretches of their own, largest first, and the stretches that they fill."""
    stories: list[int] = []
    taken = 0
    for one, region in regions.items():
        strangers = [
            other
            for other, theirs in regions.items()
            if other != one
            and other not in akin[one]
            and (theirs & region).bit_count() >= 0.5 * min(region.bit_count(), theirs.bit_count())
        ]
        if len(strangers) >= FURNITURE_FROM or (region & taken).bit_count() > 0.35 * region.bit_count():
            continue
        if not any(story in akin[one] for story in stories):
            stories.append(one)
            taken |= region
    return stories, taken


def _is_part(table: np.ndarray[Any, Any], side: int) -> Bool:
    """Of each link whether the article on the other side stands in this one as a part of a round-up would."""
    bits = table["stretches"][:, side].astype(np.int64)
    dense = np.unpackbits(table["stretches"][:, side].copy().view(np.uint8).reshape(-1, 2), axis=1).sum(axis=1)
    first = bits & -bits
    in_one_place = (bits + first) & bits == 0  # stretches that follow one another: of so few, their order says little
    part: Bool = (
        (dense >= 2)
        & ~table["template"]
        & (table["found"][:, 1 - side] >= ROUNDUP_OF_PART)
        & (table["filled"][:, 1 - side] >= ROUNDUP_OF_PART)
        & ((dense == 2) | (table["order"] >= ROUNDUP_ORDER) | ((dense == 3) & in_one_place))
    )
    return part
