"""Words and shingles: the fast way over a batch gives what the plain definition gives for one text."""

from __future__ import annotations

import itertools
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import shingles
from newsclean.shingles import fold, hashed_shingles, hashed_words

MIXED = st.text(
    alphabet=st.one_of(
        st.sampled_from("abc ABC.,'’-\n\t\x00\xadßﬁéİ½…_09"),
        st.sampled_from("東京都カナｶ한국 กรุงเ́ำ ёйЁ ıσςΣ"),
        st.characters(codec=None),
    ),
    max_size=60,
)


def words(text: str) -> list[str]:
    """The definition: fold each character; letters, digits and vowel signs make words; some scripts need no spaces."""
    found, word = [], ""
    for character in text:
        code = ord(character)
        parts_words = code > 0x3FFFE or 0xD800 <= code <= 0xF8FF or unicodedata.category(character) == "Cn"
        folded = "\n" if parts_words else fold(character)
        for part in folded:
            kind = shingles._kind(part)
            if kind == shingles._IN_WORD:
                word += part
                continue
            if word:
                found.append(word)
                word = ""
            if kind == shingles._OWN_WORD:
                found.append(part)
    return [*found, word] if word else found


def mixed(value: int) -> int:
    mask = (1 << 64) - 1
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & mask
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & mask
    return value ^ (value >> 33)


def word_hash(word: str) -> int:
    total = 0
    for place, character in enumerate(word):
        code = ord(character) + (shingles._kind(character) << shingles._KIND_SHIFT)
        total += code * pow(shingles._BASE, place, 1 << 64)
    return mixed(total & ((1 << 64) - 1))


def shingle_hashes(text: str, size: int) -> list[int]:
    hashes = [word_hash(word) for word in words(text)]
    runs = [hashes[i : i + size] for i in range(len(hashes) - size + 1)] or ([hashes] if hashes else [])
    found = []
    for run in runs:
        value = 0
        for one in run:
            value = (value * shingles._STEP + one) & ((1 << 64) - 1)
        found.append(mixed(value) >> 32)
    return found


@given(st.lists(MIXED, max_size=8), st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_a_batch_is_hashed_as_the_definition_says(texts: list[str], size: int) -> None:
    hashes, offsets = hashed_words(texts)
    assert [hashes[a:b].tolist() for a, b in itertools.pairwise(offsets)] == [
        [word_hash(word) for word in words(text)] for text in texts
    ]
    found = list(hashed_shingles(texts, size))
    counts = [count for _, chunk in found for count in chunk.tolist()]
    assert counts == [len(shingle_hashes(text, size)) for text in texts]
    assert [h for chunk, _ in found for h in chunk.tolist()] == [h for t in texts for h in shingle_hashes(t, size)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The mayor said: “No.”", "the mayor said no"),
        ("Der Straßenbau ruht", "DER STRASSENBAU RUHT"),
        ("president Erdoğan", "President Erdogan"),
        ("gov\u00aderning body", "governing body"),
        ("na\u00efve", "nai\u0308ve"),
        ("the ﬁnal oﬀer", "the final offer"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("ｶﾅ", "カナ"),
        ("Всё", "все"),
        ("İstanbul", "istanbul"),
        ("soon…", "soon"),
        ("two\x00words", "two words"),
        ("zero\u200bwidth", "zerowidth"),
        ("emoji 🎉 here", "emoji here"),
    ],
)
def test_what_two_desks_spell_differently_is_the_same_word(a: str, b: str) -> None:
    assert hashed_words([a])[0].tolist() == hashed_words([b])[0].tolist()


@pytest.mark.parametrize(
    ("a", "b"),
    [("unionised", "un ionised"), ("कि", "की"), ("東京", "京東"), ("12", "1 2"), ("a b", "ab"), ("ㄱ", "가")],
)
def test_what_differs_stays_different(a: str, b: str) -> None:
    assert hashed_words([a])[0].tolist() != hashed_words([b])[0].tolist()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Three short words", 3),
        ("市長は雨と言った。", 8),
        ("นายกเทศมนตรี", 12),
        ("서울 시장은 말했다", 3),
        ("GDP は 3 % 増", 4),
        ("iPhone发布会", 4),
        ("", 0),
        ("… — !", 0),
        ("\ud800", 0),
    ],
)
def test_scripts_without_spaces_are_read_by_characters(text: str, count: int) -> None:
    assert len(hashed_words([text])[0]) == count


def test_a_text_longer_than_a_block_is_hashed_like_its_parts() -> None:
    sentence = "The harbour board met on Friday and put off the vote on the new pier. "
    long = sentence * 6000
    one, _ = hashed_words([sentence])
    many, _ = hashed_words([long])
    assert many.tolist() == one.tolist() * 6000
    ideographs = "市長雨言" * 80_000
    assert len(hashed_words([ideographs])[0]) == 320_000


def test_of_a_word_longer_than_a_block_the_beginning_is_read() -> None:
    longest = shingles._BLOCK - 1
    a, b = "x" * longest, "x" * (longest + 300_000)
    hashes, offsets = hashed_words([a, b, f"q {b} z", b[1:], b])
    assert np.diff(offsets).tolist() == [1, 1, 3, 1, 1]
    assert len(set(hashes[[0, 1, 3, 5, 6]].tolist())) == 1
    assert hashes[2] != hashes[4]


def test_the_pieces_of_a_batch_do_not_change_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["The ferry left.", "", "東京都 の ferry", "x" * 40, "Straße " * 9]
    whole = [h.tolist() for h in hashed_words(texts)]
    monkeypatch.setattr(shingles, "CHUNK", 20)
    assert [h.tolist() for h in hashed_words(texts)] == whole
    monkeypatch.setattr(shingles, "_BLOCK", 50)
    shingles._powers.cache_clear()
    assert [h.tolist() for h in hashed_words(texts)] == whole
    shingles._powers.cache_clear()


def test_nothing_to_hash() -> None:
    hashes, offsets = hashed_words([])
    assert (len(hashes), offsets.tolist()) == (0, [0])
    assert list(hashed_shingles([], 5)) == []
