"""The words that say what an article is about: how often each stands in it, whether it begins with them.

Two reports on one event need not share a sentence, but they name the same people, places and things again and again, and
from the start. A sketch knows neither: it keeps each word once, and of a long article a sample. A gist is read from the
whole text, and only where `related` asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from newsclean.anchors import BATCH, NAME, Sketch, mixed, read_words
from newsclean.arrays import Int64, UInt32, UInt64

# Words kept of an article, the most telling: 640 bytes at most. With 100 or 256 of them the links of n1 are the same but
# for one in fifty, and not better.
KEPT = 160
# Content words that an article begins with, headline included if it stands in the text: some 110 words, three or four
# sentences. With 40 or 90 of them precision and recall are the same.
BEGINNING = 60
# What a word counts that stands in an article once, twice, three or four times, more often: 1 + ln(times), in tenths.
TIMES = np.array([10, 17, 22, 28])
BEGINS, NAMED = 2, 1
# A word that is commoner than this tells nothing apart.
COMMON = 3

# The most telling words of an article, each two of which are a key: two reports that share a pair may be on one event.
TELLING = 10


def gist_batch(texts: Sequence[str], languages: Sequence[str] = ()) -> list[bytes]:
    """For each text its gist, as `read` wants it. Each depends on its text, its language and the table alone."""
    made: list[bytes] = []
    for start in range(0, len(texts), BATCH):
        some = texts[start : start + BATCH]
        told = languages[start : start + BATCH] if languages else [""] * len(some)
        made += [own.tobytes() for own in _gists(some, told)]
    return made


def read(stored: bytes) -> UInt32:
    """The words of a gist, sorted: 24 bits of hash, 4 of weight, 2 of how often, 1 if it begins the text, 1 if a name."""
    return np.frombuffer(stored, "<u4")


def of_sketch(sketch: Sketch) -> UInt32:
    """The gist of an article of which no more than its sketch is known: every word once, none of them at the beginning."""
    words = sketch.words
    made: UInt32 = words >> np.uint32(4) << np.uint32(4) | (words & np.uint32(NAME)) // np.uint32(NAME)
    return made


def _gists(texts: Sequence[str], languages: Sequence[str]) -> list[UInt32]:
    flat, owner, _ = read_words(texts, languages)
    said = flat != 0
    flat, owner = flat[said], owner[said]
    lengths = np.bincount(owner, minlength=len(texts))
    place = np.arange(len(flat)) - (np.cumsum(lengths) - lengths)[owner]
    keys = owner.astype(np.uint64) << np.uint64(24) | flat >> np.uint64(40)
    order = np.argsort(keys, kind="stable")  # of the same word, the first stands first
    keys, flat, place = keys[order], flat[order], place[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    times = np.diff(first, append=len(keys))
    # What is also written small is no name.
    named = np.minimum.reduceat(flat & np.uint64(NAME), first) > 0 if len(first) else np.zeros(0, bool)
    whose, words = keys[first] >> np.uint64(24), keys[first] & np.uint64(0xFFFFFF)
    made = words << np.uint64(8) | flat[first] & np.uint64(0xF0)
    made |= np.searchsorted([2, 3, 5], times, side="right").astype(np.uint64) << np.uint64(2)
    made |= (place[first] < BEGINNING).astype(np.uint64) * np.uint64(BEGINS) | named.astype(np.uint64)
    counts = np.bincount(whose.astype(np.int64), minlength=len(texts))
    own = np.split(made.astype(np.uint32), np.cumsum(counts)[:-1])
    return [np.sort(one[most_telling(one, KEPT)]) if len(one) > KEPT else one for one in own]


def amounts(words: UInt32 | Int64) -> Int64:
    """How much each word of a gist counts: rare words and those that come again count more."""
    counted: Int64 = (words >> 4 & 15).astype(np.int64) * TIMES[words >> 2 & 3]
    return counted


def most_telling(words: UInt32, most: int) -> Int64:
    """Where the words stand that tell most: rare ones, said again, said at the beginning, names."""
    telling = np.maximum((words >> 4 & 15).astype(np.int64) - COMMON, 0) * TIMES[words >> 2 & 3]
    telling *= (2 + (words >> 1 & 1).astype(np.int64)) * (2 + (words & 1).astype(np.int64))
    order = np.argsort(-telling, kind="stable")[:most]
    found: Int64 = order[telling[order] > 0]
    return found


def telling_pairs(words: UInt32) -> UInt64:
    """One key for every two of an article's most telling words, 56 bits of each."""
    hashes = (words[most_telling(words, TELLING)] >> np.uint32(8)).astype(np.uint64)
    one, other = np.triu_indices(len(hashes), 1)
    low, high = np.minimum(hashes[one], hashes[other]), np.maximum(hashes[one], hashes[other])
    return mixed(low << np.uint64(24) | high) >> np.uint64(8)
