"""What can be seen of a line without knowing its language: its shape, its place, its neighbours, its page.

Everything is counted for all lines of many articles at once. Plain prose (long, ends like a sentence, far from any short
line) is only measured by its length and never scored; the rest are `doubtful` and get a row of features each.
No sum depends on what else is in the batch: counts are integers, and every ratio is taken elementwise.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Codes = np.ndarray[Any, np.dtype[np.uint32]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

# A line of this width that ends like a sentence is prose until something else speaks against it (see `measure`).
PROSE_WIDTH = 80

# Chinese, Japanese and Korean signs say about this many Latin letters' worth.
WIDE = 2.5

SENTENCE_ENDS = frozenset(".!?…。！？؟।॥։")
# What may follow the stop of a sentence.
CLOSERS = frozenset("\"'”’»›“‘)]」』）”＂")

# Lines at the end of a page, and beside its short lines, that are looked at even if they read like prose: bios, notices
# and pleas to subscribe are prose, and stand there. 88 % of those on the development pages of light extractions.
ENDS = 3

# A page on which less than this share of the lines is prose: every line beside a short one is looked at.
CROWDED = 0.5

OTHER, UPPER, LOWER, DIGIT, SPACE, STOP, MARK, CASELESS = range(8)


def codes(text: str) -> Codes:
    """The text's code points."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@cache
def _classes() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The class of each code point of the basic plane, from its Unicode category."""
    by_category = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": CASELESS, "Lm": LOWER, "Nd": DIGIT, "Mn": LOWER}
    table = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        kind = by_category.get(category, OTHER)
        if category[0] == "Z" or code == 9:
            kind = SPACE
        elif chr(code) in SENTENCE_ENDS:
            kind = STOP
        elif category[0] in "PS":
            kind = MARK
        table[code] = kind
    return table


@cache
def _members(signs: str) -> Flags:
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(sign) for sign in signs]] = True
    return table


def _clipped(signs: Codes) -> Ints:
    return np.minimum(signs, 0xFFFF).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Grid:
    """All lines of a batch, page after page, with what is known of each at the price of a glance."""

    lines: list[str]
    page: Ints  # which page each line is on
    first: Ints  # per page: number of its first line
    count: Ints  # per page: how many lines
    opening: Ints  # per line: its first sign
    closing: Ints  # per line: its last sign
    width: Floats  # per line: characters, wide signs counted as WIDE
    stopped: Flags  # ends like a sentence
    plain: Flags  # reads like prose
    odd: Flags  # short, without the end of a sentence, or at an end of its page: asked of every rule
    doubtful: Flags  # odd, or beside such lines: is to be scored


def lay_out(pages: Sequence[Sequence[str]]) -> Grid:
    """The lines (stripped, none empty) of each page, glanced at."""
    lines = [line for page in pages for line in page]
    count = np.array([len(page) for page in pages], dtype=np.int64)
    first = np.concatenate(([0], np.cumsum(count)[:-1])) if len(pages) else np.zeros(0, dtype=np.int64)
    page = np.repeat(np.arange(len(pages)), count)
    n = len(lines)
    length = np.fromiter(map(len, lines), dtype=np.int64, count=n)
    opening = _clipped(codes("".join([line[0] for line in lines])))
    last = _clipped(codes("".join([line[-1] for line in lines])))
    width = np.where((opening >= 0x2E80) & (opening < 0xFB00), length * WIDE, length)
    stops, closers = _members("".join(sorted(SENTENCE_ENDS))), _members("".join(sorted(CLOSERS)))
    stopped = stops[last]
    for i in np.flatnonzero(closers[last] & (length > 1)):
        stopped[i] = lines[i].rstrip("".join(CLOSERS))[-1:] in SENTENCE_ENDS or (
            width[i] >= PROSE_WIDTH and lines[i][-1] in '"”»“'
        )
    plain = stopped & (width >= PROSE_WIDTH)
    place = np.arange(n) - first[page] if n else np.zeros(0, dtype=np.int64)
    edge = (place < 1) | (place >= count[page] - ENDS)
    # A lone subheading says nothing of the prose around it; two short lines in a row, or a page of them, do.
    short = ~plain
    company = np.zeros(n, dtype=bool)
    same = page[1:] == page[:-1]
    company[1:] |= short[:-1] & same
    company[:-1] |= short[1:] & same
    crowded = np.bincount(page, weights=plain, minlength=len(pages)) < CROWDED * count
    telling = short & (company | crowded[page])
    doubtful = short | edge
    doubtful[1:] |= telling[:-1] & same
    doubtful[:-1] |= telling[1:] & same
    return Grid(
        lines, page, first, count, opening, last, width.astype(np.float64), stopped, plain, short | edge, doubtful
    )


# ---- letters and words of the doubtful lines -------------------------------------------------------------------

# Hashed letter groups and words: sums modulo 2**64 of code * FACTOR**position, taken back to position 0, so that a
# group has the same number wherever it stands in a batch.
FACTOR = 0x9E3779B97F4A7C15
BUCKETS = 1 << 16
LETTER_GROUPS = (3, 4, 5)


Powers = tuple[np.ndarray[Any, np.dtype[np.uint64]], np.ndarray[Any, np.dtype[np.uint64]]]


class _Powers:
    """FACTOR**k and FACTOR**-k for k below a bound that grows when asked for more."""

    def __init__(self) -> None:
        self._known: Powers = (np.ones(1, dtype=np.uint64), np.ones(1, dtype=np.uint64))

    def reach(self, n: int) -> Powers:
        known = self._known
        if len(known[0]) < n:
            size = max(n, 2 * len(known[0]), 1 << 14)
            steps = np.full(size, FACTOR, dtype=np.uint64)
            back = np.full(size, pow(FACTOR, -1, 1 << 64), dtype=np.uint64)
            steps[0] = back[0] = 1
            # Both at once: another thread must never see a long one beside a short one.
            known = self._known = (np.multiply.accumulate(steps), np.multiply.accumulate(back))
        return known[0][:n], known[1][:n]


_POWERS = _Powers()


@dataclass(frozen=True, slots=True)
class Words:
    """Hashed letter groups and words of some lines: bucket and line of each, and how many a line has."""

    bucket: Ints
    line: Ints
    count: Ints


def hashed(lines: Sequence[str]) -> Words:
    """Letter groups (with the line's edges), words, word pairs and the whole line, case and digits folded."""
    signs = codes("\n" + "\n".join([line.lower() for line in lines]) + "\n")
    kinds = _classes()[_clipped(signs)]
    signs = np.where(kinds == DIGIT, np.uint32(48), signs)
    edge = signs == 10
    n = len(signs)
    up, down = _POWERS.reach(n + 1)
    sums = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(signs.astype(np.uint64) * up[:n], dtype=np.uint64)))
    edges = np.concatenate(([0], np.cumsum(edge)))
    line_of = edges[1:] - 1  # the line that a sign, or the edge before it, belongs to

    buckets: list[np.ndarray[Any, Any]] = []
    owners: list[Ints] = []

    def take(start: Ints, end: Ints, salt: int) -> None:
        mixed = (sums[end] - sums[start]) * down[start] + np.uint64(salt)
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        buckets.append((mixed >> np.uint64(48)).astype(np.int64))
        owners.append(line_of[start])

    every = np.arange(n)
    for size in LETTER_GROUPS:
        start = every[: max(0, n - size + 1)]
        inside = edges[start + size - 1] - edges[start + 1]  # edges among the inner signs
        start = start[(inside == 0)]
        take(start, start + size, size)
    word = (kinds == UPPER) | (kinds == LOWER) | (kinds == DIGIT) | (kinds == CASELESS)
    starts = np.flatnonzero(word & ~np.concatenate(([False], word[:-1])))
    ends = np.flatnonzero(word & ~np.concatenate((word[1:], [False]))) + 1
    take(starts, ends, 101)
    pair = line_of[starts[:-1]] == line_of[starts[1:]] if len(starts) else np.zeros(0, dtype=bool)
    take(starts[:-1][pair], ends[1:][pair], 102)
    marks = np.flatnonzero(edge)
    take(marks[:-1], marks[1:], 103)
    bucket, line = np.concatenate(buckets), np.concatenate(owners)
    return Words(bucket, line, np.bincount(line, minlength=len(lines)))


def word_scores(lines: Sequence[str], table: np.ndarray[Any, np.dtype[np.int8]], scale: float, bias: float) -> Floats:
    """How much each line's words and letter groups sound like furniture (log odds). `table` has BUCKETS weights."""
    if not lines:
        return np.zeros(0)
    found = hashed(lines)
    # Sums of whole numbers in float64 are exact in any order.
    total = np.bincount(found.line, weights=table[found.bucket], minlength=len(lines))
    return total * scale / np.sqrt(found.count) + bias


# ---- features ----------------------------------------------------------------------------------------------------

# Score of plain prose that is not looked at: about the mean of such lines.
PLAIN_SCORE = -4.0

SIGNS = "|»›·•/@©#:,;$€£%&+*>→-–—?!\"“„«'’(["


def shapes(lines: Sequence[str]) -> dict[str, Floats]:
    """Counts and shares of one line each."""
    signs = codes("\n" + "\n".join(lines) + "\n")
    flat = _clipped(signs)
    kinds = _classes()[flat]
    starts = np.flatnonzero(signs == 10)[:-1]
    length = np.fromiter(map(len, lines), dtype=np.float64, count=len(lines))

    def count(mask: Flags) -> Floats:
        return np.add.reduceat(mask, starts, dtype=np.int64).astype(np.float64)

    is_upper, is_lower, is_digit, caseless = kinds == UPPER, kinds == LOWER, kinds == DIGIT, kinds == CASELESS
    word = is_upper | is_lower | is_digit | caseless
    begins = word & ~np.concatenate(([False], word[:-1]))
    words = np.maximum(count(begins), 1)
    letters = np.maximum(count(is_upper | is_lower | caseless), 1)
    upper = count(is_upper)
    after_upper = np.concatenate(([False], is_upper[:-1]))
    stop = kinds == STOP
    inner_stop = stop[:-1] & (kinds[1:] == SPACE)
    first, last = flat[starts + 1], flat[starts + length.astype(np.int64)]
    table = _classes()
    out = {
        "length": length,
        "words": words,
        "word_length": letters / words,
        "capital_words": count(begins & is_upper) / words,
        "small_words": count(begins & is_lower),
        "small_share": count(begins & is_lower) / words,
        "number_words": count(begins & is_digit) / words,
        "upper_share": upper / letters,
        "shouting": count(is_upper & after_upper) / letters,
        "glued": count(np.concatenate(([False], is_lower[:-1])) & is_upper),
        "digits": count(is_digit) / np.maximum(length, 1),
        "digit_count": count(is_digit),
        "caseless": count(caseless) / letters,
        "stops": count(stop),
        "sentences": count(np.concatenate((inner_stop, [False]))),
        "marks": count(kinds == MARK) / np.maximum(length, 1),
        "first_kind": table[first].astype(np.float64),
        "last_kind": table[last].astype(np.float64),
        "last_colon": (last == 58) | (last == 0xFF1A),
        "last_ellipsis": (last == 0x2026)
        | ((last == 46) & (flat[np.maximum(starts + length.astype(np.int64) - 1, 0)] == 46)),
        "last_question": (last == 63) | (last == 0xFF1F),
        "last_quote": _members("\"”’'»“")[last],
        "last_closer": (last == 41) | (last == 93),
        "first_quote": _members("\"“„«'‘「")[first],
        "first_dash": _members("-–—•*·")[first],
        "bars": count(_members("|»›·•>→/")[flat]),
        "at": count((flat == 64) | (flat == 35)),
        "copyright": count(flat == 0xA9),
        "colons": count(flat == 58),
        "commas": count((flat == 44) | (flat == 0x3001) | (flat == 0xFF0C)),
        "quotes": count(_members('"“”„«»「」')[flat]),
        "brackets": count(_members("()[]（）")[flat]),
        "money": count(_members("$€£%")[flat]),
    }
    return {name: values.astype(np.float64) for name, values in out.items()}


def _nearest(mask: Flags, rows: Ints, low: Ints, high: Ints, *, back: bool) -> Floats:
    """Lines from each of `rows` to the nearest before (or after) for which `mask` holds; 99 where its page has none.

    `mask`: one column per question. `low`, `high`: first line of each row's page, and one past its last.
    """
    number = np.arange(len(mask))[:, None]
    if back:
        seen = np.full((len(mask) + 1, mask.shape[1]), -1)
        np.maximum.accumulate(np.where(mask, number, -1), axis=0, out=seen[1:])
        found = seen[rows]
        gap = np.where(found >= low[:, None], rows[:, None] - found, 99)
    else:
        none = len(mask) + 99
        seen = np.full((len(mask) + 1, mask.shape[1]), none)
        seen[:-1] = np.minimum.accumulate(np.where(mask, number, none)[::-1], axis=0)[::-1]
        found = seen[rows + 1]
        gap = np.where(found < high[:, None], found - rows[:, None], 99)
    return np.minimum(gap, 99).astype(np.float64)


# Word scores are kept as whole thousandths, so that sums over a page are exact whatever the batch.
MILLI = 1000


def describe(grid: Grid, words: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each doubtful line.

    `words`: word score of each doubtful line. `evidence`: per line of the grid, columns of what the rules say.
    """
    rows = np.flatnonzero(grid.doubtful)
    if not len(rows):
        return [], np.zeros((0, 0))
    n = len(grid.lines)
    out: dict[str, np.ndarray[Any, Any]] = {}
    shape = shapes([grid.lines[i] for i in rows.tolist()])
    out.update(shape)

    score = np.full(n, PLAIN_SCORE)
    score[rows] = np.round(np.clip(words, -8, 8) * MILLI) / MILLI
    whole = np.round(score * MILLI).astype(np.int64)
    page = grid.page[rows]
    low, size = grid.first[page], grid.count[page]
    high = low + size
    place = rows - low
    plain, stopped = grid.plain[rows], grid.stopped[rows]
    half = np.round(grid.width * 2).astype(np.int64)
    clear = whole > MILLI

    # Sums over the lines before each line on its page, and over the whole page, of whole numbers: all columns at once.
    running = np.zeros((n + 1, 7), dtype=np.int64)
    for column, counted in enumerate(
        (half * grid.plain, grid.plain, half, grid.stopped, whole, np.where(grid.plain, 0, whole), clear)
    ):
        running[1:, column] = counted
    running = running.cumsum(axis=0)
    from_low = running[low]
    before, total = (running[rows] - from_low).T, (running[high] - from_low).T

    out["place"] = np.minimum(place, 200)
    out["place_from_end"] = np.minimum(size - 1 - place, 200)
    out["place_share"] = place / np.maximum(size - 1, 1)
    out["lines"] = np.minimum(size, 1000)
    out["stopped"] = stopped
    out["plain"] = plain
    out["prose_before"] = before[0] / np.maximum(total[0], 1)
    out["prose_total"] = total[0] / 2.0
    out["prose_lines_before"] = np.minimum(before[1], 50)
    out["prose_lines_after"] = np.minimum(total[1] - before[1] - plain, 50)
    out["prose_line_share"] = total[1] / size
    out["prose_char_share"] = total[0] / np.maximum(total[2], 1)
    out["mean_width"] = (total[2] / size) / 2
    asked = np.column_stack((grid.plain, clear))
    back = _nearest(asked, rows, low, high, back=True).T
    ahead = _nearest(asked, rows, low, high, back=False).T
    out["prose_back"] = back[0]
    out["prose_ahead"] = ahead[0]
    # The run of short lines that this line stands in.
    out["run"] = np.where(plain, 0.0, np.minimum(back[0], place + 1) + np.minimum(ahead[0], size - place) - 1)
    out["stopped_share"] = total[3] / size
    out["stopped_after"] = np.minimum(total[3] - before[3] - stopped, 50)

    out["words_score"] = score[rows]
    own = whole[rows]
    out["page_score"] = total[4] / size / MILLI
    out["short_score"] = total[5] / np.maximum(size - total[1], 1) / MILLI
    out["score_before"] = before[4] / np.maximum(place, 1) / MILLI
    out["score_after"] = (total[4] - before[4] - own) / np.maximum(size - 1 - place, 1) / MILLI
    sums = running[:, 4]
    for reach in (2, 5, 10):
        top, end = np.maximum(rows - reach, low), np.minimum(rows + reach + 1, high)
        above, below = sums[rows] - sums[top], sums[end] - sums[rows + 1]
        out[f"score_within_{reach}"] = (above + below) / np.maximum(end - top - 1, 1) / MILLI
        out[f"score_above_{reach}"] = above / np.maximum(rows - top, 1) / MILLI
        out[f"score_below_{reach}"] = below / np.maximum(end - rows - 1, 1) / MILLI
    out["furniture_back"] = back[1]
    out["furniture_ahead"] = ahead[1]
    out["furniture_share"] = total[6] / size
    out["furniture_after"] = np.minimum(total[6] - before[6] - clear[rows], 50)

    # What the lines beside each line are like. The last line of `lines` stands for those that the page does not have.
    by_line = ("capital_words", "last_kind", "digits", "words", "small_share")
    lines = np.empty((n + 1, 5 + len(by_line) + len(EVIDENCE)))
    for column, values in enumerate((grid.width, score, grid.stopped, grid.opening, grid.closing)):
        lines[:n, column] = values
    lines[:n, 5 : 5 + len(by_line)] = -1.0
    for column, name in enumerate(by_line, start=5):
        lines[rows, column] = shape[name]
    lines[:n, 5 + len(by_line) :] = evidence
    lines[n] = (-1.0, -9.0, -1.0, -1.0, -1.0, *[-2.0] * len(by_line), *[-1.0] * len(EVIDENCE))
    steps = np.array((-3, -2, -1, 1, 2, 3))
    which = rows[:, None] + steps
    which = np.where((which >= low[:, None]) & (which < high[:, None]), which, n)
    beside = dict(zip(steps.tolist(), lines[which].transpose(1, 2, 0), strict=True))
    for step, values in beside.items():
        out[f"width{step:+d}"] = np.minimum(values[0], 400)
        out[f"score{step:+d}"] = values[1]
    for step in (-2, -1, 1, 2):
        out[f"stopped{step:+d}"] = beside[step][2]
    for step in (-1, 1):
        for column, name in enumerate(by_line, start=5):
            out[f"{name}{step:+d}"] = beside[step][column]

    # Lines of a list look alike: they begin or end with the same sign or word, figures aside.
    for step in (-2, -1, 1, 2):
        for column, name in ((3, "opening"), (4, "closing")):
            other = beside[step][column]
            out[f"same_{name}{step:+d}"] = np.where(other < 0, -1.0, other == lines[rows, column])
    folded = [_folded(grid.lines[i]) for i in rows.tolist()]
    pages = page.tolist()
    out["repeats"] = _repeats(pages, folded)
    out["first_word_repeats"] = _repeats(pages, [line.split(None, 1)[0] for line in folded])
    out["last_word_repeats"] = _repeats(pages, [line.rsplit(None, 1)[-1] for line in folded])
    for column, name in enumerate(EVIDENCE):
        out[name] = evidence[rows, column]
        for step in (-1, 1):
            out[f"{name}{step:+d}"] = beside[step][5 + len(by_line) + column]
    names = list(out)
    table = np.empty((len(rows), len(names)))
    for column, values in enumerate(out.values()):
        table[:, column] = values
    return names, table


_AS_ZERO = str.maketrans("123456789", "000000000")


def _folded(line: str) -> str:
    """The line in lower case, short ones with every figure as 0: long ones are no list."""
    return line.lower().translate(_AS_ZERO) if len(line) < PROSE_WIDTH else line.lower()


def _repeats(pages: Sequence[int], words: Sequence[str]) -> Floats:
    """How often each word is there on its page."""
    seen = Counter(zip(pages, words, strict=True))
    return np.array([seen[key] for key in zip(pages, words, strict=True)], dtype=np.float64)


# What the rules say of a line: the strongest drop that matches, whether it heads a block, whether it is a credit.
EVIDENCE = ("rule", "heading", "credit")
