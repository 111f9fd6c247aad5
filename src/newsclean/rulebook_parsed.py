"""A rule's pattern as the parser of `re` reads it, and how short and how long a line can be that it matches."""

from __future__ import annotations

import re
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # private, but steady since 3.11; any failure only costs speed
from typing import Any

# Classes of the `regex` module that `re` cannot parse. Only literals are read from the result: a class stands for them,
# that may be a member of another, and nothing for what matches no sign.
_FOREIGN = re.compile(r"(\\[pP]\{[^}]*\}|\\[XRh]|\[\[:\w+:\]\])|\\[KGmM]|\(\?[biLmsuwxV01]+\)")


# A named group may come twice in `regex`, not in `re`.
_NAMED = re.compile(r"\(\?P?<[A-Za-z_]\w*>")


@lru_cache(maxsize=1024)
def parsed(pattern: str) -> Any:
    """The pattern taken apart, with any sign or none for what only `regex` knows. Raises re.error and what deep nesting does."""
    plain = _FOREIGN.sub(lambda match: r"\w" if match[1] else "", _NAMED.sub("(?:", pattern))
    return _parser.parse(plain, re.IGNORECASE)


# What most of our patterns begin with: the bullet or number of an item of a list. It is left out of the keys: who
# looks for openings looks behind a bullet as well.
_BULLET = r"(?:(?:[*+•·–-]|\d\.)\s+)?"
BULLETED = re.compile(_BULLET[:-1])


def behind_bullet(pattern: str) -> str:
    """The pattern without the bullet that it may begin with: what is parsed of it."""
    return "^" + pattern[1 + len(_BULLET) :] if pattern.startswith("^" + _BULLET) else pattern


# No word, number or row of signs is longer than this: what a repeat without bound, of anything but `.`, is taken to reach.
LONGEST_WORD = 60
ENDLESS = 1 << 20


def narrowest(pattern: str) -> int:
    """Signs that a line must have at least: those of the match, or those looked for before or behind a place in it.

    >>> narrowest(r"^leave a (?:comment|reply)\\.?$"), narrowest(r"back to top(?<=.{25})")
    (13, 25)
    """
    try:
        tree = parsed(behind_bullet(pattern))
    except (re.error, RecursionError, OverflowError, IndexError):
        return 0
    around = [int(value[1].getwidth()[0]) for op, value in tree if str(op) == "ASSERT"]
    return max(int(tree.getwidth()[0]), *around, 0)


def widest(pattern: str) -> int:
    """The longest line that the pattern can match from its first to its last sign; ENDLESS when it is not tied to both.

    >>> widest(r"^leave a (?:comment|reply)\\.?$"), widest(r"^leave a comment") == ENDLESS
    (16, True)
    """
    try:
        tree = list(parsed(behind_bullet(pattern)))
    except (re.error, RecursionError, OverflowError, IndexError):
        return ENDLESS
    at = [(str(op), str(value)) for op, value in tree]
    if len(at) < 2 or at[0] != ("AT", "AT_BEGINNING") or at[-1] != ("AT", "AT_END"):
        return ENDLESS
    bullet = parsed(_BULLET) if behind_bullet(pattern) != pattern else ()
    return min(_width(bullet) + _width(tree), ENDLESS)


def _width(items: Any) -> int:
    total = 0
    for op, value in items:
        name = str(op)
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            total += 1
        elif name == "SUBPATTERN":
            total += _width(value[3])
        elif name == "ATOMIC_GROUP":
            total += _width(value)
        elif name == "BRANCH":
            total += max(_width(part) for part in value[1])
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            times, inner = int(value[1]), _width(value[2])
            if times >= int(_parser.MAXREPEAT):
                total += ENDLESS if _any(value[2]) else max(LONGEST_WORD, 3 * inner)
            else:
                total += times * inner
        elif name in ("GROUPREF", "GROUPREF_EXISTS", "GROUPREF_IGNORE"):
            total += ENDLESS
    return total


def _any(items: Any) -> bool:
    """Whether the items may match any sign whatever."""
    for op, value in items:
        name = str(op)
        if name in ("ANY", "NOT_LITERAL") or (name == "IN" and "NEGATE" in {str(one) for one, _ in value}):
            return True
        inner: list[Any] = []
        if name == "SUBPATTERN":
            inner = [value[3]]
        elif name == "ATOMIC_GROUP":
            inner = [value]
        elif name == "BRANCH":
            inner = value[1]
        elif name.endswith("_REPEAT"):
            inner = [value[2]]
        if any(_any(part) for part in inner):
            return True
    return False
