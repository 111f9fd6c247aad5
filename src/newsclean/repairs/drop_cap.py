"""A paragraph's big first letter that was cut off its word: `T he president arrived`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 14
FAMILY = "layout"
RULES = MappingProxyType({"drop_cap": 0.985})
LANGUAGES = frozenset({"en", ""})

_CAPS = watch_signs(("\n", "A", " \n"))
_QUOTED_CAPS = watch_signs(('"“', "A", " \n"))
_CAP = re.compile(r"\n[\"“‘]?([A-Z])([ \u00a0\n])(?=([a-z]{1,20})[\s,.;:'’])")
_FIRST_CAP = re.compile(r"[\"“‘]?([A-Z])([ \u00a0\n])(?=([a-z]{1,20})[\s,.;:'’])")
# `C is for`, `R and B`, `B to B`: the letter is meant.
_MEANT = frozenset("is and or in on to for as at was of are has vs marks".split())

# `I m late` lost an apostrophe.
_CLITICS = frozenset({"m", "d", "ve", "ll", "s", "t"})


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The space between the letter and the rest of its word. English only: elsewhere single letters are words."""
    first = _FIRST_CAP.match(text)
    begun = (*tokens.places(_CAPS), *(place - 1 for place in tokens.places(_QUOTED_CAPS) if place))
    later = (_CAP.match(text, place) for place in begun)
    for match in filter(None, (first, *later)):
        letter, rest = match[1].lower(), match[3]
        lexicon = word_list("en", "lexicon")
        if letter + rest not in lexicon or rest in _MEANT or (letter == "i" and rest in _CLITICS):
            continue
        # A, I and O are words themselves; then the rest must be none. So it must where nobody says that this is English.
        if (letter in "aio" or match[2] == "\n" or not context.language) and rest in lexicon:
            continue
        if not context.language and len(rest) < 5:
            continue
        reason = "a paragraph's first letter cut off its word"
        yield Edit(match.start(2), match[2], "", "drop_cap", reason, RULES["drop_cap"], FAMILY)
