"""What every line that a pattern matches has in it: sets of literals, one of each set, and how long it is at least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Clause = frozenset[str]

# One of these sets must be met in each of its clauses.
Way = tuple[Clause, ...]

# The same as it is tried.
Clauses = tuple[tuple[str, ...], ...]

# Literals in one set. More cost as much to look for as the pattern; en.related_heading alone has 3,000 wordings.
MOST = 48

# Signs in a class that are told from each other.
FEW_SIGNS = 6

_CLASSES = {"CATEGORY_SPACE": " "}

# Signs of a literal that are looked for: as many as tell it from common phrases.
SIGNS = (16, 12, 8)

# Sets kept of one pattern: the hardest two turn nearly all lines away that any does.
KEPT = 3

# Signs that most lines have: a set with one of these by itself tells nothing.
_COMMON = frozenset(" .,'’-\"")


@dataclass(frozen=True, slots=True)
class _Need:
    """What one part of a pattern must meet: `exact` is all that it can match, where that is a short list."""

    exact: Clause | None
    clauses: tuple[Clause, ...] = ()


_NOTHING = _Need(None)
_EMPTY = _Need(frozenset(("",)))


@dataclass(frozen=True, slots=True)
class Memo:
    """What is known of the groups of one parsed pattern, by their identity: taken apart, a pattern meets them many times."""

    needs: dict[int, _Need] = field(default_factory=dict)


def folded(text: str) -> str:
    """Small letters, sign for sign; what `regex` takes for one another when it ignores case, and all white space, is one.

    >>> folded("İLGİLİ\\tHaber, ΟΔΟΣ")
    'ilgili haber, οδοσ'
    """
    return lowered(unmixed(text))


def unmixed(text: str, signs: Iterable[str] | None = None) -> str:
    """The text with one letter i, one sigma (in small letters too), one space and no odd capitals; line ends stay.

    `signs`: those that are to be looked for, where they are known (see `mixed_signs`).
    """
    if signs is None:
        signs = _BLANKS if text.isascii() else mixed_signs(text.encode("utf-8", "surrogatepass"))
    for sign in signs:
        if sign in text:
            text = text.replace(sign, _MIXED[sign])
    return text


def unmixed_bytes(text: bytes, signs: Iterable[str]) -> bytes:
    """The same for a text in UTF-8."""
    for sign in signs:
        text = text.replace(sign.encode(), _MIXED[sign].encode())
    return text


def mixed_signs(text: bytes) -> list[str]:
    """The signs that `unmixed` may have to replace in a text in UTF-8."""
    # The few signs beyond ASCII are looked at by themselves: a search of the text for each takes twice the time.
    beyond = text.translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return [*_BLANKS, *_MIXED.keys() & set(beyond)]


def lowered(text: str) -> str:
    """Small letters of a text that is unmixed."""
    return text.lower() if text.isascii() else text.lower().replace("ς", "σ")


_ASCII = bytes(range(128))
_BLANKS = ("\t", "\x1f")
_MIXED = dict.fromkeys(
    "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "
)
# One letter i and one sigma; and capitals that are not what their small letter's capital is.
_MIXED |= {"İ": "I", "ı": "i", "ς": "σ", "ϴ": "θ", "ẞ": "ß", "\u2126": "ω", "\u212a": "k", "\u212b": "å"}


def meets(low: str, ways: Sequence[Clauses]) -> bool:
    """Whether a line (folded) has a literal of each set of one of the ways; also where nothing is asked for."""
    for way in ways:
        for clause in way:
            for word in clause:
                if word in low:
                    break
            else:
                break
        else:
            return True
    return not ways


def tried(ways: Iterable[Way]) -> tuple[Clauses, ...]:
    """Ways ready to be tried, short sets first; none where one of them asks for nothing."""
    found = {frozenset(way): None for way in ways}
    if frozenset() in found:
        return ()
    merged = _merged(_merged([way for way in found if not any(other < way for other in found)]))
    return tuple(tuple(tuple(sorted(one)) for one in sorted(way, key=_effort)) for way in merged)


def _effort(clause: Clause) -> tuple[int, list[str]]:
    return len(clause), sorted(clause)


def _merged(ways: Sequence[frozenset[Clause]]) -> list[frozenset[Clause]]:
    """The same asked for in fewer ways: those that differ in one set only ask for one of both sets."""
    out: list[frozenset[Clause]] = []
    left = dict.fromkeys(ways)
    while left:
        way = next(iter(left))
        # The set that most other ways have another one for, with the rest the same.
        alike = {
            clause: [other for other in left if len(other) == len(way) and way - {clause} < other] for clause in way
        }
        clause = max(sorted(way, key=_effort), key=lambda one: len(alike[one]))
        rest = way - {clause}
        out.append(rest | {_least(frozenset().union(*(next(iter(other - rest)) for other in alike[clause])))})
        for other in alike[clause]:
            del left[other]
    return out


def clauses(items: Iterable[Any], memo: Memo) -> Way:
    """Sets of literals (folded) of each of which a matching line has one; the hardest to meet by chance first.

    `items` are those of a parsed pattern (see rulebook_literals).
    """
    need = _row(items, memo)
    found = [need.exact] if need.exact is not None else list(need.clauses)
    kept: list[Clause] = []
    for one in sorted({_short(one) for one in found if _tells(one)}, key=_hardness, reverse=True):
        # A set is met by itself where another is whose literals all hold one of its own.
        parts = tuple(one)
        if not any(all(has_one(whole, parts) for whole in other) for other in kept):
            kept.append(one)
    return tuple(kept[:KEPT])


def _row(items: Iterable[Any], memo: Memo) -> _Need:
    """Items one behind the other: neighbours that are short lists are multiplied with each other."""
    found: list[Clause] = []
    run, whole, letters = frozenset(("",)), True, ""
    for op, value in items:
        name = str(op)
        if name == "LITERAL":
            letters += _letter(value)
            continue
        if letters:
            run, letters = frozenset(one + letters for one in run), ""
        need = _item(name, value, memo)
        if need.exact is not None and len(run) * len(need.exact) <= MOST:
            run = frozenset(one + other for one in run for other in need.exact)
            continue
        whole = False
        found.append(run)
        run = frozenset(("",)) if need.exact is None else need.exact
        found += need.clauses
    if letters:
        run = frozenset(one + letters for one in run)
    if whole:
        return _Need(run)
    return _Need(None, tuple(one for one in (*found, run) if _tells(one)))


@lru_cache(maxsize=4096)
def _letter(code: int) -> str:
    return folded(chr(code))


def _item(name: str, value: Any, memo: Memo) -> _Need:
    if name in ("AT", "ASSERT_NOT"):
        return _EMPTY
    if name == "IN":
        return _sign(value)
    if id(value) not in memo.needs:
        memo.needs[id(value)] = _group(name, value, memo)
    return memo.needs[id(value)]


def _sign(members: Any) -> _Need:
    """A class of few signs; white space is one of them, as it is folded."""
    signs = {_letter(value) if str(name) == "LITERAL" else _CLASSES.get(str(value), "") for name, value in members}
    return _Need(frozenset(signs)) if 0 < len(signs) <= FEW_SIGNS and "" not in signs else _NOTHING


def _group(name: str, value: Any, memo: Memo) -> _Need:
    if name == "SUBPATTERN":
        return _row(value[3], memo)
    if name == "ATOMIC_GROUP":
        return _row(value, memo)
    if name == "ASSERT":
        return _EMPTY
    if name == "BRANCH":
        return _choice([_row(part, memo) for part in value[1]])
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        inner = _row(value[2], memo)
        if (value[0], value[1]) == (1, 1):
            return inner
        if (value[0], value[1]) == (0, 1) and inner.exact is not None:
            return _Need(inner.exact | {""})
        if value[0] >= 1:
            return _Need(None, inner.clauses if inner.exact is None else (inner.exact,))
    return _NOTHING


def _choice(parts: list[_Need]) -> _Need:
    """One of several: each way's hardest sets together, then their second hardest …"""
    exact: set[str] = set()
    for part in parts:
        exact.update(part.exact or ())
    if all(part.exact is not None for part in parts) and len(exact) <= MOST:
        return _Need(frozenset(exact))
    rows = [sorted(_sets(part), key=_hardness, reverse=True) for part in parts]
    merged = [_short(frozenset().union(*one)) for one in zip(*rows, strict=False)]
    return _Need(None, tuple(one for one in merged if len(one) <= MOST))


def _sets(part: _Need) -> list[Clause]:
    found = part.clauses if part.exact is None else (part.exact,)
    return [_short(one) for one in found if _tells(one)]


@lru_cache(maxsize=4096)
def _short(clause: Clause) -> Clause:
    """A smaller set that every line meets that meets this one: beginnings of its literals, none of which holds another."""
    kept = clause = _least(clause)
    for signs in SIGNS:
        kept = _least(frozenset(one[:signs] for one in clause))
        if len(kept) <= MOST // 2:
            break
    return kept if _tells(kept) else clause


def _least(clause: Clause) -> Clause:
    """Without literals that hold another one."""
    if len(clause) < 2:
        return clause
    kept: list[str] = []
    for one in sorted(clause, key=len):
        if not has_one(one, kept):
            kept.append(one)
    return frozenset(kept)


def has_one(text: str, words: Sequence[str]) -> bool:
    """Whether the text has one of the words."""
    for word in words:  # noqa: SIM110 -- any() over a generator takes three times as long
        if word in text:
            return True
    return False


def _tells(clause: Clause) -> bool:
    return bool(clause) and all(
        one.strip() and one not in _COMMON and (len(one) > 1 or not one.isalnum()) for one in clause
    )


def _hardness(clause: Clause) -> tuple[int, int, list[str]]:
    # A Chinese sign says as much as three Latin letters.
    return min(min(len(one.encode()) for one in clause), 12), -len(clause), sorted(clause)
