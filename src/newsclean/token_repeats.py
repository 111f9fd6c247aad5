"""Where a text says the same words twice in a row: found in one cheap pass that all repairs of doubling share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# The longest run of words looked for. Longer doubles are whole sentences, which are found by comparing sentences.
LONGEST = 8

# What may stand between words. Blanked before the text is split: one stop behind a word must not hide its double.
_BETWEEN = '.,;:!?"“”„«»()[]…—–'

# What goes on with a word: `AT at&t`, `the the-wall`, `it it's` are no doubles.
_JOINS = "-‐‑'’&@/_\\"


class Repeat(NamedTuple):
    """`words` from `first`, and the same words again from `second` to `end`, with single spaces between all of them."""

    words: tuple[str, ...]
    first: int
    second: int
    end: int


@lru_cache(maxsize=8)
def repeats(lower: str) -> tuple[Repeat, ...]:
    """Every run of one to eight words that is said again at once, in the order of the text, shorter runs first.

    `lower` is the text in small letters (Tokens.lower); case does not count here, and is for the caller to look at.
    A run that is itself a shorter run twice is left to the shorter one.

    >>> [(one.words, one.second) for one in repeats("sent to to the men of the men of may")]
    [(('to',), 8), (('the', 'men', 'of'), 22)]
    """
    blanked = lower
    for mark in _BETWEEN:
        if mark in blanked:
            blanked = blanked.replace(mark, " ")
    words = blanked.split()
    runs = {run for count, at in _counts(words) if not _is_shorter_run_again(run := tuple(words[at : at + count]))}
    return tuple(sorted((one for run in runs for one in _places(lower, run)), key=lambda one: (one.first, one.words)))


def _counts(words: list[str]) -> Iterator[tuple[int, int]]:
    """How many words and where: each place where the hashes of `count` words are those of the next `count`."""
    import numpy as np  # three times as fast as comparing the words one by one

    hashes = np.fromiter(map(hash, words), np.int64, len(words))
    for count in range(1, min(LONGEST, len(words) // 2) + 1):
        same = hashes[:-count] == hashes[count:]
        # Most counts end here: no two neighbours are both the same.
        if not (same.any() if count == 1 else (same[1:] & same[:-1]).any()):
            continue
        marks = same.tobytes()
        at = marks.find(b"\x01" * count)
        while at >= 0:
            yield count, at
            at = marks.find(b"\x01" * count, at + 1)


def _places(lower: str, run: tuple[str, ...]) -> Iterator[Repeat]:
    once = " ".join(run)
    twice = f"{once} {once}"
    at = lower.find(twice)
    while at >= 0:
        end = at + len(twice)
        before, after = lower[max(0, at - 1) : at], lower[end : end + 1]
        if len(run) > 1:  # a phrase may meet itself at a hyphen: "privacy-conscious buyers conscious buyers"
            before, after = before.replace("-", " "), after.replace("-", " ")
        if not (before.isalnum() or after.isalnum() or (before and before in _JOINS) or (after and after in _JOINS)):
            yield Repeat(run, at, at + len(once) + 1, end)
        at = lower.find(twice, at + 1)


def _is_shorter_run_again(run: tuple[str, ...]) -> bool:
    count = len(run)
    return any(run == run[:part] * (count // part) for part in range(1, count) if not count % part)
