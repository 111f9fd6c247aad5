"""The last stage of a run: what the parts know of each article, joined with its copies, as the files that people read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from newsclean.errors import TooManyDropped
from newsclean.formats.text_folder import encoded
from newsclean.packing import packed
from newsclean.pipeline_cleaning import cleaned
from newsclean.pipeline_copies import FIND_AT_ONCE
from newsclean.pipeline_files import Files, Placed, article_row, edits_row, own_id, write_tables
from newsclean.pipeline_job import Job
from newsclean.pipeline_parts import Parts, write_whole
from newsclean.pipeline_summary import RunSummary, Tally


@dataclass(slots=True)
class Left:
    """What an interrupted run left among the texts."""

    stale: set[str] = field(default_factory=set)  # ids of texts of other inputs or settings
    rejoined: bool = False  # whether texts may have been restored or dropped after they were written


def write(
    job: Job, parts: Parts, placed: Placed, summary: RunSummary, left: Left, *, begin: Callable[[], object]
) -> None:
    """Write every output but the report. `begin` is called before the first text changes that a part stands for."""
    canonical_only = job.settings.run.keep == "canonical" and job.copies
    if canonical_only:
        _check_dropped(job, placed)
    restores = job.settings.run.repair_from_copies and job.writes_texts
    if restores or canonical_only:
        begin()
    names = ["articles.jsonl", "edits.jsonl", "failures.jsonl"]
    names += ["matches.jsonl", "clusters.jsonl"] if job.copies else []
    names += ["dropped.jsonl"] if canonical_only else []
    tally = Tally()
    with Files(job.output, names) as files:
        rows = _restored(job, parts, placed, summary) if restores else ((row, False) for row in cleaned(parts))
        for row, is_restored in rows:
            summary.records += 1
            if "failure" in row:
                summary.failed += 1
                files.add("failures.jsonl", {"where": row["where"], "why": row["failure"]})
                continue
            at = placed.of(row)
            is_text = row["format"] == "text" and job.writes_texts
            if canonical_only and not at["is_canonical"]:
                summary.dropped += 1
                tally.copies[at["relation"] or "copy"] += 1
                told = {name: row[name] for name in ("title", "source", "published")}
                files.add("dropped.jsonl", {"id": own_id(row), **at, **told})
                if is_text:
                    (job.output / job.file_name(row["id"])).unlink(missing_ok=True)
                continue
            left.stale.discard(row["id"])
            tally.add(row, at["relation"], summary)
            file = job.file_name(row["id"]) if is_text else ""
            if file and (is_restored or left.rejoined):
                _write_again(job, file, row["text"])
            files.add("articles.jsonl", article_row(row, at, file))
            if row["edits"] or row["flags"] or "original" in row:
                files.add("edits.jsonl", edits_row(row))
        if job.copies:
            for one in placed.match_rows():
                files.add("matches.jsonl", one)
            for one in placed.cluster_rows():
                files.add("clusters.jsonl", one)
    for article_id in left.stale:
        (job.output / job.file_name(article_id)).unlink(missing_ok=True)
    write_tables(job.output, job.inputs, job.reading, summary.notes)
    tally.into(summary, placed.clusters)
    data = json.dumps(summary.to_dict(), indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace")
    write_whole(job.output / "summary.json", data + b"\n")


def _check_dropped(job: Job, placed: Placed) -> None:
    """Raise TooManyDropped where a wrong setting would drop most of a corpus; what is cleaned stays for --resume."""
    total, dropped = placed.articles, placed.copies
    most = job.settings.run.max_dropped
    if dropped > most * total and not job.force:
        raise TooManyDropped(
            f"{dropped:,} of {total:,} articles are copies and would be dropped, more than max_dropped = {most:g}; "
            f"look at them with --keep all, or add --resume --force"
        )


def _restored(job: Job, parts: Parts, placed: Placed, summary: RunSummary) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every row as its copies restore it, and whether they changed it."""
    from newsclean.pipeline_twins import Copies, restored_rows

    copies = Copies(parts, placed)
    rows = restored_rows(cleaned(parts), copies, job.settings.clean, job.settings.run, summary.notes)
    for done, row in enumerate(rows, 1):
        yield row
        if done % FIND_AT_ONCE == 0:
            job.progress("restoring from copies", done, 0)


def _write_again(job: Job, name: str, text: str) -> None:
    """Write a text that is on the disk already, where it is another one now."""
    path = job.output / name
    data = packed(encoded(text, "utf-8"), name)
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
