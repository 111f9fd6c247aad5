"""A word broken by a hyphen at the end of a line (`bud-` / `get`), or where a line once ended (`bud- get`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 10
FAMILY = "layout"
RULES = MappingProxyType({"line_hyphen": 0.985, "hyphen_space": 0.985})

_LINE = re.compile(r"(?<![^\W\d_])([^\W\d_]{1,40})-[ \u00a0]?\n[ \t]*([^\W\d_]{1,40})(?![^\W\d_])")
_LINES = watch_signs(("-", "\n"), ("-", " ", "\n"))
_SPACES = watch_signs(("-", " ", "a"))
_HYPHENATED = re.compile(r"[^\W\d_]{1,40}-[^\W\d_]{1,40}")
_WORD = re.compile(r"[^\W\d_]+")
_PREFIXES = frozenset(
    "anti auto bi co counter cross de down ex extra fore full half high hyper in inter intra long low macro mega meta mid mini "
    "multi near neo non off on out over part post pre pro re self semi short sub super trans tri ultra un under up well".split()
)
# Ends of words that the word list has as names or abbreviations.
_ENDINGS = frozenset(
    "ing ings ed er ers es al ally able ation ations ion ions tion ment ments ist ism ity ive ly or ors ate ant "
    "ent ness".split()
)
_SPACE = re.compile(r"- (?<=[a-z]{2}- )([a-z]{2,30})(?![\w-])")
_LEFT = re.compile(r"(?<![\w-])[a-z]{2,30}$")
# `two- and four-door`, `Impf- und Genesenennachweis`: the hyphen waits for its other half.
_AND = frozenset(
    "and or to nor but und oder bis sowie et ou y o e u en of i a lub oraz и или og eller och ja tai v from than "
    "versus vs".split()
)

NEEDS = frozenset((_LINES, _SPACES))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The two halves joined, with their hyphen where it is part of the word."""
    if tokens.places(_LINES):
        found = list(_LINE.finditer(text))
        hyphenated = frozenset(_HYPHENATED.findall(tokens.lower)) if found else frozenset()
        words = frozenset(_WORD.findall(tokens.lower)) if found else frozenset()
        for match in found:
            left, right = match[1], match[2]
            if right.lower() in _AND:
                continue
            kept = "-" if _keeps_hyphen(left, right, context.language, hyphenated, words) else ""
            at, between = match.end(1), text[match.end(1) : match.start(2)]
            reason = "word broken at the end of a line"
            yield Edit(at, between, kept, "line_hyphen", reason, RULES["line_hyphen"], FAMILY)
    if context.language == "en":
        lexicon = word_list("en", "lexicon")
        for place in tokens.places(_SPACES):
            after = _SPACE.match(text, place)
            before = _LEFT.search(text, max(0, place - 31), place) if after else None
            if after is None or before is None:
                continue
            left, right = before[0], after[1]
            # A joined form that is a word is meant; behind a prefix the hyphen may be: `anti- war`, `re- elected`.
            if right in _AND or left + right not in lexicon or (left in _PREFIXES and right in lexicon):
                continue
            reason = "word broken at the end of a line that was joined later"
            yield Edit(place, "- ", "", "hyphen_space", reason, RULES["hyphen_space"], FAMILY)


def _keeps_hyphen(left: str, right: str, language: str, hyphenated: frozenset[str], words: frozenset[str]) -> bool:
    """Whether the word is written with a hyphen anyway."""
    if right[0].isupper():
        return True
    joined = (left + right).lower()
    if f"{left}-{right}".lower() in hyphenated:
        return True
    if joined in words:
        return False
    lexicon = word_list(language, "lexicon")
    if not lexicon or joined in lexicon:
        return False
    return len(left) > 2 and right not in _ENDINGS and left.lower() in lexicon and right.lower() in lexicon
