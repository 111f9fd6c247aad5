"""Which rules are worth asking about which lines: by how a line begins, by the words in it, and the rest only when short."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from newsclean import rulebook_literals
from newsclean.line_features import Codes, Flags, codes
from newsclean.rulebook import Book, Rule

# Length of the letter groups by which words are found in a whole batch of text; shorter words are looked for in short
# lines only: they occur in every paragraph.
GRAM = 5

# Looking for more words than this costs as much as asking the rule.
FEW_WORDS = 30

# In the midst of prose, a word must be this long to send a line to a rule: “edited” and “files” are in every article.
PROSE_WORD = 8

# How many signs of a line's beginning choose the rules that are tied to it.
OPENING = 2


class Index:
    """The rules of a book, by what a line must have for them to match."""

    _SIZE = 1 << 16
    _FACTORS = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1], dtype=np.uint32)

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._order = {rule: number for number, rule in enumerate(rules)}
        self._widest = {rule: rulebook_literals.widest(rule.match) for rule in rules}
        self._open: Flags = np.zeros(self._SIZE, dtype=bool)
        self._by_opening: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], Rule]]] = {}
        self._by_gram: dict[str, list[tuple[str, Rule]]] = {}
        self._short: list[tuple[tuple[str, ...], Rule]] = []
        for rule in rules:
            for key in rulebook_literals.keys(rule.match):
                self._add(rule, tuple(sorted(key.opening)), tuple(sorted(key.words)))

    def _add(self, rule: Rule, begins: tuple[str, ...], words: tuple[str, ...]) -> None:
        if begins:
            needs = words if len(words) <= FEW_WORDS else ()
            for start in {one[:OPENING] for one in begins}:
                fitting = tuple(one for one in begins if one[:OPENING] == start)
                self._by_opening.setdefault(start, []).append((fitting, needs, rule))
        elif words and min(map(len, words)) >= GRAM:
            for word in words:
                self._by_gram.setdefault(word[:GRAM], []).append((word, rule))
                self._open[self._hash(codes(word))[:1]] = True
        else:
            self._short.append((words, rule))

    def _hash(self, signs: Codes) -> Codes:
        n = len(signs) - GRAM + 1
        total = signs[:n] * self._FACTORS[0]
        for i in range(1, GRAM):
            total += signs[i : i + n] * self._FACTORS[i]
        shifted: Codes = total >> np.uint32(16)
        return shifted

    def ask(self, lines: Sequence[str], odd: Sequence[bool]) -> dict[int, list[Rule]]:
        """Per line, the rules that may match it: a superset of those that do, in the order they were given.

        Our rules without a long word are asked about odd lines only (see line_features.Grid); a user's about all.
        """
        text = "\n".join(lines).lower()
        lows = text.split("\n")
        asked: dict[int, set[Rule]] = {}
        widths = [len(low) for low in lows]
        openings = self._by_opening
        for i, low in enumerate(lows):
            for key in (low[:OPENING], low[:1]):
                for begins, needs, rule in openings.get(key, ()):
                    if (
                        low.startswith(begins)
                        and widths[i] <= self._widest[rule]
                        and (not needs or any(word in low for word in needs))
                    ):
                        asked.setdefault(i, set()).add(rule)
        signs = codes(text)
        if len(signs) >= GRAM:
            hits = np.flatnonzero(self._open[self._hash(signs)])
            owner = np.searchsorted(np.flatnonzero(signs == 10), hits) if len(hits) else hits
            for at, i in zip(hits.tolist(), owner.tolist(), strict=True):
                for word, rule in self._by_gram.get(text[at : at + GRAM], ()):
                    strong = odd[i] or len(word) >= PROSE_WORD or not rule.ours
                    if strong and text.startswith(word, at) and widths[i] <= self._widest[rule]:
                        asked.setdefault(i, set()).add(rule)
        some = [i for i, one in enumerate(odd) if one]
        for words, rule in self._short:
            # Where there are many words, asking the rule costs less than looking for them.
            few = 0 < len(words) <= FEW_WORDS
            if few and not any(word in text for word in words):
                continue
            widest = self._widest[rule]
            for i in some if rule.ours else range(len(lows)):
                if widths[i] > widest:
                    continue
                if not few or any(word in lows[i] for word in words):
                    asked.setdefault(i, set()).add(rule)
        return {i: sorted(asked[i], key=self._order.__getitem__) for i in sorted(asked)}


@lru_cache(maxsize=64)
def of(book: Book) -> Index:
    """The index of a book, made once."""
    return Index(book.rules)
