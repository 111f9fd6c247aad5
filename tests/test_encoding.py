"""The cheap tests before a repair never change what comes out, edits compose, and no text can make a repair slow."""

from __future__ import annotations

import itertools
import random
import re
import sys
import time
import unicodedata

import pytest
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES, is_bad
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import edits, repairs
from newsclean.model import Context, Edit, Pass
from newsclean.repairs import mojibake, unicode_form
from newsclean.settings import CleanSettings
from newsclean.tokens import Tokens

CONTEXT = Context("en", "", "", CleanSettings())

# Every character that ftfy's badness pattern names, and others that stand for the rest.
_RANGES = re.findall(r"([^-])-([^-])", "".join(MOJIBAKE_CATEGORIES.values()))
NAMED = sorted(
    {char for chars in MOJIBAKE_CATEGORIES.values() for char in chars}
    | {chr(code) for low, high in _RANGES for code in range(ord(low), min(ord(high), ord(low) + 60) + 1)}
    | set("ÂÃÎÐØÙàāβвВГРСΒΓΞΟўЂ€œŒ√≈‚Ä×âóêìîïòôúùû™®")
)
OTHERS = " \nazAZ19.,?!\"'-中ア。　"


def _misses(texts: itertools.product[tuple[str, ...]]) -> list[str]:
    joined = ("".join(parts) for parts in texts)
    return [text for text in joined if BADNESS_RE.search(text) and not mojibake._SUSPECT.search(text)]


def test_what_ftfy_may_repair_always_looks_suspect() -> None:
    assert not _misses(itertools.product([*NAMED, *OTHERS], repeat=2))
    plain = "\u00a0«»–—‘’“”„…ВГСаΒαβЖ中。éÎÉ aZ.1"
    assert not _misses(itertools.product(plain, repeat=3))
    draw = random.Random(1)
    alphabet = [*NAMED, *OTHERS]
    for _ in range(20_000):
        text = "".join(draw.choices(alphabet, k=draw.randint(3, 7)))
        assert mojibake._SUSPECT.search(text) or not is_bad(text), repr(text)


@st.composite
def _garbled(draw: st.DrawFn) -> str:
    """Text of many languages, some of it read in a wrong encoding."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        piece = draw(st.text(alphabet="abc XYZ'’“”—–…éüßñçãÅøœ€£中文Привет ελ\u00a0\u00ad", max_size=20))
        wrong = draw(st.sampled_from(["", "latin-1", "cp1252", "mac_roman", "cp1251", "cp437", "cp1250"]))
        if wrong:
            piece = piece.encode("utf-8").decode(wrong, "replace")
        pieces.append(piece)
    return draw(st.sampled_from(["", " ", "\n"])).join(pieces)


@settings(max_examples=300, deadline=None)
@given(_garbled() | st.text(alphabet=st.sampled_from([*NAMED, *OTHERS]), max_size=30))
def test_only_suspect_lines_go_to_ftfy_and_the_others_would_come_back_as_they_are(text: str) -> None:
    gated = edits.apply(text, list(mojibake.find(text, CONTEXT, Tokens(text))))
    every: list[Edit] = []
    start = 0
    for line in text.split("\n"):
        every += mojibake.of_line(line, start)
        start += len(line) + 1
    assert gated == edits.apply(text, every)


@settings(max_examples=300, deadline=None)
@given(st.text([*repairs._TYPOGRAPHY, *"\n\t aZ9.,;:?!'\"-()[]<>/|_"], max_size=60), st.sampled_from(["", "en", "fr"]))
def test_typography_alone_is_no_broken_encoding(text: str, language: str) -> None:
    context = Context(language, "", "", CleanSettings(repair_level="plausible"))
    for repair in repairs.repairs("encoding"):
        assert not list(repair.find(text, context, Tokens(text))), repair.name


@settings(max_examples=200, deadline=None)
@given(_garbled() | st.text(max_size=60))
def test_the_edits_of_a_pass_apply_and_rounds_come_to_an_end(text: str) -> None:
    for _ in range(12):
        first = repairs.encoding(text, CONTEXT)
        after = edits.apply(text, first.edits)
        second = repairs.sentences(after, CONTEXT)
        if not first.edits and not second.edits:
            return
        text = edits.apply(after, second.edits)
    raise AssertionError(f"still changing: {text!r}")


@given(st.data())
def test_composed_edits_are_the_two_lists_in_one(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="abcd", max_size=12))
    first = data.draw(_some_edits(text))
    middle = edits.apply(text, first)
    second = data.draw(_some_edits(middle))
    both = repairs.composed(first, second)
    assert edits.apply(text, both) == edits.apply(middle, second)
    assert all(one.end < other.start for one, other in itertools.pairwise(both))


@st.composite
def _some_edits(draw: st.DrawFn, text: str) -> list[Edit]:
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    made = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        after = draw(st.text(alphabet="xyz", max_size=3))
        if text[start:end] != after:
            made.append(Edit(start, text[start:end], after, "rule", "reason"))
    return made


def test_settled_characters_stay_in_nfc_whatever_stands_beside_them() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    settled = {char for char in every if unicode_form._is_settled(char)}
    assert {*"é…€™©’😀"} <= settled
    assert all(unicodedata.normalize("NFC", char) == char and not unicodedata.combining(char) for char in settled)
    # What can be drawn into the character before it: second halves of composed letters, and Korean vowels and finals.
    halves = (unicodedata.decomposition(char).split() for char in every)
    seconds = {chr(int(codes[1], 16)) for codes in halves if len(codes) == 2 and codes[0][0] != "<"}
    seconds |= {unicodedata.normalize("NFD", chr(code))[-1] for code in range(0xAC00, 0xD7A4)}
    assert len(seconds) > 100
    assert settled.isdisjoint(seconds)


def test_nfc_word_by_word_is_nfc_of_the_whole() -> None:
    text = "Mu\u0308ller  \u0301x\te\u0301\n\u0301e \uf9e1 \u1100\u1161\u11a8 e\u0327\u0301"
    found = repairs.encoding(text, CONTEXT)
    assert edits.apply(text, found.edits) == unicodedata.normalize("NFC", text)


def test_a_line_that_changed_twice_is_one_edit_with_both_reasons() -> None:
    text = "He said â€œnoâ€ and left."
    found = repairs.encoding(text, CONTEXT)
    assert edits.apply(text, found.edits) == "He said “no” and left."
    last = found.edits[-1]
    assert (last.before, last.after, last.rule) == ("â€", "”", "lost_byte")
    assert "0x9d lost; ftfy: encode" in last.reason
    assert edits.undo("He said “no” and left.", [Pass("encoding", found.edits)]) == text


REPEATED = (
    *(
        "a",
        " ",
        ".",
        ". ",
        ", ",
        '"',
        "“ x ” ",
        " 's",
        "don t ",
        "&amp;",
        "&#39",
        " #39;s",
        "Ã¢â‚¬â„¢",
        "â€",
        "\ufffd",
        "\u200b",
    ),
    *(
        "\xad",
        "\xa0",
        "a\u0301",
        "\u0301",
        "ﬁ",
        "a-\n",
        "ab- cd ",
        "T he\n",
        "\n",
        " ()",
        "a  b",
        "said.The ",
        "aa,bb",
        "aaBbb ",
    ),
    *(
        "\x1b[",
        "\x00",
        "\r",
        "Γ",
        "├⌐",
        "(",
        "cats or cats ",
        "the the ",
        "He said it was so. ",
        "aa. bb ",
        "said.“The ",
    ),
)


@pytest.mark.parametrize("unit", REPEATED)
def test_no_text_makes_a_repair_slow(unit: str) -> None:
    # Linear means: sixteen times the text takes about sixteen times as long. A pattern that backtracks takes 256 times.
    # The allowance is for the clock's grain and a busy machine.
    seconds = []
    for length in (4_000, 64_000):
        text = (unit * (length // len(unit) + 1))[:length]
        started = time.process_time()
        for repair in MINE:
            list(repair.find(text, CONTEXT, Tokens(text)))
        seconds.append(time.process_time() - started)
    assert seconds[1] < 60 * seconds[0] + 0.5


MINE = tuple(repair for repair in repairs.repairs() if repair.family in ("encoding", "layout", "punctuation"))
