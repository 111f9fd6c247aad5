"""A batch of articles as lines, with what the rules say of each and a row of features for each doubtful one.

Cleaning and training read articles through here, so that the weights meet the same rows in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

import numpy as np

from newsclean import line_features, line_index, line_rules, rulebook
from newsclean.line_features import Floats, Grid
from newsclean.line_rules import AskedOf, Marked, Memo, Place
from newsclean.model import Context
from newsclean.rulebook import Book, Rule


class Page:
    """One article's lines: stripped, none empty. Any Unicode line end ends a line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [line for raw in text.splitlines() if (line := raw.strip())]

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins in the text. Asked for where something was found."""
        # Between two lines is nothing but white space.
        found, at = [], 0
        for line in self.lines:
            at = self.text.index(line, at)
            found.append(at)
            at += len(line)
        return found

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
    known: dict[tuple[str, str, int], Book] = {}
    for one in contexts:
        if (key := (one.language, one.source, id(one.settings))) not in known:
            known[key] = rulebook.for_context(*key[:2], one.settings)
    books = [known[one.language, one.source, id(one.settings)] for one in contexts]
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
    texts, odd_lines = grid.lines, grid.odd.tolist()
    found: list[tuple[int, list[Rule]]] = []
    # Per book and where a line stands: the lines that do.
    of_book: dict[Book, dict[int, list[int]]] = {}
    for book, place, start in zip(books, places, grid.first.tolist(), strict=True):
        alike = of_book.setdefault(book, {})
        for i, (head, tail) in enumerate(zip(place.head, place.tail, strict=True), start):
            alike.setdefault(4 * odd_lines[i] + 2 * head + tail, []).append(i)
    for book, alike in of_book.items():
        unread: list[str] = []
        told: list[int] = []
        for flag, numbers in alike.items():
            seen = memo.asked.setdefault((book, flag), AskedOf())
            new = {texts[i] for i in numbers} - seen.lines
            seen.lines |= new
            unread += new
            told += [flag] * len(new)
        if unread:
            where = ([bool(flag & bit) for flag in told] for bit in (4, 2, 1))
            for i, rules in line_index.of(book).ask(unread, *where).items():
                memo.asked[book, told[i]].rules[unread[i]] = rules
        for flag, numbers in alike.items():
            rules_of = memo.asked[book, flag].rules
            found += [(i, rules_of[texts[i]]) for i in numbers if texts[i] in rules_of]
    out: list[dict[int, list[Rule]]] = [{} for _ in books]
    first, page = grid.first.tolist(), grid.page.tolist()
    for i, rules in sorted(found, key=itemgetter(0)):
        out[page[i]][i - first[page[i]]] = rules
    return out


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
