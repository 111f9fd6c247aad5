"""Lists of facts: lines of one form ("Length: 84 metres", "4 Holm 2339 1 1 8") stay or go together.

They are neighbours, or come back with each item of a list (“Pros”, “Cons”, “$249.00”), or number its items.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Sequence
from itertools import pairwise

# A name, a colon, a value. 28 characters before the colon: "Opening hours on public holidays:" is past it already.
_LABELLED = re.compile(r"[^\W\d_][^:.!?：]{0,28}\s?[:：]\s?\S")

_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-]+[^\W\d_]+)*")
_NUMBER = re.compile(r"\d+")

# Where more lines than this go, lines that are alike but for their numbers are mostly dates and counts in lists of links:
# on the development pages the bound saves what no bound saves, at a sixth of the leftovers.
FEW_GO = 12

# A line is part of each item of a list when it comes back this often, in this share of its places between two lines that
# stay. On the development pages, out of fold, of what only the score would take: 52 lines of news in two publishers' lists
# saved in `safe` for no leftover of the light pages and 125 of 118,000 of whole pages; `balanced` 46 for two, and from five
# times on for six.
COMES_BACK = 6
AMONG_STAYING = 0.75


def broken(lines: Sequence[str], gone: Collection[int], going: int) -> Iterator[range]:
    """The runs of at least two lines of one form of which some are in `gone` and some are not.

    `going` is how many lines of the article go in all.
    """
    forms: dict[int, str | None] = {}

    def form(i: int) -> str | None:
        if i not in forms:
            forms[i] = _form(lines[i], numbers=going <= FEW_GO)
        return forms[i]

    end = 0
    for i in sorted(gone):
        if i >= end and form(i) is not None:
            start, end = i, i + 1
            while start and form(start - 1) == form(i):
                start -= 1
            while end < len(lines) and form(end) == form(i):
                end += 1
            if any(k not in gone for k in range(start, end)):
                yield range(start, end)


# A heading of a numbered list: “3. The lighthouse”.
_NUMBERED = re.compile(r"(\d{1,2})[.)]\s+\S")
# Headings count up or down, this many at least, with this many lines from one to the next on average, and half of them
# stay. On the development pages, out of fold: `balanced` saves 7 lines of light pages for one leftover, of whole pages.
HEADINGS = 3
HEADINGS_APART = 3


def woven(lines: Sequence[str], gone: Container[int], suspects: Collection[int]) -> Iterator[int]:
    """Those of the `suspects`, which are in `gone`, that come back between lines that stay."""
    if len(lines) <= 2 * COMES_BACK or not suspects:
        return
    wanted = {_shape(lines[i]) for i in suspects}
    ends = {(shape[0], shape[-1]) for shape in wanted if _has_figures(shape)}
    places: dict[str, list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        shape = line.lower()
        if ends and _has_figures(line):
            # The ends of a shape tell most lines apart, before all of it is made.
            if (_lettered(line[0]), _lettered(line[-1])) not in ends:
                continue
            shape = _lettered(line)
        if shape in wanted:
            places[shape].append(i)
    for numbers in places.values():
        own = set(numbers)
        if len(numbers) >= COMES_BACK:
            among = sum(_stays(i - 1, lines, gone, own) and _stays(i + 1, lines, gone, own) for i in numbers)
            if among >= AMONG_STAYING * len(numbers):
                yield from (i for i in numbers if i in suspects)


def numbered(lines: Sequence[str], gone: Container[int], suspects: Collection[int]) -> Iterator[int]:
    """Those of the `suspects`, which are in `gone`, that number the parts of an article of which most stay."""
    if not any(_NUMBERED.match(lines[i]) for i in suspects):
        return
    counted = [(i, int(found[1])) for i, line in enumerate(lines) if (found := _NUMBERED.match(line))]
    breaks = [k for k in range(1, len(counted)) if abs(counted[k][1] - counted[k - 1][1]) != 1]
    for start, end in pairwise([0, *breaks, len(counted)]):
        headings = [i for i, _ in counted[start:end]]
        apart = headings[-1] - headings[0] >= HEADINGS_APART * (len(headings) - 1)
        if len(headings) >= HEADINGS and apart and 2 * sum(i not in gone for i in headings) >= len(headings):
            yield from (i for i in headings if i in suspects)


def _stays(i: int, lines: Sequence[str], gone: Container[int], own: Container[int]) -> bool:
    return 0 <= i < len(lines) and i not in gone and i not in own


_FIGURE, _BEYOND_ASCII = re.compile("[0-9]"), re.compile(r"[^\x00-\x7f]")


def _has_figures(line: str) -> bool:
    return bool(_FIGURE.search(line) or (not line.isascii() and any(map(str.isdigit, _BEYOND_ASCII.findall(line)))))


def _shape(line: str) -> str:
    """The line with its figures as 0; one that has any, with its words as letters, too."""
    return _lettered(line) if _has_figures(line) else line.lower()


def _lettered(line: str) -> str:
    return " ".join(_NUMBER.sub("0", _WORDS.sub("a", line)).split())


def _form(line: str, *, numbers: bool) -> str | None:
    """What the lines of a list have in common; None for a line without a form of its own."""
    if _LABELLED.match(line):
        return ":"
    if not numbers or not _has_figures(line):
        return None
    shape = _lettered(line)
    return None if shape == "0" else shape
