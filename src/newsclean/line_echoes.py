"""How much of a line its article says again: the words of a subheading or a list come back in the prose, those of a headline
that leads elsewhere do not, and a name that the top of the page tells is the author's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from operator import itemgetter

import numpy as np

from newsclean.line_features import Floats, Grid, Ints

# A word is known by its first letters, so that it is the same word in another form; shorter words say nothing.
SHORTEST, LETTERS = 4, 6
_stem = itemgetter(slice(LETTERS))

# What stands beside words. Replaced sign by sign, which is quicker than any pattern.
_SIGNS = ",.:;!?\"'()[]/-"
_WIDER_SIGNS = "“”‘’„«»–—…。，、：；！？「」『』《》（）"
_AS_SPACE = str.maketrans(dict.fromkeys(_SIGNS, " "))

# Chinese and Japanese have no spaces: every two signs are a word.
_IDEOGRAPHS = "\u2e80"

# Characters of a line whose words are asked for.
SEEN = 160

# Lines at the top of a page that hold its headline and its byline.
TOP = 3

# Lines up and down over which the share is averaged.
REACH = 3

_OWN = ("echo_words", "echo_share", "echo_new", "echo_before", "echo_after", "echo_top", "echo_names", "echo_new_names")


def _spaced(text: str) -> str:
    """The text with a space for every sign that stands beside words."""
    if not text.isascii():
        for sign in _WIDER_SIGNS:
            text = text.replace(sign, " ")
    if text.isascii():
        return text.translate(_AS_SPACE)
    for sign in _SIGNS:
        text = text.replace(sign, " ")
    return text


def _is_wide(line: str) -> bool:
    return line[0] >= _IDEOGRAPHS or line[-1] >= _IDEOGRAPHS


def _pairs(words: Sequence[str]) -> list[str]:
    """The words of a line without spaces: every two signs."""
    signs = [word for word in words if word[0] >= _IDEOGRAPHS]
    return [word for word in words if word[0] < _IDEOGRAPHS] + [a + b for word in signs for a, b in pairwise(word)]


def _of_page(lines: Sequence[str], plain: Sequence[bool], asked: Sequence[int]) -> list[Sequence[float]]:
    """The values of `_OWN` for some lines of a page; -1 for a share of nothing."""
    spaced = _spaced("\n".join(lines))
    low, spaced_lines = spaced.lower().split("\n"), spaced.split("\n")
    # Most pages have no such sign at all.
    beyond = not spaced.isascii()
    any_wide = beyond and any(map(_is_wide, lines))
    wide = list(map(_is_wide, lines)) if any_wide else [False] * len(lines)

    def stems_of(i: int) -> set[str]:
        words = low[i].split()
        return set(map(_stem, _pairs(words) if wide[i] else words))

    prose = [i for i, one in enumerate(plain) if one]
    # A line of prose is no echo of itself: those that are asked for are kept apart.
    apart = {i: stems_of(i) for i in asked if plain[i]}
    others = [i for i in prose if i not in apart]
    # Each word is cut once: half of an article's words are there twice.
    rest = set(map(_stem, set(" ".join([low[i] for i in others if not wide[i]]).split())))
    if any_wide:
        rest.update(*(stems_of(i) for i in others if wide[i]))
    near = apart.copy()
    # In how many of those a word is.
    again = Counter(chain.from_iterable(apart.values()))
    top = [stems_of(i) for i in range(min(TOP, len(lines)))]
    tops = set().union(*top)
    out: list[Sequence[float]] = []
    at, size = 0, len(prose)
    for i in asked:
        while at < size and prose[at] < i:
            at += 1
        words = spaced_lines[i][:SEEN].split()
        if beyond and _is_wide(lines[i][:SEEN]):
            words = _pairs(words)
        words = [word for word in words if len(word) >= SHORTEST or word[0] >= _IDEOGRAPHS]
        if not words:
            out.append(_NOTHING)
            continue
        known = [word[:LETTERS].lower() for word in words]
        stems = set(known)
        mine = apart.get(i, _NONE)
        new = {stem for stem in stems - rest if again[stem] <= (stem in mine)}
        n = len(stems)
        row: list[float] = [n, 1 - len(new) / n, len(new)]
        for k in (at - 1, at + plain[i]):
            if 0 <= k < size:
                beside = prose[k]
                if beside not in near:
                    near[beside] = stems_of(beside)
                row.append(len(stems & near[beside]) / n)
            else:
                row.append(-1.0)
        told = stems & (set().union(*(one for k, one in enumerate(top) if k != i)) if i < TOP else tops)
        names = {stem for stem, word in zip(known[1:], words[1:], strict=True) if word[0].isupper()}
        fresh = len(names & new)
        row += [len(told) / n, 1 - fresh / len(names) if names else -1.0, fresh]
        out.append(row)
    return out


_NONE: frozenset[str] = frozenset()

# A line without a word that says something.
_NOTHING = [0.0, -1.0, 0.0, -1.0, -1.0, -1.0, -1.0, 0.0]


def describe(grid: Grid, rows: Ints, read: Ints) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`. `read`: all doubtful lines up to REACH lines from these."""
    n = len(grid.lines)
    own = np.zeros((n, len(_OWN)))
    own[:, 1] = -1.0
    starts = np.append(np.searchsorted(read, grid.first), len(read)).tolist()
    numbers, first, count = read.tolist(), grid.first.tolist(), grid.count.tolist()
    for k in np.unique(grid.page[read]).tolist():
        low, high = first[k], first[k] + count[k]
        asked = numbers[starts[k] : starts[k + 1]]
        own[asked] = _of_page(grid.lines[low:high], grid.plain[low:high].tolist(), [i - low for i in asked])
    page = grid.page[rows]
    low, high = grid.first[page], grid.first[page] + grid.count[page]
    names, columns = list(_OWN), [*own[rows].T]
    for step in (-1, 1):
        at = np.clip(rows + step, 0, n - 1)
        there = (rows + step >= low) & (rows + step < high)
        names.append(f"echo_share{step:+d}")
        columns.append(np.where(there, own[at, 1], -2.0))
    # Shares as whole thousandths: sums are exact whatever the batch.
    has = own[:, 1] >= 0
    running = np.zeros((n + 1, 3), dtype=np.int64)
    running[1:, 0], running[1:, 1], running[1:, 2] = np.round(own[:, 1] * 1000), own[:, 2], 1
    running[1:][~has] = 0
    mine = running[rows + 1]
    running = running.cumsum(axis=0)
    total = running[np.minimum(rows + REACH + 1, high)] - running[np.maximum(rows - REACH, low)] - mine
    others = np.maximum(total[:, 2], 1)
    names += ["echo_within", "echo_new_within"]
    columns += [total[:, 0] / others / 1000, total[:, 1] / others]
    return names, np.column_stack(columns)
