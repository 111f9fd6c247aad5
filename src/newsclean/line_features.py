"""What can be seen of a line without knowing its language: its shape, its place, its neighbours, its page.

Everything is counted for all lines of many articles at once. Plain prose (long, ends like a sentence, far from any short
line) is only measured by its length and never scored; the rest are `doubtful` and get a row of features each.
No sum depends on what else is in the batch: counts are integers, and every ratio is taken elementwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from newsclean import line_place
from newsclean.line_place import in_thousandths
from newsclean.line_shapes import NAMES as SHAPES
from newsclean.line_shapes import shapes
from newsclean.line_signs import SENTENCE_ENDS, clipped, codes, members

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# A line of this width that ends like a sentence is prose until something else speaks against it (see `measure`).
PROSE_WIDTH = 80

# Chinese, Japanese and Korean signs say about this many Latin letters' worth.
WIDE = 2.5

# What may follow the stop of a sentence.
CLOSERS = frozenset("\"'”’»›“‘)]」』）”＂")

# Lines at the end of a page, and beside its short lines, that are looked at even if they read like prose: bios, notices
# and pleas to subscribe are prose, and stand there. 88 % of those on the development pages of light extractions.
ENDS = 3

# A page on which less than this share of the lines is prose: every line beside a short one is looked at.
CROWDED = 0.5


@dataclass(frozen=True, slots=True)
class Grid:
    """All lines of a batch, page after page, with what is known of each at the price of a glance."""

    lines: list[str]
    page: Ints  # which page each line is on
    first: Ints  # per page: number of its first line
    count: Ints  # per page: how many lines
    opening: Ints  # per line: its first sign
    closing: Ints  # per line: its last sign
    width: Floats  # per line: characters, wide signs counted as WIDE
    stopped: Flags  # ends like a sentence
    plain: Flags  # reads like prose
    odd: Flags  # short, without the end of a sentence, or at an end of its page: asked of every rule
    doubtful: Flags  # odd, or beside such lines: is to be scored


def lay_out(pages: Sequence[Sequence[str]]) -> Grid:
    """The lines (stripped, none empty) of each page, glanced at."""
    lines = [line for page in pages for line in page]
    count = np.array(list(map(len, pages)), dtype=np.int64)
    first = count.cumsum() - count
    page = np.repeat(np.arange(len(pages)), count)
    opening = clipped(codes("".join([line[0] for line in lines])))
    closing = clipped(codes("".join([line[-1] for line in lines])))
    width = np.array(list(map(len, lines)), dtype=np.float64)
    width[(opening >= 0x2E80) & (opening < 0xFB00)] *= WIDE
    stopped = members("".join(sorted(SENTENCE_ENDS))).take(closing)
    for i in members(_CLOSING).take(closing).nonzero()[0].tolist():
        stopped[i] = _is_stopped(lines[i], width[i])
    plain = stopped & (width >= PROSE_WIDTH)
    short = ~plain
    place, size = np.arange(len(lines)) - first[page], count[page]
    crowded = np.bincount(page, weights=plain, minlength=len(pages)) < CROWDED * count
    # A lone subheading says nothing of the prose around it; two short lines in a row, or a page of them, do.
    telling = short & (crowded[page] | _beside(short, place))
    odd = short | (place == 0) | (place >= size - ENDS)
    doubtful = odd | telling | _beside(telling, place)
    return Grid(lines, page, first, count, opening, closing, width, stopped, plain, odd, doubtful)


def _beside(mask: Flags, place: Ints) -> Flags:
    """Whether `mask` holds for the line before or behind on the same page. `place`: of each line on its page."""
    found = np.zeros(len(mask), dtype=bool)
    follows = place[1:] > 0
    found[1:] |= mask[:-1] & follows
    found[:-1] |= mask[1:] & follows
    return found


_CLOSING = "".join(sorted(CLOSERS))


def _is_stopped(line: str, width: float) -> bool:
    """Whether a line ends like a sentence; a wide one may end with the quotation marks of one that goes on."""
    last = line[-1]
    if last in CLOSERS and len(line) > 1:
        return line.rstrip(_CLOSING)[-1:] in SENTENCE_ENDS or (width >= PROSE_WIDTH and last in '"”»“')
    return last in SENTENCE_ENDS


# ---- features ----------------------------------------------------------------------------------------------------

# Score of plain prose that is not looked at: about the mean of such lines.
PLAIN_SCORE = -4.0


def places(rows: Ints, steps: Ints, low: Ints, high: Ints, none: int) -> Ints:
    """Numbers of the lines so many steps from `rows`: a row for each step, `none` where the page has no such line."""
    which = rows + steps[:, None]
    found: Ints = np.where((which >= low) & (which < high), which, none)
    return found


def describe(grid: Grid, rows: Ints, known: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`, which are doubtful.

    `known`: per line of the grid, how much it sounds like furniture, as far as that is known. `evidence`: per line,
    columns of what the rules say.
    """
    if not len(rows):
        return [], np.zeros((0, 0))
    n = len(grid.lines)
    shape = shapes([grid.lines[i] for i in rows.tolist()])
    score, whole = in_thousandths(known)
    low, high = line_place.page_of(grid, rows)
    place = line_place.describe(grid, rows, score, whole)

    # What the lines beside each line are like. The last column of `lines` stands for those that the page does not have.
    last = 5 + len(_BESIDE)
    lines = np.empty((last + len(EVIDENCE), n + 1))
    for row, values in enumerate((grid.width, score, grid.stopped, grid.opening, grid.closing)):
        lines[row, :n] = values
    lines[5:last] = -1.0
    lines[5:last, rows] = shape[_BESIDE_AT]
    lines[last:, :n] = evidence.T
    lines[:, n] = (-1.0, -9.0, -1.0, -1.0, -1.0, *[-2.0] * len(_BESIDE), *[-1.0] * len(EVIDENCE))
    beside = lines.take(places(rows, STEPS, low, high, n), axis=1)  # row of `lines`, step, line
    np.minimum(beside[0], 400, out=beside[0])
    near = beside[:, 1:5]
    # Lines of a list look alike: they begin or end with the same sign or word, figures aside.
    alike = np.where(near[3:5] < 0, -1.0, near[3:5] == lines[3:5].take(rows, axis=1)[:, None])
    told = np.concatenate((lines[last:].take(rows, axis=1)[:, None], beside[last:, 2:4]), axis=1)
    # By step, and for each by what is told; what the rules tell the other way round.
    by_step = [part.swapaxes(0, 1) for part in (beside[:2], near[2:3], beside[5:last, 2:4], alike)]
    blocks = (shape, place, *by_step, _repeats(grid, rows), told)
    return list(_names()), np.concatenate([block.reshape(-1, len(rows)) for block in blocks]).T


# Lines before and after that a line is told of.
STEPS = np.array((-3, -2, -1, 1, 2, 3))

# What is told of the looks of the line before a line and of the one behind it.
_BESIDE = ("capital_words", "last_kind", "digits", "words", "small_share")
_BESIDE_AT = [SHAPES.index(name) for name in _BESIDE]


@cache
def _names() -> tuple[str, ...]:
    """The features, in the order of `describe`."""
    steps = STEPS.tolist()
    names = [*SHAPES, *line_place.NAMES, *(f"{name}{step:+d}" for step in steps for name in ("width", "score"))]
    names += [f"stopped{step:+d}" for step in steps[1:5]]
    names += [f"{name}{step:+d}" for step in steps[2:4] for name in _BESIDE]
    names += [f"same_{name}{step:+d}" for step in steps[1:5] for name in ("opening", "closing")]
    names += ["repeats", "first_word_repeats", "last_word_repeats"]
    return (*names, *(f"{name}{step}" for name in EVIDENCE for step in ("", "-1", "+1")))


# ASCII with every figure as 0: a string is a quicker table than a dict.
_AS_ZERO = "".join("0" if sign.isdigit() else sign for sign in map(chr, range(128)))


def _folded(line: str) -> str:
    """The line in lower case, short ones with every figure as 0: long ones are no list."""
    return line.lower().translate(_AS_ZERO) if len(line) < PROSE_WIDTH else line.lower()


def _repeats(grid: Grid, rows: Ints) -> Floats:
    """How often each line, its first word and its last are there among all doubtful lines of its page: a row for each."""
    on_page = np.zeros(len(grid.first), dtype=bool)
    on_page[grid.page.take(rows)] = True
    doubtful = (grid.doubtful & on_page.take(grid.page)).nonzero()[0]
    folded = [_folded(grid.lines[i]) for i in doubtful.tolist()]
    pages, asked = grid.page.take(doubtful).tolist(), doubtful.searchsorted(rows).tolist()
    found = []
    for words in (folded, [line.split(None, 1)[0] for line in folded], [line.rsplit(None, 1)[-1] for line in folded]):
        keys = list(zip(pages, words, strict=True))
        seen = Counter(keys)
        found.append([seen[keys[k]] for k in asked])
    return np.array(found, dtype=np.float64)


# What the rules say of a line: the strongest drop that matches, whether it heads a block, whether it is a credit.
EVIDENCE = ("rule", "heading", "credit")
