"""What can be seen of a line without knowing its language: its shape, its place, its neighbours, its page.

Everything is counted for all lines of many articles at once. Plain prose (long, ends like a sentence, far from any short
line) is only measured by its length and never scored; the rest are `doubtful` and get a row of features each.
No sum depends on what else is in the batch: counts are integers, and every ratio is taken elementwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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


def _nearest(mask: Flags, rows: Ints, low: Ints, high: Ints, *, back: bool) -> Floats:
    """Lines from each of `rows` to the nearest before (or after) for which `mask` holds; 99 where its page has none.

    `mask`: one column per question. `low`, `high`: first line of each row's page, and one past its last.
    """
    number = np.arange(len(mask))[:, None]
    if back:
        seen = np.full((len(mask) + 1, mask.shape[1]), -1)
        np.maximum.accumulate(np.where(mask, number, -1), axis=0, out=seen[1:])
        found = seen[rows]
        gap = np.where(found >= low[:, None], rows[:, None] - found, 99)
    else:
        none = len(mask) + 99
        seen = np.full((len(mask) + 1, mask.shape[1]), none)
        seen[:-1] = np.minimum.accumulate(np.where(mask, number, none)[::-1], axis=0)[::-1]
        found = seen[rows + 1]
        gap = np.where(found < high[:, None], found - rows[:, None], 99)
    return np.minimum(gap, 99).astype(np.float64)


# Word scores are kept as whole thousandths, so that sums over a page are exact whatever the batch.
MILLI = 1000


def in_thousandths(known: Floats) -> tuple[Floats, Ints]:
    """Word scores to a thousandth, and their thousandths."""
    whole = np.round(np.clip(known, -8, 8) * MILLI)
    return whole / MILLI, whole.astype(np.int64)


def places(rows: Ints, steps: Ints, low: Ints, high: Ints, none: int) -> Ints:
    """Numbers of the lines so many steps from each of `rows`: one row each, `none` where its page has no such line."""
    which = rows[:, None] + steps
    found: Ints = np.where((which >= low[:, None]) & (which < high[:, None]), which, none)
    return found


def describe(grid: Grid, rows: Ints, known: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`, which are doubtful.

    `known`: per line of the grid, how much it sounds like furniture, as far as that is known. `evidence`: per line,
    columns of what the rules say.
    """
    if not len(rows):
        return [], np.zeros((0, 0))
    n = len(grid.lines)
    out: dict[str, np.ndarray[Any, Any]] = {}
    shape = shapes([grid.lines[i] for i in rows.tolist()])
    out.update(shape)

    score, whole = in_thousandths(known)
    page = grid.page[rows]
    low, size = grid.first[page], grid.count[page]
    high = low + size
    place = rows - low
    plain, stopped = grid.plain[rows], grid.stopped[rows]
    half = np.round(grid.width * 2).astype(np.int64)
    clear = whole > MILLI

    # Sums over the lines before each line on its page, and over the whole page, of whole numbers: all columns at once.
    running = np.zeros((n + 1, 7), dtype=np.int64)
    for column, counted in enumerate(
        (half * grid.plain, grid.plain, half, grid.stopped, whole, np.where(grid.plain, 0, whole), clear)
    ):
        running[1:, column] = counted
    running = running.cumsum(axis=0)
    from_low = running[low]
    before, total = (running[rows] - from_low).T, (running[high] - from_low).T

    out["place"] = np.minimum(place, 200)
    out["place_from_end"] = np.minimum(size - 1 - place, 200)
    out["place_share"] = place / np.maximum(size - 1, 1)
    out["lines"] = np.minimum(size, 1000)
    out["stopped"] = stopped
    out["plain"] = plain
    out["prose_before"] = before[0] / np.maximum(total[0], 1)
    out["prose_total"] = total[0] / 2.0
    out["prose_lines_before"] = np.minimum(before[1], 50)
    out["prose_lines_after"] = np.minimum(total[1] - before[1] - plain, 50)
    out["prose_line_share"] = total[1] / size
    out["prose_char_share"] = total[0] / np.maximum(total[2], 1)
    out["mean_width"] = (total[2] / size) / 2
    asked = np.column_stack((grid.plain, clear))
    back = _nearest(asked, rows, low, high, back=True).T
    ahead = _nearest(asked, rows, low, high, back=False).T
    out["prose_back"] = back[0]
    out["prose_ahead"] = ahead[0]
    # The run of short lines that this line stands in.
    out["run"] = np.where(plain, 0.0, np.minimum(back[0], place + 1) + np.minimum(ahead[0], size - place) - 1)
    out["stopped_share"] = total[3] / size
    out["stopped_after"] = np.minimum(total[3] - before[3] - stopped, 50)

    out["words_score"] = score[rows]
    own = whole[rows]
    out["page_score"] = total[4] / size / MILLI
    out["short_score"] = total[5] / np.maximum(size - total[1], 1) / MILLI
    out["score_before"] = before[4] / np.maximum(place, 1) / MILLI
    out["score_after"] = (total[4] - before[4] - own) / np.maximum(size - 1 - place, 1) / MILLI
    # One column for each reach.
    top = np.maximum(rows[:, None] - REACHES, low[:, None])
    end = np.minimum(rows[:, None] + REACHES + 1, high[:, None])
    sums, here = running[:, 4], rows[:, None]
    above, below = sums[here] - sums[top], sums[end] - sums[here + 1]
    within = (above + below) / np.maximum(end - top - 1, 1) / MILLI
    above_mean = above / np.maximum(here - top, 1) / MILLI
    below_mean = below / np.maximum(end - here - 1, 1) / MILLI
    for column, reach in enumerate(REACHES.tolist()):
        out[f"score_within_{reach}"] = within[:, column]
        out[f"score_above_{reach}"] = above_mean[:, column]
        out[f"score_below_{reach}"] = below_mean[:, column]
    out["furniture_back"] = back[1]
    out["furniture_ahead"] = ahead[1]
    out["furniture_share"] = total[6] / size
    out["furniture_after"] = np.minimum(total[6] - before[6] - clear[rows], 50)

    # What the lines beside each line are like. The last line of `lines` stands for those that the page does not have.
    by_line = ("capital_words", "last_kind", "digits", "words", "small_share")
    lines = np.empty((n + 1, 5 + len(by_line) + len(EVIDENCE)))
    for column, values in enumerate((grid.width, score, grid.stopped, grid.opening, grid.closing)):
        lines[:n, column] = values
    lines[:n, 5 : 5 + len(by_line)] = -1.0
    for column, name in enumerate(by_line, start=5):
        lines[rows, column] = shape[name]
    lines[:n, 5 + len(by_line) :] = evidence
    lines[n] = (-1.0, -9.0, -1.0, -1.0, -1.0, *[-2.0] * len(by_line), *[-1.0] * len(EVIDENCE))
    beside = lines[places(rows, STEPS, low, high, n)]  # line, step, column
    beside[:, :, 0] = np.minimum(beside[:, :, 0], 400)
    near = beside[:, 1:5]
    # Lines of a list look alike: they begin or end with the same sign or word, figures aside.
    alike = np.where(near[:, :, 3:5] < 0, -1.0, near[:, :, 3:5] == lines[rows, None, 3:5])
    last = 5 + len(by_line)
    told = np.concatenate((evidence[rows, None], beside[:, 2:4, last:]), axis=1).transpose(0, 2, 1)
    # Counted among all doubtful lines of the pages that the rows are on.
    on_page = np.zeros(len(grid.first), dtype=bool)
    on_page[page] = True
    doubtful = np.flatnonzero(grid.doubtful & on_page[grid.page])
    folded = [_folded(grid.lines[i]) for i in doubtful.tolist()]
    pages, here = grid.page[doubtful].tolist(), np.searchsorted(doubtful, rows)
    out["repeats"] = _repeats(pages, folded)[here]
    out["first_word_repeats"] = _repeats(pages, [line.split(None, 1)[0] for line in folded])[here]
    out["last_word_repeats"] = _repeats(pages, [line.rsplit(None, 1)[-1] for line in folded])[here]
    names, columns = list(out), np.array(list(out.values()), dtype=np.float64).T
    at = names.index("repeats")
    blocks = (columns[:, :at], beside[:, :, :2], near[:, :, 2], beside[:, 2:4, 5:last], alike, columns[:, at:], told)
    table = np.concatenate([block.reshape(len(rows), -1) for block in blocks], axis=1)
    return [*names[:at], *_beside_names(by_line), *names[at:], *_told_names()], table


# Lines before and after that a line is told of.
STEPS = np.array((-3, -2, -1, 1, 2, 3))

# Lines up and down over which scores are summed.
REACHES = np.array((2, 5, 10))


def _beside_names(by_line: Sequence[str]) -> list[str]:
    """Names of what is known of the lines beside a line, in the order of `describe`."""
    names = [f"{name}{step:+d}" for step in STEPS.tolist() for name in ("width", "score")]
    names += [f"stopped{step:+d}" for step in STEPS.tolist()[1:5]]
    names += [f"{name}{step:+d}" for step in STEPS.tolist()[2:4] for name in by_line]
    return names + [f"same_{name}{step:+d}" for step in STEPS.tolist()[1:5] for name in ("opening", "closing")]


def _told_names() -> list[str]:
    return [f"{name}{step}" for name in EVIDENCE for step in ("", "-1", "+1")]


# ASCII with every figure as 0: a string is a quicker table than a dict.
_AS_ZERO = "".join("0" if sign.isdigit() else sign for sign in map(chr, range(128)))


def _folded(line: str) -> str:
    """The line in lower case, short ones with every figure as 0: long ones are no list."""
    return line.lower().translate(_AS_ZERO) if len(line) < PROSE_WIDTH else line.lower()


def _repeats(pages: Sequence[int], words: Sequence[str]) -> Floats:
    """How often each word is there on its page."""
    seen = Counter(zip(pages, words, strict=True))
    return np.array([seen[key] for key in zip(pages, words, strict=True)], dtype=np.float64)


# What the rules say of a line: the strongest drop that matches, whether it heads a block, whether it is a credit.
EVIDENCE = ("rule", "heading", "credit")
