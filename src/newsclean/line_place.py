"""Where a line stands: how far from both ends of its page and from prose, and what the lines around it and all others sound like.

Sums are those of whole numbers, so that they are exact whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from newsclean.arrays import Bool, Float, Int64

if TYPE_CHECKING:
    from newsclean.line_features import Grid


def sums_before(counted: Sequence[np.ndarray[Any, Any]]) -> Int64:
    """Sums of whole numbers over the lines before each line, and over all in the last column; a row for each of `counted`."""
    running = np.zeros((len(counted), len(counted[0]) + 1), dtype=np.int64)
    for row, values in zip(running, counted, strict=True):
        row[1:] = values
    return running.cumsum(axis=1)


def last_before(masks: Bool) -> Int64:
    """Per mask (a row) and line, the number of the last line before it for which the mask holds; -1 where there is none."""
    found = np.full((len(masks), masks.shape[1] + 1), -1)
    np.maximum.accumulate(np.where(masks, np.arange(masks.shape[1]), -1), axis=1, out=found[:, 1:])
    return found


def first_from(masks: Bool) -> Int64:
    """Per mask (a row) and line, the number of the first line from it on for which the mask holds; far off for none."""
    n = masks.shape[1]
    found = np.full((len(masks), n + 1), n + 99)
    found[:, :-1] = np.minimum.accumulate(np.where(masks, np.arange(n), n + 99)[:, ::-1], axis=1)[:, ::-1]
    return found


# Word scores are kept as whole thousandths, so that sums over a page are exact whatever the batch.
MILLI = 1000


def in_thousandths(known: Float) -> tuple[Float, Int64]:
    """Word scores to a thousandth, and their thousandths."""
    whole = np.rint(np.minimum(np.maximum(known, -8), 8) * MILLI)
    return whole / MILLI, whole.astype(np.int64)


def page_of(grid: Grid, rows: Int64) -> tuple[Int64, Int64]:
    """The first line of each row's page, and one past its last."""
    page = grid.page.take(rows)
    low = grid.first.take(page)
    return low, low + grid.count.take(page)


# Lines up and down over which scores are summed.
REACHES = np.array([[2], [5], [10]])

# What is told of a line's place, in the order of the weights.
NAMES = (
    *("place", "place_from_end", "place_share", "lines", "stopped", "plain", "prose_before", "prose_total"),
    *("prose_lines_before", "prose_lines_after", "prose_line_share", "prose_char_share", "mean_width", "prose_back"),
    *("prose_ahead", "run", "stopped_share", "stopped_after", "words_score", "page_score", "short_score"),
    *("score_before", "score_after"),
    *(f"score_{where}_{reach}" for reach in REACHES.ravel().tolist() for where in ("within", "above", "below")),
    *("furniture_back", "furniture_ahead", "furniture_share", "furniture_after"),
)


class _Sums(NamedTuple):
    """Sums over some lines for each row."""

    prose_chars: Int64  # twice the width, that wide signs are whole numbers, too
    prose: Int64
    chars: Int64
    stopped: Int64
    score: Int64
    short_score: Int64  # of lines that are no prose
    clear: Int64  # lines that sound clearly like furniture


_SCORE = _Sums._fields.index("score")


def describe(grid: Grid, rows: Int64, score: Float, whole: Int64) -> Float:
    """A row for each of NAMES, a column for each of the lines `rows`. `score`, `whole`: of each line, as in_thousandths has it."""
    low, high = page_of(grid, rows)
    size, place, rest = high - low, rows - low, high - 1 - rows
    plain, clear = grid.plain.take(rows), whole > MILLI
    chars = np.rint(grid.width * 2)
    short_score = np.where(grid.plain, 0, whole)
    counted = (chars * grid.plain, grid.plain, chars, grid.stopped, whole, short_score, clear)  # as in _Sums
    running = sums_before(counted)
    from_low, here, behind_it, to_high = running.take((low, rows, rows + 1, high), axis=1).transpose(1, 0, 2)
    before, after, total = (_Sums(*some) for some in (here - from_low, to_high - behind_it, to_high - from_low))
    masks = np.array((grid.plain, clear))
    back, ahead = last_before(masks).take(rows, axis=1), first_from(masks).take(rows + 1, axis=1)
    prose_back, clear_back = np.minimum(np.where(back >= low, rows - back, 99), 99)
    prose_ahead, clear_ahead = np.minimum(np.where(ahead < high, ahead - rows, 99), 99)
    # The run of short lines that this line stands in.
    run = np.where(plain, 0, np.minimum(prose_back, place + 1) + np.minimum(prose_ahead, size - place) - 1)

    numbers = {
        "place": (place, 200),
        "place_from_end": (rest, 200),
        "lines": (size, 1000),
        "prose_lines_before": (before.prose, 50),
        "prose_lines_after": (after.prose, 50),
        "stopped_after": (after.stopped, 50),
        "furniture_after": (after.clear, 50),
    }
    shares = {
        "place_share": (place, size - 1, 1),
        "prose_before": (before.prose_chars, total.prose_chars, 1),
        "prose_line_share": (total.prose, size, 1),
        "prose_char_share": (total.prose_chars, total.chars, 1),
        "mean_width": (total.chars, size, 2),
        "stopped_share": (total.stopped, size, 1),
        "page_score": (total.score, size, MILLI),
        "short_score": (total.short_score, size - total.prose, MILLI),
        "score_before": (before.score, place, MILLI),
        "score_after": (after.score, rest, MILLI),
        "furniture_share": (total.clear, size, 1),
    }
    # Per reach, the means over the lines on both sides, over those above and over those below.
    top, end = np.maximum(rows - REACHES, low), np.minimum(rows + REACHES + 1, high)
    score_sums = running[_SCORE]
    above, below = here[_SCORE] - score_sums.take(top), score_sums.take(end) - behind_it[_SCORE]
    near = np.array((above + below, above, below)) / np.maximum((end - top - 1, rows - top, end - rows - 1), 1) / MILLI
    others = {
        "stopped": grid.stopped.take(rows),
        "plain": plain,
        "prose_total": total.prose_chars / 2.0,
        "run": run,
        "prose_back": prose_back,
        "prose_ahead": prose_ahead,
        "words_score": score.take(rows),
        "furniture_back": clear_back,
        "furniture_ahead": clear_ahead,
    }
    of_all, among, units = (np.array(some) for some in zip(*shares.values(), strict=True))
    number, most = (np.array(some) for some in zip(*numbers.values(), strict=True))
    table = np.concatenate(
        (
            np.minimum(number, most[:, None]),
            of_all / np.maximum(among, 1) / units[:, None],
            np.concatenate([*others.values()]).reshape(len(others), -1),
            near.transpose(1, 0, 2).reshape(-1, len(rows)),
        )
    )
    return table.take(_in_order(*numbers, *shares, *others), axis=0)


@cache
def _in_order(*first: str) -> list[int]:
    """Where each of NAMES is among these names, with the others behind them."""
    found = [*first, *(name for name in NAMES if name not in first)]
    return [found.index(name) for name in NAMES]
