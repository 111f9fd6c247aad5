"""What the run of short lines is like that a line stands in: how it begins, how much of it sounds like furniture, what rules
found in it and beside it. Leftovers come in runs; so do the lists of an article."""

from __future__ import annotations

import numpy as np

from newsclean.line_features import MILLI, Flags, Floats, Grid, Ints, in_thousandths

# Lines beyond which a distance or a number says no more.
FAR = 50
MANY = 20
RUNS = 30


def _back(mask: Flags, low: Ints, number: Ints) -> Ints:
    """Lines from each line to the nearest before it on its page for which `mask` holds; 99 where there is none."""
    seen = np.full(len(mask), -1)
    np.maximum.accumulate(np.where(mask, number, -1)[:-1], out=seen[1:])
    found: Ints = np.where(seen >= low, number - seen, 99)
    return found


def _ahead(mask: Flags, high: Ints, number: Ints) -> Ints:
    """Lines from each line to the nearest after it."""
    none = len(mask) + 99
    seen = np.full(len(mask), none)
    seen[:-1] = np.minimum.accumulate(np.where(mask, number, none)[:0:-1])[::-1]
    found: Ints = np.where(seen < high, seen - number, 99)
    return found


def describe(grid: Grid, rows: Ints, known: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`. `known`, `evidence`: as in line_features.describe.

    A run is a stretch of lines that do not read like prose; a line that does is a run of its own.
    """
    n = len(grid.lines)
    if not n:
        return [], np.zeros((0, 0))
    score, whole = in_thousandths(known)
    page, plain, number = grid.page, grid.plain, np.arange(n)
    low = grid.first[page]
    high = low + grid.count[page]
    begins = plain.copy()
    begins[0] = True
    begins[1:] |= plain[:-1] | (page[1:] != page[:-1])
    start = np.flatnonzero(begins)
    run = np.cumsum(begins) - 1
    size = np.diff(np.append(start, n))
    clear, rule = whole > MILLI, evidence[:, 0] > 0
    half = np.round(grid.width * 2).astype(np.int64)
    columns = np.column_stack((whole, clear, rule, half, grid.stopped))
    sums = np.add.reduceat(columns, start, axis=0)
    highest = np.maximum.reduceat(whole, start)
    second = np.where(size > 1, score[np.minimum(start + 1, n - 1)], -9.0)
    rule_running = np.concatenate(([0], np.cumsum(rule)))
    short_running = np.concatenate(([0], np.cumsum(begins & ~plain)))
    within = number - start[run]
    heading = _back(evidence[:, 1] > 0, low, number)
    prose = _back(plain, low, number)
    colon = (grid.closing == 58) | (grid.closing == 0xFF1A)
    first_clear = np.full(len(grid.first), n + 99)
    np.minimum.at(first_clear, page[clear], number[clear])
    page_highest = np.full(len(grid.first), whole.min())
    np.maximum.at(page_highest, page, whole)
    r, at, lo, hi = run[rows], rows, low[rows], high[rows]
    out = {
        "run_head": score[start][r],
        "run_highest": highest[r] / MILLI,
        "run_mean": sums[r, 0] / size[r] / MILLI,
        "run_second": second[r],
        "run_clear": sums[r, 1],
        "run_place": within[at],
        "run_left": (start + size)[r] - 1 - at,
        "run_rules": sums[r, 2],
        "run_width": sums[r, 3] / size[r] / 2,
        "run_stopped": sums[r, 4] / size[r],
        "run_colon": colon[start][r],
        "run_heading_back": np.where(heading <= within, heading, FAR)[at],
        "rule_back": np.minimum(_back(rule, low, number)[at], FAR),
        "rule_ahead": np.minimum(_ahead(rule, high, number)[at], FAR),
        "rules_before": np.minimum(rule_running[at] - rule_running[lo], MANY),
        "rules_after": np.minimum(rule_running[hi] - rule_running[at + 1], MANY),
        "runs": np.minimum(short_running[hi] - short_running[lo], RUNS),
        "runs_before": np.minimum(short_running[at + 1] - short_running[lo], RUNS),
        "page_highest": page_highest[page[at]] / MILLI,
        "prose_back_score": np.where(prose < 99, score[np.maximum(number - prose, 0)], -9.0)[at],
        "since_first_clear": np.clip(at - first_clear[page[at]], -FAR, FAR),
    }
    return list(out), np.array(list(out.values()), dtype=np.float64).T
