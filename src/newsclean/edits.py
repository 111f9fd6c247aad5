"""Apply, replay and undo a list of edits; find where a piece of output came from in the input."""

from __future__ import annotations

import difflib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from newsclean.errors import RecordMismatch
from newsclean.model import Edit, InputEdit, Pass


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after the edits.

    `edits` are sorted by start and do not overlap. Raises RecordMismatch if `before` is not what the text says there.

    >>> apply("said. . These", [Edit(4, ". .", ".", "doubled_stop", "two stops in a row")])
    'said. These'
    """
    if not edits:
        return text
    pieces: list[str] = []
    at = 0
    for edit in edits:
        if edit.start < at or not text.startswith(edit.before, edit.start):
            found = text[edit.start : edit.end]
            raise RecordMismatch(
                f"at {edit.start}: the record ({edit.rule}) expects {edit.before!r}, the text has {found!r}; "
                f"the record belongs to another text, or its edits overlap"
            )
        pieces += (text[at : edit.start], edit.after)
        at = edit.end
    pieces.append(text[at:])
    return "".join(pieces)


def replay(text: str, passes: Iterable[Pass]) -> str:
    """The input taken through every pass again. Raises RecordMismatch if the record belongs to another text."""
    for one in passes:
        text = apply(text, one.edits)
    return text


def undo(text: str, passes: Sequence[Pass]) -> str:
    """The input that the cleaned text came from. Raises RecordMismatch if the record belongs to another text.

    >>> undo("said. These", [Pass("sentences", (Edit(4, ". .", ".", "doubled_stop", "two stops in a row"),))])
    'said. . These'
    """
    for one in reversed(passes):
        text = apply(text, inverted(one.edits))
    return text


def inverted(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that take the output back to the input."""
    back = []
    shift = 0
    for edit in edits:
        back.append(
            Edit(edit.start + shift, edit.after, edit.before, edit.rule, edit.reason, edit.certainty, edit.family)
        )
        shift += len(edit.after) - len(edit.before)
    return tuple(back)


class SourceMap:
    """Where positions of the text behind some passes came from in the text before them."""

    def __init__(self, passes: Iterable[Pass] = ()) -> None:
        # Per pass, for each edit: its span in the output and in the input of that pass.
        self._layers: list[tuple[list[int], list[int], list[int], list[int]]] = []
        for one in passes:
            self.add(one)

    def add(self, one: Pass) -> None:
        """Continue the map through one more pass."""
        if not one.edits:
            return
        out_starts, out_ends, in_starts, in_ends = [], [], [], []
        shift = 0
        for edit in one.edits:
            out_starts.append(edit.start + shift)
            out_ends.append(edit.start + shift + len(edit.after))
            in_starts.append(edit.start)
            in_ends.append(edit.end)
            shift += len(edit.after) - len(edit.before)
        self._layers.append((out_starts, out_ends, in_starts, in_ends))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest input span that text[start:end] came from; a span that touches an edit takes all of its `before`."""
        for out_starts, out_ends, in_starts, in_ends in reversed(self._layers):
            behind = bisect_right(out_ends, start) - 1  # the last edit wholly before `start`
            if behind + 1 < len(out_starts) and out_starts[behind + 1] < start:
                new_start = in_starts[behind + 1]
            else:
                new_start = in_ends[behind] + start - out_ends[behind] if behind >= 0 else start
            last = bisect_left(out_starts, end) - 1  # the last edit that begins before `end`
            if last < 0:
                new_end = end
            elif out_ends[last] > end:
                new_end = in_ends[last]
            else:
                new_end = in_ends[last] + end - out_ends[last]
            # An empty span at a deletion has its start behind it and its end before it.
            start, end = (new_start, new_end) if start < end else (min(new_start, new_end),) * 2
        return start, end


def source_span(passes: Iterable[Pass], start: int, end: int) -> tuple[int, int]:
    """Where in the source text[start:end] came from.

    >>> source_span([Pass("encoding", (Edit(4, "â€”", "—", "mojibake", "UTF-8 read as cp1252"),))], 4, 5)
    (4, 7)
    """
    return SourceMap(passes).span(start, end)


def in_input(passes: Iterable[Pass]) -> tuple[InputEdit, ...]:
    """Every edit with its span in the input, in the order the passes made them."""
    found: list[InputEdit] = []
    before = SourceMap()
    for one in passes:
        for edit in one.edits:
            start, end = before.span(edit.start, edit.end)
            found.append(InputEdit(one.name, edit, start, end))
        before.add(one)
    return tuple(found)


def from_texts(
    before: str, after: str, *, start: int, rule: str, reason: str, certainty: float, family: str
) -> list[Edit]:
    """The edits that turn one short text into another, as small as a diff makes them.

    `start` is where `before` begins in the whole text. Cost is that of difflib: use it on lines, not on articles.
    """
    if before == after:
        return []
    return [
        Edit(start + i, before[i:j], after[k:m], rule, reason, certainty, family)
        for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def from_record(rows: Iterable[Mapping[str, Any]]) -> tuple[Pass, ...]:
    """The passes that the `edits` of one line of edits.jsonl describe."""
    passes: dict[str, list[Edit]] = {}
    for row in rows:
        passes.setdefault(row["pass"], []).append(
            Edit(
                row["start"],
                row["before"],
                row["after"],
                row["rule"],
                row.get("reason", ""),
                row.get("certainty", 1.0),
                row.get("family", ""),
            )
        )
    return tuple(Pass(name, tuple(edits)) for name, edits in passes.items())
