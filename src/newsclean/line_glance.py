"""Tells which doubtful lines are worth a full look: a few counts and a small ensemble of trees, before any word is read.

Most doubtful lines of an article are its own: short quotations, paragraphs beside a subheading, the last ones of the text.
Nothing more is asked of them, and an article of which no line is left costs nothing more.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from newsclean import line_features
from newsclean.line_features import EVIDENCE, Floats, Grid, Ints
from newsclean.line_place import first_from, last_before, sums_before
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


# Bounds of a line's place from both ends, of the page's lines, and of those of prose before and behind.
_MOST = np.array([[50], [50], [200], [20], [20]])


def look(grid: Grid, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each doubtful line, from its shape, its place, the lines beside it and the rules."""
    rows = grid.doubtful.nonzero()[0]
    n, m = len(grid.lines), len(rows)
    page = grid.page.take(rows)
    low, size = grid.first.take(page), grid.count.take(page)
    high = low + size
    place = rows - low
    plain = grid.plain.take(rows)

    reach = np.minimum(rows + REACH + 1, high), np.maximum(rows - REACH, low)
    running = sums_before((grid.plain, grid.stopped, grid.doubtful))
    here, behind, start, end, bottom, top = running.take((rows, rows + 1, low, high, *reach), axis=1).transpose(1, 0, 2)
    prose = grid.plain[None]
    back = last_before(prose)[0].take(rows)
    back = np.where(back >= low, rows - back, 99)
    ahead = first_from(prose)[0].take(rows + 1)
    ahead = np.where(ahead < high, ahead - rows, 99)
    run = np.where(plain, 0, np.minimum(np.minimum(back, place + 1) + np.minimum(ahead, size - place) - 1, 40))

    opening, closing = grid.opening.take(rows), grid.closing.take(rows)
    counts = _counts([grid.lines[i] for i in rows.tolist()])
    # The last column stands for lines that the page does not have.
    lines = np.full((4 + len(EVIDENCE), n + 1), -1.0)
    lines[0, :n], lines[1, :n], lines[2, :n] = np.minimum(grid.width, 300), grid.stopped, grid.closing == 58
    lines[3, :n], lines[4:, :n] = grid.opening, evidence.T
    beside = lines.take(line_features.places(rows, STEPS, low, high, n), axis=1)
    beside[3] = beside[3] == opening
    # In the order of `_names`; a block of several rows has that many names.
    blocks = (
        *(grid.width.take(rows), grid.stopped.take(rows), plain),
        *(kinds(opening), kinds(closing), (closing == 58) | (closing == 0xFF1A)),
        *(counts, counts[1:3] / np.maximum(counts[0], 1)),
        np.minimum(np.array((place, high - 1 - rows, size, here[0] - start[0], end[0] - behind[0])), _MOST),
        *((end - start) / size, (bottom - top)[:2]),
        *(np.minimum(back, 20), np.minimum(ahead, 20), run),
        *(beside[:4].swapaxes(0, 1), evidence.take(rows, axis=0).T, beside[4:, 1:3].swapaxes(0, 1)),
    )
    return _names(), np.concatenate([block.ravel() for block in blocks]).reshape(-1, m).T


@cache
def _names() -> list[str]:
    """The features, in the order of `look`."""
    names = ["width", "stopped", "plain", "first_kind", "last_kind", "last_colon"]
    names += [*_COUNTS, "capital_share", "small_share", "place", "place_from_end", "lines"]
    names += ["prose_lines_before", "prose_lines_after", "prose_line_share", "stopped_share", "doubtful_share"]
    names += ["prose_near", "stopped_near", "prose_back", "prose_ahead", "run"]
    names += [f"{name}{step:+d}" for step in STEPS.tolist() for name in ("width", "stopped", "colon", "same_opening")]
    return names + list(EVIDENCE) + [f"{name}{step}" for step in ("-1", "+1") for name in EVIDENCE]
