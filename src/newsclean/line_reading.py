"""A batch of articles as lines, with what the rules say of each and a row of features for each doubtful one.

Cleaning and training read articles through here, so that the weights meet the same rows in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np

from newsclean import line_features, line_index, line_rules, rulebook
from newsclean.line_features import Floats, Grid
from newsclean.line_rules import Marked, Memo, Place
from newsclean.model import Context
from newsclean.rulebook import Book, Rule


@dataclass(slots=True)
class Page:
    """One article's lines: stripped, none empty, each with where it begins in the text. Any Unicode line end ends a line."""

    text: str
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        raws = self.text.splitlines(keepends=True)
        for raw, at in zip(raws, accumulate(map(len, raws), initial=0), strict=False):
            if raw != "\n" and (line := raw.strip()):
                self.lines.append(line)
                self.starts.append(at if raw[0] == line[0] else at + len(raw) - len(raw.lstrip()))

    def end(self, i: int) -> int:
        """One past the last character of line i, without the white space behind it."""
        return self.starts[i] + len(self.lines[i])


@dataclass(frozen=True, slots=True)
class Reading:
    """What is seen in a batch of articles before anything is decided."""

    pages: list[Page]
    marked: list[Marked]
    plain: list[list[bool]]  # per article and line
    grid: Grid


def read(texts: Sequence[str], contexts: Sequence[Context], memo: Memo | None = None) -> Reading:
    """The articles' lines, which of them are doubtful, and what the rules say. Raises RuleError."""
    memo = memo or Memo()
    pages = [Page(text) for text in texts]
    grid = line_features.lay_out([page.lines for page in pages])
    every_plain, first = grid.plain.tolist(), grid.first.tolist()
    books = [rulebook.for_context(one.language, one.source, one.settings) for one in contexts]
    plain = [every_plain[at : at + len(page.lines)] for at, page in zip(first, pages, strict=True)]
    places = [line_rules.Place(one) for one in plain]
    marked = []
    for number, asked in enumerate(_asked(grid, books, places, memo)):
        found = line_rules.mark(pages[number].lines, plain[number], asked, books[number], places[number], memo)
        for i in found.drops:
            grid.doubtful[first[number] + i] = True
        marked.append(found)
    return Reading(pages, marked, plain, grid)


def _asked(grid: Grid, books: Sequence[Book], places: Sequence[Place], memo: Memo) -> list[dict[int, list[Rule]]]:
    """Per article and line, which rules to ask. Articles with the same rules are searched as one text."""
    first = grid.first.tolist()
    head, tail = [one for place in places for one in place.head], [one for place in places for one in place.tail]
    keys = list(zip(grid.lines, grid.odd.tolist(), head, tail, strict=True))
    of_page = [keys[at : at + size] for at, size in zip(first, grid.count.tolist(), strict=True)]
    unknown: dict[Book, list[tuple[str, bool, bool, bool]]] = {}
    for book, seen in zip(books, of_page, strict=True):
        known, new = memo.asked.setdefault(book, {}), unknown.setdefault(book, [])
        for key in seen:
            if key not in known:
                known[key] = _NONE
                new.append(key)
    for book, new in unknown.items():
        if new:
            known = memo.asked[book]
            for i, rules in line_index.of(book).ask(*zip(*new, strict=True)).items():
                known[new[i]] = rules
    return [
        {i: rules for i, key in enumerate(seen) if (rules := memo.asked[book][key])}
        for book, seen in zip(books, of_page, strict=True)
    ]


_NONE: list[Rule] = []


def evidence(reading: Reading) -> Floats:
    """What the rules say of each line, in the columns of line_features.EVIDENCE."""
    out = np.zeros((len(reading.grid.lines), len(line_features.EVIDENCE)))
    for found, first in zip(reading.marked, reading.grid.first.tolist(), strict=True):
        for i, mark in found.drops.items():
            out[first + i, 0] = mark.rule.weight
            out[first + i, 1] = mark.rule.scope in ("block", "tail")
        for i in found.notes:
            out[first + i, 2] = 1.0
    return out
