"""Words and openings are found in lines by some of their bytes: none is missed, and of ASCII ones no other is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import line_sieve
from newsclean.line_sieve import Openings, Sieve

SIGNS = st.text("abnews /|é“字", min_size=1, max_size=20)


def sieve(size: int, words: list[str]) -> tuple[Sieve[str], bytes]:
    fold = line_sieve.fold(line_sieve.windows(words, size))
    return Sieve(size, {word: word for word in words}, fold), fold


def found(size: int, words: list[str], lines: list[str]) -> set[tuple[int, str]]:
    made, fold = sieve(size, words)
    return set(made.find("\n".join(lines).encode().translate(fold) + b"\n"))


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


@pytest.mark.parametrize(
    ("line", "free", "may"),
    [
        ("ad", True, True),
        ("ad", False, False),  # a short opening
        ("read more", False, True),
        ("reading", False, True),
        ("rea", True, False),
        ("1. read", True, True),  # behind a bullet, perhaps
        ("1. read", False, False),
        ("“read", False, True),  # no ASCII: looked at by itself
        ("council", True, False),
    ],
)
def test_lines_are_told_by_how_they_begin(line: str, free: bool, may: bool) -> None:
    openings = Openings(["ad", "read", "écoute"], 4, "-1•")
    data = f"council meets\n{line}\nadverb\n".encode()
    told = openings.find(data, np.array([True, free, False])).tolist()
    assert told == [1] * may
