"""Which rules are worth asking about which lines: by how a line begins and by the words in it, looked for in all lines at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from newsclean import line_sieve, rulebook_literals
from newsclean.line_sieve import Openings, Sieve, surprise
from newsclean.rulebook import Book, Rule
from newsclean.rulebook_needs import (
    Clauses,
    Way,
    folded,
    has_one,
    lowered,
    meets,
    mixed_signs,
    tried,
    unmixed,
    unmixed_bytes,
)

# Words at least this long are looked for everywhere; shorter ones (“edited”, “files”) occur in every article and are
# looked for in odd lines only.
LONG = 8

# Beginnings shorter than this are tried on odd lines only.
LONG_OPENING = 4

# When so many lines have had an opening, what can stand behind it is told from the rest of the pattern: that takes some
# milliseconds, and saves a twenty-fifth of the line pass in all.
OFTEN = 64

# Looking for more words than this costs as much as asking the rule.
FEW_WORDS = 30


# Who asks for a word: the rule, whether of lines that are not odd, too, and words of which such a line must have one.
_Asker = tuple[Rule, bool, tuple[str, ...]]

# What else a line must have, where one thing was found in it, to be worth asking a rule: how many signs from and to, one of
# some ways (none where nothing is asked for), whether lines that are not odd are tried, and what these must have.
_Try = tuple[int, int, tuple[Clauses, ...], bool, tuple[str, ...], Rule]

# What to try on a line: where it is neither in the head nor in the tail, in the tail, in the head, in both.
_Tries = tuple[tuple[_Try, ...], ...]


def _tries(tries: Iterable[_Try]) -> _Tries:
    """The tries by place."""
    every = list(tries)
    return tuple(
        tuple(one for one in every if one[-1].where in wheres)
        for wheres in (("anywhere",), ("anywhere", "tail"), ("anywhere", "head"), ("anywhere", "head", "tail"))
    )


class Index:
    """The rules of a book, by what a line must have for them to match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        # A user's rules are asked about prose as well, whatever their words are.
        self._users = any(not rule.ours for rule in rules)
        self._order = {rule: number for number, rule in enumerate(rules)}
        self._openings: dict[str, dict[Rule, list[rulebook_literals.Key]]] = {}
        # What to try where one of these words is found. They are looked for by so many of their bytes: those with eight in
        # all lines, the others in odd ones.
        self._words: dict[int, dict[str, dict[_Asker, list[Way]]]] = {8: {}, 4: {}, 2: {}}
        always: list[_Try] = []
        for rule in rules:
            for key in rulebook_literals.keys(rule.match):
                for begin in key.opening:
                    self._openings.setdefault(folded(begin), {}).setdefault(rule, []).append(key)
                if not key.opening and not key.words:
                    always.append(_try(rule, False, (), key.ways))
                elif not key.opening:
                    self._add(rule, key)
        self._always = _tries(always) if always else None
        # What to try behind an opening that a line has begun with, and how many lines have.
        self._by_opening: dict[str, tuple[_Tries, int]] = {}
        self._begun = Openings(self._openings, LONG_OPENING, _BULLETS)
        self._firsts = _BULLETS.union(begin[0] for begin in self._openings)
        self._fold = line_sieve.fold(
            one for size, words in self._words.items() for one in line_sieve.windows(words, size)
        )
        self._everywhere, *self._in_odd = (
            Sieve(
                size,
                {word: _tries(_try(*asker, ways) for asker, ways in askers.items()) for word, askers in words.items()},
                self._fold,
            )
            for size, words in self._words.items()
        )

    def _add(self, rule: Rule, key: rulebook_literals.Key) -> None:
        """Have a rule found by words: by the rarest that each way of the key asks for."""
        words = tuple(sorted(map(folded, key.words)))
        long = tuple(word for word in words if len(word) >= LONG)
        for way in key.ways if () not in key.ways else ((frozenset(words),),):
            rarest = max(way, key=lambda clause: (min(map(surprise, clause)), -len(clause)))
            rest = tuple(clause for clause in way if clause is not rarest)
            for word in sorted(rarest):
                known = any(one in word for one in long)
                self._look_for(word, (rule, bool(long), () if known else long), rest)
            if min(map(_size, rarest)) < 8:
                for word in long:
                    self._look_for(word, (rule, True, ()), way)

    def _look_for(self, word: str, asker: _Asker, way: Way) -> None:
        size = next(size for size in self._words if size <= max(2, _size(word)))
        self._words[size].setdefault(word, {}).setdefault(asker, []).append(way)

    def ask(
        self, lines: Sequence[str], odd: Sequence[bool], head: Sequence[bool], tail: Sequence[bool]
    ) -> dict[int, list[Rule]]:
        """Per line, the rules that may match it: a superset of those that do, in the order they were given.

        Our rules without a long word are asked about odd lines only (see line_features.Grid), a user's about all; those
        for the head or tail about lines that are in it.
        """
        if not lines:
            return {}
        asked: dict[int, set[Rule]] = {}
        lows: dict[int, str] = {}

        place = [2 * one + other for one, other in zip(head, tail, strict=True)]

        def test(i: int, tries: _Tries, free: bool) -> None:
            here = tries[place[i]]
            if not here:
                return
            low = lows.get(i)
            if low is None:
                low = lows[i] = lowered(unmixed(lines[i], mixed))
            size = len(low)
            for narrow, wide, ways, prose, long, rule in here:
                if (
                    narrow <= size <= wide
                    and (free or prose)
                    and (not ways or meets(low, ways))
                    and (free or not long or has_one(low, long))
                ):
                    known = asked.get(i)
                    if known is None:
                        asked[i] = {rule}
                    else:
                        known.add(rule)

        raw = "\n".join(lines).encode("utf-8", "surrogatepass")
        mixed = mixed_signs(raw)
        data = unmixed_bytes(raw, mixed).translate(self._fold) + b"\n"
        free = [True] * len(lines) if self._users else odd
        for i in self._begun.find(data, np.array(free)).tolist():
            first = lines[i][0]
            if first.lower() in self._firsts or first in mixed:
                for start in _starts(lines[i], mixed, behind_bullet=free[i]):
                    for n in range(1 if free[i] else LONG_OPENING, len(start) + 1):
                        if (begin := start[:n]) in self._openings:
                            test(i, self._behind(begin), True)
        for i, found in self._everywhere.find(data):
            test(i, found, free[i])
        if some := [i for i, one in enumerate(free) if one]:
            parts = data.split(b"\n")
            data = b"\n".join([parts[i] for i in some]) + b"\n"
            for sieve in self._in_odd:
                for at, found in sieve.find(data):
                    test(some[at], found, True)
            for i in some if self._always else ():
                assert self._always
                test(i, self._always, True)
        return {i: sorted(asked[i], key=self._order.__getitem__) for i in sorted(asked)}

    def _behind(self, begin: str) -> _Tries:
        """What to try on a line that has this opening: made when first asked for, as few of thousands ever are."""
        made, lines = self._by_opening.get(begin, ((), 0))
        if lines in (0, OFTEN):
            made = _tries([_merged(rule, keys, begin, lines > 0) for rule, keys in self._openings[begin].items()])
        self._by_opening[begin] = made, lines + 1
        return made


def _starts(line: str, mixed: Iterable[str], *, behind_bullet: bool) -> Iterator[str]:
    """How a line begins, folded; and behind the bullet or number that it has as an item of a list."""
    yield lowered(unmixed(line[:_OPENING], mixed))
    if behind_bullet and line[0] in _BULLETS and (bullet := rulebook_literals.BULLETED.match(line)):
        yield lowered(unmixed(line[bullet.end() : bullet.end() + _OPENING], mixed))


def _try(rule: Rule, prose: bool, long: tuple[str, ...], ways: Iterable[Way]) -> _Try:
    narrow, wide = rulebook_literals.narrowest(rule.match), rulebook_literals.widest(rule.match)
    return narrow, wide, tried(ways), prose, long, rule


# Signs of a line's beginning that are looked at: the longest opening of a key.
_OPENING = rulebook_literals.OPENING_SIGNS

_BULLETS = frozenset("*+•·–-0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")


def _size(word: str) -> int:
    return len(word.encode("utf-8", "surrogatepass"))


def _merged(rule: Rule, keys: Sequence[rulebook_literals.Key], begin: str, closely: bool) -> _Try:
    """One try for all keys of a rule that have an opening in common."""
    ways = tuple(dict.fromkeys(way for key in keys for way in (key.ways_behind(begin) if closely else key.ways)))
    if () in ways or len(ways) > FEW_WORDS:
        words = frozenset(folded(word) for key in keys for word in key.words)
        ways = ((words,),) if all(key.words for key in keys) and len(words) <= FEW_WORDS else ((),)
    return _try(rule, False, (), ways)


@lru_cache(maxsize=64)
def of(book: Book) -> Index:
    """The index of a book, made once."""
    return Index(book.rules)
