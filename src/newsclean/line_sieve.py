"""Finds words in many lines at once by a few of their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import numpy as np

from newsclean.line_features import Flags, Ints

T = TypeVar("T")

Codes = np.ndarray[Any, np.dtype[Any]]

# Bytes that are looked at in one go: what they become stays in the processor's cache. With 2**14 to 2**17 the news
# articles take the same time.
BLOCK = 1 << 16

# Hashes are below 2**_BITS: a table of 256 KB, which some hundred windows leave nearly empty.
_BITS = 18
_FACTOR = 0x9E3779B97F4A7C15

# How much a byte of a line says, in bits: how seldom European text has it. All others are signs such as / or ©.
_SURPRISE = [11.0] * 128 + [7.0] * 128
for _signs, _bits in ((" e", 3.0), ("tanoisr", 4.0), ("hldcu", 5.0), ("mpgfywbv.,", 6.5), ("kxjqz0123456789-'", 8.5)):
    for _sign in _signs:
        _SURPRISE[ord(_sign)] = _bits


def surprise(word: str) -> float:
    """How seldom a line has the word, in bits: by the rarest eight bytes of it."""
    return _told(_window(_bytes(word), 8)[1])


def _told(part: bytes) -> float:
    return sum(map(_SURPRISE.__getitem__, part))


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


def _window(word: bytes, size: int) -> tuple[int, bytes]:
    """The part of a word that is looked for, and where it begins: rare, and all ASCII where there is such a part."""
    parts = [(at, word[at : at + size]) for at in range(max(1, len(word) - size + 1))]
    return max(parts, key=lambda part: (part[1].isascii(), _told(part[1]), part[0]))


class Fold:
    """Bytes of small and capital letters are made the same: of ASCII, and of the other letters that are known."""

    def __init__(self, letters: Iterable[str]) -> None:
        """`letters`: small ones; in a text, those of rulebook_needs.folded."""
        # A letter whose capital has more bytes, or fewer, stays unknown.
        pairs = {sign: {other for other in (sign.upper(), sign.title()) if other.lower() == sign} for sign in letters}
        self._known = {
            sign for sign, others in pairs.items() if all(len(_bytes(other)) == len(_bytes(sign)) for other in others)
        }
        same = list(range(256))
        same[65:91] = range(97, 123)
        for sign in sorted(self._known):
            for other in pairs[sign] if not sign.isascii() else ():
                for joined in zip(_bytes(sign), _bytes(other), strict=True):
                    both = {same[byte] for byte in joined}
                    same = [min(both) if byte in both else byte for byte in same]
        self.table = bytes(same)  # for bytes.translate

    def of(self, word: str) -> bytes:
        """The word (in small letters) as it is in a folded line; with capitals, as far as its letters are known."""
        return _bytes(word).translate(self.table)

    def sure(self, word: str) -> bytes:
        """What a folded line has if the line has the word: nothing where that cannot be told."""
        return self.of(word) if word.isascii() or self._known.issuperset(word) else b""


class Sieve(Generic[T]):
    """Finds words in lines; knows something of each."""

    def __init__(self, size: int, words: Iterable[tuple[bytes, T]]) -> None:
        """`size`: the bytes that are looked at, 8, 4 or 2. Words are folded; one of a single byte is found by two, too."""
        self._kind, self._signed = np.dtype(f"<u{size}"), np.dtype(f"<i{size}")
        # By their windows: words with what is known of them, and where the window is in the word.
        self._found: dict[int, list[tuple[int, bytes, T]]] = {}
        for word, known in words:
            before, window = _window(word, size)
            # One byte less than the size is looked for with each byte that may follow it.
            for one in [window] if len(window) == size else [window + bytes((n,)) for n in range(256)]:
                self._found.setdefault(int.from_bytes(one, "little"), []).append((before, word, known))
        self._factor = self._kind.type(_FACTOR & ((1 << 8 * size) - 1))
        self._shift = self._kind.type(max(8 * size - _BITS, 0))
        self._open: Flags = np.zeros(1 << min(8 * size, _BITS), dtype=bool)
        self._open[self._hash(np.array(list(self._found), dtype=self._kind))] = True

    def _hash(self, codes: Codes) -> Codes:
        """Numbers below 2**_BITS."""
        if not self._shift:
            return codes
        found: Codes = codes * self._factor
        found >>= self._shift
        return found.view(self._signed)  # as which they need not be copied to be indices

    def find(self, data: bytes, end: int | None = None) -> Iterator[tuple[int, T]]:
        """Where words are in folded bytes (a byte in or behind each), with what is known of them, more than once perhaps.

        `end`: of what is looked at.
        """
        count = (len(data) if end is None else end) - self._kind.itemsize + 1
        for start in range(0, count, BLOCK) if self._found else ():
            codes = np.ndarray(min(BLOCK, count - start), self._kind, data, start, (1,))
            hits = self._open.take(self._hash(codes)).nonzero()[0]
            for at, code in zip((hits + start).tolist(), codes.take(hits).tolist(), strict=True):
                for before, word, known in self._found.get(code, ()):
                    if at >= before and data.startswith(word, at - before):
                        yield at, known


def line_ends(data: bytes) -> Ints:
    """Where the lines end."""
    found: Ints = (np.frombuffer(data, dtype=np.uint8) == 10).nonzero()[0]
    return found
