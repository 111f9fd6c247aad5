"""Shingles → MinHash signature (datasketch-compatible) and band keys; names its whole recipe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from newsclean.arrays import UInt32, UInt64
from newsclean.errors import EmptyText, RecipeMismatch
from newsclean.model import Signature
from newsclean.settings import CopySettings
from newsclean.shingles import NORMALISER, hashed_shingles

# datasketch ≥ 2 with scheme="affine32": min over the shingles of a·fmix32(h) + b mod 2³², a odd, for each permutation.
SCHEME = "affine32"
EMPTY = np.uint32(0xFFFFFFFF)  # every value of the signature of a text without a word, as in datasketch

# Permutations done at once: 8 × 16,000 shingles of 4 bytes stay in half a megabyte of cache. Measured: 1, 2, 4, 8, 16
# permutations take 24, 20, 18, 15, 17 µs an article of 3 KB.
_PERMUTATIONS_AT_ONCE = 8


def recipe(settings: CopySettings | None = None) -> str:
    """Everything that went into a signature, in one line: normaliser, shingles, scheme, permutations, seed.

    >>> recipe()
    'fold1 words-5 affine32 perm-128 seed-1'
    """
    settings = settings or CopySettings()
    return f"{NORMALISER} words-{settings.ngram_size} {SCHEME} perm-{settings.num_perm} seed-{settings.seed}"


def sign_batch(texts: Sequence[str], settings: CopySettings | None = None) -> UInt32:
    """The MinHash signature of each text: uint32, shape (len(texts), num_perm).

    Built from the hashed word shingles of `newsclean.shingles`; equal to what datasketch makes of the same hashes. A
    text shorter than one shingle is hashed whole, so equal headlines still meet. A text without any word has no
    signature: its row is EMPTY (all bits set), which `is_empty` finds; two such rows are not a match.
    A row depends on its text and the settings alone, bit for bit.
    """
    settings = settings or CopySettings()
    out = np.full((len(texts), settings.num_perm), EMPTY, np.uint32)
    done = 0
    for hashes, counts in hashed_shingles(texts, settings.ngram_size):
        filled = np.flatnonzero(counts)
        if len(filled):
            starts = (np.cumsum(counts) - counts)[filled]
            out[filled + done] = _minima(_fmix32(hashes), starts, settings.num_perm, settings.seed)
        done += len(counts)
    return out


def is_empty(signatures: UInt32) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows stand for a text without any word."""
    return np.asarray((signatures == EMPTY).all(axis=-1))


def sign(text: str, settings: CopySettings | None = None, *, article_id: str = "") -> Signature:
    """The MinHash signature of one text, with its recipe. Raises EmptyText if no word is left after folding.

    >>> jaccard(sign("The ferry left at noon."), sign("the ferry left at noon"))
    1.0
    """
    values = sign_batch([text], settings)[0]
    if is_empty(values):
        raise EmptyText(f"{article_id or 'article'}: no word to sign; it has no copies")
    return Signature(article_id, recipe(settings), values)


def jaccard(a: Signature, b: Signature) -> float:
    """Estimated Jaccard similarity of the two shingle sets; its standard error is at most 0.5/√num_perm.

    Raises RecipeMismatch if the two were not made in the same way.
    """
    if a.recipe != b.recipe:
        raise RecipeMismatch(f"a signature of {a.recipe!r} does not compare with one of {b.recipe!r}; sign both again")
    return float((a.values == b.values).mean())


def _fmix32(hashes: UInt32) -> UInt32:
    """MurmurHash3's finaliser, which datasketch puts before its permutations."""
    hashes = hashes ^ (hashes >> np.uint32(16))
    hashes *= np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    hashes *= np.uint32(0xC2B2AE35)
    hashes ^= hashes >> np.uint32(16)
    return hashes


@lru_cache(maxsize=8)
def _permutations(num_perm: int, seed: int) -> tuple[UInt32, UInt32]:
    """Multipliers and offsets as datasketch draws them, as columns."""
    draw = np.random.RandomState(seed)
    a = draw.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = draw.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return a[:, None], b[:, None]


def _minima(mixed: UInt32, starts: Any, num_perm: int, seed: int) -> UInt32:
    """For each text (its hashes begin at `starts`) and permutation the smallest permuted hash: (texts, num_perm)."""
    a, b = _permutations(num_perm, seed)
    minima = np.empty((num_perm, len(starts)), np.uint32)
    permuted = np.empty((_PERMUTATIONS_AT_ONCE, len(mixed)), np.uint32)
    for first in range(0, num_perm, _PERMUTATIONS_AT_ONCE):
        rows = slice(first, min(first + _PERMUTATIONS_AT_ONCE, num_perm))
        block = permuted[: rows.stop - first]
        np.multiply(a[rows], mixed, out=block)
        np.add(block, b[rows], out=block)
        np.minimum.reduceat(block, starts, axis=1, out=minima[rows])
    return minima.T


def bands_for(settings: CopySettings | None = None) -> tuple[int, int]:
    """(bands, rows) with the most rows that still find a pair at `lookup_jaccard` with the chance `lookup_recall`.

    More rows mean fewer chance meetings. If no number of rows reaches the recall, one row is taken.

    >>> bands_for(), bands_for(CopySettings(lookup_jaccard=0.7))
    ((32, 4), (25, 5))
    """
    settings = settings or CopySettings()
    for rows in range(settings.num_perm, 1, -1):
        bands = settings.num_perm // rows
        if chance(settings.lookup_jaccard, bands, rows) >= settings.lookup_recall:
            return bands, rows
    return settings.num_perm, 1


def chance(similarity: float, bands: int, rows: int) -> float:
    """The chance that two texts of this Jaccard similarity share at least one band."""
    return float(1.0 - (1.0 - similarity**rows) ** bands)


def s_curve(bands: int, rows: int) -> tuple[tuple[float, float], ...]:
    """(Jaccard similarity, chance to be looked at) from 0 to 1 in steps of 0.05.

    >>> dict(s_curve(32, 4))[0.5]
    0.8732
    """
    return tuple((round(step / 20, 2), round(chance(step / 20, bands, rows), 4)) for step in range(21))


def band_keys(signatures: UInt32, bands: int, rows: int) -> UInt64:
    """One 64-bit key for each band of each signature: shape (n, bands). Equal keys mean equal bands (but for 2⁻⁶⁴)."""
    used = signatures[:, : bands * rows].reshape(len(signatures), bands, rows)
    keys = np.broadcast_to(np.arange(bands, dtype=np.uint64), used.shape[:2]).copy()
    for row in range(rows):
        keys = (keys ^ used[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys * np.uint64(0xC4CEB9FE1A85EC53)
