"""The shared reading of a text: its arrays say what slower ways of reading say, and no place to look at is passed over."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import token_signs
from newsclean.repairs import (
    broken_sentence,
    byline_case,
    doubled_space,
    doubled_stop,
    doublet,
    drop_cap,
    empty_brackets,
    glued_sentence,
    glued_words,
    line_hyphen,
    lost_apostrophe,
    spaced_punctuation,
    stray_word,
    truncation,
)
from newsclean.token_repeats import repeats
from newsclean.token_units import WINDOW, units_of, words_of
from newsclean.tokens import Tokens, read_together, sheets

# What news is made of, with every class of sign in it, and a few characters from elsewhere.
PIECES = st.sampled_from(
    [
        *" .,?!;:\"'’“”‘«»()[]-–…+&\n\t0aAtsdmngeS\u00a0öÖжЖ中。😀",
        *(
            "the ",
            "of",
            "U.S.",
            " AND ",
            "said",
            "dont",
            " who they",
            "May ",
            "told by",
            " ve ",
            "ing",
            "ofthe ",
            "The",
            "and",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)

Places = Callable[[Tokens], tuple[int, ...]]


def _signs(number: int) -> Places:
    return lambda tokens: tokens.places(number)


def _words(number: int) -> Places:
    return lambda tokens: tokens.word_places(number)


# A pattern, where it is tried, and how far before the place its match begins.
WATCHED = [
    (broken_sentence._STOP, _signs(broken_sentence._STOPS), 0),
    (broken_sentence._DATE_CUT, _words(broken_sentence._DATES), 2),
    (byline_case._BETWEEN_NAMES, _signs(byline_case._CAPITALS), 0),
    (byline_case._INSIDE, _signs(byline_case._CAPITALS), 0),
    (doubled_space._RUN, _signs(doubled_space._PLACES), 0),
    (doubled_stop._STOPS, _signs(doubled_stop._PLACES), 0),
    (doubled_stop._COMMAS, _signs(doubled_stop._PLACES), 0),
    (doublet._WHO_THEY, _words(doublet._WHO), 1),
    (doublet._DOUBLET, _words(doublet._FIRST_LEADS), 0),
    (glued_sentence._COMMA, _signs(glued_sentence._COMMAS), 0),
    (glued_words._CAPITAL, _signs(glued_words._CAPITALS), -1),
    (glued_words._THE, _words(glued_words._THES), 0),
    (line_hyphen._SPACE, _signs(line_hyphen._SPACES), 0),
    (spaced_punctuation._SIGN, _signs(spaced_punctuation._SIGNS), 0),
    (spaced_punctuation._WRONG_SIDE, _signs(spaced_punctuation._SIGNS), 0),
    (spaced_punctuation._CLITIC, _signs(spaced_punctuation._CLITICS), 0),
    (stray_word._CAPITAL_LAST, lambda tokens: tuple(start for start, _ in tokens.capitals_before_stops), 1),
]


@pytest.mark.parametrize(("pattern", "places", "before"), WATCHED, ids=lambda value: getattr(value, "pattern", ""))
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_wherever_a_pattern_matches_it_is_tried(
    pattern: re.Pattern[str], places: Places, before: int, text: str
) -> None:
    tried = {place - before for place in places(Tokens(text))}
    assert {match.start() for match in pattern.finditer(text)} <= tried


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_a_text_without_a_watched_place_has_nothing_to_mend(text: str) -> None:
    tokens = Tokens(text)
    if re.search(r"\((?:[ \u00a0]?)\)|\[[ \u00a0]?\]", text):
        assert tokens.places(empty_brackets._PLACES)
    if re.search(r"-[ \u00a0]?\n", text):
        assert tokens.places(line_hyphen._LINES)
    if re.search(r"[.?!][\"”’»)]?[\"“(«]?[A-ZÖЖ][A-Za-zöжÖЖ]", text):
        assert tokens.places(glued_sentence._STOPS)
    if re.search("“ | ”", text):
        assert tokens.places(spaced_punctuation._CURLIES)
    caps = {*tokens.places(drop_cap._CAPS), *(place - 1 for place in tokens.places(drop_cap._QUOTED_CAPS))}
    assert {match.start() for match in drop_cap._CAP.finditer(text)} <= caps
    letters = {*tokens.places(lost_apostrophe._LONELY_LETTERS)}
    ends = {place - 1 for place in tokens.word_places(lost_apostrophe._LONELY_ENDS)}
    assert {match.start() for match in lost_apostrophe._LONELY.finditer(text)} <= letters | ends
    assert {match.start() for match in re.finditer(r"…|\.\.\.|\[\+", text)} <= {*tokens.places(truncation._PLACES)}


@given(text=TEXTS)
def test_lines_words_and_foreign_characters_are_those_of_the_text(text: str) -> None:
    tokens = Tokens(text)
    assert tokens.beyond == frozenset(re.findall(r"[^\n\t -~]", text))
    assert {*tokens.beyond_ascii.split(" ")} - {""} == {*re.findall(r"[^\x00-\x7f]+", text)}
    for position in range(len(text) + 1):
        start, end = tokens.line_at(position)
        assert (start, end) in tokens.lines
        assert start <= position <= end
    (words,) = words_of(units_of([text]))
    said = [text[start:end] for start, end in zip(words.starts.tolist(), words.ends.tolist(), strict=True)]
    assert said == re.findall(r"(?:[^\W_]|['’&@/_\\])+", text)
    # Equal words in small letters have equal hashes; so few of them never share one by chance.
    assert len({word.lower() for word in said}) == len(set(words.hashes.tolist()))


@pytest.mark.parametrize("before", [0, 5, WINDOW - 30, WINDOW, 3 * WINDOW + 7])
def test_a_double_is_found_wherever_it_stands_and_once(before: int) -> None:
    draw = "".join(chr(97 + at * at * 7 % 26) + " " * (at % 5 == 0) for at in range(before + 60))
    text = f"{draw[:before]} sent to the men to the men of May {draw[before:]}"
    (found,) = [one for one in repeats(text) if "men" in one.words]
    assert text[found.second : found.end] == "to the men"


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS | st.integers(1, 3).map("It rained or rained. The men of the men of May. ".__mul__), max_size=6))
def test_texts_that_are_read_together_are_read_as_if_alone(some: list[str]) -> None:
    together = [Tokens(text) for text in some]
    for sheet in sheets(some):
        read_together(together[sheet])
    for one in together:
        alone = Tokens(one.text)
        assert one.said == alone.said
        assert one.capitals_before_stops == alone.capitals_before_stops
        for number in range(len(token_signs._signs)):
            assert one.places(number) == alone.places(number)
        for number in range(len(token_signs._words)):
            assert one.word_places(number) == alone.word_places(number)


def test_the_first_text_of_a_process_is_repaired_like_any_other() -> None:
    """What a repair watches for must be known before the first text is read."""
    code = """
import newsclean
from newsclean import repairs, token_signs
first, second = (newsclean.repair(f"{name} spoke to condition of anonymity.", language="en") for name in ("Ada", "Ben"))
assert (first, second) == ("Ada spoke on condition of anonymity.", "Ben spoke on condition of anonymity."), first
known = len(token_signs._signs), len(token_signs._words)
for language in ("en", "de", "fr", "ru", "zh", ""):
    newsclean.repair("“Die Stadt” isnt 5 %, they re late: according of the …", language=language)
assert known == (len(token_signs._signs), len(token_signs._words))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
