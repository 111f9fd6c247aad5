"""A sentence end that echoes and breaks: `refuses to do so to do. So. Israel` for `refuses to do so. Israel`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 46
FAMILY = "doubling"
RULES = MappingProxyType({"split_echo": 0.99})
LANGUAGES = frozenset({"en"})

# A sentence of one word behind a sentence: rare, and the only place where the echo can end.
_ONE_WORD_SENTENCE = re.compile(r"\. ([^\W\d_][\w'’\-]*)\.(?=\s|$)")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")

# The longest echo seen has four words before the stop; eight leaves room.
_LONGEST = 8

NEEDS = frozenset(("echoes",))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """`A B C A B. C.` → `A B C.`, with two or more words before the inner stop. English only."""
    for match in _ONE_WORD_SENTENCE.finditer(text):
        last = match[1].lower()
        line, _ = tokens.line_at(match.start())
        before = list(_WORD.finditer(text, max(line, match.start() - 200), match.start()))
        lower = [word[0].lower() for word in before]
        # From the longest echo down: the words before the stop come a second time; the first time `last` followed them.
        for count in range(min(_LONGEST, (len(lower) - 1) // 2), 0, -1):
            echo = lower[-count:]
            if lower[-count - 1] != last or lower[-2 * count - 1 : -count - 1] != echo:
                continue
            first = before[-2 * count - 1]
            kept_end = before[-count - 1].end()
            between = text[first.start() : match.start()]
            # One word is enough of an echo only if it is no chant: "so do. So." needs two.
            if count < 2 or re.search(r"[^\w\s'’\-]", between):
                continue
            yield Edit(
                kept_end,
                text[kept_end : match.end()],
                ".",
                "split_echo",
                f"“{text[kept_end : match.end()].strip()}” echoes the end of the sentence",
                RULES["split_echo"],
                FAMILY,
            )
            break
