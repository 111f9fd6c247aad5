"""Which rules are worth asking about which lines: by how a line begins and by the words in it, looked for in all lines at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from newsclean import rulebook_literals
from newsclean.line_features import Flags
from newsclean.rulebook import Book, Rule
from newsclean.rulebook_needs import Clauses, Way, folded, lowered, meets, tried, unmixed

# Words at least this long are looked for everywhere; shorter ones (“edited”, “files”) occur in every article and are
# looked for in odd lines only.
LONG = 8

# Beginnings shorter than this are tried on odd lines only.
LONG_OPENING = 4

# Looking for more words than this costs as much as asking the rule.
FEW_WORDS = 30

Hits = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class _Try:
    """What else a line must have, where one thing was found in it, to be worth asking a rule."""

    rule: Rule
    narrow: int  # signs, from … to
    wide: int
    ways: tuple[Clauses, ...]  # none where nothing is asked for
    prose: bool = False  # whether lines that are not odd are tried
    long: tuple[str, ...] = ()  # of which such a line must have one


@dataclass(frozen=True, slots=True)
class _Tries:
    """What to try on a line in which one thing was found, by where the rules may fire."""

    anywhere: tuple[_Try, ...]
    head: tuple[_Try, ...]
    tail: tuple[_Try, ...]

    @classmethod
    def of(cls, tries: Iterable[_Try]) -> _Tries:
        """The tries by place."""
        return cls(*(tuple(one for one in tries if one.rule.where == where) for where in ("anywhere", "head", "tail")))


class Index:
    """The rules of a book, by what a line must have for them to match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        # A user's rules are asked about prose as well, whatever their words are.
        self._users = any(not rule.ours for rule in rules)
        self._order = {rule: number for number, rule in enumerate(rules)}
        self._openings: dict[str, dict[Rule, list[rulebook_literals.Key]]] = {}
        self._everywhere, self._in_odd, self._short = _Sieve(8), _Sieve(4), _Sieve(2)
        always: list[_Try] = []
        for rule in rules:
            for key in rulebook_literals.keys(rule.match):
                for begin in key.opening:
                    self._openings.setdefault(folded(begin), {}).setdefault(rule, []).append(key)
                if not key.opening and not key.words:
                    always.append(_try(rule, key.ways))
                elif not key.opening:
                    self._add(rule, key)
        self._always = _Tries.of(always) if always else None
        self._by_opening: dict[str, _Tries] = {}  # those that a line has begun with
        self._lengths = _lengths(self._openings, 1)
        self._long_lengths = _lengths(self._openings, LONG_OPENING)
        sieves = (self._everywhere, self._in_odd, self._short)
        self._fold = _fold(window for sieve in sieves for window in sieve.windows())
        for sieve in sieves:
            sieve.close(self._fold)

    def _add(self, rule: Rule, key: rulebook_literals.Key) -> None:
        """Have a rule found by words: by the rarest that each way of the key asks for."""
        words = tuple(sorted(map(folded, key.words)))
        long = tuple(word for word in words if len(word) >= LONG)
        for way in key.ways if () not in key.ways else ((frozenset(words),),):
            rarest = max(way, key=lambda clause: (min(map(_rarity, clause)), -len(clause)))
            rest = (tuple(clause for clause in way if clause is not rarest),)
            for word in sorted(rarest):
                size = _size(word)
                sieve = self._everywhere if size >= 8 else self._in_odd if size >= 4 else self._short
                known = any(one in word for one in long)
                sieve.add(word, _try(rule, rest, prose=bool(long), long=() if known else long))
            if min(map(_size, rarest)) < 8:
                for word in long:
                    self._everywhere.add(word, _try(rule, (way,), prose=True))

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
        text = "\n".join(lines)
        if (plain := unmixed(text)) is not text:
            text, lines = plain, plain.split("\n")

        def test(i: int, tries: _Tries, free: bool) -> None:
            here = tries.anywhere
            if tries.head and head[i]:
                here = here + tries.head
            if tries.tail and tail[i]:
                here = here + tries.tail
            if not here:
                return
            low = lows.get(i)
            if low is None:
                low = lows[i] = lowered(lines[i])
            size = len(low)
            for one in here:
                if (
                    one.narrow <= size <= one.wide
                    and (free or one.prose)
                    and (not one.ways or meets(low, one.ways))
                    and (free or not one.long or _has_one(low, one.long))
                ):
                    known = asked.get(i)
                    if known is None:
                        asked[i] = {one.rule}
                    else:
                        known.add(one.rule)

        users, openings, by_opening = self._users, self._openings, self._by_opening

        def begun(i: int, start: str, sizes: dict[str, tuple[int, ...]]) -> None:
            for n in sizes.get(start[:2]) or sizes.get(start[:1], ()):
                if (begin := start[:n]) in openings:
                    test(i, by_opening.get(begin) or self._opened(begin), True)

        for i, start in enumerate(_starts(lines)):
            if not users and not odd[i]:
                begun(i, start, self._long_lengths)
                continue
            begun(i, start, self._lengths)
            if start[0] in _BULLETS and (bullet := rulebook_literals.BULLETED.match(lines[i])):
                begun(i, lowered(lines[i][bullet.end() : bullet.end() + _OPENING]), self._lengths)
        data = text.encode("utf-8", "surrogatepass").translate(self._fold)
        for i, found in self._everywhere.find(data):
            test(i, found, users or odd[i])
        some = range(len(lines)) if users else [i for i, one in enumerate(odd) if one]
        if some:
            if not users:
                parts = data.split(b"\n")
                data = b"\n".join([parts[i] for i in some])
            data += b"\n"
            for sieve in (self._in_odd, self._short):
                for at, found in sieve.find(data):
                    test(some[at], found, True)
            for i in some if self._always else ():
                assert self._always
                test(i, self._always, True)
        return {i: sorted(asked[i], key=self._order.__getitem__) for i in sorted(asked)}

    def _opened(self, begin: str) -> _Tries:
        """What to try on a line that has this opening: made when first asked for, as few of thousands ever are."""
        made = _Tries.of([_merged(rule, keys) for rule, keys in self._openings[begin].items()])
        self._by_opening[begin] = made
        return made


def _starts(lines: Sequence[str]) -> list[str]:
    """How each line begins, in small letters."""
    return lowered("\n".join([line[:_OPENING] for line in lines])).split("\n")


def _try(rule: Rule, ways: Iterable[Way], *, prose: bool = False, long: tuple[str, ...] = ()) -> _Try:
    narrow, wide = rulebook_literals.narrowest(rule.match), rulebook_literals.widest(rule.match)
    return _Try(rule, narrow, wide, tried(ways), prose, long)


# Signs of a line's beginning that are looked at: the longest opening of a key.
_OPENING = rulebook_literals.OPENING_SIGNS

_BULLETS = frozenset("*+•·–-0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")


def _size(word: str) -> int:
    return len(word.encode("utf-8", "surrogatepass"))


def _has_one(line: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110 -- any() over a generator takes three times as long
        if word in line:
            return True
    return False


def _rarity(word: str) -> float:
    """How seldom a line has the word, by its length; a bracket or a bar says more than two or three letters do."""
    if len(word) < 4 and not word.strip().isalnum():
        return 4.0
    rare = sum(byte not in _FREQUENT for byte in word.encode("utf-8", "surrogatepass"))
    return min(_size(word), 8) + rare / 100


def _merged(rule: Rule, keys: Sequence[rulebook_literals.Key]) -> _Try:
    """One try for all keys of a rule that have an opening in common."""
    ways = tuple(dict.fromkeys(way for key in keys for way in key.ways))
    if () in ways or len(ways) > FEW_WORDS:
        words = frozenset(folded(word) for key in keys for word in key.words)
        ways = ((words,),) if all(key.words for key in keys) and len(words) <= FEW_WORDS else ((),)
    return _try(rule, ways)


def _lengths(openings: Iterable[str], shortest: int) -> dict[str, tuple[int, ...]]:
    """By the first two signs of a line: how long the openings are that it may have, the shortest being given."""
    found: dict[str, set[int]] = {}
    for begin in openings:
        if len(begin) >= shortest:
            found.setdefault(begin[:2], set()).add(len(begin))
    for begin, lengths in found.items():
        lengths |= found.get(begin[:1], set())
    return {begin: tuple(sorted(lengths)) for begin, lengths in found.items()}


# Bytes that are looked at in one go: what they become stays in the processor's cache. With 2**14 to 2**17 the news
# articles take the same time.
BLOCK = 1 << 16


class _Sieve:
    """Finds words in lines by some of their bytes, in a few passes of NumPy."""

    def __init__(self, size: int) -> None:
        self._size = size  # bytes looked at: 8, 4 or 2
        self._kind = np.dtype(f"<u{size}")
        self._signed = np.dtype(f"<i{size}")
        self._bits = min(18, 8 * size)
        self._factor = self._kind.type(0x9E3779B97F4A7C15 & ((1 << 8 * size) - 1))
        self._shift = self._kind.type(size * 8 - self._bits)
        self._words: dict[str, dict[_Try, None]] = {}

    def add(self, word: str, one: _Try) -> None:
        """Look for this word as well; a word of one byte is looked for with each that may follow it."""
        self._words.setdefault(word, {})[one] = None

    def windows(self) -> dict[bytes, list[tuple[int, str]]]:
        """The bytes that are looked for, with the words that they stand for and where they are in these."""
        found: dict[bytes, list[tuple[int, str]]] = {}
        for word in self._words:
            before, window = _window(word.encode("utf-8", "surrogatepass"), self._size)
            for one in [window] if len(window) == self._size else [window + bytes((n,)) for n in range(256)]:
                found.setdefault(one, []).append((before, word))
        return found

    def close(self, fold: bytes) -> None:
        """All words are there; `fold` translates the bytes in which they will be looked for."""
        # What is found at a window: the word, as it is when folded and where the window is in it, and what to try. A
        # word that is not ASCII is not looked at again: letters that are one here would have to be so everywhere.
        self._windows: dict[bytes, list[tuple[int, bytes, _Tries]]] = {}
        for window, words in self.windows().items():
            found = self._windows.setdefault(window.translate(fold), [])
            found += [
                (before, word.encode() if word.isascii() else b"", _Tries.of(self._words[word]))
                for before, word in words
            ]
        self._open: Flags = np.zeros(1 << self._bits, dtype=bool)
        self._open[self._hash(b"".join(self._windows), 0, len(self._windows), self._size)] = True

    def _hash(self, data: bytes, begin: int, count: int, step: int) -> Hits:
        """Numbers below 2**bits of the bytes at every step."""
        codes = np.ndarray(count, self._kind, data, begin, (step,)).copy()
        if self._shift:
            codes *= self._factor
            codes >>= self._shift
        return codes.view(self._signed) if self._shift else codes

    def find(self, data: bytes) -> Iterable[tuple[int, _Tries]]:
        """For each line (of folded bytes) with one of the words, what to try on it; for some without them, too."""
        size, windows = self._size, self._windows
        found: dict[tuple[int, int], tuple[int, _Tries]] = {}
        line = behind = 0
        for begin in range(0, len(data) - size + 1 if windows else 0, BLOCK):
            hashes = self._hash(data, begin, min(BLOCK, len(data) - size + 1 - begin), 1)
            for hit in self._open.take(hashes).nonzero()[0].tolist():
                at = begin + hit
                for before, word, tries in windows.get(data[at : at + size], ()):
                    if not word or (at >= before and data.startswith(word, at - before)):
                        line += data.count(b"\n", behind, at)
                        behind = at
                        found[line, id(tries)] = line, tries
        return found.values()


# The letters that are most of any text in European languages, and the space: what a window should have few of.
_FREQUENT = frozenset(b" eainrstolhd")


def _window(word: bytes, size: int) -> tuple[int, bytes]:
    """The part of a word that is looked for, and where it begins: rare, and all ASCII where there is such a part."""
    parts = [(at, word[at : at + size]) for at in range(max(1, len(word) - size + 1))]
    return max(parts, key=lambda part: (part[1].isascii(), sum(byte not in _FREQUENT for byte in part[1]), part[0]))


def _fold(windows: Iterable[bytes]) -> bytes:
    """A translation of bytes with which small and capital letters of the windows are the same."""
    same = list(range(256))
    same[65:91] = range(97, 123)
    for letter in {sign for one in windows for sign in one.decode("utf-8", "ignore") if not sign.isascii()}:
        own = letter.encode()
        for other in {letter.upper(), letter.title()}:
            for one, two in zip(own, other.encode(), strict=False):
                if len(other.encode()) == len(own) and same[one] != same[two]:
                    joined = (same[one], same[two])
                    same = [min(joined) if byte in joined else byte for byte in same]
    return bytes(same)


@lru_cache(maxsize=64)
def of(book: Book) -> Index:
    """The index of a book, made once."""
    return Index(book.rules)
