"""Deletes lines and parts of lines so that the text around them is left as its author set it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsclean.model import Edit

if TYPE_CHECKING:
    from newsclean.line_reading import Page


@dataclass(frozen=True, slots=True)
class Why:
    """Why a line, or a part of one, goes."""

    rule: str
    family: str
    reason: str
    certainty: float


def deletions(page: Page, gone: Mapping[int, Why]) -> list[Edit]:
    """One edit per line that goes, with the line end and the blank lines that only separated it.

    Between two lines that stay, the wider of the two gaps stays.
    """
    edits: list[Edit] = []
    text, last = page.text, len(page.lines) - 1
    for i in sorted(gone):
        if i - 1 in gone:
            continue
        j = i
        while j + 1 in gone:
            j += 1
        # The gap before the run and the one behind it: one of the two goes with the run.
        before = (page.end(i - 1) if i else 0, page.starts[i])
        behind = (page.end(j), page.starts[j + 1] if j < last else len(text))
        if i == 0:
            cuts = [page.starts[k] for k in range(i, j + 1)] + [behind[1] if j < last else behind[0]]
        elif j == last or _breaks(text, *behind) > _breaks(text, *before):
            cuts = [page.end(k) for k in range(i - 1, j + 1)]
        else:
            cuts = [page.starts[k] for k in range(i, j + 2)]
        for k, start, end in zip(range(i, j + 1), cuts, cuts[1:], strict=False):
            why = gone[k]
            edits.append(Edit(start, text[start:end], "", why.rule, why.reason, why.certainty, why.family))
    return edits


def _breaks(text: str, start: int, end: int) -> int:
    return len(text[start:end].splitlines())


def cuts(page: Page, parts: Iterable[tuple[int, int, int, Why]]) -> list[Edit]:
    """Edits inside lines: (line, start and end in it, why), in order. Parts that overlap one before them stay."""
    edits: list[Edit] = []
    done: dict[int, int] = {}
    for i, start, end, why in parts:
        if start < done.get(i, 0):
            continue
        line = page.lines[i]
        start, end = _with_space(line, start, end)
        if end - start == len(line):
            continue
        done[i] = end
        at = page.starts[i] + start
        edits.append(Edit(at, line[start:end], "", why.rule, why.reason, why.certainty, why.family))
    return edits


def _with_space(line: str, start: int, end: int) -> tuple[int, int]:
    """The span with the white space that only set it off."""
    while end < len(line) and line[end].isspace() and (start == 0 or line[start - 1].isspace()):
        end += 1
    if end == len(line):
        while start > 0 and line[start - 1].isspace():
            start -= 1
    return start, end
