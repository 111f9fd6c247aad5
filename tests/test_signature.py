"""Signatures: datasketch's own, the same in any batch, and never compared across recipes."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean.errors import EmptyText, RecipeMismatch
from newsclean.settings import CopySettings
from newsclean.shingles import hashed_shingles, shingles
from newsclean.signature import (
    EMPTY,
    band_keys,
    bands_for,
    chance,
    is_empty,
    jaccard,
    recipe,
    s_curve,
    sign,
    sign_batch,
)

STORY = (
    "The harbour board of Westerby put off its vote on the new pier on Friday, after the ferry company said "
    "it would sue. Chair Ilse Brandt told reporters that the plan was sound and that a second survey would show it."
)
TEXTS = [
    STORY,
    STORY.replace("Friday", "Monday"),
    "Short one",
    "",
    "…",
    "市長は雨の中で新しい橋を開いたと言った",
    STORY * 9,
]


@pytest.mark.parametrize("asked", [CopySettings(), CopySettings(num_perm=64, seed=7, ngram_size=3)])
def test_datasketch_makes_the_same_signature_of_our_shingles(asked: CopySettings) -> None:
    datasketch = pytest.importorskip("datasketch")
    ours = sign_batch(TEXTS, asked)
    for text, values in zip(TEXTS, ours, strict=True):
        theirs = datasketch.MinHash(num_perm=asked.num_perm, seed=asked.seed, scheme="affine32", hashfunc=int)
        theirs.update_batch(shingles(text, asked.ngram_size).tolist())
        built = datasketch.MinHash(hashvalues=values, seed=asked.seed, scheme="affine32")
        assert built == theirs
        assert built.is_empty() == bool(is_empty(values))


@given(st.lists(st.sampled_from([*TEXTS, "a b c d e f g", "one two three four five"]), max_size=12))
@settings(max_examples=50, deadline=None)
def test_a_signature_does_not_depend_on_its_batch(texts: list[str]) -> None:
    together = sign_batch(texts)
    assert together.shape == (len(texts), 128)
    assert together.dtype == np.uint32
    for text, row in zip(texts, together, strict=True):
        assert (sign_batch([text])[0] == row).all()


def test_a_signature_is_the_same_tomorrow() -> None:
    # Written down once: an index file outlives the program that made it.
    assert sign(STORY).values[:4].tolist() == [41464345, 132873460, 71560448, 111101372]


def test_equal_headlines_shorter_than_a_shingle_meet() -> None:
    assert jaccard(sign("Rain stops play"), sign("RAIN stops play!")) == 1.0
    assert jaccard(sign("Rain stops play"), sign("Rain stops game")) < 0.1


def test_the_estimate_is_near_the_true_similarity() -> None:
    a = " ".join(f"w{i}" for i in range(1000))
    b = " ".join(f"w{i}" for i in range(300, 1300))
    true = len(np.intersect1d(shingles(a, 5), shingles(b, 5))) / len(np.union1d(shingles(a, 5), shingles(b, 5)))
    wide = CopySettings(num_perm=1024)
    assert abs(jaccard(sign(a, wide), sign(b, wide)) - true) < 3 * 0.5 / 1024**0.5


def test_a_text_without_a_word_has_no_signature() -> None:
    with pytest.raises(EmptyText, match="a7: no word"):
        sign("— … !", article_id="a7")
    batch = sign_batch(["…", "word"])
    assert is_empty(batch).tolist() == [True, False]
    assert (batch[0] == EMPTY).all()
    assert sign_batch([]).shape == (0, 128)


def test_two_recipes_do_not_compare() -> None:
    with pytest.raises(RecipeMismatch, match="words-3"):
        jaccard(sign(STORY), sign(STORY, CopySettings(ngram_size=3)))
    names = {recipe(CopySettings(ngram_size=n, num_perm=p, seed=s)) for n in (3, 5) for p in (64, 128) for s in (1, 2)}
    assert len(names) == 8


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9])
def test_bands_find_a_pair_at_the_threshold(threshold: float) -> None:
    bands, rows = bands_for(CopySettings(lookup_jaccard=threshold))
    assert bands * rows <= 128
    assert chance(threshold, bands, rows) >= 0.95
    assert chance(threshold, 128 // (rows + 1), rows + 1) < 0.95
    curve = [found for _, found in s_curve(bands, rows)]
    assert curve == sorted(curve)
    assert (curve[0], curve[-1], len(curve)) == (0.0, 1.0, 21)


def test_band_keys_are_equal_where_bands_are() -> None:
    signatures = sign_batch([STORY, STORY.replace("Friday", "Monday"), "Another story altogether, on five lines."])
    keys = band_keys(signatures, 32, 4)
    assert keys.shape == (3, 32)
    bands = signatures.reshape(3, 32, 4)
    assert ((keys[0] == keys[1]) == (bands[0] == bands[1]).all(axis=1)).all()
    assert len(np.unique(keys[0])) == 32
    assert (band_keys(signatures[1:2], 32, 4) == keys[1:2]).all()


def test_signing_needs_neither_scipy_nor_datasketch() -> None:
    code = (
        "import sys, newsclean.signature as s; s.sign('one two'); assert not {'scipy', 'datasketch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_shingle_that_occurs_twice_counts_once() -> None:
    once, twice = shingles(STORY, 5), shingles(f"{STORY} {STORY}", 5)
    assert np.isin(once, twice).all()
    hashes, _ = next(hashed_shingles([f"{STORY} {STORY}"], 5))
    assert len(hashes) > len(twice)
