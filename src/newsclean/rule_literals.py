"""Which words a pattern cannot match without: hundreds of rules cost little when only those whose words are there run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # private, but steady since 3.11; any failure only costs speed
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Classes of the `regex` module that `re` cannot parse. Only literals are read from the result, so `.` stands for all.
_FOREIGN = re.compile(r"\\[pP]\{[^}]*\}|\\[XKGRhmM]|\(\?[biLmsuwxV01]+\)|\[\[:\w+:\]\]")

# Length of a letter group that opens the door to a rule: four letters are rare enough in a line of 60.
GRAM = 4


@lru_cache(maxsize=8192)
def required(pattern: str) -> tuple[str, ...] | None:
    """Lower-case literals one of which every match contains; None when none can be named.

    >>> required(r"^(?:sign up|subscribe)\\b.{0,60}\\bnewsletters?\\b")
    ('newsletter',)
    >>> required(r"^(?:sign up|log in)$")
    ('log in', 'sign up')
    """
    try:
        tree = _parser.parse(_FOREIGN.sub(".", pattern), re.IGNORECASE)
    except (re.error, RecursionError, OverflowError, IndexError):
        return None
    found = _best(tree)
    return tuple(sorted(found)) if found else None


def _best(tree: Any) -> frozenset[str] | None:
    """The literal set that is hardest to meet by chance: the one whose shortest word is longest."""
    sets: list[frozenset[str]] = []
    run = ""
    for op, value in tree:
        name = str(op)
        if name == "LITERAL":
            run += chr(value)
            continue
        sets += [frozenset((run.lower(),))] if run.strip() else []
        run = ""
        found: frozenset[str] | None = None
        if name == "SUBPATTERN":
            found = _best(value[3])
        elif name == "ATOMIC_GROUP":
            found = _best(value)
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and value[0] >= 1:
            found = _best(value[2])
        elif name == "BRANCH":
            parts = [_best(part) for part in value[1]]
            if all(parts):
                found = frozenset().union(*(part for part in parts if part))
        elif name == "IN" and 0 < len(value) <= 4 and all(str(one) == "LITERAL" for one, _ in value):
            found = frozenset(chr(code).lower() for _, code in value)
        sets += [found] if found else []
    sets += [frozenset((run.lower(),))] if run.strip() else []
    return max(sets, key=_hardness) if sets else None


def _hardness(words: frozenset[str]) -> tuple[int, int]:
    # A Chinese sign says as much as three Latin letters.
    return min(min(len(word.encode()) for word in words), 8), -len(words)


class Index(Generic[T]):
    """Rules by the letter groups that they need; those that need none are always asked."""

    def __init__(self, rules: Sequence[T], pattern: Callable[[T], str]) -> None:
        self._order = {id(rule): number for number, rule in enumerate(rules)}
        self._grams: dict[str, list[T]] = {}
        self._short: dict[str, list[T]] = {}
        self._always: list[T] = []
        words = {id(rule): required(pattern(rule)) for rule in rules}
        common = Counter(gram for found in words.values() for word in found or () for gram in _grams(word))
        for rule in rules:
            found = words[id(rule)]
            if not found:
                self._always.append(rule)
            for word in found or ():
                if len(word) >= GRAM:
                    rarest = min(sorted(_grams(word)), key=lambda gram: common[gram])
                    self._add(self._grams, rarest, rule)
                else:
                    self._add(self._short, word, rule)

    @staticmethod
    def _add(table: dict[str, list[T]], key: str, rule: T) -> None:
        known = table.setdefault(key, [])
        if rule not in known:
            known.append(rule)

    def candidates(self, line: str) -> Sequence[T]:
        """Rules that may match the line, in the order they were given."""
        low = line.lower()
        found = {id(rule): rule for rule in self._always}
        table = self._grams
        for gram in {low[i : i + GRAM] for i in range(len(low) - GRAM + 1)} & table.keys():
            for rule in table[gram]:
                found[id(rule)] = rule
        for word, rules in self._short.items():
            if word in low:
                for rule in rules:
                    found[id(rule)] = rule
        return sorted(found.values(), key=lambda rule: self._order[id(rule)])


def _grams(word: str) -> set[str]:
    return {word[i : i + GRAM] for i in range(len(word) - GRAM + 1)}
