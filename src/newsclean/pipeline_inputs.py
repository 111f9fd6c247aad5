"""The inputs of a run: every record of them, their articles, their size, and whether they are what they were."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from newsclean import formats
from newsclean.errors import BadRecord
from newsclean.formats import Raw, Reading, Skipped
from newsclean.model import Article
from newsclean.pipeline_job import Job, Progress, Stop
from newsclean.pipeline_parts import WORK, whole_file


def spool(job: Job) -> None:
    """Keep a copy of standard input, which can be read once: the two readings and a later --resume need it again."""
    source = job.stdin or sys.stdin.buffer
    with whole_file(job.work / "stdin") as kept:
        while data := source.read(1 << 20):
            kept.write(data)


def raws(job: Job, skipped: Skipped | None = None) -> Iterator[Raw]:
    """Every record of the inputs; a second text file of the same id is a fault."""
    kept = (job.work / "stdin").open("rb") if "-" in job.inputs else None
    seen: set[bytes] = set()
    several_texts = len(job.inputs) > 1
    try:
        for raw in formats.read(job.inputs, job.reading, stdin=kept, skipped=skipped):
            if several_texts and raw.format == "text" and not raw.fault:
                key = short(raw.label)
                if key in seen:
                    raw = replace(raw, data=b"", fault=second(raw.label))
                seen.add(key)
            yield raw
    finally:
        if kept:
            kept.close()


def short(name: str) -> bytes:
    """What stands for an id where a million are remembered."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def second(article_id: str) -> str:
    """Why the second article of an id is a failure."""
    return f"the id {article_id!r} was there before; the first is kept"


def readable(
    inputs: Sequence[str], reading: Reading, failed: list[tuple[str, str]], progress: Progress | None = None
) -> Iterator[Article]:
    """The articles of the inputs as they are; what cannot be read is added to `failed`, with why."""
    yield from articles_of(formats.read(inputs, reading), reading, failed, Stop(), progress, total_bytes(inputs))


def articles_of(
    raws: Iterable[Raw],
    reading: Reading,
    failed: list[tuple[str, str]],
    stop: Stop,
    progress: Progress | None,
    total: int,
) -> Iterator[Article]:
    """The articles of records, until a stop is asked for."""
    done = 0
    for raw in raws:
        if stop.asked:
            return
        done += raw.size
        if progress:
            progress("learning", done, total)
        try:
            yield formats.parse(raw, reading).article
        except BadRecord as error:
            failed.append((error.where, error.why))


def files_hash(inputs: Sequence[str]) -> str:
    """One hash of the names, sizes and times of all input files: whether anything may have changed since."""
    digest = blake2b(digest_size=16)
    for one in (os.path.realpath(one) for one in inputs):
        paths = [Path(one)]
        if Path(one).is_dir():
            paths = sorted(
                Path(folder) / name for folder, _, names in os.walk(one) for name in names if formats.format_of(name)
            )
        for path in paths:
            with contextlib.suppress(OSError):
                known = path.lstat()
                stamp = 0 if path.parent.name == WORK else known.st_mtime_ns  # the copy of stdin is always new
                digest.update(f"{path}\0{known.st_size}\0{stamp}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def total_bytes(inputs: Sequence[str]) -> int:
    """Bytes of the inputs, to tell how far a run is; 0 if that cannot be known."""
    total = 0
    for one in inputs:
        if one == "-":
            return 0
        path = Path(one)
        if path.is_dir():
            for folder, _, names in os.walk(path):
                for name in names:
                    if formats.format_of(name):
                        try:
                            total += (Path(folder) / name).stat().st_size
                        except OSError:
                            continue
        else:
            total += path.stat().st_size
    return total
