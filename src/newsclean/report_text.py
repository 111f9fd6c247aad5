"""Untrusted text made fit to look at: before and after as pieces, in rows side by side, invisible characters named."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import regex

from newsclean.model import Pass

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the article before and after. `edits` and `flags` are numbers from 1 in the article's record."""

    before: str
    after: str
    edits: tuple[int, ...] = ()
    flags: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side. `hidden` counts characters of unchanged text that are not shown."""

    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    changed: bool = False
    folded: tuple[str, ...] = ()  # unchanged paragraphs that open on demand
    hidden: int = 0


def pieces(source: str, passes: Iterable[Pass]) -> list[Piece]:
    """The article as pieces: their `before` joined is the source, their `after` joined the text behind the passes.

    An edit that touches what an earlier pass wrote shares a piece with the edits of that pass.
    """
    current = [Piece(source, source)] if source else []
    number = 0
    for one in passes:
        stack = current[::-1]
        current = []
        at = 0
        todo = list(one.edits)[::-1]
        while todo:
            edit = todo.pop()
            while stack and at + len(stack[-1].after) <= edit.start:
                at += len(stack[-1].after)
                current.append(stack.pop())
            if stack and at < edit.start and not stack[-1].edits:
                kept, rest = _split(stack.pop(), edit.start - at)
                current.append(kept)
                stack.append(rest)
                at = edit.start
            start, group = at, Piece("", "")
            batch = [edit]
            while True:
                while stack and at < batch[-1].end:
                    top = stack.pop()
                    if not top.edits and at + len(top.after) > batch[-1].end:
                        top, rest = _split(top, batch[-1].end - at)
                        stack.append(rest)
                    at += len(top.after)
                    group = Piece(group.before + top.before, group.after + top.after, group.edits + top.edits)
                # What was swallowed whole may hold the places of later edits, too.
                if todo and todo[-1].start < at:
                    batch.append(todo.pop())
                else:
                    break
            after: list[str] = []
            behind = 0
            for inner in batch:
                after += (group.after[behind : inner.start - start], inner.after)
                behind = inner.end - start
                number += 1
                group = replace(group, edits=(*group.edits, number))
            after.append(group.after[behind:])
            current.append(Piece(group.before, "".join(after), group.edits))
        current += stack[::-1]
    return current


def _split(piece: Piece, at: int) -> tuple[Piece, Piece]:
    """An unchanged piece as two."""
    head, tail = piece.before[:at], piece.before[at:]
    return Piece(head, head), Piece(tail, tail)


def with_flags(parts: Sequence[Piece], flags: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """The pieces with unchanged text cut at the flags that stand on it (spans in the source)."""
    marked: list[Piece] = []
    at = 0
    for part in parts:
        end = at + len(part.before)
        here = [
            (number, max(at, flag["start"]), min(end, flag["end"]))
            for number, flag in enumerate(flags, 1)
            if flag["start"] < end and flag["end"] > at
        ]
        if part.edits:
            marked.append(replace(part, flags=tuple(number for number, _, _ in here)))
        else:
            cuts = sorted({at, end, *(cut for _, *span in here for cut in span)})
            for left, right in pairwise(cuts):
                text = part.before[left - at : right - at]
                on = tuple(number for number, start, stop in here if start <= left and right <= stop)
                marked.append(Piece(text, text, flags=on))
        at = end
    return marked


# Unchanged paragraphs beside a change that stay open, and characters of unchanged text an article may bring along.
NEIGHBOURS = 1
FOLD_CHARS = 8_000


def rows(parts: Iterable[Piece]) -> list[Row]:
    """Pieces as rows of paragraphs; long unchanged stretches are folded, very long ones only counted."""
    return _folded(_paragraphs(parts))


def _paragraphs(parts: Iterable[Piece]) -> list[Row]:
    found: list[Row] = []
    line: list[Piece] = []

    def close() -> None:
        left = tuple(piece for piece in line if piece.before)
        right = tuple(piece for piece in line if piece.after)
        changed = any(piece.edits for piece in line)
        if changed or any(piece.before.strip() for piece in left):
            found.append(Row(left, right, changed))
        line.clear()

    for part in parts:
        if part.edits:
            if part.before.startswith("\n") and (not part.after or part.after.startswith("\n")):
                close()
            line.append(part)
            if part.before.endswith("\n") and (not part.after or part.after.endswith("\n")):
                close()
            continue
        first, *others = part.before.split("\n")
        if first:
            line.append(replace(part, before=first, after=first))
        for text in others:
            close()
            if text:
                line.append(replace(part, before=text, after=text))
    close()
    return found


def _folded(all_rows: Sequence[Row]) -> list[Row]:
    """Keeps what changed, what is flagged, and its neighbours open."""
    open_at: set[int] = set()
    for at, row in enumerate(all_rows):
        if row.changed or any(piece.flags for piece in row.left):
            open_at.update(range(at - NEIGHBOURS, at + NEIGHBOURS + 1))
    found: list[Row] = []
    closed: list[Row] = []
    budget = FOLD_CHARS

    def close() -> None:
        nonlocal budget
        texts = ["".join(piece.before for piece in row.left) for row in closed]
        size = sum(map(len, texts))
        if closed and size <= budget:
            budget -= size
            # A single paragraph takes no more room open than folded.
            found.append(closed[0] if len(closed) == 1 else Row(folded=tuple(texts), hidden=size))
        elif closed:
            found.append(Row(hidden=size))
        closed.clear()

    for at, row in enumerate(all_rows):
        if at in open_at:
            close()
            found.append(row)
        else:
            closed.append(row)
    close()
    return found


def differences(a: str, b: str) -> list[Row]:
    """Two texts aligned paragraph by paragraph, and word by word where a paragraph differs. Edit number 1 marks both."""
    mine = [line for line in a.split("\n") if line.strip()]
    theirs = [line for line in b.split("\n") if line.strip()]
    parts: list[Row] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += [Row((Piece(line, line),), (Piece(line, line),)) for line in mine[i:j]]
            continue
        for one, other in _pairs(mine[i:j], theirs[k:m]):
            words = _words(one, other)
            left = tuple(piece for piece in words if piece.before)
            right = tuple(piece for piece in words if piece.after)
            parts.append(Row(left, right, changed=True))
    return _folded(parts)


def _pairs(mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[str, str]]:
    """Paragraphs of two differing stretches beside each other: each with the most similar one that is still ahead."""
    found: list[tuple[str, str]] = []
    at = 0
    for line in mine:
        words = set(line.split())
        near = [len(words & (others := set(other.split()))) / max(1, len(words | others)) for other in theirs[at:]]
        best = max(near, default=0.0)
        if best < 0.2:  # a paragraph pair that shares fewer words reads better as one gone and one new
            found.append((line, ""))
            continue
        ahead = at + near.index(best)
        found += [("", other) for other in theirs[at:ahead]]
        found.append((line, theirs[ahead]))
        at = ahead + 1
    return found + [("", other) for other in theirs[at:]]


_WORD = regex.compile(r"\s+|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\w\p{M}]+|.", regex.DOTALL)


def _words(one: str, other: str) -> list[Piece]:
    """The word-level differences of two paragraphs; very long ones are shown as wholly different."""
    if not one or not other:
        return [Piece(one, other, (1,))]
    a, b = _WORD.findall(one), _WORD.findall(other)
    if len(a) * len(b) > 4_000_000:  # difflib takes about a second there
        return [Piece(one, other, (1,))]
    found = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        before, after = "".join(a[i:j]), "".join(b[k:m])
        found.append(Piece(before, after, () if tag == "equal" else (1,)))
    return found


# — showing —

# Names a reader may know from style guides and editors; every other invisible character shows its code point.
NAMES = {
    "\u00ad": "SHY",
    "\u061c": "ALM",
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
    "\u00a0": "NBSP",
    "\t": "TAB",
}
# Invisible, or able to reorder what stands around it. The joiners are spelling in Persian, Hindi and emoji, so they
# are named only inside a change.
_HIDDEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}--[\n\t\u200c\u200d]]", regex.V1)
_HIDDEN_IN_CHANGE = regex.compile(
    r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u205f\u3000]", regex.V1
)

_LINE_ENDS = regex.compile(r"[^\S\n]*\n\s*")

HEADLINE = 140  # characters of a title that are shown
CONTEXT = 60  # characters on each side of a sample
# A word that the context begins or ends within; where words are not spaced, nothing.
_FIRST_WORD, _LAST_WORD = regex.compile(r"^\S{1,20}(?=\s)"), regex.compile(r"(?<=\s)\S{1,20}$")

# Characters of one change, and of one paragraph without one, that are shown; what lies between is counted.
SHOWN = 1_200


@lru_cache(maxsize=512)
def _name(char: str) -> tuple[str, str]:
    """The short and the long name of a character that cannot be seen."""
    code = f"U+{ord(char):04X}"
    return NAMES.get(char, code), f"{code} {unicodedata.name(char, 'control character').lower()}"


def plain(text: object) -> str:
    """Text for attributes and options: invisible and reordering characters as their names in brackets."""
    found: str = _HIDDEN.sub(lambda match: f"[{_name(match[0])[0]}]", str(text))
    return found


def visible(text: object) -> Markup:
    """Text for the page, escaped, with invisible and reordering characters as visible marks."""
    return _marked(shortened(str(text)), _HIDDEN)


def one_line(text: str) -> str:
    """Text with its line ends shown as a mark, for a sample.

    >>> one_line("in Carrow.\\n\\nTags")
    'in Carrow. ↵ Tags'
    """
    line: str = _LINE_ENDS.sub(" ↵ ", text)
    return line


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands around text[start:end], to whole words where there are spaces.

    >>> context("The council met again on Monday evening in the old town hall. Leave a Comment", 62, 77)
    ('… council met again on Monday evening in the old town hall. ', '')
    """
    ahead, behind = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    if start > CONTEXT:
        ahead = "…" + _FIRST_WORD.sub("", ahead)
    if end + CONTEXT < len(text):
        behind = _LAST_WORD.sub("", behind) + "…"
    return ahead, behind


def visible_change(text: object) -> Markup:
    """Like `visible`, for text that was changed: odd spaces and joiners are shown, too, and line ends inside it."""
    # Line ends around a removed line are what its row in the page says already.
    return _marked(shortened(str(text).strip("\n") or str(text)), _HIDDEN_IN_CHANGE)


def _marked(text: str, hidden: regex.Pattern[str]) -> Markup:
    from markupsafe import Markup, escape

    found = [Markup("")]
    at = 0
    for match in hidden.finditer(text):
        found.append(escape(text[at : match.start()]))
        char = match[0]
        if char == "\n":
            found.append(Markup('<span class="ctl" title="line end">↵</span>'))
            found.append(Markup("\n" if text.strip() else " "))
        else:
            short, long = _name(char)
            found.append(Markup('<span class="ctl" title="{}">{}</span>').format(long, short))
        at = match.end()
    found.append(escape(text[at:]))
    return Markup("").join(found)


def headline(text: str) -> str:
    """A title, cut where it is longer than any title should be."""
    return text if len(text) <= HEADLINE else text[:HEADLINE].rstrip() + "…"


def shortened(text: str, limit: int = SHOWN) -> str:
    """A long text with its middle counted instead of shown."""
    if len(text) <= limit * 1.25:
        return text
    half = limit // 2
    return f"{text[:half]} […{len(text) - 2 * half:,} characters…] {text[-half:]}"
