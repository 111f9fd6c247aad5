"""An article cut off by whoever delivered it: `… [+3421 chars]`, `... Read more`, `[…]` at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Flag
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 90
FAMILY = "garble"
RULES = MappingProxyType({"truncated": 0.99})

_PLACES = watch_signs(("…", ""), (".", ".", "."), (".", " ", "."), ("[", "+"), ("&", "a", "a"))

# Looked for at the end of a line only, where news APIs, feeds and teasers put it. The sign stands in front.
_CUT = re.compile(
    r"(?:(?:…|\.\.\.|\. \. \.)?\s{0,2}\[\+\s?\d[\d,.]{0,12}\s?(?:chars|characters|words|more)\]"
    r"|(?:…|\.\.\.)\s{0,2}[\[(]?(?:read more|continue reading|read the full (?:story|article)|full story|more|"
    r"weiterlesen|mehr lesen"
    r"|lire la suite|leer más|seguir leyendo|continua a leggere|leggi tutto|leia mais|continue lendo|lees (?:meer|"
    r"verder)|czytaj (?:więcej|dalej)"
    r"|читать далее|подробнее)[\])]?(?:\s?(?:»|›|→|>+|…|\.\.\.))?"
    r"|(?P<omission>(?:…|\.\.\.|&hellip;)\]))[ \t]*(?:\n|$)",
    re.IGNORECASE,
)

NEEDS = frozenset((_PLACES,))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Flag]:
    """Flags the marker. What it stands for cannot be restored, so nothing is changed. Any language."""
    for place in tokens.places(_PLACES):
        cut = _CUT.match(text, place)
        if not cut:
            continue
        start, end = cut.start(), cut.start() + len(cut[0].rstrip())
        if cut["omission"]:
            # "[…]" is an omission in a quotation; only at the end of the article is it a cut.
            if end < len(text.rstrip()) or text[start - 1 : start] != "[":
                continue
            start -= 1
        said = text[start:end]
        yield Flag(
            "truncated",
            start,
            end,
            "truncated",
            f"the text was cut off here by its source: “{said}”",
            RULES["truncated"],
        )
        return
