"""Which words a pattern cannot match without: hundreds of rules cost little when only those whose words are there run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from newsclean import rulebook_needs, rulebook_table
from newsclean.rulebook_parsed import behind_bullet, narrowest, parsed, widest
from newsclean.rulebook_table import Known


@dataclass(frozen=True, slots=True)
class _Memo:
    """What is known of the groups of one parsed pattern, by their identity: taken apart, a pattern meets them many times."""

    best: dict[int, frozenset[str] | None] = field(default_factory=dict)
    begins: dict[tuple[int, int], set[tuple[str, bool]]] = field(default_factory=dict)


def _best(tree: Any, memo: _Memo) -> frozenset[str] | None:
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
        if id(value) not in memo.best:
            memo.best[id(value)] = _best_of(name, value, memo)
        found = memo.best[id(value)]
        sets += [found] if found else []
    sets += [frozenset((run.lower(),))] if run.strip() else []
    return max(sets, key=_hardness) if sets else None


def _best_of(name: str, value: Any, memo: _Memo) -> frozenset[str] | None:
    """The same for one item that is no literal."""
    if name == "SUBPATTERN":
        return _best(value[3], memo)
    if name == "ATOMIC_GROUP":
        return _best(value, memo)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and value[0] >= 1:
        return _best(value[2], memo)
    if name == "BRANCH":
        parts = [_best(part, memo) for part in value[1]]
        return frozenset().union(*(part for part in parts if part)) if all(parts) else None
    if name == "IN" and 0 < len(value) <= 4 and all(str(one) == "LITERAL" for one, _ in value):
        return frozenset(chr(code).lower() for _, code in value)
    return None


def _hardness(words: frozenset[str]) -> tuple[int, int]:
    # A Chinese sign says as much as three Latin letters.
    return min(min(len(word.encode()) for word in words), 8), -len(words)


# Openings are cut to this many signs (enough to tell rules apart, few enough to stay a short list) …
OPENING_SIGNS = 6
# … of at most this many.
OPENINGS = 2000
# A choice of more beginnings than this (digits, bullets) is not multiplied with what follows or goes before.
MANY = 8

_DIGITS = "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"


def _prefixes(items: list[Any], signs: int, memo: _Memo) -> set[tuple[str, bool]]:
    """Beginnings of what the items match, each with whether it is all of it."""
    done: set[tuple[str, bool]] = {("", True)}
    at = 0
    while at < len(items):
        name, value = str(items[at][0]), items[at][1]
        at += 1
        if name == "LITERAL":
            run = chr(value)
            while at < len(items) and len(run) < signs and str(items[at][0]) == "LITERAL":
                run += chr(items[at][1])
                at += 1
            here = {(run.lower(), True)}
        else:
            if (id(value), signs) not in memo.begins:
                memo.begins[id(value), signs] = _beginnings(name, value, signs, memo)
            here = memo.begins[id(value), signs]
        if _of_signs(name, here) and any(one for one, whole in done if whole):
            here = {("", False)}  # a figure after a figure: not worth multiplying
        longer = {one for one in done if not one[1]}
        for before, whole in done:
            if whole:
                longer |= {((before + after)[:signs], more) for after, more in here}
        longer = {(one, more and len(one) < signs) for one, more in longer}
        if len(longer) > OPENINGS:
            return {(one, False) for one, _ in done}
        done = longer
        if not any(whole for _, whole in done):
            break
    return done


def _beginnings(name: str, value: Any, signs: int, memo: _Memo) -> set[tuple[str, bool]]:
    """Beginnings of one item of a parsed pattern that is no literal, each with whether it is all of the item."""
    if name in ("AT", "ASSERT", "ASSERT_NOT"):
        return {("", True)}
    if name == "IN":
        return _of_class(value)
    if name == "SUBPATTERN":
        return _prefixes(list(value[3]), signs, memo)
    if name == "ATOMIC_GROUP":
        return _prefixes(list(value), signs, memo)
    if name == "BRANCH":
        return {one for part in value[1] for one in _prefixes(list(part), signs, memo)}
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        inner = _prefixes(list(value[2]), signs, memo)
        # A choice of bullets or quotes before the words is not multiplied with them.
        once = {(one, whole and value[1] == 1 and len(inner) <= MANY) for one, whole in inner}
        return once | {("", True)} if value[0] == 0 else once
    return {("", False)}


def _of_class(members: Any) -> set[tuple[str, bool]]:
    """The signs of a character class that is a short list; otherwise nothing can be said."""
    signs: set[str] = set()
    for name, value in ((str(one), value) for one, value in members):
        if name == "LITERAL":
            signs.add(chr(value).lower())
        elif name == "RANGE" and value[1] - value[0] <= 30:
            signs |= {chr(code).lower() for code in range(value[0], value[1] + 1)}
        elif name == "CATEGORY" and str(value).endswith("_DIGIT") and "NOT" not in str(value):
            signs |= set(_DIGITS)
        elif name == "CATEGORY" and str(value).endswith("_SPACE") and "NOT" not in str(value):
            signs |= set(" \t\u00a0")  # other white space opens no stripped line, and follows no sign in practice
        else:
            return {("", False)}
    return {(sign, True) for sign in signs} if len(signs) <= 60 else {("", False)}


def _of_signs(name: str, here: set[tuple[str, bool]]) -> bool:
    """Whether an item is a choice among many single signs."""
    return name in ("IN", "MAX_REPEAT", "MIN_REPEAT") and len(here) > MANY and all(len(one) <= 1 for one, _ in here)


# How deep alternatives are taken apart to find words for each.
DEPTH = 4
# Words and openings this long are rare enough to send a line to the rule.
LONG_WORD = 5
LONG_OPENING = 3


@dataclass(frozen=True, eq=False)
class _Part:
    """A parsed pattern, and the parsed patterns that it is a choice of."""

    items: list[Any]
    memo: _Memo
    needs: rulebook_needs.Memo

    @cached_property
    def ways(self) -> tuple[rulebook_needs.Way, ...]:
        """A line that matches meets one of these."""
        return _ways(self.items, self.needs)

    @cached_property
    def choices(self) -> list[tuple[list[str], _Part]]:
        """The ways that its first choice can go, each with what a line may begin with then (folded)."""
        for at, (op, value) in enumerate(self.items):
            inner = _alternatives(str(op), value)
            if len(inner) > 1:
                every = [self.items[:at] + list(one) + self.items[at + 1 :] for one in inner]
                return [(self._begins(one), _Part(one, self.memo, self.needs)) for one in every]
        return []

    def _begins(self, items: list[Any]) -> list[str]:
        return list({rulebook_needs.folded(one) for one, _ in _prefixes(items, OPENING_SIGNS, self.memo)})

    def behind(self, begin: str) -> list[_Part]:
        """What a line with this beginning (folded) can match, as far as the first choices tell that apart."""
        some = [
            part
            for begins, part in self.choices
            if any(one.startswith(begin) or begin.startswith(one) for one in begins)
        ]
        if len(some) == len(self.choices):
            return [self]
        return [one for part in some for one in part.behind(begin)]


@dataclass(frozen=True, eq=False)
class Key:
    """What a line must have to be worth a try: it begins with one of `opening` and has one of `words` (where there are any).

    `pattern` is the one that it is a key of. `told` are its ways where they have been worked out beforehand.
    """

    opening: frozenset[str]
    words: frozenset[str]
    pattern: str
    told: tuple[rulebook_needs.Way, ...] = ()

    @cached_property
    def parts(self) -> tuple[_Part, ...]:
        """The parsed patterns of which a line must match one."""
        return _taken_apart(self.pattern)[self.opening, self.words]

    @cached_property
    def ways(self) -> tuple[rulebook_needs.Way, ...]:
        """And it meets one of these."""
        return self.told or _of_all(self.parts)

    def ways_behind(self, begin: str) -> tuple[rulebook_needs.Way, ...]:
        """One of these where the line begins so (folded). Found when asked for: most beginnings are those of no line."""
        return _of_all([one for part in self.parts for one in part.behind(begin)])


def _of_all(parts: Sequence[_Part]) -> tuple[rulebook_needs.Way, ...]:
    return tuple(dict.fromkeys(way for part in parts for way in part.ways)) or ((),)


@lru_cache(maxsize=8192)
def keys(pattern: str) -> tuple[Key, ...]:
    """Keys, one of which every line that matches fits; a key without opening and words fits every line.

    A line that begins like an item of a list fits an opening, too, if what is behind its bullet does.

    >>> [(sorted(key.opening), sorted(key.words)) for key in keys(r"^(?:ad|.*\\bnewsletter)$")]
    [([], ['newsletter']), (['ad'], ['ad'])]
    """
    known = rulebook_table.of(pattern)
    if known:
        return tuple(Key(opening, words, pattern, ways) for opening, words, ways in known.keys)
    return tuple(Key(opening, words, pattern) for opening, words in _taken_apart(pattern))


def worked_out(pattern: str) -> Known:
    """What rulebook_table is to know of a pattern, from the pattern itself."""
    keys = [(opening, words, Key(opening, words, pattern).ways) for opening, words in _taken_apart(pattern)]
    return Known(narrowest(pattern), widest(pattern), tuple(keys))


@lru_cache(maxsize=8192)
def widths(pattern: str) -> tuple[int, int]:
    """How many signs a line must have, and how many it can have, for the pattern to match it."""
    known = rulebook_table.of(pattern)
    return (known.narrowest, known.widest) if known else (narrowest(pattern), widest(pattern))


@lru_cache(maxsize=1024)
def _taken_apart(pattern: str) -> dict[tuple[frozenset[str], frozenset[str]], tuple[_Part, ...]]:
    """The opening and the words of each key, with the parsed patterns of which a line that fits it must match one."""
    try:
        tree = list(parsed(behind_bullet(pattern)))
    except (re.error, RecursionError, OverflowError, IndexError):
        return {(frozenset(), frozenset()): ()}
    anchored = bool(tree) and str(tree[0][0]) == "AT" and str(tree[0][1]) in ("AT_BEGINNING", "AT_BEGINNING_STRING")
    found: dict[tuple[frozenset[str], frozenset[str]], list[_Part]] = {}
    memo, needs = _Memo(), rulebook_needs.Memo()
    for begins, words, items in _keys(tree[1:] if anchored else tree, anchored, DEPTH, memo):
        found.setdefault((begins, words), []).append(_Part(items, memo, needs))
    return {key: tuple(found[key]) for key in sorted(found, key=lambda key: (sorted(key[0]), sorted(key[1])))}


def ways(pattern: str) -> tuple[rulebook_needs.Clauses, ...]:
    """What every line that matches has, whatever it begins with."""
    return rulebook_needs.tried(dict.fromkeys(way for key in keys(pattern) for way in key.ways))


def _keys(
    items: list[Any], anchored: bool, depth: int, memo: _Memo
) -> list[tuple[frozenset[str], frozenset[str], list[Any]]]:
    """Openings, words and what is to be matched."""
    begins: frozenset[str] = frozenset()
    if anchored:
        for signs in (OPENING_SIGNS, 3, 2):
            begins = frozenset(one for one, _ in _prefixes(items, signs, memo))
            if all(begins):
                break
        else:
            begins = frozenset()
    words = _best(items, memo) or frozenset()
    good = min(map(len, begins)) >= LONG_OPENING if begins else words and min(map(len, words)) >= LONG_WORD
    if good or not depth:
        return [(begins, words, items)]
    for at, (op, value) in enumerate(items):
        inner = _alternatives(str(op), value)
        if len(inner) > 1:
            rest = items[at + 1 :]
            parts = [_keys(items[:at] + list(one) + rest, anchored, depth - 1, memo) for one in inner]
            return [key for part in parts for key in part]
    return [(begins, words, items)]


# A key is not taken apart into more ways than this: each costs a look or two at the line.
MOST_WAYS = 24


def _ways(items: list[Any], needs: rulebook_needs.Memo) -> tuple[rulebook_needs.Way, ...]:
    """What a line must have to match: each way the item with most ways can go, where each of them asks for something."""
    whole = rulebook_needs.clauses(items, needs)
    choices = [_alternatives(str(op), value) for op, value in items]
    most = max(choices, key=len, default=[])
    if 1 < len(most) <= MOST_WAYS:
        at = next(i for i, one in enumerate(choices) if one is most)
        ways = {rulebook_needs.clauses([*items[:at], *one, *items[at + 1 :]], needs) for one in most}
        if () not in ways:
            least = (way for way in ways if not any(set(other) < set(way) for other in ways))
            return tuple(sorted(least, key=lambda way: list(map(sorted, way))))
    return (whole,)


def _alternatives(name: str, value: Any) -> list[Any]:
    """The ways an item can go; one when there is no choice to take apart."""
    if name == "SUBPATTERN" and len(value[3]) == 1:
        return _alternatives(str(value[3][0][0]), value[3][0][1])
    if name == "SUBPATTERN":
        return [value[3]] if not any(str(op) in ("BRANCH", "SUBPATTERN") for op, _ in value[3]) else _opened(value[3])
    if name == "BRANCH":
        return list(value[1])
    if name in ("MAX_REPEAT", "MIN_REPEAT") and (value[0], value[1]) == (0, 1):
        return [[], value[2]]
    return []


def _opened(items: Any) -> list[Any]:
    """A group of several items with its first choice taken apart."""
    listed = list(items)
    for at, (op, value) in enumerate(listed):
        inner = _alternatives(str(op), value)
        if len(inner) > 1:
            return [listed[:at] + list(one) + listed[at + 1 :] for one in inner]
    return [listed]
