"""Where two versions of a sentence differ, in time that grows with their length and not with its square."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

# Pieces (words, spaces, signs) of both versions that difflib compares at once. Its time grows with the square of them, on
# bad days with the cube: 1,200 are a sentence of 1,500 characters and take 30 ms. Sentences of news have up to 400.
WINDOW = 600

# Two long versions are tied together where this many pieces in a row (three words) stand once in each; what is too long
# between two such ties, where eight words do.
_TIES = (5, 15)


def hunks(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """(i, j, k, m) for each place where they differ: ours[i:j] stands where theirs[k:m] does.

    What is longer than a window is compared between its ties; between two ties further apart than that, all is one hunk.

    >>> hunks("the the ferry left".split(), "the ferry left today".split())
    [(0, 1, 0, 0), (4, 4, 3, 4)]
    """
    if len(ours) + len(theirs) <= 2 * WINDOW:
        return list(_compared(ours, theirs, 0, 0))
    shorter = min(len(ours), len(theirs))
    head = next((at for at in range(shorter) if ours[at] != theirs[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if ours[-1 - at] != theirs[-1 - at]), rest)
    return list(_between(ours, theirs, (head, head), (len(ours) - tail, len(theirs) - tail), _TIES))


def _between(
    ours: Sequence[str], theirs: Sequence[str], start: tuple[int, int], end: tuple[int, int], ties: Sequence[int]
) -> Iterator[tuple[int, int, int, int]]:
    """The hunks between two places, each given in both versions."""
    mine, yours = ours[start[0] : end[0]], theirs[start[1] : end[1]]
    if len(mine) + len(yours) <= 2 * WINDOW:
        yield from _compared(mine, yours, *start)
    elif not ties:
        if mine != yours:
            yield start[0], end[0], start[1], end[1]
    else:
        at = start
        for tie in [*_reachable(_tied(ours, theirs, start, end, ties[0]), *start), end]:
            yield from _between(ours, theirs, at, tie, ties[1:])
            at = tie


def _compared(ours: Sequence[str], theirs: Sequence[str], at: int, other: int) -> Iterator[tuple[int, int, int, int]]:
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag != "equal":
            yield at + i, at + j, other + k, other + m


def _tied(
    ours: Sequence[str], theirs: Sequence[str], start: tuple[int, int], end: tuple[int, int], size: int
) -> list[tuple[int, int]]:
    """Places where both say the same `size` pieces, which stand there once in both, in the order of both."""
    mine = _once(ours, start[0], end[0], size)
    yours = _once(theirs, start[1], end[1], size)
    pairs = [(at, yours[said]) for said, at in mine.items() if said in yours]
    # The longest run of pairs whose places rise in the other version, too (patience sorting).
    lasts: list[int] = []
    tops: list[int] = []
    below: list[int] = []
    for number, (_, other) in enumerate(pairs):
        pile = bisect_left(lasts, other)
        below.append(tops[pile - 1] if pile else -1)
        lasts[pile : pile + 1] = [other]
        tops[pile : pile + 1] = [number]
    run: list[tuple[int, int]] = []
    number = tops[-1] if tops else -1
    while number >= 0:
        run.append(pairs[number])
        number = below[number]
    # In the middle of a tie, what stands on either side is the same.
    return [(at + size // 2, other + size // 2) for at, other in reversed(run)]


def _once(pieces: Sequence[str], start: int, end: int, size: int) -> dict[tuple[str, ...], int]:
    """The runs of `size` pieces that stand once, with their places, in order."""
    runs = [tuple(pieces[at : at + size]) for at in range(start, end - size + 1)]
    times = Counter(runs)
    return {run: start + at for at, run in enumerate(runs) if times[run] == 1}


def _reachable(ties: Sequence[tuple[int, int]], at: int, other: int) -> Iterator[tuple[int, int]]:
    """As few of the ties as make windows: the last within reach each time, or the next where none is."""
    for number, (tie, other_tie) in enumerate(ties):
        following = ties[number + 1] if number + 1 < len(ties) else None
        if following and following[0] - at <= WINDOW and following[1] - other <= WINDOW:
            continue
        yield tie, other_tie
        at, other = tie, other_tie
