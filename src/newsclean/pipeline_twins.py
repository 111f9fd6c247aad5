"""Restores the damaged sentences of a run's articles from their copies, whose cleaned texts are read back from the parts.

An article is held against the texts that its copies had before any of them was restored: no order of articles shows in the
result, and no damage travels from one to the next.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsclean import edits, parallel, twins
from newsclean.model import DAMAGE_FLAGS, Edit, Flag, InputEdit, Pass
from newsclean.pipeline_files import Placed
from newsclean.pipeline_parts import Parts
from newsclean.rulebook import wanted
from newsclean.settings import CleanSettings, RunSettings

# Copies that an article is held against: three restore 96 % of the damage (benchmarks/twins.py), and a wire story that
# 5,000 outlets ran must not cost each of them 5,000 readings.
MOST_COPIES = 8

# Articles, and characters of them and their copies, that a worker gets at once: what memory holds.
_BATCH_ARTICLES = 64
_BATCH_CHARACTERS = 1_000_000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A row with the (id, cleaned text) of its copies."""

    row: Row
    copies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Restoring:
    """What a worker does with a batch: for each article the row as its copies restore it, None if nothing is restored."""

    settings: CleanSettings

    def __call__(self, batch: Sequence[Held]) -> list[Row | None]:
        """One result for each article."""
        return [restored(one.row, one.copies, self.settings) if one.copies else None for one in batch]


def restored(row: Row, copies: Sequence[tuple[str, str]], settings: CleanSettings) -> Row | None:
    """The row with the edits that its copies justify as one more pass, `twins`, and without the flags they answer.

    None if there are no such edits.
    """
    text: str = row["text"]
    passes = edits.from_record(row["edits"])
    flags = _in_cleaned_text(row["flags"], passes)
    language = row["metadata"].get("language") or row["language"]
    damage = [flag for flag in flags if flag.kind in DAMAGE_FLAGS and flag.start < flag.end]
    made = tuple(
        edit
        for edit in twins.repair_from_copies(text, language, copies, damage).edits
        if wanted(edit.rule, edit.family, settings, row["source"])
    )
    if not made:
        return None
    before = edits.SourceMap(passes)
    record = [InputEdit("twins", edit, *before.span(edit.start, edit.end)).to_dict() for edit in made]
    left = [given for given, flag in zip(row["flags"], flags, strict=True) if not _answered(flag, made)]
    return {**row, "text": edits.apply(text, made), "edits": [*row["edits"], *record], "flags": left}


def _in_cleaned_text(flags: Sequence[Mapping[str, Any]], passes: Sequence[Pass]) -> list[Flag]:
    """The flags of a row, whose spans count in the input, with their spans in the cleaned text."""
    back = edits.SourceMap(Pass(one.name, edits.inverted(one.edits)) for one in reversed(passes))
    return [Flag(one["kind"], *back.span(one["start"], one["end"]), one["rule"], one["reason"]) for one in flags]


def _answered(flag: Flag, made: Sequence[Edit]) -> bool:
    """Whether the damage that was flagged is now repaired. `made` is in order."""
    if flag.kind not in DAMAGE_FLAGS or flag.start >= flag.end:
        return False
    at = bisect_left(made, flag.start, key=lambda edit: edit.end)
    return at < len(made) and made[at].start <= flag.end


class Copies:
    """The cleaned texts of the articles that have copies, read from the parts when they are asked for.

    What is held in memory is where each of them lies: about 250 bytes an article that has copies.
    """

    def __init__(self, parts: Parts, placed: Placed) -> None:
        self._parts = parts
        self._placed = placed
        self._places = parts.places(
            {one for cluster in placed.clusters if len(cluster.members) > 1 for one in cluster.members}
        )

    def __len__(self) -> int:
        return len(self._places)

    def of(self, article_id: str) -> tuple[tuple[str, str], ...]:
        """The (id, text) of an article's copies, the canonical first. The same text twice is one voice, not two."""
        texts: dict[str, str] = {}
        for one in self._placed.copies_of(article_id, MOST_COPIES):
            if one in self._places:  # a member may lie in an index instead
                texts.setdefault(self._parts.row_at(self._places[one])["text"], one)
        return tuple((one, text) for text, one in texts.items())


def restored_rows(
    rows: Iterable[Row], copies: Copies, settings: CleanSettings, run: RunSettings, notes: list[str]
) -> Iterator[tuple[Row, bool]]:
    """Every row in order, and whether its copies changed it. What could not be compared stays and is named in `notes`."""
    if not len(copies):
        yield from ((row, False) for row in rows)
        return
    for batch, results in parallel.ordered_map(
        Restoring(settings),
        _batches(rows, copies),
        workers=run.workers or parallel.cores(),
        wait_seconds=run.article_seconds,
    ):
        for held, result in zip(batch, results, strict=True):
            if isinstance(result, parallel.Lost):
                notes.append(f"{held.row['id']}: not restored from its copies: {result.why}")
                result = None
            yield (held.row, False) if result is None else (result, True)


def _batches(rows: Iterable[Row], copies: Copies) -> Iterator[list[Held]]:
    batch: list[Held] = []
    characters = 0
    for row in rows:
        held = Held(row) if "failure" in row else Held(row, copies.of(row["id"]))
        batch.append(held)
        characters += len(row.get("text", "")) + sum(len(text) for _, text in held.copies)
        if len(batch) >= _BATCH_ARTICLES or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
