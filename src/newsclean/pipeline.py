"""The whole way: read → clean → find copies → write; streaming, in parallel, and resumable after any death.

A run has four stages, and each begins from files that the one before finished: it learns which lines the collection
repeats (`learned.toml`), cleans part by part (`.newsclean/parts/`), finds the copies among the cleaned articles, and
joins everything into the files that people read. No stage holds the articles in memory.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from newsclean import formats, pipeline_cleaning, pipeline_copies, pipeline_inputs, pipeline_writing
from newsclean.errors import Interrupted, OutputRefused
from newsclean.formats.text_folder import safe_path
from newsclean.pipeline_copies import find_duplicates
from newsclean.pipeline_inputs import readable
from newsclean.pipeline_job import Job, Progress
from newsclean.pipeline_parts import (
    WORK,
    Parts,
    read_manifest,
    refused,
    remove_temporaries,
    write_manifest,
    write_whole,
)
from newsclean.pipeline_summary import RunSummary
from newsclean.pipeline_writing import Left
from newsclean.settings import Settings

__all__ = ["OUTPUTS", "Progress", "RunSummary", "find_duplicates", "readable", "run"]

# Articles from which on a collection says something about its own furniture.
LEARN_FROM = 20

OUTPUTS = (
    "articles.jsonl",
    "edits.jsonl",
    "matches.jsonl",
    "clusters.jsonl",
    "failures.jsonl",
    "dropped.jsonl",
    "articles.csv",
    "articles.parquet",
    "learned.toml",
    "summary.json",
    "report.html",
)


def run(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    settings: Settings | Mapping[str, Any] | None = None,
    resume: bool = False,
    mode: str = "clean",
    copies: bool = True,
    report: bool = True,
    articles_folder: str = "articles",
    format: str = "",  # noqa: A002 -- as the option is called
    fields: Mapping[str, str] | None = None,
    stdin: BinaryIO | None = None,
    force: bool = False,
    learn: bool = True,
    against: str | os.PathLike[str] = "",
    progress: Progress | None = None,
) -> RunSummary:
    """Clean every article of the inputs, find the copies among them, and write all of it into a folder.

    `inputs` are folders of .txt files, single files, or "-" for `stdin`; `fields` maps newsclean's field names to
    yours, such as {"text": "body"}. `mode` is "clean", "repair" (no line is removed), "compare" (the texts stay as
    they are, the cleaned ones are compared) or "none" (compared as they are).
    From 20 articles on, and unless `learn` is False, a first reading learns which lines each source repeats.
    `against` names an index file: the articles are compared with what is in it, not with each other.
    `resume` continues a run that was interrupted, and begins one where there is none. What a record does wrong is
    counted in the summary and named in failures.jsonl.

    Raises ConfigError, OutputRefused if the folder is not empty, OutputFailed if the disk refuses, Interrupted after
    Ctrl-C.
    """
    job = Job(
        inputs=tuple(os.fspath(one) for one in ([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs)),
        output=Path(output),
        settings=Settings.of(settings),
        resume=resume,
        mode=mode,
        copies=copies,
        report=report,
        articles_folder=articles_folder,
        format=format,
        fields=dict(fields or {}),
        stdin=stdin,
        force=force,
        learn=learn,
        against=os.fspath(against),
        progress=progress or (lambda stage, done, total: None),
    )
    return _Run(job).go()


@dataclass(slots=True)
class _Run:
    """A run under way: what it was asked, and what it has come to know."""

    job: Job
    summary: RunSummary = field(default_factory=RunSummary)
    left: Left = field(default_factory=Left)
    files: str = ""  # the names, sizes and times of the input files, as one hash
    joined_by: str = ""  # what decides which are copies, as it was before they were looked for
    learned_by: str = ""  # what decided the lines that were learned; empty if there are none

    def go(self) -> RunSummary:
        """The four stages."""
        from newsclean import __version__, rulebook, signature

        began = time.monotonic()
        job = self.job
        formats.check_inputs(job.inputs, job.reading)
        self._check_output()
        self.summary.version, self.summary.rules = __version__, rulebook.version()
        self.summary.recipe = signature.recipe(job.settings.copies) if job.copies else ""
        self.summary.inputs = list(job.inputs)
        self.summary.fields = dict(job.fields)
        self.summary.output = str(job.output)
        self.joined_by = job.joined_by()  # an index may grow while this runs
        try:
            if self._is_done():
                return self._done_before()
            self._begin()
            with job.stop.listening():
                self._learn()
                self._clean_and_write()
        except OSError as error:
            raise refused(getattr(error, "filename", None) or job.output, error) from error
        self.summary.seconds = time.monotonic() - began
        return self.summary

    # -- before anything is read

    def _check_output(self) -> None:
        output = self.job.output
        out = output.resolve()
        for one in self.job.inputs:
            if one == "-":
                continue
            given = Path(one).resolve()
            if given == out or out in given.parents:
                raise OutputRefused(f"{output}: the input {one} lies in it and would be written over; name another -o")
        if output.exists() and not output.is_dir():
            raise OutputRefused(f"{output}: a file of this name is in the way; name another -o")
        manifest = read_manifest(self.job.work)
        if self.job.resume and manifest:
            return
        try:
            # A run that was stopped at once leaves nothing but its working folder.
            filled = output.is_dir() and any(path.name != WORK for path in output.iterdir())
        except OSError as error:
            raise refused(output, error) from error
        if filled and not self.job.settings.run.overwrite:
            hint = "--overwrite writes anyway"
            if manifest:
                what = "takes up what has changed since" if manifest.get("complete") else "continues the run in it"
                hint = f"--resume {what}, --overwrite begins again"
            raise OutputRefused(f"{output}: not empty; {hint}")

    def _is_done(self) -> bool:
        """Whether --resume finds everything finished, from the same files."""
        manifest = read_manifest(self.job.work)
        if not (self.job.resume and manifest.get("complete")) or "-" in self.job.inputs:
            return False
        if not all((self.job.output / name).exists() for name in ("articles.jsonl", "summary.json")):
            return False
        self.files = pipeline_inputs.files_hash(self.job.inputs)
        learned = self.job.output / "learned.toml"
        job = self.job.with_rules(learned) if manifest.get("learned_by") and learned.exists() else self.job
        known = (manifest.get("files"), manifest.get("key"), manifest.get("joined_by"))
        return known == (self.files, job.cleaned_by(), self.joined_by)

    def _done_before(self) -> RunSummary:
        known = json.loads((self.job.output / "summary.json").read_bytes())
        for name, value in known.items():
            setattr(self.summary, name, value)
        if not (self.job.output / "report.html").exists():
            self._report()  # it may have died with all else done
        self.summary.notes = [*self.summary.notes, "nothing to do: this run was finished before"]
        return self.summary

    def _begin(self) -> None:
        """Make the folders, clear away what an earlier run left, and keep a copy of standard input."""
        manifest = read_manifest(self.job.work)
        if not (self.job.resume and manifest) or manifest.get("complete"):
            self._clear()
        self.job.work.mkdir(parents=True, exist_ok=True)
        remove_temporaries(self.job.output)
        if "-" in self.job.inputs:
            pipeline_inputs.spool(self.job)
        self.files = pipeline_inputs.files_hash(self.job.spooled)

    def _clear(self) -> None:
        """Remove the outputs of an earlier run, and nothing else."""
        output = self.job.output
        Parts(self.job.work, "").remove()
        for row in _rows_of(output / "articles.jsonl"):
            if isinstance(name := row.get("file"), str) and safe_path(name) == name:
                (output / name).unlink(missing_ok=True)
        for name in OUTPUTS:
            (output / name).unlink(missing_ok=True)
        (self.job.work / "manifest.json").unlink(missing_ok=True)

    # -- the stages

    def _learn(self) -> None:
        """The first reading: which lines the collection repeats. Its result is a rules file like any other."""
        job = self.job
        path = job.output / "learned.toml"
        if not (job.learn and job.settings.run.learn and job.mode in ("clean", "compare")) or self._has_learned():
            path.unlink(missing_ok=True)
            return
        before = read_manifest(job.work)
        known = (before.get("files"), before.get("learned_by")) == (self.files, job.learned_by())
        if not (job.resume and path.exists() and known):
            from newsclean import corpus

            total = pipeline_inputs.total_bytes(job.spooled)
            articles = pipeline_inputs.articles_of(
                pipeline_inputs.raws(job), job.reading, [], job.stop, job.progress, total
            )
            found = corpus.learn(articles)
            if job.stop.asked:
                raise Interrupted("stopped in the first reading; the same command with --resume begins it again")
            if found.articles < LEARN_FROM or not found.lines:
                path.unlink(missing_ok=True)
                return
            write_whole(path, found.to_toml().encode("utf-8", "backslashreplace"))
        self.learned_by = job.learned_by()
        self.summary.learned_lines = len(_lines_of(path))
        self.job = job.with_rules(path)

    def _has_learned(self) -> bool:
        """Whether the user brings lines that were learned before: then these are frozen and no more are learned."""
        return any(_lines_of(Path(path)) for path in self.job.settings.clean.rules)

    def _clean_and_write(self) -> None:
        job = self.job
        parts = Parts(job.work, job.cleaned_by())
        before = read_manifest(job.work)
        self.left.rejoined = bool(before.get("joining"))
        if before and (before.get("key"), before.get("files")) != (parts.key, self.files):
            # Parts of other inputs or settings: what they wrote and this run does not write again must go.
            self.left.stale = {row["id"] for row in parts.rows() if row.get("format") == "text"}
        self._note(parts)
        pipeline_cleaning.clean(job, parts, self.summary)
        placed = pipeline_copies.find(job, pipeline_cleaning.cleaned(parts), self.summary.notes)
        pipeline_writing.write(
            job, parts, placed, self.summary, self.left, begin=lambda: self._note(parts, joining=True)
        )
        self._note(parts, complete=True)
        parts.remove()
        (job.work / "stdin").unlink(missing_ok=True)
        self._report()

    def _report(self) -> None:
        if self.job.report and self.job.mode != "none":
            from newsclean import report

            self.job.progress("writing the report", 0, 0)
            report.write(self.job.output)

    def _note(self, parts: Parts, *, complete: bool = False, joining: bool = False) -> None:
        """Write the manifest: what a run that continues this one must know."""
        write_manifest(
            self.job.work,
            {
                "newsclean": self.summary.version,
                "rules": self.summary.rules,
                "key": parts.key,
                "inputs": list(self.job.inputs),
                "files": self.files,
                "learned_by": self.learned_by,
                "joined_by": self.joined_by,
                "joining": not complete and (joining or self.left.rejoined),
                "complete": complete,
            },
        )


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of an output of ours; none if it is not there or not ours."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                row = json.loads(line)
                if isinstance(row, dict):
                    yield row
    except (OSError, ValueError):
        return


def _lines_of(path: Path) -> tuple[Any, ...]:
    """The learned lines of a rules file."""
    from newsclean import rulebook

    return tuple(rulebook.read(path).lines)
