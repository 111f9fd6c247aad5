"""The second stage of a run: every record cleaned, part by part, in parallel; what is done already is passed over."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsclean import parallel, pipeline_inputs
from newsclean.errors import Interrupted
from newsclean.formats import Raw, Record, Skipped, to_json
from newsclean.formats.text_folder import encoded
from newsclean.model import CleanResult
from newsclean.packing import packed
from newsclean.pipeline_job import Job
from newsclean.pipeline_parts import Parts, hopeless, write_many
from newsclean.pipeline_stream import Cleaning, batches
from newsclean.pipeline_summary import RunSummary


@dataclass(frozen=True, slots=True)
class Rows:
    """What a worker does with a batch: cleans it, and gives for each record its row and the text to write, if any."""

    cleaning: Cleaning
    compare_only: bool  # the text stays as it is; what is compared is the cleaned one

    def __call__(self, raws: Sequence[Raw]) -> list[tuple[str, str | None]]:
        """One row of JSON for each record."""
        rows: list[tuple[str, str | None]] = []
        for one in self.cleaning(raws):
            if one.result is None or one.record is None:
                rows.append((failure(one.raw, one.failure), None))
            else:
                row = row_of(
                    one.raw, one.record, one.result, whole_seconds(one.seconds), compare_only=self.compare_only
                )
                rows.append((row, None if self.compare_only else one.result.text))
        return rows


def failure(raw: Raw, why: str) -> str:
    """The row of a record that cannot be read or cleaned."""
    return to_json({"where": raw.where, "failure": why})


def whole_seconds(seconds: float) -> int:
    """Seconds rounded down to 1, 2, 5, 10, 20, 50, …; 0 below one.

    Time is never twice the same, and outputs must be: what is written of it is where only much slower is different.

    >>> [whole_seconds(seconds) for seconds in (0.7, 1.2, 4.9, 75.0)]
    [0, 1, 2, 50]
    """
    steps = (step * 10**power for power in range(6) for step in (1, 2, 5))
    return max((step for step in steps if step <= seconds), default=0)


def row_of(raw: Raw, record: Record, result: CleanResult, seconds: int, *, compare_only: bool) -> str:
    """Everything that later stages need of a cleaned article."""
    article = record.article
    row: dict[str, Any] = {
        "where": record.where,
        "format": record.format,
        "id": article.id,
        "text": article.text if compare_only else result.text,
        "title": article.title,
        "source": article.source,
        "published": article.published,
        "url": article.url,
        "language": article.language,
        "fields": record.fields,
        "text_field": record.text_field,
        "encoding": record.encoding,
        "bytes": raw.size,
        "chars": len(article.text),
        "edits": [] if compare_only else [edit.to_dict() for edit in result.edits],
        "flags": [] if compare_only else result.flag_dicts(),
        "metadata": dict(result.metadata),
    }
    if seconds:
        row["seconds"] = seconds
    if record.original and not compare_only:
        row["original"] = base64.b64encode(record.original).decode()
    if compare_only and result.text != article.text:
        row["compared"] = result.text
    return to_json(row)


def clean(job: Job, parts: Parts, summary: RunSummary) -> None:
    """Clean what no finished part holds. Raises Interrupted if a stop was asked for."""
    workers = job.settings.run.workers or parallel.cores()
    total = pipeline_inputs.total_bytes(job.spooled)
    skipped = Skipped()
    numbers: deque[tuple[int, list[str]]] = deque()
    done = 0
    count = 0

    def to_do() -> Iterator[list[Raw]]:
        nonlocal done, count
        for number, batch in enumerate(batches(pipeline_inputs.raws(job, skipped))):
            if job.stop.asked:
                return
            count = number + 1
            digests = [raw.digest() for raw in batch]
            if parts.has(number, digests):
                summary.parts_resumed += 1
                done += sum(raw.size for raw in batch)
                job.progress("cleaning", done, total)
                continue
            numbers.append((number, digests))
            yield batch

    cleaning = Cleaning(job.settings, job.reading, "clean" if job.mode == "compare" else job.mode)
    for batch, rows in parallel.ordered_map(
        Rows(cleaning, compare_only=not job.writes_texts),
        to_do(),
        workers=workers,
        apart=job.settings.run.workers != 1,
        wait_seconds=job.settings.run.article_seconds,
    ):
        number, digests = numbers.popleft()
        _keep(job, parts, number, digests, batch, rows)
        done += sum(raw.size for raw in batch)
        job.progress("cleaning", done, total)
    if job.stop.asked:
        raise Interrupted("stopped; what is done is kept, and the same command with --resume continues it")
    parts.forget_from(count)
    summary.skipped = dict(sorted(skipped.by_suffix.items()))


def _keep(
    job: Job,
    parts: Parts,
    number: int,
    digests: list[str],
    batch: Sequence[Raw],
    rows: Sequence[tuple[str, str | None] | parallel.Lost[Raw]],
) -> None:
    """Write the texts of a part, then the part: a part that is there has its texts on the disk."""
    lines: list[str] = []
    files: list[tuple[Path, bytes]] = []
    places: list[int] = []
    for raw, row in zip(batch, rows, strict=True):
        if isinstance(row, parallel.Lost):
            lines.append(failure(raw, f"given up: {row.why}"))
            continue
        line, text = row
        lines.append(line)
        if text is not None and raw.format == "text":
            name = job.file_name(raw.label)
            files.append((job.output / name, packed(encoded(text, "utf-8"), name)))
            places.append(len(lines) - 1)
    for place, (path, _), error in zip(places, files, write_many(files), strict=True):
        if error is None:
            continue
        if hopeless(error):
            raise error
        lines[place] = failure(batch[place], f"{path}: cannot be written: {error.strerror}")
    parts.write(number, digests, lines)


def cleaned(parts: Parts) -> Iterator[dict[str, Any]]:
    """The rows of all parts; the second article of an id has become a failure."""
    seen: set[bytes] = set()
    for row in parts.rows():
        if "failure" not in row:
            key = pipeline_inputs.short(row["id"])
            if key in seen:
                yield {"where": row["where"], "failure": pipeline_inputs.second(row["id"])}
                continue
            seen.add(key)
        yield row
