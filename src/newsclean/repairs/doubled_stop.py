"""Two stops or commas where one belongs: `said. . These`, `ended.. Both`, `the deal,, which`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 20
FAMILY = "punctuation"
RULES = MappingProxyType({"doubled_stop": 0.99, "doubled_comma": 0.99})

# Exactly two stops, close or with a space between; `...`, `. . .` and `..` inside paths and ranges are no damage.
_STOPS = re.compile(r"(?<![.…])(?<=[\w”\"’)\]%])\.[ \u00a0]?\.(?=[ \u00a0\n\t]|$)(?![ \u00a0]?\.)")
_COMMAS = re.compile(r"(?<=[\w”\"’)\]%]),[ \u00a0]?,(?=[ \u00a0\n])(?! ?,)")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The second of two stops or commas, with the space between them."""
    # In Arabic script two stops are a pause.
    if context.language not in ("ar", "fa", "ur", "ps", "ckb") and (".." in text or ". ." in text or ".\u00a0." in text):
        for match in _STOPS.finditer(text):
            yield Edit(
                match.start(), match[0], ".", "doubled_stop", "two stops in a row", RULES["doubled_stop"], FAMILY
            )
    if ",," in text or ", ," in text or ",\u00a0," in text:
        for match in _COMMAS.finditer(text):
            yield Edit(
                match.start(), match[0], ",", "doubled_comma", "two commas in a row", RULES["doubled_comma"], FAMILY
            )
