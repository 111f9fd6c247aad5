"""What the rules say of an article's lines: which rule finds which line, at its place, and what it tells (author, agency …)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import regex

from newsclean.line_features import Flags, codes
from newsclean.rulebook import METADATA, Book, LearnedLine, PatternTooSlow, Rule

# A rule for the head or tail may fire where at most this share of the article's prose lines, or this many of them,
# stand before or after. Dev pages: 98 % of the lines that tail rules are made for lie behind 70 % of the prose.
EDGE_SHARE = 0.3
EDGE_LINES = 2

# In long prose only words of at least this length open the door to a rule; shorter ones occur in every paragraph.
PROSE_GRAM = 5


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
    spans: list[tuple[int, int, int, Rule]] = field(default_factory=list)  # line, start and end in it, rule
    slow: list[Rule] = field(default_factory=list)  # rules stopped because they did not finish

    def __bool__(self) -> bool:
        return bool(self.drops or self.learned or self.spans or self.slow or self.notes)


class Place:
    """Where a line stands in the article's prose."""

    def __init__(self, plain: Sequence[bool]) -> None:
        self._before = [0]
        for one in plain:
            self._before.append(self._before[-1] + bool(one))
        self._edge = max(EDGE_LINES, EDGE_SHARE * self._before[-1])

    def allows(self, where: str, line: int) -> bool:
        """Whether a rule for `where` may fire on the line."""
        if where == "head":
            return self._before[line] <= self._edge
        if where == "tail":
            return self._before[-1] - self._before[line + 1] <= self._edge
        return True


def mark(lines: Sequence[str], plain: Sequence[bool], look_at: Sequence[int], book: Book) -> Marked:
    """The rules' findings in the stripped lines of one article; only the lines in `look_at` are asked about whole lines."""
    found = Marked()
    place = Place(plain)
    for i in look_at:
        _mark_line(lines[i], i, place, book, found)
    if book.lines:
        for i, line in enumerate(lines):
            entry = book.learned(line)
            if entry and place.allows(entry.where, i):
                found.learned[i] = entry
    _mark_spans(lines, book, found, place)
    return found


def _mark_line(line: str, i: int, place: Place, book: Book, found: Marked) -> None:
    for rule in book.candidates(line):
        if rule in found.slow:
            continue
        try:
            match = rule.search(line)
        except PatternTooSlow:
            found.slow.append(rule)
            continue
        if match is None or not place.allows(rule.where, i):
            continue
        marked = Mark(rule, tuple(_values(rule, match)))
        if rule.action == "note":
            found.notes.setdefault(i, marked)
        elif i in found.drops:
            # The first of the strongest decides; what the others tell is kept.
            known = found.drops[i]
            told = tuple(dict.fromkeys(known.values + marked.values))
            found.drops[i] = Mark(rule if rule.weight > known.rule.weight else known.rule, told)
        else:
            found.drops[i] = marked


def _mark_spans(lines: Sequence[str], book: Book, found: Marked, place: Place) -> None:
    if not book.spans:
        return
    low = "\n".join(lines).lower()
    for rule, literals in book.spans:
        if not any(literal in low for literal in literals):
            continue
        for i, line in enumerate(lines):
            line_low = line.lower()
            if not any(literal in line_low for literal in literals) or not place.allows(rule.where, i):
                continue
            try:
                hits = [match.span("cut" if "cut" in match.groupdict() else 0) for match in rule.every(line)]
            except PatternTooSlow:
                found.slow.append(rule)
                break
            found.spans += [(i, start, end, rule) for start, end in hits if start < end]


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


class Sieve:
    """Where the words of any rule may stand in long prose, found in a few passes of NumPy over the text."""

    _SIZE = 1 << 16
    _FACTORS = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1], dtype=np.uint32)

    def __init__(self, words: Sequence[str]) -> None:
        self._open: Flags = np.zeros(self._SIZE, dtype=bool)
        for word in words:
            if len(word) >= PROSE_GRAM:
                self._open[self._hash(codes(word))[:1]] = True

    def _hash(
        self, signs: np.ndarray[tuple[int, ...], np.dtype[np.uint32]]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
        n = len(signs) - PROSE_GRAM + 1
        total = signs[:n] * self._FACTORS[0]
        for i in range(1, PROSE_GRAM):
            total += signs[i : i + n] * self._FACTORS[i]
        shifted: np.ndarray[tuple[int, ...], np.dtype[np.uint32]] = total >> np.uint32(16)
        return shifted

    def lines(self, lines: Sequence[str]) -> list[int]:
        """Numbers of the lines that may hold a rule's word; a few are chance."""
        signs = codes("\n".join(lines).lower())
        if len(signs) < PROSE_GRAM:
            return []
        hits = np.flatnonzero(self._open[self._hash(signs)])
        if not len(hits):
            return []
        breaks = np.flatnonzero(signs == 10)
        found: list[int] = np.unique(np.searchsorted(breaks, hits)).tolist()
        return found
