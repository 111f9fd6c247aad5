"""How much of a line its article says again: the words of a subheading or a list come back in the prose, those of a headline
that leads elsewhere do not, and a name that the top of the page tells is the author's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from newsclean.arrays import UInt32
from newsclean.line_features import Flags, Floats, Grid, Ints
from newsclean.line_place import page_of, sums_before
from newsclean.line_signs import CASED, codes, small, small_letters

# A word is known by its first letters, so that it is the same word in another form; shorter words say nothing.
SHORTEST, LETTERS = 4, 6

# What stands beside words and is no part of them, besides white space.
_SIGNS = ",.:;!?\"'()[]/-“”‘’„«»–—…。，、：；！？「」『』《》（）"

# Chinese and Japanese have no spaces: every two signs are a word.
_IDEOGRAPHS = 0x2E80

# Characters of a line whose words are asked for.
SEEN = 160

# Lines at the top of a page that hold its headline and its byline.
TOP = 3

# Lines up and down over which the share is averaged.
REACH = 3

_OWN = ("echo_words", "echo_share", "echo_new", "echo_before", "echo_after", "echo_top", "echo_names", "echo_new_names")

# A line without a word that says something; and a share of nothing.
_NOTHING = (0.0, -1.0, 0.0, -1.0, -1.0, -1.0, -1.0, 0.0)

Keys = np.ndarray[Any, np.dtype[np.uint64]]

# Odd numbers without a pattern: one for each two letters of a stem, one for the page, one to spread what is looked up.
_PAIRS = LETTERS // 2
_FACTORS = np.array([pow(0x9E3779B97F4A7C15, n, 1 << 64) for n in range(1, _PAIRS + 3)], dtype=np.uint64)
_BITS = 16

# For each two letters of a stem (in the bits of one number) and its size: which of them it has.
_THERE = np.array(
    [[(1 << 32 * min(max(size - 2 * pair, 0), 2)) - 1 for size in range(LETTERS + 1)] for pair in range(_PAIRS)],
    dtype=np.uint64,
)


# What is set in the number of a sign that stands between words.
_BETWEEN = np.uint32(1 << 31)


@cache
def _read_as() -> UInt32:
    """The small letter of each code point below CASED, and whether it stands between words."""
    between = np.array([chr(code).isspace() for code in range(CASED)])
    between[[ord(sign) for sign in _SIGNS]] = True
    return small_letters() | between * _BETWEEN


@cache
def _capital() -> Flags:
    """Whether each code point below CASED, and one behind them, is a capital."""
    return np.array([chr(code).isupper() for code in range(CASED + 1)])


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of some lines, line by line."""

    key: Keys  # the first letters, hashed
    line: Ints  # which of the lines
    first: UInt32  # the first letter, as it is written


def _words(lines: Sequence[str]) -> _Words:
    """The words that say something: long ones, and every two signs of a line without spaces."""
    text = "\n" + "\n".join(lines) + "\n" * LETTERS
    written = codes(text)
    signs = _read_as().take(written, mode="clip")
    between = signs >= _BETWEEN
    signs &= ~_BETWEEN
    if "Σ" in text or (written >= CASED).any():
        signs = small(text)
    turns = (between[1:] != between[:-1]).nonzero()[0] + 1
    start, end = turns[::2], turns[1::2]
    edges = (signs == 10).nonzero()[0][: len(lines) + 1]
    wide = signs.take(start) >= _IDEOGRAPHS
    kept = ((end - start >= SHORTEST) | wide).nonzero()[0]
    start, end = start.take(kept), end.take(kept)
    line = np.repeat(np.arange(len(lines)), np.diff(start.searchsorted(edges)))
    if wide.any():
        of_line = (signs.take(edges[:-1] + 1) >= _IDEOGRAPHS) | (signs.take(edges[1:] - 1) >= _IDEOGRAPHS)
        start, end, line = _with_pairs(start, end, line, wide.take(kept) & of_line.take(line))
        # A pair that begins with a figure or an accent is no word.
        whole = (end - start > 2) | (signs.take(start) >= _IDEOGRAPHS)
        start, end, line = start[whole], end[whole], line[whole]
    size = np.minimum(end - start, LETTERS)
    two = np.ndarray(len(signs) - 1, np.uint64, signs, 0, (signs.itemsize,))
    key = size.astype(np.uint64)  # what is not there counts as NUL, and a shorter word is another
    for n, (there, factor) in enumerate(zip(_THERE, _FACTORS, strict=False)):
        key += (two.take(start + 2 * n) & there.take(size)) * factor
    return _Words(key, line, written.take(start))


def _with_pairs(start: Ints, end: Ints, line: Ints, paired: Flags) -> tuple[Ints, Ints, Ints]:
    """The words that are not paired, and behind those of the same line each two signs of those that are."""
    kept = ~paired
    begin, size = start[paired], (end - start)[paired] - 1
    ends = size.cumsum()
    pair = np.arange(size.sum()) + np.repeat(begin - ends + size, size)
    starts = np.concatenate((start[kept], pair))
    lines = np.concatenate((line[kept], np.repeat(line[paired], size)))
    order = lines.argsort(kind="stable")
    return starts[order], np.concatenate((end[kept], pair + 2))[order], lines[order]


def _own(grid: Grid, asked: Ints) -> Floats:
    """The values of `_OWN` for some lines."""
    own = np.repeat(np.array(_NOTHING)[:, None], len(asked), axis=1)
    texts = grid.lines
    words = _words([texts[i][:SEEN] for i in asked.tolist()])
    mine = words.key + grid.page[asked].take(words.line).astype(np.uint64) * _FACTORS[_PAIRS]
    keys, which = _different(mine)
    if not len(keys):
        return own
    # Each stem of each line once: which line (`row`), which stem.
    once, pair = _different(words.line * len(keys) + which)
    row, stem = np.divmod(once, len(keys))
    number = asked.take(row)

    # Where these stems are in the article's prose, and at its top.
    on_page = np.zeros(len(grid.first), dtype=bool)
    on_page[grid.page[asked]] = True
    place = np.arange(len(texts)) - grid.first[grid.page]
    source = ((grid.plain | (place < TOP)) & on_page[grid.page]).nonzero()[0]
    line, said = _where(keys, [texts[i] for i in source.tolist()], grid.page[source])
    line = source.take(line)
    of_prose = grid.plain.take(line)
    lowest, highest = np.full(len(keys), len(texts)), np.full(len(keys), -1)
    np.minimum.at(lowest, said[of_prose], line[of_prose])
    np.maximum.at(highest, said[of_prose], line[of_prose])
    # A line of prose is no echo of itself.
    new = (lowest.take(stem) >= number) & (highest.take(stem) <= number)

    total = np.bincount(row, minlength=len(asked))
    has = total > 0
    total = np.maximum(total, 1)
    fresh = np.bincount(row, weights=new, minlength=len(asked))
    own[:3] = np.where(has, (total, 1 - fresh / total, fresh), own[:3])

    # Which stems the prose before and behind a line has, and the lines at the top of its page.
    prose = np.concatenate(([-1], grid.plain.nonzero()[0], [len(texts)]))
    at = prose.searchsorted(asked)
    beside = np.array((prose.take(at - 1), prose.take(at + grid.plain.take(asked))))
    low = grid.first.take(grid.page.take(asked))
    high = low + grid.count.take(grid.page.take(asked))
    top = low + np.arange(TOP)[:, None]
    top[(top >= high) | (top == asked)] = -1
    near = np.concatenate((beside, top))
    places = np.sort(np.append(line * len(keys) + said, (len(texts) + 1) * len(keys)))
    wanted = near.take(row, axis=1) * len(keys) + stem
    there = places.take(places.searchsorted(wanted)) == wanted
    shares = np.array([np.bincount(row, weights=one, minlength=len(asked)) for one in there[:2]]) / total
    own[3:5] = np.where(has & (beside >= low) & (beside < high), shares, -1.0)
    own[5] = np.where(has, np.bincount(row, weights=there[2:].any(axis=0), minlength=len(asked)) / total, -1.0)

    # Names: words with a capital that are not the first.
    capital = _capital().take(words.first, mode="clip")
    capital[1:] &= words.line[1:] == words.line[:-1]
    capital[0] = False
    name = np.zeros(len(row), dtype=bool)
    name[pair[capital]] = True
    names = np.bincount(row, weights=name, minlength=len(asked))
    own[7] = np.bincount(row, weights=name & new, minlength=len(asked))
    own[6] = np.where(names > 0, 1 - own[7] / np.maximum(names, 1), -1.0)
    return own


def _different(numbers: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], Ints]:
    """The different numbers, rising, and for each number which of these it is."""
    found = np.sort(numbers)
    first = np.ones(len(found), dtype=bool)
    np.not_equal(found[1:], found[:-1], out=first[1:])
    found = found[first]
    return found, found.searchsorted(numbers)


def _where(keys: Keys, lines: Sequence[str], page: Ints) -> tuple[Ints, Ints]:
    """Where the words with these keys (sorted) are: the number of each one's line, and of its key."""
    words = _words(lines)
    said = words.key + page.take(words.line).astype(np.uint64) * _FACTORS[_PAIRS]
    # Few words are looked for: a table of bits tells most of the others.
    spread, shift = _FACTORS[_PAIRS + 1], np.uint64(64 - _BITS)
    wanted = np.zeros(1 << _BITS, dtype=bool)
    wanted[(keys * spread >> shift).view(np.int64)] = True
    hits = wanted.take((said * spread >> shift).view(np.int64)).nonzero()[0]
    at = np.minimum(keys.searchsorted(said[hits]), len(keys) - 1)
    same = keys.take(at) == said[hits]
    return words.line.take(hits[same]), at[same]


def describe(grid: Grid, rows: Ints, read: Ints) -> tuple[list[str], Floats]:
    """Feature names and a row for each of the lines `rows`. `read`: all doubtful lines up to REACH lines from these."""
    own = np.zeros((len(_OWN), len(grid.lines)))
    own[1] = -1.0
    own[:, read] = _own(grid, read)
    share, new = own[1:3]
    low, high = page_of(grid, rows)
    beside = rows + _BESIDE
    of_beside = np.where((beside >= low) & (beside < high), share.take(beside, mode="clip"), -2.0)
    # Shares as whole thousandths: sums are exact whatever the batch.
    has = share >= 0
    reach = np.maximum(rows - REACH, low), np.minimum(rows + REACH + 1, high)
    sums = sums_before((np.rint(share * 1000) * has, new * has, has)).take((rows, rows + 1, *reach), axis=1)
    shares, news, others = sums[:, 3] - sums[:, 2] - sums[:, 1] + sums[:, 0]
    others = np.maximum(others, 1)
    table = np.concatenate((own.take(rows, axis=1), of_beside, [shares / others / 1000], [news / others]))
    return [*_OWN, "echo_share-1", "echo_share+1", "echo_within", "echo_new_within"], table.T


_BESIDE = np.array([[-1], [1]])
