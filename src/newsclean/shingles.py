"""Text → words → hashed word shingles, for a whole batch of articles at once.

**The normaliser** (`NORMALISER` names its version; a change of a single hash needs a new name). Each code point is
folded by itself: compatibility decomposition, accents and points dropped, case folded. Letters, digits and vowel signs
make words; soft hyphens, joiners and direction marks vanish; everything else parts two words. A character of a script
that writes no spaces (Chinese characters, kana, Thai, Lao, Khmer, Burmese …) is a word of its own, so mixed text needs
no language and no switch.

**The hash.** A word c0 c1 … of folded code points is Σ cᵢ·Bⁱ mod 2⁶⁴, then mixed; a shingle of words w0 w1 … is
Σ wᵢ·C^(k−1−i) mod 2⁶⁴, then mixed and cut to its upper 32 bits. Only integer arithmetic: the same words give the same
hashes in any batch, on any machine. A batch is one array of code points; prefix sums of cᵢ·Bⁱ give every word's hash
in two look-ups, because a difference of prefix sums times B^(−start) does not know where in the batch the word stood.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from newsclean.arrays import Int64, UInt32, UInt64

NORMALISER = "fold1"


# What a code point does. The kind sits above the folded code point in one number, so that one look-up gives both.
# Ordered so that the largest number in a batch tells what there is to do.
_SEPARATES, _IN_WORD, _OWN_WORD, _VANISHES, _EXPANDS, _UNREAD = range(6)
_KIND_SHIFT = 24

# Planes 0 to 3 hold every letter; what lies above (tags, private use) parts words.
_TABLE_SIZE = 0x40000

# Odd, so that they have an inverse mod 2⁶⁴; the digits of the golden ratio and of √3, for want of a reason to choose.
_BASE = 0x9E3779B97F4A7C15
_STEP = 0xBB67AE8584CAA73B
# The multipliers of MurmurHash3's 64-bit finaliser.
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_HALF = np.uint64(33)

# Code points whose words are hashed together: prefix sums, powers and their inverses are 8 bytes each, 3 MB in all.
# Also the longest word: the rest of a longer run of letters is not read.
_BLOCK = 1 << 17

# Code points a batch is read in: large enough that Python's share vanishes, small enough to stay in a shared cache.
CHUNK = 1 << 16

# Accents, Hebrew and Arabic points, tatweel: left out by one desk and kept by the next. Vowel signs of Indic scripts
# are not among them: without them words change meaning.
_DROPPED_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2), (0x05C4, 0x05C5),
    (0x05C7, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F), (0x0670, 0x0670), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
)  # fmt: skip

# Scripts written without spaces between words. Hangul is not one of them.
_OWN_WORDS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0x3005, 0x3007),
    (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip

# Large regular ranges that fold to themselves.
_PLAIN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x20000, 0x2F7FF), (0x2FA20, 0x3FFFF))
_NO_CHARACTERS = ((0xD800, 0xF8FF),)  # surrogates and private use: they part words


def _within(code: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def fold(character: str) -> str:
    """What one character becomes; empty if it vanishes, several characters if it stands for several.

    >>> fold("É"), fold("ß"), fold("ﬁ"), fold("\\u00ad")
    ('e', 'ss', 'fi', '')
    """
    if unicodedata.category(character) == "Cf":
        return ""
    for _ in range(2):  # folding İ leaves a dot behind
        parts = unicodedata.normalize("NFKD", character)
        kept = "".join(c for c in parts if not _within(ord(c), _DROPPED_MARKS))
        character = unicodedata.normalize("NFC", kept).casefold()
    return character


def _kind(character: str) -> int:
    if _within(ord(character), _OWN_WORDS):
        return _OWN_WORD if unicodedata.category(character)[0] in "LNM" else _SEPARATES
    return _IN_WORD if unicodedata.category(character)[0] in "LNM" else _SEPARATES


class _Folding:
    """What each code point becomes and does, looked up in one table that fills itself by pages of 256.

    Filling it whole would take half a second; a newspaper needs a dozen pages. A page is a pure function of its number.
    """

    def __init__(self) -> None:
        self.table = np.full(_TABLE_SIZE, _UNREAD << _KIND_SHIFT, np.uint32)
        self.table[-1] = 0  # stands for all code points above
        self.expansions: dict[int, UInt32] = {}

    def of(self, codes: UInt32) -> UInt32:
        """Kind and folded code point of each; as long as `codes` unless characters vanish or expand."""
        folded = self.table.take(codes, mode="clip")
        if folded.max(initial=0) >> _KIND_SHIFT == _UNREAD:
            unread = codes[folded >> _KIND_SHIFT == _UNREAD]
            for page in np.unique(unread >> 8).tolist():
                self._read(page)
            folded = self.table.take(codes, mode="clip")
        return folded

    def _read(self, page: int) -> None:
        first = page << 8
        codes = [self._one(code) for code in range(first, first + 256)]
        if first + 256 == _TABLE_SIZE:
            codes[-1] = 0
        self.table[first : first + 256] = codes

    def _one(self, code: int) -> int:
        character = chr(code)
        if _within(code, _NO_CHARACTERS) or unicodedata.category(character) == "Cn":
            return 0
        if _within(code, _PLAIN):
            return code + (_kind(character) << _KIND_SHIFT)
        folded = [ord(c) + (kind << _KIND_SHIFT) if (kind := _kind(c)) else 0 for c in fold(character)]
        if not folded:
            return _VANISHES << _KIND_SHIFT
        if len(folded) == 1 or not any(folded):
            return folded[0]
        self.expansions[code] = np.array(folded, np.uint32)
        return (_EXPANDS << _KIND_SHIFT) + code


@lru_cache(maxsize=1)
def _folding() -> _Folding:
    return _Folding()


@lru_cache(maxsize=1)
def _powers() -> tuple[UInt64, UInt64]:
    """The powers of the base, and of its inverse, mod 2⁶⁴."""
    ones = np.ones(_BLOCK + 1, np.uint64)
    up, down = ones.copy(), ones
    up[1:] = _BASE
    down[1:] = pow(_BASE, -1, 1 << 64)
    return np.multiply.accumulate(up), np.multiply.accumulate(down)


def _mixed(values: UInt64) -> UInt64:
    values = (values ^ (values >> _HALF)) * _MIX_1
    values = (values ^ (values >> _HALF)) * _MIX_2
    return values ^ (values >> _HALF)


def _code_points(texts: Sequence[str]) -> tuple[UInt32, Int64]:
    """The folded batch, each text between two separators, and where each text begins (one more: where the last ends)."""
    joined = "\n".join(["", *texts, ""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) + 1 for text in texts], out=offsets[1:])
    folding = _folding()
    # A look-up needs 16 bytes a code point while it runs: a long text goes through in blocks.
    folded = np.concatenate([folding.of(codes[at : at + _BLOCK]) for at in range(0, len(codes), _BLOCK)])
    if folded.max() >> _KIND_SHIFT < _VANISHES:
        return folded, offsets
    kinds = folded >> _KIND_SHIFT
    lengths = np.ones(len(folded), np.int64)
    lengths[kinds == _VANISHES] = 0
    expanding = np.flatnonzero(kinds == _EXPANDS)
    for code in np.unique(codes[expanding]).tolist():
        lengths[codes == code] = len(folding.expansions[code])
    ends = np.cumsum(lengths)
    longer = np.repeat(folded, lengths)
    for code in np.unique(codes[expanding]).tolist():
        expansion = folding.expansions[code]
        last = ends[codes == code]
        for place, value in enumerate(expansion.tolist()):
            longer[last - len(expansion) + place] = value
    return longer, np.concatenate([[0], ends])[offsets]


def _blocks(folded: UInt32) -> Iterator[tuple[int, int]]:
    """Pieces of at most _BLOCK code points that cut no word; of a longer word, its beginning."""
    start, size = 0, len(folded)
    while start < size:
        end = start + _BLOCK
        if end >= size:
            yield start, size
            return
        between = np.flatnonzero(folded[start + 1 : end] >> _KIND_SHIFT != _IN_WORD)
        if len(between):
            end = start + 1 + int(between[-1])
            yield start, end
            start = end
            continue
        yield start, end
        while end < size and folded[end] >> _KIND_SHIFT == _IN_WORD:
            run = folded[end : end + _BLOCK] >> _KIND_SHIFT != _IN_WORD
            end += int(run.argmax()) if run.any() else len(run)
        start = end


def _hashed_words(folded: UInt32) -> tuple[UInt64, Int64]:
    """The hash of each word, and where it begins."""
    up, down = _powers()
    hashes: list[UInt64] = []
    places: list[Int64] = []
    for low, high in _blocks(folded):
        block = folded[low:high]
        sums = np.zeros(len(block) + 1, np.uint64)
        np.cumsum(block * up[: len(block)], out=sums[1:])
        within = block != 0
        edges = np.empty(len(block) + 1, bool)
        edges[0], edges[-1] = within[0], within[-1]
        np.not_equal(within[1:], within[:-1], out=edges[1:-1])
        if block.max() >> _KIND_SHIFT == _OWN_WORD:
            alone = block >> _KIND_SHIFT == _OWN_WORD
            edges[:-1] |= alone
            edges[1:] |= alone
            starts, stops = np.flatnonzero(edges[:-1] & within), np.flatnonzero(edges[1:] & within) + 1
        else:
            both = np.flatnonzero(edges)
            starts, stops = both[::2], both[1::2]
        hashes.append(_mixed((sums[stops] - sums[starts]) * down[starts]))
        places.append(starts + low)
    return np.concatenate(hashes), np.concatenate(places)


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The batch in runs of about CHUNK code points; a longer text is a run of its own."""
    start = size = 0
    for at, text in enumerate(texts):
        if size and size + len(text) > CHUNK:
            yield texts[start:at]
            start, size = at, 0
        size += len(text) + 1
    if start < len(texts):
        yield texts[start:]


def hashed_words(texts: Sequence[str]) -> tuple[UInt64, Int64]:
    """The hash of every word of every text, in order, and offsets: text i has hashes[offsets[i]:offsets[i + 1]].

    >>> hashes, offsets = hashed_words(["The harbour, the sea.", "", "THE SEA"])
    >>> offsets.tolist(), bool((hashes[2:4] == hashes[4:6]).all())
    ([0, 4, 4, 6], True)
    """
    found = [_words_of(chunk) for chunk in _chunks(texts)]
    if not found:
        return np.zeros(0, np.uint64), np.zeros(1, np.int64)
    return np.concatenate([hashes for hashes, _ in found]), _joined([counts for _, counts in found])


def _words_of(chunk: Sequence[str]) -> tuple[UInt64, Int64]:
    """Word hashes of one chunk, and how many words each text has."""
    folded, offsets = _code_points(chunk)
    hashes, places = _hashed_words(folded)
    return hashes, np.diff(np.searchsorted(places, offsets))


def _joined(counts: Sequence[Int64]) -> Int64:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate(counts))])


def hashed_shingles(texts: Sequence[str], size: int) -> Iterator[tuple[UInt32, Int64]]:
    """Chunk by chunk: the hashes of all shingles of `size` words, in order, and how many each text has.

    A text shorter than one shingle is hashed whole and has one; a text without a word has none. A shingle that occurs
    twice is there twice. Chunks follow the texts: their counts, put together, are as many as the texts.
    """
    for chunk in _chunks(texts):
        words, counts = _words_of(chunk)
        yield _combined(words, counts, size)


def _combined(words: UInt64, counts: Int64, size: int) -> tuple[UInt32, Int64]:
    total = len(words)
    padded = np.concatenate([words, np.zeros(size - 1, np.uint64)])
    step = np.uint64(_STEP)
    sums = padded[:total].copy()
    for place in range(1, size):
        sums *= step
        sums += padded[place : place + total]
    ends = np.cumsum(counts)
    whole = np.ones(total, bool)
    for back in range(1, size):  # what begins in the last words of a text would run into the next text
        whole[(ends - back)[counts >= back]] = False
    short = np.flatnonzero((counts > 0) & (counts < size))
    for text in short.tolist():
        first, end = int(ends[text] - counts[text]), int(ends[text])
        value = 0
        for word in words[first:end].tolist():
            value = (value * _STEP + word) & 0xFFFF_FFFF_FFFF_FFFF
        sums[first], whole[first] = value, True
    return (_mixed(sums[whole]) >> np.uint64(32)).astype(np.uint32), np.where(
        counts < size, np.minimum(counts, 1), counts - (size - 1)
    )


def shingles(text: str, size: int) -> UInt32:
    """The set of the text's hashed shingles of `size` words, sorted: what Jaccard and containment are counted over.

    >>> len(shingles("One two three four five six", 5)), len(shingles("Too short", 5)), len(shingles("…", 5))
    (2, 1, 0)
    """
    hashes, _ = next(hashed_shingles([text], size))
    return np.unique(hashes)
