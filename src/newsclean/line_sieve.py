"""Finds words in many lines at once, and the lines that begin like one of thousands of openings, by some of their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


def windows(words: Iterable[str], size: int) -> dict[bytes, list[tuple[int, str]]]:
    """Bytes by which words are found, with the words that they stand for and where they are in these.

    A word of fewer bytes than `size` by one is looked for with each byte that may follow it.
    """
    found: dict[bytes, list[tuple[int, str]]] = {}
    for word in words:
        before, window = _window(_bytes(word), size)
        for one in [window] if len(window) == size else [window + bytes((n,)) for n in range(256)]:
            found.setdefault(one, []).append((before, word))
    return found


def fold(windows: Iterable[bytes]) -> bytes:
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


class _Table:
    """Some numbers of a few bytes each, quickly told from the many that are not among them."""

    def __init__(self, members: Codes) -> None:
        bits = members.dtype.itemsize * 8
        self._signed = np.dtype(f"<i{members.dtype.itemsize}")
        self._factor, self._shift = (
            members.dtype.type(_FACTOR & ((1 << bits) - 1)),
            members.dtype.type(max(bits - _BITS, 0)),
        )
        self._members = np.sort(members)
        self._open: Flags = np.zeros(1 << min(bits, _BITS), dtype=bool)
        self._open[self._hash(members.copy())] = True

    def _hash(self, codes: Codes) -> Codes:
        """Numbers below 2**_BITS; the codes are lost."""
        if self._shift:
            codes *= self._factor
            codes >>= self._shift
            return codes.view(self._signed)
        return codes

    def find(self, codes: Codes) -> tuple[Ints, Ints]:
        """Which of the codes are members, and which member each of these is, in their order."""
        hits = self._open.take(self._hash(codes.copy())).nonzero()[0]
        codes = codes[hits]
        which = np.minimum(self._members.searchsorted(codes), len(self._members) - 1)
        same = self._members.take(which) == codes
        return hits[same], which[same]


class Sieve(Generic[T]):
    """Finds words in lines; knows something of each."""

    def __init__(self, size: int, words: Mapping[str, T], fold: bytes) -> None:
        """`size`: the bytes that are looked at, 8, 4 or 2. `fold` is the translation of the bytes that will be looked at."""
        self._size, self._kind = size, np.dtype(f"<u{size}")
        of_code: dict[int, list[tuple[int, str]]] = {}
        for window, those in windows(words, size).items():
            of_code.setdefault(int.from_bytes(window.translate(fold), "little"), []).extend(those)
        self._table = _Table(np.array(sorted(of_code), dtype=self._kind))
        # The words of each window one behind the other: where the first of them is in the columns below, and how many.
        found = [one for code in sorted(of_code) for one in of_code[code]]
        self._count = np.array([len(of_code[code]) for code in sorted(of_code)], dtype=np.int64)
        self._first = self._count.cumsum() - self._count
        # Where the window is in the word; as many bytes of the word's beginning and end, and how far these are apart.
        texts = [_bytes(word) for _, word in found]
        self._before = np.array([before for before, _ in found], dtype=np.int64)
        self._begin, self._end = (
            np.frombuffer(b"".join(part.ljust(size, b"\0") for part in parts), self._kind)
            for parts in ([text[:size] for text in texts], [text[-size:] for text in texts])
        )
        self._apart = np.array([max(len(text) - size, 0) for text in texts], dtype=np.int64)
        # A word that is not ASCII is not looked at again: letters that are one here would have to be so everywhere. One
        # that is shorter than the window has been seen whole.
        sure = [not text.isascii() or len(text) < size for text in texts]
        self._sure = np.array(sure, dtype=bool)
        self._known = [
            (b"" if one else text, words[word]) for (_, word), text, one in zip(found, texts, sure, strict=True)
        ]

    def find(self, data: bytes) -> Iterator[tuple[int, T]]:
        """For each line (of folded bytes) with one of the words, what is known of it; for some without them, too."""
        count = len(data) - self._size + 1
        if count <= 0 or not self._known:
            return
        codes = np.ndarray(count, self._kind, data, 0, (1,))
        parts = [self._table.find(codes[at : at + BLOCK]) for at in range(0, count, BLOCK)]
        places = np.concatenate([hits + at for (hits, _), at in zip(parts, range(0, count, BLOCK), strict=True)])
        which = np.concatenate([one for _, one in parts])
        if not len(which):
            return
        # Every word of every window that was found, and where it would begin.
        many = self._count.take(which)
        behind = many.cumsum()
        word = np.arange(behind[-1]) + (self._first.take(which) - behind + many).repeat(many)
        places = places.repeat(many)
        begin = places - self._before.take(word)
        last = begin + self._apart.take(word)
        there = (begin >= 0) & (last < count)
        there &= (codes[begin * there] == self._begin.take(word)) & (codes[last * there] == self._end.take(word))
        there |= self._sure.take(word)
        line, word, begin = line_ends(data).searchsorted(places[there]), word[there], begin[there]
        found: dict[tuple[int, int], T] = {}
        for i, one, at in zip(line.tolist(), word.tolist(), begin.tolist(), strict=True):
            text, known = self._known[one]
            if not text or data.startswith(text, at):
                found[i, id(known)] = known
        for (i, _), known in found.items():
            yield i, known


def line_ends(data: bytes) -> Ints:
    """Where the lines end."""
    found: Ints = (np.frombuffer(data, dtype=np.uint8) == 10).nonzero()[0]
    return found


# The signs of a line's beginning that are looked at, if they are all ASCII: as bytes, and what is no ASCII among them.
_SIGNS = 6
_BEYOND = 0x808080808080


class Openings:
    """Finds lines that begin like one of many openings."""

    def __init__(self, openings: Iterable[str], long: int, bullets: Iterable[str]) -> None:
        """Openings (folded) of at least `long` signs are long. `bullets`: signs that may stand before one."""
        heads = {one[:_SIGNS]: len(one) >= long for one in sorted(openings, key=len) if one.isascii()}
        codes = sorted((int.from_bytes(head.encode(), "little"), is_long) for head, is_long in heads.items())
        self._long = np.array([is_long for _, is_long in codes], dtype=bool)
        self._table = _Table(np.array([code for code, _ in codes], dtype="<u8"))
        self._masks = np.array([[(1 << 8 * size) - 1] for size in sorted(set(map(len, heads)))], dtype="<u8")
        self._bullets = np.zeros(256, dtype=bool)
        self._bullets[[ord(sign) for sign in bullets if sign.isascii()]] = True

    def find(self, data: bytes, free: Flags) -> Ints:
        """Numbers of the lines (folded, in UTF-8) that may begin so; by short openings and behind bullets the `free` ones.

        All lines that do not begin with ASCII are among them.
        """
        begins = np.zeros(len(free), dtype=np.int64)
        begins[1:] = line_ends(data)[: len(free) - 1] + 1
        codes = np.ndarray(len(data) + 1, "<u8", data + bytes(8), 0, (1,))[begins]
        out: Flags = (codes & _BEYOND) > 0
        out |= self._bullets.take((codes & 0xFF).view(np.int64)) & free
        if len(self._long):
            found, which = self._table.find((codes & self._masks).ravel())
            found %= len(free)
            out[found[self._long.take(which) | free.take(found)]] = True
        return out.nonzero()[0]
