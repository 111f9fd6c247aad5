"""A fixed phrase of the news with the wrong small word in it: `spoke to condition of anonymity`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_words
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 60
FAMILY = "garble"
RULES = MappingProxyType({"fixed_phrase": 0.99})


@lru_cache(maxsize=8)
def _phrases(language: str) -> tuple[tuple[int, re.Pattern[str], str, str], ...]:
    """For each phrase: words of which one must be there, as their number; the damage, the right word, the phrase."""
    path = files("newsclean") / f"languages/{language}/fixed_phrases.toml"
    if not language.isalpha() or not path.is_file():
        return ()
    entries = tomllib.loads(path.read_text("utf-8"))["phrase"]
    return tuple((watch_words(*one["has"]), re.compile(one["match"]), one["right"], one["says"]) for one in entries)


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The wrong word is replaced, and nothing else. In the languages that have a list of phrases."""
    for has, damage, right, says in _phrases(context.language):
        done = -1
        for place in tokens.word_places(has):
            if place < done:
                continue
            line, done = tokens.line_at(place)
            for match in damage.finditer(tokens.lower[line:done]):
                start, end = (line + at for at in match.span("wrong"))
                reason = f"the phrase is “{says}”"
                yield Edit(start, text[start:end], right, "fixed_phrase", reason, RULES["fixed_phrase"], FAMILY)
