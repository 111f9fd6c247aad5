"""A fixed phrase of the news with the wrong small word in it: `spoke to condition of anonymity`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 60
FAMILY = "garble"
RULES = MappingProxyType({"fixed_phrase": 0.99})


@lru_cache(maxsize=8)
def _phrases(language: str) -> tuple[tuple[str, re.Pattern[str], str, str], ...]:
    """For each phrase: a word that must be in the text, what the damage looks like, the right word, the phrase."""
    path = files("newsclean") / f"languages/{language}/fixed_phrases.toml"
    if not language.isalpha() or not path.is_file():
        return ()
    entries = tomllib.loads(path.read_text("utf-8"))["phrase"]
    return tuple((one["has"], re.compile(one["match"]), one["right"], one["says"]) for one in entries)


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The wrong word is replaced, and nothing else. In the languages that have a list of phrases."""
    for has, damage, right, says in _phrases(context.language):
        if has not in tokens.lower:
            continue
        for match in damage.finditer(tokens.lower):
            start, end = match.span("wrong")
            yield Edit(
                start, text[start:end], right, "fixed_phrase", f"the phrase is “{says}”", RULES["fixed_phrase"], FAMILY
            )
