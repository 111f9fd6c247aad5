"""Text → the content words and word pairs by which a cut, spun or re-tailed copy is still known, in at most 4 KB.

**Content words**: stop words out, accents folded, lightly stemmed, British spelling read as American, digits grouped
or not the same number. **Pairs**: two content words next to each other or with one between, in either order, so that a
swapped or inserted word costs little. A sketch keeps both, each with what it weighs (rare says more than common; the
weights come from a table that ships with newsclean, so an article weighs the same alone and in a batch), whether a
word is a number or a name, and in which of 16 stretches of the article a pair stands.

**Sampling** is consistent (Broder): a long article keeps the words and pairs whose hash lies below a power of two, so
two articles sampled differently are compared on the coarser of the two samples, without bias.

**Anchors** are the rare pairs with the smallest hashes: two articles that share a few of them may be copies. A part of
an article has its share of the whole's anchors.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from newsclean.arrays import Int64, UInt8, UInt32, UInt64

# A change of a single hash, weight or byte needs a new name.
VERSION = "anchors1"

# Words and pairs kept of one article: with the header 3.9 KB at most. An article of 600 words keeps every word and half
# of its pairs.
WORDS_KEPT, PAIRS_KEPT = 320, 640
STRETCHES = 16
# Below this many content words a stretch says nothing by itself.
WORDS_IN_STRETCH = 12

# Anchors of one article. With 40, a part of one fifth still brings eight of its whole's.
ANCHORS = 40

# Articles that are hashed together; their number stands in one byte of a key.
BATCH = 256

RAREST = 15  # what a word or pair weighs that the table does not know
NUMBER, NAME = 1, 2

HEADER = np.dtype(
    [
        ("version", "u1"),
        ("word_sample", "u1"),  # kept: hashes below 2^(24 - sample)
        ("pair_sample", "u1"),
        ("stretches", "u1"),
        ("length", "<u4"),  # content words, repeated ones counted again
        ("words", "<u4"),  # different content words
        ("pairs", "<u4"),
        ("characters", "<u4"),
        ("text_hash", "<u8"),  # of all its words in order
        ("words_kept", "<u2"),
        ("pairs_kept", "<u2"),
    ]
)

_HEAD = struct.Struct("<4B4IQ2H").unpack_from  # the same, read one by one: a tenth of the time

_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*\w*|[^\W\d_](?:['’]?\w)*")
# Written without spaces: read as overlapping pairs of characters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL = re.compile(r"(?<=\d)[.,:](?=\d)")

_MIX_1 = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xBF58476D1CE4E5B9)
# c0·P⁰ + c1·P¹ + … mod 2⁶⁴ over the characters of a word; of a longer word the rest counts alike wherever it stands.
_POWERS = np.multiply.accumulate(np.array([1] + [0x9E3779B97F4A7C15] * 63, np.uint64))

# Code points that are told apart quickly; the planes above hold no letters that newspapers print.
_TOLD_APART = 0x3FFFF
_BETWEEN, _IN_WORD, _WITHOUT_SPACES, _APOSTROPHE, _POINT, _UNREAD = range(6)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """How much words and pairs weigh, 1 (in every article) to 15 (rare): logarithm of the document frequency."""

    name: str
    words: dict[int, int]  # upper 32 bits of a word's hash → weight
    pairs: UInt8  # upper 22 bits of a pair's hash → weight


@lru_cache(maxsize=1)
def table() -> Table:
    """The table that ships with newsclean: weights/idf.npz, made by benchmarks/idf_table.py."""
    with (resources.files("newsclean") / "weights" / "idf.npz").open("rb") as file, np.load(file) as stored:
        words = dict(zip(stored["words"].tolist(), stored["word_weights"].tolist(), strict=True))
        pairs = np.full(1 << 22, RAREST, np.uint8)
        pairs[np.cumsum(stored["pair_steps"])] = stored["pair_weights"]
        return Table(str(stored["name"]), words, pairs)


def recipe() -> str:
    """Everything that went into a sketch, in one line."""
    return f"{VERSION} {table().name}"


def content_word(word: str) -> str:
    """What a word is counted as: accents, case, possessive, simple endings and British spelling folded.

    >>> [content_word(word) for word in ("Organised", "organizing", "colours", "Peña’s", "parties", "travelled")]
    ['organiz', 'organiz', 'color', 'pena', 'party', 'travel']
    """
    word = word.lower().replace("’", "'").removesuffix("'s").replace("'", "")
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    if len(word) > 4:
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word.endswith(("ses", "xes", "zes", "shes", "ches")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    if len(word) > 5:
        for ending in ("ing", "ed", "ly"):
            if word.endswith(ending):
                word = word.removesuffix(ending)
                if word[-1] == word[-2] and word[-1] not in "sl":
                    word = word[:-1]
                break
    for british, american in (("our", "or"), ("is", "iz"), ("ys", "yz"), ("ll", "l"), ("centre", "center")):
        word = word.replace(british, american)
    return word.removesuffix("e") if len(word) > 5 else word


def _hash(word: str) -> int:
    return _hash_bytes(word.encode("utf-8", "surrogatepass"))


def _hash_bytes(given: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(given, digest_size=8).digest(), "little")


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """Words of a language that carry no news, as they are written; of an unknown language, the English ones."""
    for code in (language, "en"):
        listed = resources.files("newsclean") / "languages" / code / "words.txt"
        if code and listed.is_file():
            lines = listed.read_text("utf-8").splitlines()
            return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    return frozenset()


class _Words:
    """What the words of one language count as: hash of the word as written → 56 bits of hash, 4 of weight, 2 of kind.

    A table that fills itself: a word is folded and stemmed when it is first met. 0 for stop words and single letters.
    """

    def __init__(self, language: str) -> None:
        self.stops = frozenset(word.replace("'", "") for word in stop_words(language))
        self.weights = table().words
        self._clear(1 << 16)

    def _clear(self, size: int) -> None:
        self.shift = np.uint64(64 - (size.bit_length() - 1))
        self.keys = np.zeros(size + _PROBES, np.uint64)
        self.values = np.zeros(size + _PROBES, np.uint64)
        self.filled = 0

    def value(self, word: str) -> int:
        """What one word counts as, without its kind; 0 for a stop word and for a single letter."""
        word = _joined_up(word).lower()
        if word in self.stops or (len(word) == 1 and not word.isdecimal()):
            return 0
        hashed = _hash(word if word[0].isdecimal() else content_word(word))
        return hashed >> 8 << 8 | self.weights.get(hashed >> 32, RAREST) << 4

    def of(self, hashes: UInt64, word: Callable[[int], str]) -> UInt64:
        """The values of words by their hashes; `word` tells how the i-th is written."""
        slots = (hashes >> self.shift).astype(np.int64)
        found = self.values[slots]
        missed = np.flatnonzero(self.keys[slots] != hashes)
        for step in range(1, _PROBES):
            if not len(missed):
                return found
            there = self.keys[slots[missed] + step] == hashes[missed]
            found[missed[there]] = self.values[slots[missed[there]] + step]
            missed = missed[~there]
        for at in missed.tolist():
            found[at] = self._met(int(hashes[at]), word(at))
        return found

    def _met(self, hashed: int, word: str) -> int:
        slot = hashed >> int(self.shift)
        for at in range(slot, slot + _PROBES):
            if self.keys[at] == hashed:
                return int(self.values[at])
            if not self.keys[at]:
                value = self.value(word)
                self.keys[at], self.values[at] = hashed, value
                self.filled += 1
                if self.filled > len(self.keys) >> 1:
                    self._grow()
                return value
        return self.value(word)  # a crowded place: not kept

    def _grow(self) -> None:
        keys, values = self.keys[self.keys > 0], self.values[self.keys > 0]
        size = 2 * (len(self.keys) - _PROBES)
        self._clear(min(size, _MOST_WORDS))
        if size > _MOST_WORDS:  # a purely mechanical cache, so emptying it changes nothing
            return
        for key, value in zip(keys.tolist(), values.tolist(), strict=True):
            slot = key >> int(self.shift)
            for at in range(slot, slot + _PROBES):
                if not self.keys[at]:
                    self.keys[at], self.values[at] = key, value
                    self.filled += 1
                    break


_PROBES = 8
_MOST_WORDS = 1 << 20  # 16 MB


@lru_cache(maxsize=64)
def _words(language: str) -> _Words:
    return _Words(language)


class _Characters:
    """Whether a character stands in a word, between words, or belongs to a script without spaces; filled by pages."""

    def __init__(self) -> None:
        self.kinds = np.full(_TOLD_APART + 1, _UNREAD, np.uint8)

    def of(self, codes: UInt32) -> UInt8:
        """The kind of each code point."""
        kinds = self.kinds.take(codes, mode="clip")
        if (kinds == _UNREAD).any():
            for page in np.unique(codes[kinds == _UNREAD] >> 8).tolist():
                first = min(page, _TOLD_APART >> 8) << 8
                self.kinds[first : first + 256] = [self._one(chr(code)) for code in range(first, first + 256)]
            kinds = self.kinds.take(codes, mode="clip")
        return kinds

    @staticmethod
    def _one(character: str) -> int:
        if _UNSPACED.match(character):
            return _WITHOUT_SPACES
        if character in "'’":
            return _APOSTROPHE
        if character in ".,:":
            return _POINT
        return _IN_WORD if character.isalnum() or unicodedata.category(character)[0] == "M" else _BETWEEN


@lru_cache(maxsize=1)
def _characters() -> _Characters:
    return _Characters()


def _joined_up(text: str) -> str:
    """Apostrophes out, digits of a number joined: `don't` and `1,000.5` are one word each."""
    text = text.replace("’", "").replace("'", "")
    if "," in text:
        text = _GROUPED.sub("", text)
    return _DECIMAL.sub("p", text)


def _read(texts: Sequence[str], words: _Words) -> tuple[UInt64, Int64, list[int]]:
    """The values of all words of all texts, how many words each text has, and a hash of each text's words."""
    if not texts:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), []
    joined = "\n".join([*texts, ""]).replace("İ", "I")  # the one letter that lower() makes two of
    lowered = joined.lower()
    codes = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _characters().of(codes)
    if (unspaced := kinds == _WITHOUT_SPACES).any():
        ends = np.cumsum([len(text) + 1 for text in texts])
        return _read_apart(texts, words, np.unique(ends.searchsorted(np.flatnonzero(unspaced), side="right")).tolist())
    inside = kinds == _IN_WORD
    between = np.flatnonzero(kinds[1:-1] >= _APOSTROPHE) + 1
    digits = (codes >= 48) & (codes <= 57)
    joins = np.where(
        kinds[between] == _APOSTROPHE,
        inside[between - 1] & inside[between + 1],
        digits[between - 1] & digits[between + 1],
    )
    inside[between[joins]] = True
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    if len(inside) and inside[0]:
        edges = np.concatenate([np.zeros(1, np.int64), edges])
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    if not len(starts):
        return np.zeros(0, np.uint64), np.zeros(len(texts), np.int64), [0] * len(texts)
    firsts = np.cumsum(lengths) - lengths
    place = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths)
    letters = codes[inside].astype(np.uint64) * _POWERS.take(place, mode="clip")
    hashes = mixed(np.add.reduceat(letters, firsts))
    values = words.of(hashes, lambda at: lowered[starts[at] : starts[at] + lengths[at]])
    first = codes[starts]
    upper = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)[starts] != first
    kind = np.where(digits[starts], np.uint64(NUMBER), upper * np.uint64(NAME))
    values = np.where(values > 0, values | kind, 0)
    ends = np.cumsum([len(text) + 1 for text in texts])
    counts = np.diff(starts.searchsorted(ends), prepend=starts.searchsorted(0))
    cut = np.cumsum(counts)[:-1]
    return values, counts, [_hash_bytes(own.tobytes()) if len(own) else 0 for own in np.split(hashes, cut)]


def _read_apart(texts: Sequence[str], words: _Words, unspaced: Sequence[int]) -> tuple[UInt64, Int64, list[int]]:
    """The same where some of the texts, and only those, have characters of scripts without spaces."""
    plain = sorted(set(range(len(texts))) - set(unspaced))
    found: dict[int, tuple[UInt64, int]] = {}
    for some, read in ((plain, _read), (list(unspaced), _read_unspaced)):
        if not some:
            continue
        values, counts, hashed = read([texts[at] for at in some], words)
        found.update(zip(some, zip(np.split(values, np.cumsum(counts)[:-1]), hashed, strict=True), strict=True))
    ordered = [found[at] for at in range(len(texts))]
    values = np.concatenate([own for own, _ in ordered])
    return values, np.array([len(own) for own, _ in ordered]), [hashed for _, hashed in ordered]


def _read_unspaced(texts: Sequence[str], words: _Words) -> tuple[UInt64, Int64, list[int]]:
    found = [[(_kind(token), words.value(token), token) for token in tokens(text)] for text in texts]
    values = [value | kind if value else 0 for one in found for kind, value, _ in one]
    counts = np.array([len(one) for one in found], np.int64)
    hashes = [_hash(" ".join(token.lower() for _, _, token in one)) if one else 0 for one in found]
    return np.array(values, np.uint64), counts, hashes


def _kind(token: str) -> int:
    return NUMBER if token[0].isdecimal() else NAME if token[0].isupper() else 0


def tokens(text: str) -> list[str]:
    """The words of a text as written, numbers among them; unspaced scripts as overlapping pairs of characters."""
    return [text[start:end] for start, end in token_spans(text)]


def token_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each word of a text starts and ends; those of unspaced scripts overlap."""
    unspaced = not text.isascii() and _UNSPACED.search(text) is not None
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if unspaced and _UNSPACED.match(match[0]):
            for at in range(start, max(start + 1, end - 1)):
                yield at, min(at + 2, end)
        else:
            yield start, end


def content_words(text: str, language: str = "") -> list[tuple[int, int, int]]:
    """The content words of a text: where each starts and ends, and its value: hash, weight and kind as in a sketch."""
    words = _words(language)
    valued = ((start, end, words.value(text[start:end])) for start, end in token_spans(text))
    return [(start, end, value | _kind(text[start:end])) for start, end, value in valued if value]


def mixed(values: UInt64) -> UInt64:
    """Hashes made from numbers that lie close together; each number has its own."""
    values = values * _MIX_1
    values ^= values >> np.uint64(29)
    values *= _MIX_2
    return values ^ (values >> np.uint64(32))


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What is kept of an article to compare it by; `words` and `pairs` are sorted: 24 bits of hash, 8 of what it is.

    The lower byte of a word: weight in the upper half, then NAME and NUMBER. Of a pair: weight, then its stretch.
    """

    words: UInt32
    pairs: UInt32
    word_sample: int
    pair_sample: int
    stretches: int
    length: int
    all_words: int
    all_pairs: int
    characters: int
    text_hash: int

    @classmethod
    def read(cls, stored: bytes | memoryview) -> Sketch:
        """The sketch that `sketch_batch` wrote as bytes."""
        _, word_sample, pair_sample, stretches, length, words, pairs, characters, text_hash, kept, _ = _HEAD(stored)
        items = np.frombuffer(stored, "<u4", -1, HEADER.itemsize)
        return cls(
            items[:kept], items[kept:], word_sample, pair_sample, stretches, length, words, pairs, characters, text_hash
        )


def sketch_batch(texts: Sequence[str], languages: Sequence[str] = ()) -> tuple[list[bytes], list[UInt64]]:
    """For each text its sketch and its anchors (at most ANCHORS, fewer in a short text; none without two words).

    Each depends on its text, its language and the table alone.
    """
    sketches: list[bytes] = []
    anchors: list[UInt64] = []
    for start in range(0, len(texts), BATCH):
        some = texts[start : start + BATCH]
        told = languages[start : start + BATCH] if languages else [""] * len(some)
        for sketch, keys in _sketched(some, told):
            sketches.append(sketch)
            anchors.append(keys)
    return sketches, anchors


def _sketched(texts: Sequence[str], languages: Sequence[str]) -> list[tuple[bytes, UInt64]]:
    flat, owner, text_hashes = read_words(texts, languages)
    said = flat != 0
    flat, owner = flat[said], owner[said]
    lengths = np.bincount(owner, minlength=len(texts))
    stretches = np.clip(lengths // WORDS_IN_STRETCH, 1, STRETCHES)

    words, _, word_counts, word_sample, all_words = _kept(flat, owner, len(texts), WORDS_KEPT)
    pairs, pair_of, pair_counts, pair_sample, all_pairs = _kept(
        *_pairs(flat, owner, lengths, stretches), len(texts), PAIRS_KEPT
    )
    word_items = _items(words)
    pair_items = _items(pairs)
    anchors = _anchors(pairs, pair_of, len(texts))

    head = np.zeros(len(texts), HEADER)
    head["version"] = 1
    head["word_sample"], head["pair_sample"], head["stretches"] = word_sample, pair_sample, stretches
    head["length"], head["words"], head["pairs"] = lengths, all_words, all_pairs
    head["characters"] = [len(text) for text in texts]
    head["text_hash"] = text_hashes
    head["words_kept"], head["pairs_kept"] = word_counts, pair_counts
    made = []
    word_end, pair_end = np.cumsum(word_counts).tolist(), np.cumsum(pair_counts).tolist()
    for at, keys in enumerate(anchors):
        own_words = word_items[word_end[at] - int(word_counts[at]) : word_end[at]]
        own_pairs = pair_items[pair_end[at] - int(pair_counts[at]) : pair_end[at]]
        made.append((head[at].tobytes() + own_words.tobytes() + own_pairs.tobytes(), keys))
    return made


def read_words(texts: Sequence[str], languages: Sequence[str]) -> tuple[UInt64, Int64, list[int]]:
    """The values of all words, in the order of the texts, whose each is, and a hash of each text's words."""
    groups: dict[str, list[int]] = {}
    for at, language in enumerate(languages):
        groups.setdefault(language, []).append(at)
    values, owners = [], []
    hashes = [0] * len(texts)
    for language, some in groups.items():
        found, counts, hashed = _read([texts[at] for at in some], _words(language))
        values.append(found)
        owners.append(np.repeat(np.array(some), counts))
        for at, one in zip(some, hashed, strict=True):
            hashes[at] = one
    flat, owner = np.concatenate(values), np.concatenate(owners)
    if len(groups) > 1:
        order = np.argsort(owner, kind="stable")
        flat, owner = flat[order], owner[order]
    return flat, owner, hashes


def _pairs(flat: UInt64, owner: Int64, lengths: Int64, stretches: Int64) -> tuple[UInt64, Int64]:
    """Every pair of every text: 56 bits of hash, weight, stretch; and whose it is."""
    hashes = flat >> np.uint64(8)
    place = np.arange(len(flat)) - (np.cumsum(lengths) - lengths)[owner]
    found, owners = [], []
    for step in (1, 2):
        inside = owner[step:] == owner[:-step]
        keys = mixed(hashes[step:] + hashes[:-step])[inside]
        whose = owner[:-step][inside]
        stretch = (place[:-step][inside] * stretches[whose] // lengths[whose]).astype(np.uint64)
        weight = table().pairs[keys >> np.uint64(42)].astype(np.uint64)
        found.append(keys >> np.uint64(8) << np.uint64(8) | weight << np.uint64(4) | stretch)
        owners.append(whose)
    return np.concatenate(found), np.concatenate(owners)


def _kept(values: UInt64, owner: Int64, texts: int, most: int) -> tuple[UInt64, Int64, Int64, Int64, Int64]:
    """Different values of each text, sorted, sampled until at most `most` are left; and owners, counts, samples, all.

    In a value the owner now stands in the upper byte, then 48 bits of hash.
    """
    keys = owner.astype(np.uint64) << np.uint64(56) | values >> np.uint64(16) << np.uint64(8) | values & np.uint64(255)
    keys.sort()
    # Of the same word written twice, the lower kind is kept: what is also written small is no name.
    different = np.ones(len(keys), bool)
    different[1:] = keys[1:] >> np.uint64(32) != keys[:-1] >> np.uint64(32)
    keys = keys[different]
    whose = (keys >> np.uint64(56)).astype(np.int64)
    counts = everything = np.bincount(whose, minlength=texts)
    sample = np.zeros(texts, np.int64)
    short = keys >> np.uint64(32) & np.uint64(0xFFFFFF)
    while (counts > most).any():
        sample[counts > most] += 1
        below = short < (np.uint64(1) << (24 - sample).astype(np.uint64))[whose]
        keys, whose, short = keys[below], whose[below], short[below]
        counts = np.bincount(whose, minlength=texts)
    return keys, whose, counts, sample, everything


def _items(keys: UInt64) -> UInt32:
    return (keys >> np.uint64(32) << np.uint64(8) | keys & np.uint64(255)).astype(np.uint32)


def _anchors(pairs: UInt64, owner: Int64, texts: int) -> list[UInt64]:
    """The rare pairs with the smallest hashes, 48 bits of each."""
    rare = (pairs & np.uint64(0xF0)) == np.uint64(RAREST << 4)
    keys, whose = pairs[rare], owner[rare]
    counts = np.bincount(whose, minlength=texts)
    rank = np.arange(len(keys)) - (np.cumsum(counts) - counts)[whose]
    first = rank < ANCHORS
    cut = np.cumsum(np.minimum(counts, ANCHORS))[:-1]
    return np.split(keys[first] << np.uint64(8) >> np.uint64(16), cut)
