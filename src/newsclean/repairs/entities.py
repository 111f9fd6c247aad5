"""HTML left in the text as codes: `&rsquo;`, `&#8217;`, `&amp;mdash;`, and codes that lost their `&` (` #39;s`)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens

PASS = "encoding"
ORDER = 20
FAMILY = "encoding"
RULES = MappingProxyType({"entity": 0.999, "broken_entity": 0.99})

# The inner `amp;` are those of entities escaped again on the way.
_ENTITY = re.compile(r"&(?:amp;){0,4}(?:#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6})|[A-Za-z][A-Za-z0-9]{1,30});")
_PAIR = re.compile(r"&(?:amp;){0,4}#(\d{5,6}|[xX][0-9a-fA-F]{4});&(?:amp;){0,4}#(\d{5,6}|[xX][0-9a-fA-F]{4});")
# The few that old browsers read without their `;`, where nothing else can be meant.
_UNENDED = re.compile(r"&(?:(?:nbsp|quot|amp)(?=[\s,.!?])|(?:[lr]s?d?quo)(?=\s))")
# Agency files of the 2000s: the `&` became a space.
_APOSTROPHE = re.compile(r"#(?:0?39|8217|x27);(?=(?:s|t|re|ve|ll|d|m)\b)")
_DOLLAR = re.compile(r"#36;(?=\d)(?<!\S....)")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Every entity as its character; `&lt;` and `&gt;` stay as they are in a line that has a `<` of its own."""
    if "&" in text:
        taken = -1
        for pair in _PAIR.finditer(text):
            emoji = _surrogates(pair[1], pair[2])
            if emoji:
                taken = pair.end()
                yield _edit(pair.start(), pair[0], emoji)
        marked = "<" in text
        for match in _ENTITY.finditer(text):
            meant = _meant(match[0])
            if not meant or match.start() < taken:
                continue
            if meant in "<>" and marked and "<" in _line(text, match.start()):
                continue
            yield _edit(match.start(), match[0], meant)
        for match in _UNENDED.finditer(text):
            before = text[match.start() - 1 : match.start()]
            if before in tuple("=?/&") or (before.isalnum() and match[0] in ("&quot", "&amp")):
                continue  # a web address, or a name such as Q&amp
            yield _edit(match.start(), match[0], html.unescape(match[0] + ";"))
    if "#" in text:
        for match in _APOSTROPHE.finditer(text):
            start = match.start() - (text[match.start() - 1 : match.start()] == " ")
            if start > 0 and text[start - 1].isalpha():
                yield _broken(start, text[start : match.end()], "'")
        for match in _DOLLAR.finditer(text):
            yield _broken(match.start(), match[0], "$")


@lru_cache(maxsize=4096)
def _meant(entity: str) -> str:
    """The character that an entity stands for; empty if it stands for none or for one no text has."""
    from ftfy.chardata import HTML_ENTITIES

    code = "&" + entity[1:].replace("amp;", "") if entity.count(";") > 1 else entity
    if code == "&" or code == "&;":
        return "&"
    meant: str = HTML_ENTITIES.get(code, "") or (html.unescape(code) if code.startswith("&#") else "")
    if meant == code or any(char == "\ufffd" or "\ud800" <= char <= "\udfff" for char in meant):
        return ""
    return "" if any(ord(char) < 32 and char not in "\t\n\r" for char in meant) else meant


def _surrogates(high: str, low: str) -> str:
    """The character whose two UTF-16 halves were written as two entities; empty if they are no such halves."""
    first, second = (int(code[1:], 16) if code[0] in "xX" else int(code) for code in (high, low))
    if 0xD800 <= first < 0xDC00 <= second < 0xE000:
        return chr(0x10000 + (first - 0xD800) * 0x400 + second - 0xDC00)
    return ""


def _line(text: str, position: int) -> str:
    end = text.find("\n", position)
    return text[text.rfind("\n", 0, position) + 1 : end if end >= 0 else len(text)]


def _edit(start: int, before: str, after: str) -> Edit:
    return Edit(start, before, after, "entity", "HTML code for a character", RULES["entity"], FAMILY)


def _broken(start: int, before: str, after: str) -> Edit:
    return Edit(start, before, after, "broken_entity", "HTML code without its &", RULES["broken_entity"], FAMILY)
