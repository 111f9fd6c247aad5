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
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import chain
from typing import Any

import numpy as np

UInt8 = np.ndarray[Any, np.dtype[np.uint8]]
UInt32 = np.ndarray[Any, np.dtype[np.uint32]]
UInt64 = np.ndarray[Any, np.dtype[np.uint64]]
Int64 = np.ndarray[Any, np.dtype[np.int64]]

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
        ("text_hash", "<u8"),  # of the whole text, white space and dashes folded
        ("words_kept", "<u2"),
        ("pairs_kept", "<u2"),
    ]
)

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+(?:[.,:]\d+)*")
# Written without spaces: read as overlapping pairs of characters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")

_DASHES = "-–—/"  # join what are two words
_GROUPING = re.compile(r"[.,:](?=\d{3}\b)")
_SEVERAL = 1  # no value of a word: its hash would be 0

_MIX_1 = np.uint64(0x9E3779B97F4A7C15)
_MIX_2 = np.uint64(0xBF58476D1CE4E5B9)


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
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


@lru_cache(maxsize=64)
def stop_words(language: str) -> frozenset[str]:
    """Words of a language that carry no news, as they are written; of an unknown language, the English ones."""
    for code in (language, "en"):
        listed = resources.files("newsclean") / "languages" / code / "words.txt"
        if code and listed.is_file():
            lines = listed.read_text("utf-8").splitlines()
            return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    return frozenset()


class _Words(dict[str, int]):
    """Each piece between two blanks → 56 bits of hash, 4 of weight, 2 of kind; 0 for a stop word. Fills itself.

    A piece that holds several content words is SEVERAL; `parts` gives their values.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.stops = stop_words(language)
        self.weights = table().words

    def __missing__(self, piece: str) -> int:
        if len(self) > 400_000:  # 40 MB; a purely mechanical cache, so emptying it changes nothing
            self.clear()
        values = self.parts(piece)
        value = values[0] if len(values) == 1 else _SEVERAL if values else 0
        self[piece] = value
        return value

    def parts(self, piece: str) -> list[int]:
        """The values of the content words in one piece of text."""
        return [value for word in tokens(piece) if (value := self.value(word))]

    def value(self, word: str) -> int:
        """The value of one word; 0 for a stop word and for a single letter."""
        lowered = word.lower().replace("’", "'")
        kind = NUMBER if word[0].isdecimal() else NAME if word[0].isupper() else 0
        if lowered in self.stops or (len(word) == 1 and kind != NUMBER):
            return 0
        hashed = _hash(_GROUPING.sub("", word) if kind == NUMBER else content_word(word))
        return hashed >> 8 << 8 | self.weights.get(hashed >> 32, RAREST) << 4 | kind


@lru_cache(maxsize=64)
def _words(language: str) -> _Words:
    return _Words(language)


def tokens(text: str) -> list[str]:
    """The words of a text as written, numbers among them; unspaced scripts as overlapping pairs of characters."""
    found = _TOKEN.findall(text)
    if text.isascii() or not _UNSPACED.search(text):
        return found
    spread: list[str] = []
    for token in found:
        if _UNSPACED.match(token):
            spread += [token[at : at + 2] for at in range(max(1, len(token) - 1))]
        else:
            spread.append(token)
    return spread


def _values(text: str, words: _Words) -> tuple[list[int], int]:
    """The values of a text's words, stop words as 0, and the hash of the whole text."""
    for dash in _DASHES:
        text = text.replace(dash, " ")
    pieces = text.split()
    values = list(map(words.__getitem__, pieces))
    if _SEVERAL in values:
        values = [
            value
            for piece, known in zip(pieces, values, strict=True)
            for value in ((known,) if known != _SEVERAL else words.parts(piece))
        ]
    return values, _hash(" ".join(pieces))


def content_words(text: str, language: str = "") -> list[tuple[int, int, int]]:
    """The content words of a text: where each starts and ends, and its value: hash, weight and kind as in a sketch."""
    words = _words(language)
    if not text.isascii() and _UNSPACED.search(text):
        spans = [span for match in _TOKEN.finditer(text) for span in _spans(match)]
    else:
        spans = [match.span() for match in _TOKEN.finditer(text)]
    valued = ((start, end, words.value(text[start:end])) for start, end in spans)
    return [(start, end, value) for start, end, value in valued if value]


def _spans(match: re.Match[str]) -> list[tuple[int, int]]:
    start, end = match.span()
    if _UNSPACED.match(match[0]):
        return [(at, min(at + 2, end)) for at in range(start, max(start + 1, end - 1))]
    return [(start, end)]


def _mixed(values: UInt64) -> UInt64:
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
        head = np.frombuffer(stored, HEADER, 1)[0].item()
        _, word_sample, pair_sample, stretches, length, words, pairs, characters, text_hash, kept, _ = head
        items = np.frombuffer(stored, np.uint32, offset=HEADER.itemsize)
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
    read = [_values(text, _words(language)) for text, language in zip(texts, languages, strict=True)]
    values = [found for found, _ in read]
    counts = [len(found) for found in values]
    flat = np.fromiter(chain.from_iterable(values), np.uint64, sum(counts))
    owner = np.repeat(np.arange(len(texts)), counts)
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
    head["text_hash"] = [hashed for _, hashed in read]
    head["words_kept"], head["pairs_kept"] = word_counts, pair_counts
    made = []
    word_end, pair_end = np.cumsum(word_counts).tolist(), np.cumsum(pair_counts).tolist()
    for at, keys in enumerate(anchors):
        own_words = word_items[word_end[at] - int(word_counts[at]) : word_end[at]]
        own_pairs = pair_items[pair_end[at] - int(pair_counts[at]) : pair_end[at]]
        made.append((head[at].tobytes() + own_words.tobytes() + own_pairs.tobytes(), keys))
    return made


def _pairs(flat: UInt64, owner: Int64, lengths: Int64, stretches: Int64) -> tuple[UInt64, Int64]:
    """Every pair of every text: 56 bits of hash, weight, stretch; and whose it is."""
    hashes = flat >> np.uint64(8)
    place = np.arange(len(flat)) - (np.cumsum(lengths) - lengths)[owner]
    found, owners = [], []
    for step in (1, 2):
        inside = owner[step:] == owner[:-step]
        keys = _mixed(hashes[step:] + hashes[:-step])[inside]
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
