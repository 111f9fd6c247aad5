"""Lines broken at a fixed width, as mail and wire copy send them: joined where the next word would not have fitted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 12
FAMILY = "layout"
RULES = MappingProxyType({"hard_wrap": 0.99})

# Widths that mail, telex and web terminals wrap at. A line of verse is shorter; a paragraph on one line is longer.
_NARROWEST, _WIDEST = 44, 132
_TOO_LONG = re.compile(rf"[^\n]{{{_WIDEST + 1}}}")
# Characters that may be free on a line that was wrapped by eye.
_RAGGED = 8
_FIRST_WORD = re.compile(r"\S+")
_NO_PROSE = re.compile(r"\t|\S {3,}\S|^\s*(?:[-*•>|#]|\d{1,3}[.)]\s)|[|]\s*$")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The newlines between lines that are full, if the text as a whole is wrapped."""
    if "\n" not in text or context.language in ("zh", "ja", "th"):
        return
    # The cheapest way to see that a text is not wrapped: a stretch of prose that is longer than any width.
    stretch = _TOO_LONG.search(text)
    if stretch and " " in stretch[0]:
        return
    longest = max(map(len, text.split("\n")))
    if longest < _NARROWEST or longest > 4 * _WIDEST:
        return
    lines = tokens.lines
    widths = sorted(end - start for start, end in lines if text.find(" ", start, end) >= 0)
    if not widths or widths[-1] > _WIDEST or widths[-1] < _NARROWEST:
        return
    # A line that holds an address can be longer than the rest, and a single long heading says nothing.
    width = widths[-1]
    full, room, small = [], 0, 0
    ragged = []
    for (start, end), (next_start, next_end) in pairwise(lines):
        word = _FIRST_WORD.match(text, next_start, next_end)
        if start == end or word is None:
            continue
        if _NO_PROSE.search(text, start, end) or _NO_PROSE.search(text, next_start, next_end):
            continue
        end_of_line = end - (text[end - 1] in " \u00a0")
        if end_of_line - start + 1 + len(word[0]) > width:
            full.append((end_of_line, next_start))
            small += word[0].lstrip('"“‘(')[:1].islower()
        elif not _ends_paragraph(text, end_of_line):
            room += 1
            if word[0][0].islower() and width - (end_of_line - start + 1 + len(word[0])) < _RAGGED:
                ragged.append((end_of_line, next_start))
    if len(ragged) == room and small == len(full) and room + small > 1:
        # Wrapped by eye: every line is nearly full and goes on with a small letter.
        full, room, small = sorted(full + ragged), 0, small + room
    if _is_wrapped(len(full), room, small):
        for end, next_start in full:
            if text[end - 1] == "-" and text[end - 2 : end - 1].isalnum():
                continue  # a hyphen at the line's end is another damage
            reason = f"line broken at {width} characters: the next word did not fit"
            yield Edit(end, text[end:next_start], " ", "hard_wrap", reason, RULES["hard_wrap"], FAMILY)


def _ends_paragraph(text: str, end: int) -> bool:
    return text[end - 1] in '.!?…:"”’)»“'


def _is_wrapped(full: int, room: int, small: int) -> bool:
    """Whether so many full lines, lines with room left and small letters at line starts are those of wrapped "
    "prose."""
    # Verse and lists have lines of all lengths that end without a stop, and begin with capitals.
    if full == 0 or room * 5 > full:
        return False
    if full == 1:
        return small == 1 and room == 0
    return small * 2 >= full or (room == 0 and small * 4 >= full)
