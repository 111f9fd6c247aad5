"""A batch of articles as lines, with what the rules say of each and a row of features for each doubtful one.

Cleaning and training read articles through here, so that the weights meet the same rows in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from newsclean import line_features, line_index, line_rules, rulebook
from newsclean.line_features import Floats, Grid
from newsclean.line_rules import Marked
from newsclean.model import Context
from newsclean.rulebook import Book, Rule


@dataclass(slots=True)
class Page:
    """One article's lines: stripped, none empty, each with where it begins in the text. Any Unicode line end ends a line."""

    text: str
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        at = 0
        for raw in self.text.splitlines(keepends=True):
            line = raw.strip()
            if line:
                self.lines.append(line)
                self.starts.append(at if raw[0] == line[0] else at + len(raw) - len(raw.lstrip()))
            at += len(raw)

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


def read(texts: Sequence[str], contexts: Sequence[Context]) -> Reading:
    """The articles' lines, which of them are doubtful, and what the rules say. Raises RuleError."""
    pages = [Page(text) for text in texts]
    grid = line_features.lay_out([page.lines for page in pages])
    odd, every_plain = grid.odd.tolist(), grid.plain.tolist()
    first = grid.first.tolist()
    books = [rulebook.for_context(one.language, one.source, one.settings) for one in contexts]
    marked, plain = [], []
    for number, asked in enumerate(_asked(pages, books, odd, first)):
        here = slice(first[number], first[number] + len(pages[number].lines))
        plain.append(every_plain[here])
        found = line_rules.mark(pages[number].lines, plain[-1], asked, books[number])
        for i in found.drops:
            grid.doubtful[first[number] + i] = True
        marked.append(found)
    return Reading(pages, marked, plain, grid)


def _asked(
    pages: Sequence[Page], books: Sequence[Book], odd: Sequence[bool], first: Sequence[int]
) -> list[dict[int, list[Rule]]]:
    """Per article and line, which rules to ask. Articles with the same rules are searched as one text."""
    out: list[dict[int, list[Rule]]] = [{} for _ in pages]
    groups: dict[Book, list[int]] = {}
    for number, book in enumerate(books):
        groups.setdefault(book, []).append(number)
    for book, numbers in groups.items():
        owner = [(number, i) for number in numbers for i in range(len(pages[number].lines))]
        lines = [line for number in numbers for line in pages[number].lines]
        asked = line_index.of(book).ask(lines, [odd[first[number] + i] for number, i in owner])
        for at, rules in asked.items():
            number, i = owner[at]
            out[number][i] = rules
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
