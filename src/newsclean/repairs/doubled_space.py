"""Several spaces between two words of running text; columns of a table and program code keep theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, looks_like_code

PASS = "sentences"
ORDER = 40
FAMILY = "layout"
RULES = MappingProxyType({"doubled_space": 0.995})

_PLACES = watch_signs((" ", " "))
_RUN = re.compile(r"(?<=\S) {2,}(?=\S)")

NEEDS = frozenset((_PLACES,))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Runs of spaces inside a line, unless the line beside it has a column beginning at the same place."""
    line_starts, lines = tokens.line_starts, tokens.lines
    columns: dict[int, frozenset[int]] = {}

    def columns_of(index: int) -> frozenset[int]:
        if index not in columns:
            start, end = lines[index] if 0 <= index < len(lines) else (0, 0)
            columns[index] = frozenset(match.end() - start for match in _RUN.finditer(text, start, end))
        return columns[index]

    code: dict[int, bool] = {}
    number = 0
    for match in _RUN.finditer(text):
        while number + 1 < len(line_starts) and line_starts[number + 1] <= match.start():
            number += 1
        own = columns_of(number)
        if own & (columns_of(number - 1) | columns_of(number + 1)):
            continue
        if number not in code:
            code[number] = looks_like_code(text[slice(*lines[number])])
        if code[number]:
            continue
        reason = "more than one space between words"
        yield Edit(match.start(), match[0], " ", "doubled_space", reason, RULES["doubled_space"], FAMILY)
