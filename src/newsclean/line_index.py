"""Which rules are worth asking about which lines: by how a line begins, by the words in it, and the rest only when short."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

import numpy as np

from newsclean import rulebook_literals
from newsclean.line_features import Codes, Flags, codes
from newsclean.rulebook import Book, Rule

# Words at least this long are looked for everywhere, by a hash of their first letters; shorter ones (“edited”, “files”)
# occur in every article and are looked for in odd lines only, those below SHORT one by one.
LONG = 8
SHORT = 4

# Beginnings shorter than this are tried on odd lines only.
LONG_OPENING = 4

# Looking for more words than this costs as much as asking the rule.
FEW_WORDS = 30


class Index:
    """The rules of a book, by what a line must have for them to match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        # A user's rules are asked about prose as well, whatever their words are.
        self._users = any(not rule.ours for rule in rules)
        self._order = {rule: number for number, rule in enumerate(rules)}
        self._widest = {rule: rulebook_literals.widest(rule.match) for rule in rules}
        self._openings: dict[str, dict[tuple[tuple[str, ...], Rule], None]] = {}
        self._long = _Sieve(LONG)
        self._middle = _Sieve(SHORT)
        self._by_short: dict[str, list[Rule]] = {}
        self._always: list[Rule] = []
        for rule in rules:
            for key in rulebook_literals.keys(rule.match):
                self._add(rule, key.opening, tuple(sorted(key.words)))
        self._by_opening = {begin: _merged(known) for begin, known in self._openings.items()}
        self._lengths = sorted({len(one) for one in self._by_opening})

    def _add(self, rule: Rule, begins: Collection[str], words: tuple[str, ...]) -> None:
        if begins:
            needs = words if len(words) <= FEW_WORDS else ()
            for begin in begins:
                # A dict for its order: thousands of beginnings share a rule, and a list is slow to look through.
                self._openings.setdefault(begin, {})[needs, rule] = None
        for word in () if begins else words:
            if len(word) >= LONG:
                self._long.add(word, rule)
            elif len(word) >= SHORT:
                self._middle.add(word, rule)
            elif rule not in self._by_short.setdefault(word, []):
                self._by_short[word].append(rule)
        if not begins and not words:
            self._always.append(rule)

    def ask(self, lines: Sequence[str], odd: Sequence[bool]) -> dict[int, list[Rule]]:
        """Per line, the rules that may match it: a superset of those that do, in the order they were given.

        Our rules without a long word are asked about odd lines only (see line_features.Grid), a user's about all.
        """
        if not lines:
            return {}
        text = "\n".join(lines).lower()
        lows = text.split("\n")
        asked: dict[int, set[Rule]] = {}

        def ask(i: int, rule: Rule) -> None:
            if len(lows[i]) <= self._widest[rule]:
                asked.setdefault(i, set()).add(rule)

        by_opening, lengths = self._by_opening, self._lengths
        long_lengths = [n for n in lengths if n >= LONG_OPENING]
        for i, low in enumerate(lows):
            for n in lengths if odd[i] or self._users else long_lengths:
                found = by_opening.get(low[:n])
                if found:
                    for needs, rule in found:
                        if not needs or _has_one(low, needs):
                            ask(i, rule)
        self._long.ask(text, range(len(lows)), ask)
        some = list(range(len(lows))) if self._users else [i for i, one in enumerate(odd) if one]
        odd_text = "\n".join([lows[i] for i in some])
        self._middle.ask(odd_text, some, ask)
        words = [word for word in self._by_short if word in odd_text]
        for i in some:
            low = lows[i]
            for word in words:
                if word in low:
                    for rule in self._by_short[word]:
                        ask(i, rule)
            for rule in self._always:
                ask(i, rule)
        return {i: sorted(asked[i], key=self._order.__getitem__) for i in sorted(asked)}


def _has_one(line: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110 -- any() over a generator takes three times as long
        if word in line:
            return True
    return False


def _merged(known: Collection[tuple[tuple[str, ...], Rule]]) -> list[tuple[tuple[str, ...], Rule]]:
    """Each rule once, with the words of which a line must have one; without words where one of its ways needs none."""
    if len(known) == 1:
        return list(known)
    needs: dict[Rule, dict[str, None]] = {}
    for words, rule in known:
        needs.setdefault(rule, {}).update(dict.fromkeys(words))
    free = {rule for words, rule in known if not words}
    return [(() if rule in free else tuple(words), rule) for rule, words in needs.items()]


class _Sieve:
    """Finds words in a text by a hash of their first letters, in a few passes of NumPy."""

    _SIZE = 1 << 16

    def __init__(self, size: int) -> None:
        self._size = size  # a power of two
        self._open: Flags = np.zeros(self._SIZE, dtype=bool)
        self._words: dict[str, list[tuple[str, Rule]]] = {}

    def add(self, word: str, rule: Rule) -> None:
        known = self._words.setdefault(word[: self._size], [])
        if (word, rule) not in known:
            known.append((word, rule))
        self._open[self._hash(codes(word))[:1]] = True

    def _hash(self, signs: Codes) -> Codes:
        step = 1
        while step < self._size:
            # Pairs of signs, then pairs of pairs: three passes for eight signs.
            signs = signs[:-step] * np.uint32(0x9E3779B1) + signs[step:]
            step *= 2
        return (signs * np.uint32(0x85EBCA6B)) >> np.uint32(16)

    def ask(self, text: str, numbers: Sequence[int], ask: Callable[[int, Rule], None]) -> None:
        """Call `ask` for each word found; `numbers` are those of the text's lines."""
        signs = codes(text)
        if len(signs) < self._size or not self._words:
            return
        hits = np.flatnonzero(self._open[self._hash(signs)])
        if not len(hits):
            return
        owner = np.searchsorted(np.flatnonzero(signs == 10), hits)
        for at, i in zip(hits.tolist(), owner.tolist(), strict=True):
            for word, rule in self._words.get(text[at : at + self._size], ()):
                if text.startswith(word, at):
                    ask(numbers[i], rule)


@lru_cache(maxsize=64)
def of(book: Book) -> Index:
    """The index of a book, made once."""
    return Index(book.rules)
