"""Two whole texts side by side for a reader: which passages they share, which differ, and which numbers and names do."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np

from newsclean.anchors import NAME, NUMBER, Sketch, content_words, sketch_batch
from newsclean.compare import NAMES_WEIGH, judge, measure

# Fewer content words in common, standing alone, are chance: "President", "United States".
SHARED_WORDS = 3


@dataclass(frozen=True, slots=True)
class Block:
    """text_a[a_start:a_end] beside text_b[b_start:b_end]; `shared` if they say the same in the same content words."""

    shared: bool
    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts share. `blocks` cover both texts from beginning to end, in order; spans are code points."""

    blocks: tuple[Block, ...]
    score: float  # how surely they are one piece
    template: bool  # the same form with other numbers: never one piece
    jaccard: float
    containment_a: float
    containment_b: float
    numbers_only_a: tuple[str, ...]
    numbers_only_b: tuple[str, ...]
    names_only_a: tuple[str, ...]
    names_only_b: tuple[str, ...]
    reason: str


def explain(text_a: str, text_b: str, *, language: str = "") -> Comparison:
    """The two texts aligned, with what they share and what differs.

    >>> told = explain("Mayor Ida Brandt opened the bridge on 3 May.", "Mayor Ida Brandt opened the bridge on 9 June.")
    >>> told.numbers_only_a, told.numbers_only_b
    (('3',), ('9',))
    """
    first, second = (content_words(text, language) for text in (text_a, text_b))
    sketches, _ = sketch_batch([text_a, text_b], [language, language])
    shares = measure([(Sketch.read(sketches[0]), Sketch.read(sketches[1]))])
    verdict = judge(shares)
    only_a = _only(text_a, first, {value >> 8 for _, _, value in second})
    only_b = _only(text_b, second, {value >> 8 for _, _, value in first})
    score, template = float(verdict.score[0]), bool(verdict.template[0])
    found = np.round(100 * verdict.part[0]).astype(int).tolist()
    reason = f"{found[0]} % of A's passages are found in B, {found[1]} % of B's in A"
    if shares.same_text[0]:
        reason = "the same words in the same order"
    elif template:
        reason = f"the same form, but only {round(100 * float(shares.numbers[0].max()))} % of the numbers are shared"
    return Comparison(
        _blocks(text_a, text_b, first, second),
        score,
        template,
        float(shares.jaccard[0]),
        float(shares.plain[0, 0]),
        float(shares.plain[0, 1]),
        only_a[0],
        only_b[0],
        only_a[1],
        only_b[1],
        reason,
    )


def _only(text: str, words: list[tuple[int, int, int]], known: set[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The numbers and the names that the other text does not have, in order of first appearance."""
    numbers: dict[str, None] = {}
    names: dict[str, None] = {}
    for start, end, value in words:
        if value >> 8 in known:
            continue
        if value & NUMBER:
            numbers[text[start:end]] = None
        elif value & NAME and value >> 4 & 15 >= NAMES_WEIGH:
            names[text[start:end]] = None
    return tuple(numbers), tuple(names)


def _blocks(
    text_a: str, text_b: str, first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> tuple[Block, ...]:
    matcher = difflib.SequenceMatcher(
        None, [value >> 8 for _, _, value in first], [value >> 8 for _, _, value in second], autojunk=False
    )
    runs = [run for run in matcher.get_matching_blocks() if run.size >= SHARED_WORDS]
    blocks: list[Block] = []
    a_at = b_at = 0
    for run in runs:
        a_start, a_end = first[run.a][0], first[run.a + run.size - 1][1]
        b_start, b_end = second[run.b][0], second[run.b + run.size - 1][1]
        if a_start > a_at or b_start > b_at:
            blocks.append(Block(False, a_at, a_start, b_at, b_start))
        blocks.append(Block(True, a_start, a_end, b_start, b_end))
        a_at, b_at = a_end, b_end
    if a_at < len(text_a) or b_at < len(text_b):
        blocks.append(Block(False, a_at, len(text_a), b_at, len(text_b)))
    return tuple(blocks)
