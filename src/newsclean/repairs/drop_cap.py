"""A paragraph's big first letter that was cut off its word: `T he president arrived`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 14
FAMILY = "layout"
RULES = MappingProxyType({"drop_cap": 0.985})

_CAP = re.compile(r"[A-Z]([ \u00a0\n])(?=([a-z]{1,20})[\s,.;:'’])")
_LINE_START = re.compile(r"(?:^|\n)[\"“‘]?$")
# `C is for`, `R and B`, `B to B`: the letter is meant.
_MEANT = frozenset("is and or in on to for as at was of are has vs marks".split())

# `I m late` lost an apostrophe.
_CLITICS = frozenset({"m", "d", "ve", "ll", "s", "t"})


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The space between the letter and the rest of its word. English only: elsewhere single letters are words."""
    if context.language != "en":
        return
    for match in _CAP.finditer(text):
        if not _LINE_START.search(text[max(0, match.start() - 2) : match.start()]):
            continue
        letter, rest = match[0][0].lower(), match[2]
        lexicon = word_list("en", "lexicon")
        if letter + rest not in lexicon or rest in _MEANT or (letter == "i" and rest in _CLITICS):
            continue
        # A, I and O are words themselves; then the rest must be none.
        if (letter in "aio" or match[1] == "\n") and rest in lexicon:
            continue
        reason = "a paragraph's first letter cut off its word"
        yield Edit(match.start(1), match[1], "", "drop_cap", reason, RULES["drop_cap"], FAMILY)
