"""What the rules say of an article's lines: which rule finds which line, at its place, and what it tells (author, agency …)."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, compress, islice

import regex

from newsclean import rulebook_literals, rulebook_needs
from newsclean.rulebook import METADATA, Book, LearnedLine, PatternTooSlow, Rule
from newsclean.rulebook_needs import Clauses

# A rule for the head or tail may fire where at most this share of the article's prose lines, or this many of them,
# stand before or after. Dev pages: 98 % of the lines that tail rules are made for lie behind 70 % of the prose.
EDGE_SHARE = 0.3
EDGE_LINES = 2

# Characters of a paragraph in which a dateline is looked for; the longest one in the rules' examples has 34.
OPENING = 160

# A rule sees at most 20 characters of white space in a row: where a pattern asks for white space twice, it tries a long gap
# at every place, in time that grows with its square or cube. Shorter lines cannot cost much.
_GAP = re.compile(r"(\s{20})\s+")
_SHORT = 200


@dataclass(frozen=True, slots=True)
class Mark:
    """A rule that finds a line where the rule may."""

    rule: Rule
    values: tuple[tuple[str, str], ...] = ()  # metadata: (author | agency | place | credits, what it says)


@dataclass(slots=True)
class Marked:
    """What the rules say of one article."""

    drops: dict[int, Mark] = field(default_factory=dict)  # line → its strongest drop
    notes: dict[int, Mark] = field(default_factory=dict)
    learned: dict[int, LearnedLine] = field(default_factory=dict)
    spans: list[tuple[int, int, int, Mark]] = field(default_factory=list)  # line, start and end in it
    slow: list[Rule] = field(default_factory=list)  # rules stopped because they did not finish

    def __bool__(self) -> bool:
        return bool(self.drops or self.learned or self.spans or self.slow or self.notes)


# A line by which it is known what rules to ask: whether it is odd, its place (see Place.numbers), its text.
Standing = tuple[bool, int, str]


@dataclass(slots=True)
class AskedOf:
    """Lines of which it is known what rules of a book to ask about them, and the rules for those that have any."""

    lines: set[Standing] = field(default_factory=set)
    rules: dict[Standing, list[Rule]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memo:
    """What is known of lines by themselves, whatever article they stand in: most of them are read again in the next round."""

    asked: dict[Book, AskedOf] = field(default_factory=dict)
    marks: dict[tuple[Rule, str], list[tuple[int, int, Mark]]] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)


class Place:
    """Where lines stand in the article's prose: how many are in its head, and the first that is in its tail."""

    def __init__(self, plain: Sequence[bool]) -> None:
        before = list(accumulate(plain, initial=0))
        edge = max(EDGE_LINES, EDGE_SHARE * before[-1])
        self.head = bisect_right(before, edge, hi=len(plain))
        self.tail = bisect_left(before, before[-1] - edge, lo=1) - 1

    def numbers(self, count: int) -> list[int]:
        """For each of so many lines: 2 in the head, 1 in the tail, 3 in both."""
        low, high = sorted((self.head, self.tail))
        return [2] * low + [3 if self.tail < self.head else 0] * (high - low) + [1] * (count - high)

    def allows(self, where: str, line: int) -> bool:
        """Whether a rule for `where` may fire on the line."""
        return where == "anywhere" or (line < self.head if where == "head" else line >= self.tail)


def mark(
    lines: Sequence[str],
    plain: Sequence[bool],
    asked: Mapping[int, list[Rule]],
    book: Book,
    place: Place | None = None,
    memo: Memo | None = None,
) -> Marked:
    """The rules' findings in the stripped lines of one article. `asked`: per line, which rules to ask."""
    memo = memo or Memo()
    found = Marked()
    place = place or Place(plain)
    for i, rules in asked.items():
        line, gap = lines[i], _has_gap(lines[i])
        if gap:
            line = _GAP.sub(r"\1", line)
        for rule in rules:
            # What a rule cuts out of a line is cut at its place; behind a gap that place is another.
            if not (gap and rule.scope == "span"):
                _mark_line(line, i, rule, place, found, memo)
    openers = _openers(book)
    if openers:
        # The first two prose lines: a dateline opens the lead, or what follows a standfirst.
        for i in islice(compress(range(len(lines)), plain), 2):
            start = lines[i][:OPENING]
            low = rulebook_needs.folded(start)
            for rule, ways in openers:
                if rulebook_needs.meets(low, ways) and rule not in asked.get(i, ()):
                    _mark_line(start, i, rule, place, found, memo)
    if book.lines:
        for i, line in enumerate(lines):
            entry = book.learned(line)
            if entry and place.allows(entry.where, i):
                found.learned[i] = entry
    return found


def _has_gap(line: str) -> bool:
    # A wide gap has two blanks in a row, or white space that is not printable: most lines need no closer look.
    return len(line) > _SHORT and ("  " in line or not line.isprintable()) and _GAP.search(line) is not None


def search(asked: Iterable[tuple[str, Sequence[Rule]]], memo: Memo) -> None:
    """Find what our rules say of the lines that they are asked about, and keep it in `memo`: one rule after the other.

    A pattern takes half of the time when it has just been looked for: what it is made of is in the processor's cache.
    """
    of_rule: dict[Rule, list[str]] = {}
    for line, rules in asked:
        if not _has_gap(line):
            for rule in rules:
                of_rule.setdefault(rule, []).append(line)
    for rule, lines in of_rule.items():
        for line in lines if rule.ours else ():
            if (rule, line) not in memo.marks:
                memo.marks[rule, line] = _matches(rule, line)


@lru_cache(maxsize=256)
def _openers(book: Book) -> tuple[tuple[Rule, tuple[Clauses, ...]], ...]:
    """Rules for datelines, with what a line must have for each of them.

    They begin a paragraph that is plainly prose, and hold no word to look for it by.
    """
    found = [rule for rule in book.rules if rule.action == "note" and rule.scope == "span" and rule.where == "head"]
    return tuple((rule, rulebook_literals.ways(rule.match)) for rule in found)


def _mark_line(line: str, i: int, rule: Rule, place: Place, found: Marked, memo: Memo) -> None:
    if rule in found.slow or not place.allows(rule.where, i):
        return
    marks = memo.marks.get((rule, line))
    if marks is None:
        try:
            marks = memo.marks[rule, line] = _matches(rule, line)
        except PatternTooSlow:
            found.slow.append(rule)
            return
    for start, end, marked in marks:
        if rule.scope == "span":
            found.spans.append((i, start, end, marked))
        elif rule.action == "note":
            found.notes.setdefault(i, marked)
        elif i in found.drops:
            # The first of the strongest decides; what the others tell is kept.
            known = found.drops[i]
            told = tuple(dict.fromkeys(known.values + marked.values))
            found.drops[i] = Mark(rule if rule.weight > known.rule.weight else known.rule, told)
        else:
            found.drops[i] = marked


def _matches(rule: Rule, line: str) -> list[tuple[int, int, Mark]]:
    """What the rule finds in the line: all that it would cut out, or that it matches at all. Raises PatternTooSlow."""
    if rule.scope != "span":
        first = rule.search(line)
        return [(*first.span(), Mark(rule, tuple(_values(rule, first))))] if first else []
    found = []
    for match in rule.every(line):
        start, end = match.span("cut" if "cut" in match.groupdict() else 0)
        if start < end:
            found.append((start, end, Mark(rule, tuple(_values(rule, match)))))
    return found


def _values(rule: Rule, match: regex.Match[str]) -> Iterator[tuple[str, str]]:
    """What a match tells: its groups `value`, `author`, `agency`, `place`, `credits`; without any, the whole of it."""
    groups = match.groupdict()
    named = [(key, groups[key]) for key in METADATA if groups.get(key)]
    if rule.metadata and groups.get("value"):
        named.append((rule.metadata, groups["value"]))
    if rule.metadata and not named and not {"value", *METADATA} & groups.keys():
        named.append((rule.metadata, match.group(0)))
    for key, value in named:
        if tidy := value.strip(" \t,;:|–—-·"):
            yield key, tidy
