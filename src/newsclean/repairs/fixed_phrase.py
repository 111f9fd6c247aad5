"""A fixed phrase of the news with the wrong small word in it: `spoke to condition of anonymity`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_words
from newsclean.tokens import Tokens, small_letters

PASS = "sentences"
ORDER = 60
FAMILY = "garble"
RULES = MappingProxyType({"fixed_phrase": 0.99})


def _read() -> Mapping[str, tuple[tuple[int, re.Pattern[str], str, str], ...]]:
    """For each language and phrase: words of which one must be there, as their number; the damage, the right word, the phrase."""
    found = {}
    for folder in (files("newsclean") / "languages").iterdir():
        path = folder / "fixed_phrases.toml"
        if path.is_file():
            entries = tomllib.loads(path.read_text("utf-8"))["phrase"]
            found[folder.name] = tuple(
                (watch_words(*one["has"]), re.compile(one["match"]), one["right"], one["says"]) for one in entries
            )
    return MappingProxyType(found)


# Read at once: a text is looked through for the words that are watched for by then, so what a module begins to watch for
# while it repairs is missed in the first text of a process.
_PHRASES = _read()
LANGUAGES = frozenset(_PHRASES)
NEEDS = frozenset(has for phrases in _PHRASES.values() for has, *_ in phrases)


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The wrong word is replaced, and nothing else. In the languages that have a list of phrases."""
    for has, damage, right, says in _PHRASES.get(context.language, ()):
        done = -1
        for place in tokens.places(has):
            if place < done:
                continue
            line, done = tokens.line_at(place)
            for match in damage.finditer(small_letters(text[line:done])):
                start, end = (line + at for at in match.span("wrong"))
                reason = f"the phrase is “{says}”"
                yield Edit(start, text[start:end], right, "fixed_phrase", reason, RULES["fixed_phrase"], FAMILY)
