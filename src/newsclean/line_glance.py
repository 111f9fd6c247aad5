"""Tells which doubtful lines are worth a full look: a few counts and a small ensemble of trees, before any word is read.

Most doubtful lines of an article are its own: short quotations, paragraphs beside a subheading, the last ones of the text.
Nothing more is asked of them, and an article of which no line is left costs nothing more.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from newsclean import line_features
from newsclean.line_features import EVIDENCE, Floats, Grid, Ints
from newsclean.line_signs import CASELESS, DIGIT, LOWER, MARK, OTHER, SPACE, STOP, UPPER, codes, kinds

# Characters of a line that are looked at.
SEEN = 120

# Lines before and after that a line is told of.
STEPS = np.array((-2, -1, 1, 2))

# Lines up and down over which short lines are counted.
REACH = 5

_COUNTS = ("words", "capital_words", "small_words", "capitals", "digits", "marks", "inner_stops", "caseless")

# What a sign adds to each count, for its kind and the kind of the sign before it.
_ADDS = np.zeros((8, 8, len(_COUNTS)), dtype=np.uint8)
_ADDS[:, (UPPER, DIGIT, MARK, CASELESS), (3, 4, 5, 7)] = 1
_ADDS[STOP, SPACE, 6] = 1
for _before in (OTHER, SPACE, STOP, MARK, CASELESS):
    _ADDS[_before, (UPPER, LOWER, DIGIT), 0] = 1
    _ADDS[_before, (UPPER, LOWER), (1, 2)] = 1


def _counts(lines: list[str]) -> Ints:
    """Signs and words of each kind, a row for each of _COUNTS, in the first characters of each line."""
    signs = codes("\n" + "\n".join([line[:SEEN] for line in lines]) + "\n")
    kind = kinds(signs)
    # All counts of a line are bytes of one number: none of them reaches SEEN + 1.
    added = _ADDS.view(np.uint64).take((kind[:-1] << 3) | kind[1:])
    found = np.add.reduceat(added, (signs == 10).nonzero()[0][:-1])
    return found[:, None].view(np.uint8).T.astype(np.int64)


def look(grid: Grid, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each doubtful line, from its shape, its place, the lines beside it and the rules."""
    rows = grid.doubtful.nonzero()[0]
    n = len(grid.lines)
    page = grid.page.take(rows)
    low, size = grid.first.take(page), grid.count.take(page)
    high = low + size
    place = rows - low
    plain = grid.plain.take(rows)

    running = np.zeros((3, n + 1), dtype=np.int64)
    running[0, 1:], running[1, 1:], running[2, 1:] = grid.plain, grid.stopped, grid.doubtful
    running = running.cumsum(axis=1)
    reach = np.minimum(rows + REACH + 1, high), np.maximum(rows - REACH, low)
    here, behind, start, end, bottom, top = running.take((rows, rows + 1, low, high, *reach), axis=1).transpose(1, 0, 2)

    number = np.arange(n)
    back = np.maximum.accumulate(np.where(grid.plain, number, -1)).take(rows - (place > 0))
    back = np.where((back >= low) & (place > 0), rows - back, 99)
    last = place == size - 1
    ahead = np.minimum.accumulate(np.where(grid.plain, number, n + 99)[::-1])[::-1].take(rows + ~last)
    ahead = np.where((ahead < high) & ~last, ahead - rows, 99)

    opening, closing = grid.opening.take(rows), grid.closing.take(rows)
    first_kind, last_kind = kinds(np.concatenate((opening, closing))).reshape(2, -1)
    counts = _counts([grid.lines[i] for i in rows.tolist()])
    run = np.where(plain, 0, np.minimum(np.minimum(back, place + 1) + np.minimum(ahead, size - place) - 1, 40))

    # The last row stands for lines that the page does not have.
    lines = np.full((n + 1, 4 + len(EVIDENCE)), -1.0)
    lines[:n, 0], lines[:n, 1], lines[:n, 2] = np.minimum(grid.width, 300), grid.stopped, grid.closing == 58
    lines[:n, 3], lines[:n, 4:] = grid.opening, evidence
    beside = lines.take(line_features.places(rows, STEPS, low, high, n), axis=0)
    around = beside[:, 1:3, 4:].reshape(len(rows), -1)
    beside = beside[:, :, :4]
    beside[:, :, 3] = beside[:, :, 3] == opening[:, None]
    # In the order of `_names`; a block of several rows has that many names.
    columns = (
        *(grid.width.take(rows), grid.stopped.take(rows), plain),
        *(first_kind, last_kind, (closing == 58) | (closing == 0xFF1A)),
        *(counts, counts[1:3] / np.maximum(counts[0], 1)),
        *(np.minimum(place, 50), np.minimum(size - 1 - place, 50), np.minimum(size, 200)),
        *(np.minimum(here[0] - start[0], 20), np.minimum(end[0] - behind[0], 20)),
        *((end - start) / size, (bottom - top)[:2]),
        *(np.minimum(back, 20), np.minimum(ahead, 20), run),
    )
    table = np.concatenate(
        (np.vstack(columns).T, beside.reshape(len(rows), -1), evidence.take(rows, axis=0), around), axis=1
    )
    return _names(), table


@cache
def _names() -> list[str]:
    """The features, in the order of `look`."""
    names = ["width", "stopped", "plain", "first_kind", "last_kind", "last_colon"]
    names += [*_COUNTS, "capital_share", "small_share", "place", "place_from_end", "lines"]
    names += ["prose_lines_before", "prose_lines_after", "prose_line_share", "stopped_share", "doubtful_share"]
    names += ["prose_near", "stopped_near", "prose_back", "prose_ahead", "run"]
    names += [f"{name}{step:+d}" for step in STEPS.tolist() for name in ("width", "stopped", "colon", "same_opening")]
    return names + list(EVIDENCE) + [f"{name}{step}" for step in ("-1", "+1") for name in EVIDENCE]
