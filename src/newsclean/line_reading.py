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
from newsclean.line_rules import AskedOf, Marked, Memo, Standing
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
        # Between two lines is nothing but white space: the first of the sign that a line begins with begins it.
        found, at = [], 0
        for line in self.lines:
            at = self.text.index(line[0], at)
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
    ends = [at + len(page.lines) for at, page in zip(first, pages, strict=True)]
    plain = [every_plain[at:end] for at, end in zip(first, ends, strict=True)]
    places = [line_rules.Place(one) for one in plain]
    every_odd = grid.odd.tolist()
    standing = [
        list(zip(every_odd[at:end], place.numbers(len(page.lines)), page.lines, strict=True))
        for at, end, place, page in zip(first, ends, places, pages, strict=True)
    ]
    marked = []
    for number, asked in enumerate(_asked(standing, books, memo)):
        found = line_rules.mark(pages[number].lines, plain[number], asked, books[number], places[number], memo)
        for i in found.drops:
            grid.doubtful[first[number] + i] = True
        marked.append(found)
    return Reading(pages, marked, plain, grid)


def _asked(articles: Sequence[Sequence[Standing]], books: Sequence[Book], memo: Memo) -> list[dict[int, list[Rule]]]:
    """Per article and line, which rules to ask. Articles with the same rules are searched as one text."""
    unread: dict[Book, set[Standing]] = {}
    for book, lines in zip(books, articles, strict=True):
        unread.setdefault(book, set()).update(lines)
    for book, several in unread.items():
        known = memo.asked.setdefault(book, AskedOf())
        new = sorted(several - known.lines, key=itemgetter(0), reverse=True)
        if new:
            known.lines |= several
            odd, place, texts = zip(*new, strict=True)
            found = line_index.of(book).ask(texts, sum(odd), place)
            known.rules |= {new[i]: rules for i, rules in found.items()}
            line_rules.search(((texts[i], rules) for i, rules in found.items()), memo)
    asked = [memo.asked[book].rules for book in books]
    return [
        {i: rules[line] for i, line in enumerate(lines) if line in rules}
        for rules, lines in zip(asked, articles, strict=True)
    ]


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
