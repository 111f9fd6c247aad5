"""Words are found in lines by some of their bytes: none is missed, and of ASCII ones no other is found."""

from __future__ import annotations

from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import line_sieve
from newsclean.line_sieve import Fold, Sieve
from newsclean.rulebook_needs import unmixed

SIGNS = st.text("abnews /|é“字", min_size=1, max_size=20)


def found(size: int, words: list[str], lines: list[str]) -> set[tuple[int, str]]:
    """Numbers of lines, and words found in them."""
    fold = Fold("".join(words))
    sieve = Sieve(size, [(fold.of(word), word) for word in words])
    data = "\n".join(lines).encode().translate(fold.table) + b"\n"
    ends = line_sieve.line_ends(data).tolist()
    told = {(bisect_right(ends, at), word) for at, word in sieve.find(data)}
    # What is asked of the first lines only is what they say by themselves.
    some = {(bisect_right(ends, at), word) for at, word in sieve.find(data, ends[0] + 1)}
    assert some == {one for one in told if one[0] == 0}
    return told


@given(st.lists(SIGNS, min_size=1, max_size=8), st.lists(SIGNS, min_size=1, max_size=8))
@settings(max_examples=60)
def test_every_word_of_a_line_is_found(words: list[str], lines: list[str]) -> None:
    for size in (8, 4, 2):
        of_size = [word for word in dict.fromkeys(words) if len(word.encode()) >= size - (size == 2)]
        there = {(i, word) for i, line in enumerate(lines) for word in of_size if word in line}
        told = found(size, of_size, lines)
        assert there <= told
        assert {one for one in told if one[1].isascii()} <= there


def test_capitals_are_found_and_the_middle_of_a_long_word_counts() -> None:
    assert found(8, ["newsletter every morning"], ["Our NEWSLETTER Every Morning", "newsletter every evening"]) == {
        (0, "newsletter every morning")
    }
    assert found(4, ["écoutez"], ["ÉCOUTEZ", "listen"]) == {(0, "écoutez")}


def test_no_word_is_found_in_nothing() -> None:
    assert found(8, [], ["newsletter"]) == set()
    assert found(8, ["newsletter"], ["a"]) == set()


def test_capitals_and_small_letters_are_the_same_bytes() -> None:
    words = ["écoutez", "новости", "διαβάστε", "çok okunan", "øre", "straße", "続きを読む"]
    fold = Fold("".join(words))
    for word in words:
        assert fold.sure(word)
        for written in (word, word.upper().replace("SS", "ß"), word.title()):
            assert fold.sure(word) in unmixed(written).encode().translate(fold.table), written
    # A letter that was not known, and one whose capital has more bytes: nothing can be said.
    assert fold.sure("ŷ") == b""
    assert Fold("ɐ").sure("ɐ") == b""


def test_no_letter_has_two_capitals() -> None:
    """But for those that are replaced before: else a line could have a word that its bytes do not have."""
    for sign in map(chr, range(0x110000)):
        small = sign.lower()
        if small not in (sign, sign.upper()) and len(small) == 1 and sign not in (small.upper(), small.title()):
            assert unmixed(sign) == small
