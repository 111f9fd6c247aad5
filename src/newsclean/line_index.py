"""Which rules are worth asking about which lines: by how a line begins and by the words in it, looked for in all lines at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from newsclean import line_sieve, rulebook_literals
from newsclean.line_sieve import Fold, Sieve, surprise
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
from newsclean.rulebook_parsed import BULLETED

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
# some ways (as bytes; none where nothing is asked for), whether lines that are not odd are tried, and what these must have.
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
        keyless: list[Rule] = []
        for rule in rules:
            for key in rulebook_literals.keys(rule.match):
                for begin in key.opening:
                    self._openings.setdefault(folded(begin), {}).setdefault(rule, []).append(key)
                if not key.opening and not key.words:
                    keyless.append(rule)
                elif not key.opening:
                    self._add(rule, key)
        # What a line begins with that has a long opening, and one that has a short opening or a bullet.
        self._long_heads = {begin[:LONG_OPENING] for begin in self._openings if len(begin) >= LONG_OPENING}
        self._short_heads = _BULLETS.union(begin[:2] for begin in self._openings if len(begin) < LONG_OPENING)
        # What to try behind an opening that a line has begun with, and how many lines have.
        self._by_opening: dict[str, tuple[_Tries, int]] = {}
        letters = {sign for rule in rules for sign in folded(rule.match)}
        self._fold = Fold(letters.union(*(word for words in self._words.values() for word in words)))
        self._always = _tries(self._try(rule, False, (), ((),)) for rule in keyless) if keyless else None
        self._everywhere, *self._in_odd = (
            Sieve(
                size,
                [
                    (self._fold.of(word), _tries(self._try(*asker, ways) for asker, ways in askers.items()))
                    for word, askers in words.items()
                ],
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

    def ask(self, lines: Sequence[str], odd: int, place: Sequence[int]) -> dict[int, list[Rule]]:
        """Per line, the rules that may match it: a superset of those that do, in the order they were given.

        The first `odd` of the lines are odd (see line_features.Grid). Our rules without a long word are asked about these
        only, a user's about all; those for the head or tail about lines that are in it (`place`: 2 for the head, 1 for the
        tail, 3 for both).
        """
        if not lines:
            return {}
        free = len(lines) if self._users else odd
        asked: dict[int, set[Rule]] = {}
        raw = "\n".join(lines).encode("utf-8", "surrogatepass")
        mixed = mixed_signs(raw)
        data = unmixed_bytes(raw, mixed).translate(self._fold.table) + b"\n"
        ends = line_sieve.line_ends(data).tolist()
        lows: dict[int, str] = {}

        def test(i: int, tries: _Tries, is_free: bool) -> None:
            size, low = len(lines[i]), lows.get(i)
            if low is None:
                # As signs, bytes are looked for in a quarter of the time.
                low = lows[i] = data[ends[i - 1] + 1 if i else 0 : ends[i]].decode("latin-1")
            for narrow, wide, ways, prose, long, rule in tries[place[i]]:
                if narrow <= size <= wide and (is_free or prose) and (not ways or meets(low, ways)):
                    # The bytes of other letters than those of ASCII tell most of them apart, not all.
                    if not is_free and long and not has_one(lowered(unmixed(lines[i], mixed)), long):
                        continue
                    if i in asked:
                        asked[i].add(rule)
                    else:
                        asked[i] = {rule}

        for i, begin in self._begun(lines, mixed, free):
            test(i, self._behind(begin), True)
        for i, tries in _by_line(self._everywhere.find(data), ends):
            test(i, tries, i < free)
        for sieve in self._in_odd if free else ():
            for i, tries in _by_line(sieve.find(data, ends[free - 1] + 1), ends):
                test(i, tries, True)
        for i in range(free) if self._always else ():
            assert self._always
            test(i, self._always, True)
        return {i: sorted(rules, key=self._order.__getitem__) for i, rules in asked.items()}

    def _begun(self, lines: Sequence[str], mixed: Iterable[str], free: int) -> Iterator[tuple[int, str]]:
        """The openings that lines begin with; short ones and those behind bullets where the first `free` lines do."""
        # No sign becomes two or none: all beginnings are folded at once.
        starts = lowered(unmixed("\n".join([line[:_OPENING] for line in lines]), mixed)).split("\n")
        for i, start in enumerate(starts):
            if start[:LONG_OPENING] in self._long_heads:
                for n in range(LONG_OPENING, len(start) + 1):
                    if start[:n] in self._openings:
                        yield i, start[:n]
        for i, start in enumerate(starts[:free]):
            if start[:2] in self._short_heads or start[0] in self._short_heads:
                yield from (
                    (i, start[:n]) for n in range(1, min(LONG_OPENING, len(start) + 1)) if start[:n] in self._openings
                )
                if start[0] in _BULLETS and (bullet := BULLETED.match(lines[i])):
                    start = lowered(unmixed(lines[i][bullet.end() : bullet.end() + _OPENING], mixed))
                    yield from ((i, start[:n]) for n in range(1, len(start) + 1) if start[:n] in self._openings)

    def _behind(self, begin: str) -> _Tries:
        """What to try on a line that has this opening: made when first asked for, as few of thousands ever are."""
        made, lines = self._by_opening.get(begin, ((), 0))
        if lines in (0, OFTEN):
            made = _tries(self._merged(rule, keys, begin, lines > 0) for rule, keys in self._openings[begin].items())
        self._by_opening[begin] = made, lines + 1
        return made

    def _merged(self, rule: Rule, keys: Sequence[rulebook_literals.Key], begin: str, closely: bool) -> _Try:
        """One try for all keys of a rule that have an opening in common."""
        ways = tuple(dict.fromkeys(way for key in keys for way in (key.ways_behind(begin) if closely else key.ways)))
        if () in ways or len(ways) > FEW_WORDS:
            words = frozenset(folded(word) for key in keys for word in key.words)
            ways = ((words,),) if all(key.words for key in keys) and len(words) <= FEW_WORDS else ((),)
        return self._try(rule, False, (), ways)

    def _try(self, rule: Rule, prose: bool, long: tuple[str, ...], ways: Iterable[Way]) -> _Try:
        narrow, wide = rulebook_literals.widths(rule.match)
        some = tuple(tuple(tuple(map(self._sure, clause)) for clause in way) for way in tried(ways))
        return narrow, wide, some, prose, long, rule

    def _sure(self, word: str) -> str:
        """What the bytes of a folded line have, as signs, if the line has the word."""
        return self._fold.sure(word).decode("latin-1")


# Signs of a line's beginning that are looked at: the longest opening of a key.
_OPENING = rulebook_literals.OPENING_SIGNS

_BULLETS = frozenset("*+•·–-0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")


def _by_line(found: Iterable[tuple[int, _Tries]], ends: Sequence[int]) -> Iterator[tuple[int, _Tries]]:
    """On which line to try what was found: once, as a line may have a word thousands of times."""
    once = {(bisect_right(ends, at), id(tries)): tries for at, tries in found}
    return ((i, tries) for (i, _), tries in once.items())


def _size(word: str) -> int:
    return len(word.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=64)
def of(book: Book) -> Index:
    """The index of a book, made once."""
    return Index(book.rules)
