"""The shared reading of a text: its arrays say what slower ways of reading say, and no place to look at is passed over."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import token_signs
from newsclean.model import Context
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
from newsclean.repairs import repairs as repairs_of
from newsclean.settings import CleanSettings
from newsclean.token_repeats import repeats
from newsclean.token_units import SHEET, WINDOW, units_of, words_of
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

# A pattern, the number it is tried for, and how far before the place its match begins.
WATCHED = [
    (broken_sentence._STOP, broken_sentence._STOPS, 0),
    (broken_sentence._DATE_CUT, broken_sentence._DATES, 2),
    (byline_case._BETWEEN_NAMES, byline_case._CAPITALS, 0),
    (byline_case._INSIDE, byline_case._CAPITALS, 0),
    (doubled_space._RUN, doubled_space._PLACES, 0),
    (doubled_stop._STOPS, doubled_stop._PLACES, 0),
    (doubled_stop._COMMAS, doubled_stop._PLACES, 0),
    (doublet._WHO_THEY, doublet._WHO, 1),
    (doublet._DOUBLET, doublet._FIRST_LEADS, 0),
    (glued_sentence._COMMA, glued_sentence._COMMAS, 0),
    (glued_words._CAPITAL, glued_words._CAPITALS, -1),
    (glued_words._THE, glued_words._THES, 0),
    (line_hyphen._SPACE, line_hyphen._SPACES, 0),
    (spaced_punctuation._SIGN, spaced_punctuation._SIGNS, 0),
    (spaced_punctuation._WRONG_SIDE, spaced_punctuation._SIGNS, 0),
    (spaced_punctuation._CLITIC, spaced_punctuation._CLITICS, 0),
    (re.compile(r" (?:The|That|And|Said)[.!?](?=[\s”\"]|$)"), stray_word._LAST_WORDS, 1),
]


@pytest.mark.parametrize(("pattern", "number", "before"), WATCHED, ids=lambda value: getattr(value, "pattern", ""))
@settings(max_examples=40, deadline=None)
@given(text=TEXTS)
def test_wherever_a_pattern_matches_it_is_tried(pattern: re.Pattern[str], number: int, before: int, text: str) -> None:
    tried = {place - before for place in Tokens(text).places(number)}
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
    ends = {place - 1 for place in tokens.places(lost_apostrophe._LONELY_ENDS)}
    assert {match.start() for match in lost_apostrophe._LONELY.finditer(text)} <= letters | ends
    assert {match.start() for match in re.finditer(r"…|\.\.\.|\[\+", text)} <= {*tokens.places(truncation._PLACES)}


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_a_repair_whose_needs_are_not_met_finds_nothing(text: str) -> None:
    tokens, context = Tokens(text), Context("en", "", "", CleanSettings())
    for repair in repairs_of("sentences"):
        if repair.needs and repair.needs.isdisjoint(tokens.found):
            assert not list(repair.find(text, context, tokens)), repair.name


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


def test_long_texts_are_read_as_if_alone_beside_short_ones() -> None:
    twice = "They sent it to the men to the men of May. "
    some = [
        (twice + "It rained on. " * 9000)[:size] for size in (50, WINDOW - 2, WINDOW - 1, 60, SHEET, WINDOW + 9, 70)
    ]
    assert [one.stop - one.start for one in sheets(some)] == [2, 1, 1, 1, 1, 1]
    together = [Tokens(text) for text in some]
    for sheet in sheets(some):
        read_together(together[sheet])
    assert [(one.said, one.found) for one in together] == [(Tokens(t).said, Tokens(t).found) for t in some]


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS | st.integers(1, 3).map("It rained or rained. The men of the men of May. ".__mul__), max_size=6))
def test_texts_that_are_read_together_are_read_as_if_alone(some: list[str]) -> None:
    together = [Tokens(text) for text in some]
    for sheet in sheets(some):
        read_together(together[sheet])
    for one in together:
        alone = Tokens(one.text)
        assert one.said == alone.said
        assert one.found == alone.found
        for number in range(token_signs.watched()):
            assert one.places(number) == alone.places(number)


def test_the_first_text_of_a_process_is_repaired_like_any_other() -> None:
    """What a repair watches for must be known before the first text is read."""
    code = """
import newsclean
from newsclean import repairs, token_signs
first, second = (newsclean.repair(f"{name} spoke to condition of anonymity.", language="en") for name in ("Ada", "Ben"))
assert (first, second) == ("Ada spoke on condition of anonymity.", "Ben spoke on condition of anonymity."), first
known = token_signs.watched()
for language in ("en", "de", "fr", "ru", "zh", ""):
    newsclean.repair("“Die Stadt” isnt 5 %, they re late: according of the …", language=language)
assert known == token_signs.watched()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
