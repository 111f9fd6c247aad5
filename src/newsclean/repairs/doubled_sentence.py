"""A sentence or a paragraph that stands there twice in a row, word for word."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from types import MappingProxyType

from newsclean.model import Context, Edit, Flag
from newsclean.tokens import Tokens, sentence_spans

PASS = "sentences"
ORDER = 50
FAMILY = "doubling"
RULES = MappingProxyType({"doubled_sentence": 0.985, "doubled_paragraph": 0.99})

# "We will not go. We will not go." is how people speak. From six words on no repetition of the development articles
# outside of quotations was meant.
_MIN_WORDS = 6
# The same for languages written without spaces.
_MIN_WIDE_CHARACTERS = 16

_QUOTED = re.compile(
    r"^\s*[“\"‘'«„‹「『].*[”\"’'»“›」』][.!?]?\s*$|^\s*[“\"‘«„「『][^”\"’»“」』]*$|^[^“\"«„「『]*[”\"»」』]\s*$",
    re.DOTALL,
)
_SENTENCE_END = re.compile(r"[.?!…。！？][\"'”’»“)\]」』]*\s*$")
_SPEAKER = re.compile(r"[A-Z][A-Z .'’\-]+:\s")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit | Flag]:
    """The second sentence with the space before it, or the second paragraph with the line breaks before it. Any "
    "language."""
    yield from _paragraphs(text)
    if tokens.said.sentences:
        yield from _sentences(text, tokens)


def _paragraphs(text: str) -> Iterator[Edit]:
    lines = text.split("\n")
    filled = list(filter(None, map(str.strip, lines)))
    if not any(map(operator.eq, filled, islice(filled, 1, None))):
        return
    before, start, previous_end = "", 0, 0
    for line in lines:
        end = start + len(line)
        here = line.strip()
        if here:
            if here == before and _long_enough(here, _MIN_WORDS) and _SENTENCE_END.search(here):
                yield Edit(
                    previous_end,
                    text[previous_end:end],
                    "",
                    "doubled_paragraph",
                    "the same paragraph twice in a row",
                    RULES["doubled_paragraph"],
                    FAMILY,
                )
            before, previous_end = here, end
        start = end + 1


def _sentences(text: str, tokens: Tokens) -> Iterator[Edit]:
    lines = sorted({tokens.line_at(place) for place in tokens.said.sentences})
    spans = [span for line in lines for span in sentence_spans(text, *line)]
    for (start, end), (again, again_end) in pairwise(spans):
        if again_end - again != end - start or text[start:end] != text[again:again_end] or "\n" in text[end:again]:
            continue
        said = text[start:end]
        if not _long_enough(said, _MIN_WORDS) or not _SENTENCE_END.search(said):
            continue
        # Speech repeats itself, and so does a chant; reported speech with "he said" does not.
        if _QUOTED.search(said) or _inside_quotation(text, tokens.line_at(start)[0], start) or said.endswith("!"):
            continue
        if _SPEAKER.match(text, tokens.line_at(start)[0]):
            continue
        yield Edit(
            end,
            text[end:again_end],
            "",
            "doubled_sentence",
            "the same sentence twice in a row",
            RULES["doubled_sentence"],
            FAMILY,
        )


def _long_enough(said: str, words: int) -> bool:
    return len(said.split()) >= words or len(_WIDE.findall(said)) >= _MIN_WIDE_CHARACTERS


def _inside_quotation(text: str, line: int, position: int) -> bool:
    """Whether a quotation that opened in this line is still open."""
    before = text[max(line, position - 4000) : position]  # no paragraph of the development articles is half as long
    if before.count("“") != before.count("”") and "„" not in before:
        return before.rfind("“") > before.rfind("”")
    return before.count('"') % 2 == 1 or before.count("«") > before.count("»")
