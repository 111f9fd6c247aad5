"""Tells which doubtful lines are worth a full look: a few counts and a small ensemble of trees, before any word is read.

Most doubtful lines of an article are its own: short quotations, paragraphs beside a subheading, the last ones of the text.
Nothing more is asked of them, and an article of which no line is left costs nothing more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from newsclean import line_features
from newsclean.line_features import CASELESS, DIGIT, EVIDENCE, LOWER, MARK, SPACE, STOP, UPPER, Floats, Grid

# Characters of a line that are looked at.
SEEN = 120

# Lines before and after that a line is told of.
STEPS = np.array((-2, -1, 1, 2))

# Lines up and down over which short lines are counted.
REACH = 5

_COUNTS = ("words", "capital_words", "small_words", "capitals", "digits", "marks", "inner_stops", "caseless")


def _counts(lines: list[str]) -> list[Any]:
    """Signs and words of each kind in the first characters of each line: whole numbers."""
    signs = line_features.codes("\n" + "\n".join([line[:SEEN] for line in lines]) + "\n")
    kinds = line_features.kinds(signs)
    starts = np.flatnonzero(signs == 10)[:-1]
    upper, lower, digit = kinds == UPPER, kinds == LOWER, kinds == DIGIT
    word = upper | lower | digit
    begins = word.copy()
    begins[1:] &= ~word[:-1]
    stop = kinds == STOP
    stop[:-1] &= kinds[1:] == SPACE
    masks = (begins, begins & upper, begins & lower, upper, digit, kinds == MARK, stop, kinds == CASELESS)
    return [np.add.reduceat(mask, starts, dtype=np.int64) for mask in masks]


def look(grid: Grid, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each doubtful line, from its shape, its place, the lines beside it and the rules."""
    rows = np.flatnonzero(grid.doubtful)
    n = len(grid.lines)
    page = grid.page[rows]
    low, size = grid.first[page], grid.count[page]
    high = low + size
    place = rows - low
    plain = grid.plain[rows]
    counts = _counts([grid.lines[i] for i in rows.tolist()])
    words = np.maximum(counts[0], 1)

    running = np.zeros((n + 1, 3), dtype=np.int64)
    running[1:, 0], running[1:, 1], running[1:, 2] = grid.plain, grid.stopped, grid.doubtful
    running = running.cumsum(axis=0)
    before, after, whole = running[rows] - running[low], running[high] - running[rows + 1], running[high] - running[low]
    near = running[np.minimum(rows + REACH + 1, high)] - running[np.maximum(rows - REACH, low)]

    number = np.arange(n)
    back = np.maximum.accumulate(np.where(grid.plain, number, -1))[rows - (rows > low)]
    back = np.where((back >= low) & (rows > low), rows - back, 99)
    ahead = np.minimum.accumulate(np.where(grid.plain, number, n + 99)[::-1])[::-1][rows + (rows < high - 1)]
    ahead = np.where((ahead < high) & (rows < high - 1), ahead - rows, 99)

    first, last = line_features.kinds(grid.opening[rows]), line_features.kinds(grid.closing[rows])
    closing = grid.closing[rows]
    out = {
        "width": grid.width[rows],
        "stopped": grid.stopped[rows],
        "plain": plain,
        "first_kind": first,
        "last_kind": last,
        "last_colon": (closing == 58) | (closing == 0xFF1A),
        **dict(zip(_COUNTS, counts, strict=True)),
        "capital_share": counts[1] / words,
        "small_share": counts[2] / words,
        "place": np.minimum(place, 50),
        "place_from_end": np.minimum(size - 1 - place, 50),
        "lines": np.minimum(size, 200),
        "prose_lines_before": np.minimum(before[:, 0], 20),
        "prose_lines_after": np.minimum(after[:, 0], 20),
        "prose_line_share": whole[:, 0] / size,
        "stopped_share": whole[:, 1] / size,
        "doubtful_share": whole[:, 2] / size,
        "prose_near": near[:, 0],
        "stopped_near": near[:, 1],
        "prose_back": np.minimum(back, 20),
        "prose_ahead": np.minimum(ahead, 20),
        "run": np.where(plain, 0, np.minimum(np.minimum(back, place + 1) + np.minimum(ahead, size - place) - 1, 40)),
    }
    # The last row stands for lines that the page does not have.
    lines = np.empty((n + 1, 4))
    lines[:n, 0], lines[:n, 1], lines[:n, 2] = np.minimum(grid.width, 300), grid.stopped, grid.closing == 58
    lines[:n, 3] = grid.opening
    lines[n] = (-1.0, -1.0, -1.0, -1.0)
    which = rows[:, None] + STEPS
    which = np.where((which >= low[:, None]) & (which < high[:, None]), which, n)
    beside = lines[which]
    beside[:, :, 3] = beside[:, :, 3] == grid.opening[rows, None]
    told = np.concatenate((evidence, np.full((1, len(EVIDENCE)), -1.0)))
    around = told[which[:, 1:3]]
    names = [*out, *_beside_names()]
    columns = np.array(list(out.values()), dtype=np.float64).T
    table = np.concatenate(
        (columns, beside.reshape(len(rows), -1), evidence[rows], around.reshape(len(rows), -1)), axis=1
    )
    return names, table


def _beside_names() -> list[str]:
    names = [f"{name}{step:+d}" for step in STEPS.tolist() for name in ("width", "stopped", "colon", "same_opening")]
    return names + list(EVIDENCE) + [f"{name}{step}" for step in ("-1", "+1") for name in EVIDENCE]
