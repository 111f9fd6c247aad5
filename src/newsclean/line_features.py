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


def _shifted(values: Floats, page: Ints, step: int, missing: float) -> Floats:
    """The value of the line `step` lines further down its page."""
    out = np.full(len(values), missing)
    if 0 < abs(step) < len(values) or step == 0:
        if step > 0:
            out[:-step] = np.where(page[step:] == page[:-step], values[step:], missing)
        elif step < 0:
            out[-step:] = np.where(page[:step] == page[-step:], values[:step], missing)
        else:
            out = values.copy()
    return out


def _sums(values: Ints, grid: Grid) -> tuple[Ints, Ints]:
    """Per line, the sum over the lines before it on its page, and over the whole page. `values` are whole numbers."""
    running = np.concatenate(([0], np.cumsum(values)))
    before = running[:-1] - running[grid.first[grid.page]]
    whole = running[grid.first + grid.count] - running[grid.first]
    return before, whole[grid.page]


def _nearest(mask: Flags, grid: Grid, *, back: bool) -> Floats:
    """Lines to the nearest line before (or after) for which `mask` holds; 99 where there is none on the page."""
    n = len(mask)
    number = np.arange(n)
    if back:
        seen = np.maximum.accumulate(np.where(mask, number, -1))
        seen = np.concatenate(([-1], seen[:-1]))
        gap = np.where(seen >= grid.first[grid.page], number - seen, 99)
    else:
        seen = np.minimum.accumulate(np.where(mask, number, n + 99)[::-1])[::-1]
        seen = np.concatenate((seen[1:], [n + 99]))
        gap = np.where(seen < (grid.first + grid.count)[grid.page], seen - number, 99)
    return np.minimum(gap, 99).astype(np.float64)


# Word scores are kept as whole thousandths, so that sums over a page are exact whatever the batch.
MILLI = 1000


def describe(grid: Grid, words: Floats, evidence: Floats) -> tuple[list[str], Floats]:
    """Feature names and a row for each doubtful line.

    `words`: word score of each doubtful line. `evidence`: per line of the grid, columns of what the rules say.
    """
    rows = np.flatnonzero(grid.doubtful)
    n = len(grid.lines)
    page, first, count = grid.page, grid.first, grid.count
    out: dict[str, Floats] = {}
    shape = shapes([grid.lines[i] for i in rows])
    out.update(shape)

    score = np.full(n, PLAIN_SCORE)
    score[rows] = np.round(np.clip(words, -8, 8) * MILLI) / MILLI
    whole = np.round(score * MILLI).astype(np.int64)
    number = np.arange(n)
    place = number - first[page]
    size = count[page]
    plain = grid.plain
    width = grid.width
    half = np.round(width * 2).astype(np.int64)

    out["place"] = np.minimum(place, 200)[rows].astype(np.float64)
    out["place_from_end"] = np.minimum(size - 1 - place, 200)[rows].astype(np.float64)
    out["place_share"] = (place / np.maximum(size - 1, 1))[rows]
    out["lines"] = np.minimum(size, 1000)[rows].astype(np.float64)
    out["stopped"] = grid.stopped[rows].astype(np.float64)
    out["plain"] = plain[rows].astype(np.float64)
    before, total = _sums(half * plain, grid)
    out["prose_before"] = (before / np.maximum(total, 1))[rows]
    out["prose_total"] = total[rows] / 2.0
    lines_before, lines_total = _sums(plain.astype(np.int64), grid)
    after = lines_total - lines_before - plain
    out["prose_lines_before"] = np.minimum(lines_before, 50)[rows].astype(np.float64)
    out["prose_lines_after"] = np.minimum(after, 50)[rows].astype(np.float64)
    out["prose_line_share"] = (lines_total / size)[rows]
    _, all_half = _sums(half, grid)
    out["prose_char_share"] = (total / np.maximum(all_half, 1))[rows]
    out["mean_width"] = (all_half / size)[rows] / 2
    back, ahead = _nearest(plain, grid, back=True), _nearest(plain, grid, back=False)
    out["prose_back"] = back[rows]
    out["prose_ahead"] = ahead[rows]
    # The run of short lines that this line stands in.
    run = np.where(plain, 0.0, np.minimum(back, place + 1) + np.minimum(ahead, size - place) - 1)
    out["run"] = run[rows]
    stopped_before, stopped_total = _sums(grid.stopped.astype(np.int64), grid)
    out["stopped_share"] = (stopped_total / size)[rows]
    out["stopped_after"] = np.minimum(stopped_total - stopped_before - grid.stopped, 50)[rows].astype(np.float64)

    out["words_score"] = score[rows]
    score_before, score_total = _sums(whole, grid)
    _, short_total = _sums(np.where(plain, 0, whole), grid)
    short_lines = np.maximum(size - lines_total, 1)
    out["page_score"] = (score_total / size / MILLI)[rows]
    out["short_score"] = (short_total / short_lines / MILLI)[rows]
    rest = np.maximum(size - 1 - place, 1)
    out["score_before"] = (score_before / np.maximum(place, 1) / MILLI)[rows]
    out["score_after"] = ((score_total - score_before - whole) / rest / MILLI)[rows]
    running = np.concatenate(([0], np.cumsum(whole)))
    for reach in (2, 5, 10):
        low = np.maximum(number - reach, first[page])
        high = np.minimum(number + reach + 1, (first + count)[page])
        around = running[high] - running[low] - whole
        out[f"score_within_{reach}"] = (around / np.maximum(high - low - 1, 1) / MILLI)[rows]
        out[f"score_above_{reach}"] = ((running[number] - running[low]) / np.maximum(number - low, 1) / MILLI)[rows]
        out[f"score_below_{reach}"] = (
            (running[high] - running[number + 1]) / np.maximum(high - number - 1, 1) / MILLI
        )[rows]
    clear = whole > MILLI
    out["furniture_back"] = _nearest(clear, grid, back=True)[rows]
    out["furniture_ahead"] = _nearest(clear, grid, back=False)[rows]
    clear_before, clear_total = _sums(clear.astype(np.int64), grid)
    out["furniture_share"] = (clear_total / size)[rows]
    out["furniture_after"] = np.minimum(clear_total - clear_before - clear, 50)[rows].astype(np.float64)

    by_line = {name: np.full(n, -1.0) for name in ("capital_words", "last_kind", "digits", "words", "small_share")}
    for name, values in by_line.items():
        values[rows] = shape[name]
    for step in (-3, -2, -1, 1, 2, 3):
        out[f"width{step:+d}"] = np.minimum(_shifted(width, page, step, -1.0), 400)[rows]
        out[f"score{step:+d}"] = _shifted(score, page, step, -9.0)[rows]
    for step in (-2, -1, 1, 2):
        out[f"stopped{step:+d}"] = _shifted(grid.stopped.astype(np.float64), page, step, -1.0)[rows]
    for step in (-1, 1):
        for name, values in by_line.items():
            out[f"{name}{step:+d}"] = _shifted(values, page, step, -2.0)[rows]

    # Lines of a list look alike: they begin or end with the same sign or word, figures aside.
    for step in (-2, -1, 1, 2):
        for name, signs in (("opening", grid.opening), ("closing", grid.closing)):
            beside = _shifted(signs.astype(np.float64), page, step, -1.0)
            out[f"same_{name}{step:+d}"] = np.where(beside < 0, -1.0, beside == signs)[rows]
    folded = [_folded(grid.lines[i]) for i in rows]
    out["repeats"] = _repeats(page[rows].tolist(), folded)
    out["first_word_repeats"] = _repeats(page[rows].tolist(), [line.split(None, 1)[0] for line in folded])
    out["last_word_repeats"] = _repeats(page[rows].tolist(), [line.rsplit(None, 1)[-1] for line in folded])
    for column, name in enumerate(EVIDENCE):
        out[name] = evidence[rows, column]
        for step in (-1, 1):
            out[f"{name}{step:+d}"] = _shifted(evidence[:, column], page, step, -1.0)[rows]
    names = list(out)
    return names, np.column_stack([out[name] for name in names]) if len(rows) else np.zeros((0, len(names)))


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
