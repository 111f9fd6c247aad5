"""What the run of short lines is like that a line stands in: how it begins, how much of it sounds like furniture, what rules
found in it and beside it. Leftovers come in runs; so do the lists of an article."""

from __future__ import annotations

import numpy as np

from newsclean.line_features import Floats, Grid, Ints
from newsclean.line_place import MILLI, first_from, in_thousandths, last_before, page_of, sums_before

# Lines beyond which a distance or a number says no more.
FAR = 50
MANY = 20
RUNS = 30


_NAMES = (
    *("run_head", "run_highest", "run_mean", "run_second", "run_clear", "run_place", "run_left", "run_rules"),
    *("run_width", "run_stopped", "run_colon", "run_heading_back", "rule_back", "rule_ahead", "rules_before"),
    *("rules_after", "runs", "runs_before", "page_highest", "prose_back_score", "since_first_clear"),
)

_RULES, _RUNS = 2, 5


def describe(grid: Grid, rows: Ints, known: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`. `known`, `evidence`: as in line_features.describe.

    A run is a stretch of lines that do not read like prose; a line that does is a run of its own.
    """
    n = len(grid.lines)
    if not n:
        return [], np.zeros((0, 0))
    score, whole = in_thousandths(known)
    page, plain = grid.page, grid.plain
    begins = plain.copy()
    begins[0] = True
    begins[1:] |= plain[:-1] | (page[1:] != page[:-1])
    start = begins.nonzero()[0]
    run = begins.cumsum().take(rows) - 1
    head, end = start.take(run), np.append(start[1:], n).take(run)
    low, high = page_of(grid, rows)

    clear, rule = whole > MILLI, evidence[:, 0] > 0
    counted = (
        whole,
        clear,
        rule,
        np.rint(grid.width * 2),
        grid.stopped,
        begins & ~plain,
    )  # _RULES and _RUNS are rows of these
    running = sums_before(counted).take((head, end, low, rows, rows + 1, high), axis=1)
    from_head, to_end, from_low, here, behind, to_high = running.transpose(1, 0, 2)
    run_scores, run_clear, run_rules, run_chars, run_stopped, _ = to_end - from_head
    rules_before, rules_after = (here - from_low)[_RULES], (to_high - behind)[_RULES]
    runs, runs_before = (to_high - from_low)[_RUNS], (behind - from_low)[_RUNS]
    size, place = end - head, rows - head
    highest = np.full(len(grid.first), -8 * MILLI)
    np.maximum.at(highest, page, whole)
    found = last_before(np.array((evidence[:, 1] > 0, plain, rule))).take(rows, axis=1)
    heading, prose, rules = np.where(found >= low, rows - found, 99)
    ahead = first_from(np.array((rule, clear)))
    rule_ahead, first_clear = ahead[0].take(rows + 1), ahead[1].take(low)
    rule_ahead = np.where(rule_ahead < high, rule_ahead - rows, 99)
    since_clear = np.maximum(np.minimum(rows - first_clear, FAR), -FAR)
    colon = (grid.closing == 58) | (grid.closing == 0xFF1A)
    columns = (
        *(score.take(head), np.maximum.reduceat(whole, start).take(run) / MILLI, run_scores / size / MILLI),
        *(np.where(size > 1, score.take(np.minimum(head + 1, n - 1)), -9.0), run_clear, place, end - 1 - rows),
        *(run_rules, run_chars / size / 2, run_stopped / size, colon.take(head)),
        *(np.where(heading <= place, heading, FAR), np.minimum(rules, FAR), np.minimum(rule_ahead, FAR)),
        *(np.minimum(rules_before, MANY), np.minimum(rules_after, MANY)),
        *(np.minimum(runs, RUNS), np.minimum(runs_before, RUNS)),
        *(highest.take(page.take(rows)) / MILLI, np.where(prose < 99, score.take(np.maximum(rows - prose, 0)), -9.0)),
        np.where(first_clear < high, since_clear, -FAR),
    )
    return list(_NAMES), np.concatenate(columns).reshape(len(_NAMES), -1).T
