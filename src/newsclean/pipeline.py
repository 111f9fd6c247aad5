"""The whole way: read → clean → find copies → write; streaming, in parallel, and resumable after any death.

A run has four stages, and each begins from files that the one before finished: it learns which lines the collection
repeats (`learned.toml`), cleans part by part (`.newsclean/parts/`), finds the copies among the cleaned articles, and
joins everything into the files that people read. No stage holds the articles in memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from newsclean import formats, parallel
from newsclean.errors import BadRecord, Interrupted, OutputRefused, TooManyDropped
from newsclean.formats import Raw, Reading, Record, Skipped, to_json
from newsclean.formats.text_folder import encoded, safe_path
from newsclean.model import Article, CleanResult, Cluster, Match
from newsclean.model import rows as match_rows
from newsclean.pipeline_files import Files, Placed, article_row, count_edits, own_id, write_tables
from newsclean.pipeline_parts import (
    WORK,
    Parts,
    hopeless,
    read_manifest,
    refused,
    remove_temporaries,
    whole_file,
    write_manifest,
    write_many,
    write_whole,
)
from newsclean.pipeline_stream import Cleaning, batches
from newsclean.settings import Settings

if TYPE_CHECKING:
    from newsclean.duplicates import DuplicateReport, Index, Piece

# Articles given to the search for copies between two steps of the progress bar.
FIND_AT_ONCE = 2048

# Relations that make two articles one piece, nearest first; the others link.
ONE_PIECE = ("exact", "copy", "updated", "excerpt")

# Articles from which on a collection says something about its own furniture.
LEARN_FROM = 20

Progress = Callable[[str, int, int], None]
"""Called with the stage, the bytes or articles done, and how many there are (0: not known)."""


@dataclass(slots=True)
class RunSummary:
    """What a run did. Everything but the last three is in summary.json, which is the same for the same input."""

    version: str = ""
    rules: str = ""
    recipe: str = ""
    inputs: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    records: int = 0
    articles: int = 0
    failed: int = 0
    changed: int = 0
    empty: int = 0
    dropped: int = 0
    bytes: int = 0
    characters_in: int = 0
    characters_out: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    lines_removed: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    rules_used: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    clusters: int = 0
    clusters_with_copies: int = 0
    largest_cluster: int = 0
    learned_lines: int = 0
    notes: list[str] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0
    parts_resumed: int = 0

    @property
    def exit_code(self) -> int:
        """0, or 3 if any record failed."""
        return 3 if self.failed else 0

    @property
    def mb_per_second(self) -> float:
        """Megabytes of input per second of wall time."""
        return self.bytes / 1e6 / self.seconds if self.seconds else 0.0

    def to_dict(self, *, timed: bool = False) -> dict[str, Any]:
        """Plain data, ready for JSON. `timed` adds what differs from run to run: output folder, seconds, MB/s."""
        names = [name for name in self.__slots__ if name not in ("output", "seconds", "parts_resumed")]
        values = {name: getattr(self, name) for name in names}
        if timed:
            values |= {"output": self.output, "seconds": round(self.seconds, 3)}
            values |= {"mb_per_second": round(self.mb_per_second, 3), "parts_resumed": self.parts_resumed}
        return values


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
                row = row_of(one.raw, one.record, one.result, compare_only=self.compare_only)
                rows.append((row, None if self.compare_only else one.result.text))
        return rows


def failure(raw: Raw, why: str) -> str:
    """The row of a record that cannot be read or cleaned."""
    return to_json({"where": raw.where, "failure": why})


def row_of(raw: Raw, record: Record, result: CleanResult, *, compare_only: bool) -> str:
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
    if compare_only and result.text != article.text:
        row["compared"] = result.text
    return to_json(row)


def piece_of(row: Mapping[str, Any]) -> Piece:
    """A cleaned article as copies are looked for among them."""
    from newsclean.duplicates import Piece

    agency = row["metadata"].get("agency") or ()
    return Piece(
        row["id"],
        row.get("compared", row["text"]),
        row["source"],
        row["published"],
        row["title"],
        row["url"],
        row["metadata"].get("language") or row["language"],
        (agency,) if isinstance(agency, str) else tuple(agency),
        len(row["edits"]) + len(row["flags"]),
    )


def find_duplicates(
    articles: Iterable[str | Article | Mapping[str, Any]],
    *,
    clean: bool = True,
    settings: Settings | Mapping[str, Any] | None = None,
    index: Index | None = None,
    workers: int | None = 1,
) -> DuplicateReport:
    """Which of the articles are copies of which, which contain which, and why; the title is not compared.

    The articles are cleaned first unless `clean` is False, because shared leftovers make strangers look alike. One
    that brings no id gets its place: "0", "1", … With an `index` they are compared with what is in it, not with each
    other. An id comes back as it went in, but 7 and "7" are one. Raises BadRecord if an id comes a second time.
    """
    from newsclean.cleaner import Cleaner
    from newsclean.duplicates import Finder, Piece

    settings = Settings.of(settings)
    if isinstance(articles, str | Article | Mapping):
        articles = [articles]
    given = (Article.of(article, id=str(number)) for number, article in enumerate(articles))
    named = (replace(article, id=article.id or str(number)) for number, article in enumerate(given))
    if clean:
        results = Cleaner(settings).pipe(named, workers=workers)
    else:
        results = (CleanResult(article, article.text) for article in named)

    own_ids: dict[str, Any] = {}

    def pieces() -> Iterator[Piece]:
        for result in results:
            article, agency = result.article, result.metadata.get("agency") or ()
            if article.given_id != article.id:
                own_ids[article.id] = article.given_id
            yield Piece(
                article.id,
                result.text,
                article.source,
                article.published,
                article.title,
                article.url,
                result.metadata.get("language") or article.language,
                tuple(agency),
                len(result.edits) + len(result.flags),
            )

    report = Finder(settings).add(pieces()).report() if index is None else against(pieces(), index)
    return report.with_ids(own_ids) if own_ids else report


def against(pieces: Iterable[Piece], index: Index) -> DuplicateReport:
    """Articles compared with an existing collection only; the nearest match that is one piece stands for each."""
    from newsclean.duplicates import DuplicateReport

    matches: list[Match] = []
    groups: dict[str, list[str]] = {}
    relations: dict[str, str] = {}
    alone: list[str] = []
    waiting = iter(pieces)
    while batch := list(islice(waiting, FIND_AT_ONCE)):
        for piece, found in zip(batch, index.query(batch), strict=True):
            matches += found
            one_piece = [match for match in found if match.relation in ONE_PIECE]
            best = min(one_piece, key=lambda match: ONE_PIECE.index(match.relation), default=None)
            if best is None:
                alone.append(piece.id)
                continue
            known = best.b if best.a == piece.id else best.a
            groups.setdefault(known, []).append(piece.id)
            relations[piece.id] = best.relation
    clusters = [
        Cluster(known, known, tuple(sorted({known, *members})), "was in the index before", 0, len(members))
        for known, members in groups.items()
    ]
    clusters += [Cluster(one, one, (one,), "no copy was found in the index") for one in alone]
    matches.sort(key=lambda match: (match.a, match.b))
    return DuplicateReport(tuple(matches), tuple(sorted(clusters, key=lambda one: one.id)), (), relations)


class Stop:
    """Set by Ctrl-C: the files in hand are finished, no new one is begun. A second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish; only the main thread may."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(number: int, frame: Any) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


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
    format: str = "",  # noqa: A002
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
    names = [os.fspath(one) for one in ([inputs] if isinstance(inputs, (str, os.PathLike)) else inputs)]
    return _Run(
        inputs=names,
        output=Path(output),
        settings=Settings.of(settings),
        resume=resume,
        mode=mode,
        copies=copies,
        with_report=report,
        articles_folder=articles_folder,
        format=format,
        fields=dict(fields or {}),
        stdin=stdin,
        force=force,
        learn=learn,
        against=os.fspath(against),
        progress=progress or (lambda stage, done, total: None),
    ).go()


@dataclass(slots=True)
class _Run:
    inputs: list[str]
    output: Path
    settings: Settings
    resume: bool
    mode: str
    copies: bool
    with_report: bool
    articles_folder: str
    format: str
    fields: dict[str, str]
    stdin: BinaryIO | None
    force: bool
    learn: bool
    against: str
    progress: Progress
    summary: RunSummary = field(default_factory=RunSummary)
    stop: Stop = field(default_factory=Stop)
    reading: Reading = field(default_factory=Reading)
    parts: Parts = field(init=False)
    files: str = ""  # the names, sizes and times of the input files, as one hash
    learned: Path | None = None
    stale: set[str] = field(default_factory=set)  # ids of texts that an abandoned run wrote
    rejoined: bool = False  # whether an interrupted run may have restored or dropped texts that it had written

    @property
    def _writes_texts(self) -> bool:
        return self.mode in ("clean", "repair")

    @property
    def work(self) -> Path:
        """Where the unfinished lies."""
        return self.output / WORK

    def go(self) -> RunSummary:
        """The four stages."""
        from newsclean import __version__, rulebook, signature

        began = time.monotonic()
        self.reading = Reading(
            encoding=self.settings.run.encoding,
            max_article_size=self.settings.run.max_article_size,
            format=self.format,
            fields=tuple(sorted(self.fields.items())),
            exclude=(str(self.output),),
        )
        formats.check_inputs(self.inputs, self.reading)
        self._check_output()
        self.summary.version, self.summary.rules = __version__, rulebook.version()
        self.summary.recipe = signature.recipe(self.settings.copies) if self.copies else ""
        self.summary.inputs = list(self.inputs)
        self.summary.fields = dict(self.fields)
        self.summary.output = str(self.output)
        try:
            if self._is_done():
                return self._done_before()
            self._begin()
            with self.stop.listening():
                self._learn()
                self._clean()
                found = self._find_copies()
                self._write(found)
        except OSError as error:
            raise refused(getattr(error, "filename", None) or self.output, error) from error
        self.summary.seconds = time.monotonic() - began
        return self.summary

    # -- before anything is read

    def _check_output(self) -> None:
        out = self.output.resolve()
        for one in self.inputs:
            if one == "-":
                continue
            given = Path(one).resolve()
            if given == out or out in given.parents:
                raise OutputRefused(
                    f"{self.output}: the input {one} lies in it and would be written over; name another -o"
                )
        if self.output.exists() and not self.output.is_dir():
            raise OutputRefused(f"{self.output}: a file of this name is in the way; name another -o")
        manifest = read_manifest(self.work)
        if self.resume and manifest:
            return
        try:
            # A run that was stopped at once leaves nothing but its working folder.
            filled = self.output.is_dir() and any(path.name != WORK for path in self.output.iterdir())
        except OSError as error:
            raise refused(self.output, error) from error
        if filled and not self.settings.run.overwrite:
            hint = (
                "--resume continues the run in it, --overwrite begins again"
                if manifest
                else "--overwrite writes anyway"
            )
            raise OutputRefused(f"{self.output}: not empty; {hint}")

    def _is_done(self) -> bool:
        """Whether --resume finds everything finished, from the same files."""
        manifest = read_manifest(self.work)
        if not (self.resume and manifest.get("complete")) or "-" in self.inputs:
            return False
        self.files = files_hash(self.inputs)
        self.learned = self.output / "learned.toml" if manifest.get("learned") else None
        if self.learned and self.learned.exists():
            rules = (*self.settings.clean.rules, str(self.learned))
            learned = replace(self.settings, clean=replace(self.settings.clean, rules=rules))
            key = replace(self, settings=learned)._key()
        else:
            key = self._key()
        known = (manifest.get("files"), manifest.get("key"), manifest.get("joined_by"))
        return known == (self.files, key, self._joined_by())

    def _done_before(self) -> RunSummary:
        known = json.loads((self.output / "summary.json").read_bytes())
        for name, value in known.items():
            setattr(self.summary, name, value)
        self.summary.notes = [*self.summary.notes, "nothing to do: this run was finished before"]
        return self.summary

    def _begin(self) -> None:
        """Make the folders, clear away what an earlier run left, and keep a copy of standard input."""
        manifest = read_manifest(self.work)
        if not (self.resume and manifest) or manifest.get("complete"):
            self._clear()
        self.work.mkdir(parents=True, exist_ok=True)
        remove_temporaries(self.output)
        if "-" in self.inputs:
            self._spool()
        self.files = files_hash([str(self.work / "stdin") if one == "-" else one for one in self.inputs])

    def _clear(self) -> None:
        """Remove the outputs of an earlier run, and nothing else."""
        Parts(self.work, "").remove()
        for row in _rows_of(self.output / "articles.jsonl"):
            if isinstance(name := row.get("file"), str) and safe_path(name) == name:
                (self.output / name).unlink(missing_ok=True)
        for name in OUTPUTS:
            (self.output / name).unlink(missing_ok=True)
        (self.work / "manifest.json").unlink(missing_ok=True)

    def _spool(self) -> None:
        """Standard input is read once; the two readings and a later --resume need it again."""
        source = self.stdin
        if source is None:
            import sys

            source = sys.stdin.buffer
        with whole_file(self.work / "stdin") as kept:
            while data := source.read(1 << 20):
                kept.write(data)

    def _raws(self, skipped: Skipped | None = None) -> Iterator[Raw]:
        """Every record of the inputs; a second text file of the same id is a fault."""
        kept = (self.work / "stdin").open("rb") if "-" in self.inputs else None
        reading = self.reading if self.format or "-" not in self.inputs else replace(self.reading, format="")
        seen: set[bytes] = set()
        several_texts = len(self.inputs) > 1
        try:
            for raw in formats.read(self.inputs, reading, stdin=kept, skipped=skipped):
                if several_texts and raw.format == "text" and not raw.fault:
                    key = _short(raw.label)
                    if key in seen:
                        raw = replace(raw, data=b"", fault=_second(raw.label))
                    seen.add(key)
                yield raw
        finally:
            if kept:
                kept.close()

    # -- stage 1

    def _learn(self) -> None:
        """The first reading: which lines the collection repeats. Its result is a rules file like any other."""
        path = self.output / "learned.toml"
        if not (self.learn and self.settings.run.learn and self.mode in ("clean", "compare")) or self._has_learned():
            path.unlink(missing_ok=True)
            return
        before = read_manifest(self.work)
        if not (self.resume and path.exists() and before.get("files") == self.files and before.get("learned")):
            from newsclean import corpus

            found = corpus.learn(_articles_of(self._raws(), self.reading, [], self.stop, self.progress, self._total()))
            if self.stop.asked:
                raise Interrupted("stopped in the first reading; the same command with --resume begins it again")
            if found.articles < LEARN_FROM or not found.lines:
                path.unlink(missing_ok=True)
                return
            write_whole(path, found.to_toml().encode("utf-8", "backslashreplace"))
        self.learned = path
        self.summary.learned_lines = len(rulebook_lines(path))
        rules = (*self.settings.clean.rules, str(path))
        self.settings = replace(self.settings, clean=replace(self.settings.clean, rules=rules))

    def _has_learned(self) -> bool:
        """Whether the user brings lines that were learned before: then these are frozen and no more are learned."""
        return any(rulebook_lines(Path(path)) for path in self.settings.clean.rules)

    def _total(self) -> int:
        """Bytes to read, as far as they can be known."""
        return _total_bytes([str(self.work / "stdin") if one == "-" else one for one in self.inputs])

    # -- stage 2

    def _key(self) -> str:
        """Names all that decides what a part holds, besides the records."""
        from newsclean import rulebook

        # What the rules files say, not where they lie: OUT/learned.toml lies elsewhere in every run.
        rules = [blake2b(Path(path).read_bytes()).hexdigest() for path in self.settings.clean.rules]
        told = repr(replace(self.settings.clean, rules=()))
        deciding = [self.summary.version, rulebook.version(), rules, self.mode, told]
        deciding += [repr(replace(self.reading, exclude=())), self.articles_folder]
        return blake2b(json.dumps(deciding).encode(), digest_size=16).hexdigest()

    def _joined_by(self) -> str:
        """Names all that decides what becomes of the parts: which are copies, and what is done about it."""
        run = self.settings.run
        deciding = [repr(self.settings.copies), self.copies, self.against, run.keep, run.repair_from_copies]
        return blake2b(json.dumps(deciding).encode(), digest_size=16).hexdigest()

    def _clean(self) -> None:
        self.parts = Parts(self.work, self._key())
        before = read_manifest(self.work)
        self.rejoined = bool(before.get("joining"))
        if before and (before.get("key"), before.get("files")) != (self.parts.key, self.files):
            # Parts of other inputs or settings: what they wrote and this run does not write again must go.
            self.stale = {row["id"] for row in self.parts.rows() if row.get("format") == "text"}
        write_manifest(self.work, self._manifest(complete=False))
        workers = self.settings.run.workers or parallel.cores()
        total = self._total()
        skipped = Skipped()
        numbers: deque[tuple[int, list[str]]] = deque()
        done = 0
        count = 0

        def to_do() -> Iterator[list[Raw]]:
            nonlocal done, count
            for number, batch in enumerate(batches(self._raws(skipped))):
                if self.stop.asked:
                    return
                count = number + 1
                digests = [raw.digest() for raw in batch]
                if self.parts.has(number, digests):
                    self.summary.parts_resumed += 1
                    done += sum(raw.size for raw in batch)
                    self.progress("cleaning", done, total)
                    continue
                numbers.append((number, digests))
                yield batch

        compare_only = self.mode in ("compare", "none")
        cleaning = Cleaning(self.settings, self.reading, "clean" if self.mode == "compare" else self.mode)
        work = Rows(cleaning, compare_only)
        for batch, rows in parallel.ordered_map(
            work,
            to_do(),
            workers=workers,
            apart=self.settings.run.workers != 1,
            wait_seconds=self.settings.run.article_seconds,
        ):
            number, digests = numbers.popleft()
            self._keep(number, digests, batch, rows)
            done += sum(raw.size for raw in batch)
            self.progress("cleaning", done, total)
        if self.stop.asked:
            raise Interrupted("stopped; what is done is kept, and the same command with --resume continues it")
        self.parts.forget_from(count)
        self.summary.skipped = dict(sorted(skipped.by_suffix.items()))

    def _keep(
        self,
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
                name = self._file_name(raw.label)
                files.append((self.output / name, formats.packed(encoded(text, "utf-8"), name)))
                places.append(len(lines) - 1)
        for place, (path, _), error in zip(places, files, write_many(files), strict=True):
            if error is None:
                continue
            if hopeless(error):
                raise error
            lines[place] = failure(batch[place], f"{path}: cannot be written: {error.strerror}")
        self.parts.write(number, digests, lines)

    def _file_name(self, label: str) -> str:
        """Where the cleaned text of a file goes, below the output folder."""
        # A name from the disk can only be unsafe on another system than this one.
        name = safe_path(label) if os.name == "nt" else label
        return f"{self.articles_folder}/{name}" if self.articles_folder else name

    # -- stage 3

    def _rows(self) -> Iterator[dict[str, Any]]:
        """The rows of all parts; the second article of an id has become a failure."""
        seen: set[bytes] = set()
        for row in self.parts.rows():
            if "failure" not in row:
                key = _short(row["id"])
                if key in seen:
                    yield {"where": row["where"], "failure": _second(row["id"])}
                    continue
                seen.add(key)
            yield row

    def _find_copies(self) -> Placed:
        if not self.copies:
            return Placed()
        from newsclean.duplicates import Finder

        def pieces() -> Iterator[Piece]:
            for row in self._rows():
                if "failure" not in row:
                    yield piece_of(row)

        if self.against:
            from newsclean.duplicates import Index

            with Index.open(self.against, self.settings, mode="read") as index:
                report = against(pieces(), index)
            return Placed(report.clusters, report.matches, report.relations)
        finder = Finder(self.settings)
        waiting = pieces()
        while batch := list(islice(waiting, FIND_AT_ONCE)):
            finder.add(batch)
            self.progress("finding copies", len(finder), 0)
        report = finder.report()
        self.summary.notes += report.notes
        return Placed(report.clusters, report.matches, report.relations)

    def _check_dropped(self, placed: Placed) -> None:
        """Raise TooManyDropped where a wrong setting would drop most of a corpus; what is cleaned stays for --resume."""
        total = sum(len(cluster.members) for cluster in placed.clusters)
        dropped = total - len(placed.clusters)
        most = self.settings.run.max_dropped
        if dropped > most * total and not self.force:
            raise TooManyDropped(
                f"{dropped:,} of {total:,} articles are copies and would be dropped, more than max_dropped = {most:g}; "
                f"look at them with --keep all, or add --resume --force"
            )

    # -- stage 4

    def _write(self, placed: Placed) -> None:
        """Join what was found about each article into the files that people read."""
        lines: Counter[str] = Counter()
        repairs: Counter[str] = Counter()
        flags: Counter[str] = Counter()
        used: Counter[str] = Counter()
        languages: Counter[str] = Counter()
        copies: Counter[str] = Counter()
        summary = self.summary

        canonical_only = self.settings.run.keep == "canonical" and self.copies
        if canonical_only:
            self._check_dropped(placed)

        restores = self.settings.run.repair_from_copies and self._writes_texts
        if restores or canonical_only:
            # From here on texts change that the parts stand for; a run that continues this one must know.
            write_manifest(self.work, self._manifest(complete=False, joining=True))

        def fill(files: Files) -> None:
            rows = self._restored(placed) if restores else ((row, False) for row in self._rows())
            for row, is_restored in rows:
                summary.records += 1
                if "failure" in row:
                    summary.failed += 1
                    files.add("failures.jsonl", {"where": row["where"], "why": row["failure"]})
                    continue
                at = placed.of(row["id"])
                if canonical_only and not at["is_canonical"]:
                    summary.dropped += 1
                    files.add("dropped.jsonl", {"id": own_id(row), **at})
                    if row["format"] == "text" and self._writes_texts:
                        (self.output / self._file_name(row["id"])).unlink(missing_ok=True)
                    continue
                self.stale.discard(row["id"])
                summary.articles += 1
                summary.bytes += row["bytes"]
                summary.characters_in += row["chars"]
                summary.characters_out += len(row["text"])
                summary.changed += bool(row["edits"])
                summary.empty += not row["text"].strip()
                count_edits(row["edits"], lines, repairs, used)
                flags.update(flag["kind"] for flag in row["flags"])
                languages[row["metadata"].get("language") or "unknown"] += 1
                if at["relation"]:
                    copies[at["relation"]] += 1
                file = self._file_name(row["id"]) if row["format"] == "text" and self._writes_texts else ""
                if file and (is_restored or self.rejoined):
                    self._write_again(file, row["text"])
                files.add("articles.jsonl", article_row(row, at, file))
                if row["edits"] or row["flags"]:
                    files.add("edits.jsonl", {"id": row["id"], "edits": row["edits"], "flags": row["flags"]})
            if self.copies:
                for match in placed.matches:
                    files.add("matches.jsonl", match_rows([match])[0])
                for one in placed.cluster_rows():
                    files.add("clusters.jsonl", one)

        names = ["articles.jsonl", "edits.jsonl", "failures.jsonl"]
        names += ["matches.jsonl", "clusters.jsonl"] if self.copies else []
        names += ["dropped.jsonl"] if canonical_only else []
        with Files(self.output, names) as files:
            fill(files)
        for article_id in self.stale:
            (self.output / self._file_name(article_id)).unlink(missing_ok=True)
        write_tables(self.output, self.inputs, self.reading)
        for name, counts in (
            ("lines_removed", lines),
            ("repairs", repairs),
            ("flags", flags),
            ("rules_used", used),
            ("languages", languages),
            ("copies", copies),
        ):
            setattr(summary, name, dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))
        sizes = [len(cluster.members) for cluster in placed.clusters]
        summary.clusters = len(sizes) or summary.articles
        summary.clusters_with_copies = sum(size > 1 for size in sizes)
        summary.largest_cluster = max(sizes, default=min(1, summary.articles))
        data = json.dumps(summary.to_dict(), indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace")
        write_whole(self.output / "summary.json", data + b"\n")
        write_manifest(self.work, self._manifest(complete=True))
        self.parts.remove()
        (self.work / "stdin").unlink(missing_ok=True)
        if self.with_report and self.mode != "none":
            from newsclean import report

            self.progress("writing the report", 0, 0)
            report.write(self.output)

    def _restored(self, placed: Placed) -> Iterator[tuple[dict[str, Any], bool]]:
        """Every row as its copies restore it, and whether they changed it."""
        from newsclean.pipeline_twins import Copies, restored_rows

        copies = Copies(self.parts, placed)
        notes = self.summary.notes
        rows = restored_rows(self._rows(), copies, self.settings.clean, self.settings.run, notes)
        for done, row in enumerate(rows, 1):
            yield row
            if done % FIND_AT_ONCE == 0:
                self.progress("restoring from copies", done, 0)

    def _write_again(self, name: str, text: str) -> None:
        """Write a text that is on the disk already, where it is another one now."""
        path = self.output / name
        data = formats.packed(encoded(text, "utf-8"), name)
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)

    def _manifest(self, *, complete: bool, joining: bool = False) -> dict[str, Any]:
        return {
            "newsclean": self.summary.version,
            "rules": self.summary.rules,
            "key": self.parts.key,
            "inputs": self.inputs,
            "files": self.files,
            "learned": self.learned is not None,
            "joined_by": self._joined_by(),
            "joining": not complete and (joining or self.rejoined),
            "complete": complete,
        }


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


def _short(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _second(article_id: str) -> str:
    return f"the id {article_id!r} was there before; the first is kept"


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


def readable(
    inputs: Sequence[str], reading: Reading, failed: list[tuple[str, str]], progress: Progress | None = None
) -> Iterator[Article]:
    """The articles of the inputs as they are; what cannot be read is added to `failed`, with why."""
    yield from _articles_of(formats.read(inputs, reading), reading, failed, Stop(), progress, _total_bytes(inputs))


def _articles_of(
    raws: Iterable[Raw],
    reading: Reading,
    failed: list[tuple[str, str]],
    stop: Stop,
    progress: Progress | None,
    total: int,
) -> Iterator[Article]:
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


def rulebook_lines(path: Path) -> tuple[Any, ...]:
    """The learned lines of a rules file."""
    from newsclean import rulebook

    return tuple(rulebook.read(path).lines)


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


def _total_bytes(inputs: Sequence[str]) -> int:
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
