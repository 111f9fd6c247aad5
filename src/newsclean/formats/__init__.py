"""Files → records → articles, and back: one module per format, found by its name.

`read` finds the records of all inputs without decoding them, which is cheap and happens in one process; `parse` makes
an article of one record, which may be slow and happens wherever the cleaning happens. A record that cannot be read is
still a record, with `fault` saying why: none disappears.

A format module has

- `SUFFIXES`: the endings of its files, before `.gz`, `.xz` or `.zst`;
- `read(stream, label, reading)`: yields a Raw for each record of a stream of bytes, in order;
- where a Raw holds bytes, `parse(raw, reading)`: the Record; raises BadRecord. One that holds fields needs none;
- `writer(target, like)`: a context manager that gives a function to write cleaned records with; or, for tables, which
  have no place for the record of changes, `table(target, like, more, reading)`: the same for rows.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from newsclean.errors import BadRecord, ConfigError
from newsclean.model import FIELD_NAMES, Article, CleanResult
from newsclean.packing import PACKED, open_bytes

FORMATS: Mapping[str, str] = {"text": "text_folder", "jsonl": "jsonl", "csv": "csv", "parquet": "parquet"}
SUFFIXES: Mapping[str, str] = {
    ".txt": "text",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How inputs are read. `fields` maps newsclean's names to the user's: (("text", "body"), …)."""

    encoding: str = ""
    max_article_size: int = 5_000_000
    format: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    exclude: tuple[str, ...] = ()  # folders that are not read: the output

    def name_of(self, name: str, record: Mapping[str, Any]) -> str:
        """What this record calls one of newsclean's fields: as told, else the first usual spelling it has."""
        told = dict(self.fields).get(name)
        if told:
            return told
        return next((known for known in FIELD_NAMES[name] if record.get(known) is not None), name)


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it lies in a file. `where` is for people, `label` is the id of a record that brings none."""

    where: str
    label: str
    format: str
    data: bytes | dict[str, Any] = b""
    fault: str = ""
    encoding: str = ""  # of a stream that was transcoded before it was split into records

    @property
    def size(self) -> int:
        """Bytes, or about as many."""
        if isinstance(self.data, bytes):
            return len(self.data)
        return sum(len(name) + (len(value) if isinstance(value, str) else 8) for name, value in self.data.items())

    def digest(self) -> str:
        """Tells whether two readings met the same record."""
        data = self.data if isinstance(self.data, bytes) else json.dumps(self.data, default=str).encode()
        return blake2b(
            b"\0".join((self.where.encode("utf-8", "surrogateescape"), self.fault.encode(), data)), digest_size=12
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class Record:
    """An article with all that is needed to write it back as it came: its fields in order, and its encoding."""

    where: str
    format: str
    article: Article
    fields: dict[str, Any] | None = None
    text_field: str = "text"
    encoding: str = ""
    original: bytes = (
        b""  # of a text that its encoding does not lead back to: a stray byte was read as what it likely was
    )


@dataclass(slots=True)
class Skipped:
    """Files of a folder that are no articles, by ending."""

    by_suffix: dict[str, int] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """Count one."""
        suffix = Path(name).suffix or name
        self.by_suffix[suffix] = self.by_suffix.get(suffix, 0) + 1


def module(name: str) -> Any:
    """The module of a format."""
    return importlib.import_module(f"newsclean.formats.{FORMATS[name]}")


def format_of(path: str) -> str:
    """The format that a file's name tells, or ""."""
    name = path.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    return SUFFIXES.get(Path(name).suffix, "")


def labels(inputs: Sequence[str]) -> list[str]:
    """What to call each input in ids and messages: its last name, or all of it where two share one.

    >>> labels(["in/monday", "in/tuesday", "other/monday"])
    ['in/monday', 'tuesday', 'other/monday']
    """
    names = ["stdin" if one == "-" else (Path(one).name or Path(one).resolve().name) for one in inputs]
    return [name if names.count(name) == 1 else one for one, name in zip(inputs, names, strict=True)]


def check_inputs(inputs: Sequence[str], reading: Reading) -> None:
    """Raise ConfigError for an input that is not there or of no known format."""
    for one in inputs:
        if one == "-" or Path(one).is_dir():
            continue
        if not os.path.lexists(one):
            raise ConfigError(f"{one}: no such file or folder")
        if not (reading.format or format_of(one)):
            known = ", ".join(SUFFIXES)
            raise ConfigError(
                f"{one}: not a format newsclean knows ({known}, also with .gz, .xz, .zst); name it: --format"
            )


def read(
    inputs: Sequence[str], reading: Reading, *, stdin: BinaryIO | None = None, skipped: Skipped | None = None
) -> Iterator[Raw]:
    """The records of all inputs, in order: files, folders, and `-` for `stdin`."""
    from newsclean.formats import text_folder

    several = len(inputs) > 1
    for one, label in zip(inputs, labels(inputs), strict=True):
        if one == "-":
            stream = stdin or sys.stdin.buffer
            yield from module(reading.format or "text").read(stream, label, reading)
        elif Path(one).is_dir():
            yield from text_folder.walk(one, f"{label}/" if several else "", reading, skipped or Skipped())
        else:
            yield from read_file(one, label, reading)


def read_file(path: str, label: str, reading: Reading) -> Iterator[Raw]:
    """The records of one file, and what became of the rest of it if it cannot be read to its end."""
    name = format_of(path) or reading.format
    where = label
    try:
        with open_bytes(path) as stream:
            for raw in module(name).read(stream, label, reading):
                where = raw.where
                yield raw
    except (OSError, BadRecord) as error:
        last = "" if where == label else f"behind {where}: "
        yield Raw(label, label, name, fault=last + explained(error))


def parse(raw: Raw, reading: Reading) -> Record:
    """The article of a record. Raises BadRecord if it has none."""
    if raw.fault:
        raise BadRecord(raw.where, raw.fault)
    if isinstance(raw.data, dict):
        return of_fields(raw, raw.data, reading)
    record: Record = module(raw.format).parse(raw, reading)
    return record


def of_fields(raw: Raw, given: Mapping[str, Any], reading: Reading) -> Record:
    """The record of a mapping, with the names the user gave."""
    names = {name: reading.name_of(name, given) for name in FIELD_NAMES}
    text = given.get(names["text"])
    if text is None:
        has = ", ".join(map(str, list(given)[:8])) or "none"
        raise BadRecord(raw.where, f"no field {names['text']!r} (it has: {has}); name the text's with --text-field")
    if not isinstance(text, str):
        raise BadRecord(raw.where, f"field {names['text']!r} is {type(text).__name__}, not text")
    size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if size > reading.max_article_size:
        raise BadRecord(raw.where, too_long(reading.max_article_size, size))
    known = {name: given[own] for name, own in names.items() if given.get(own) is not None}
    article = Article.of(known, id=raw.label, where=raw.where)
    return Record(raw.where, raw.format, article, dict(given), names["text"], raw.encoding)


def too_long(limit: int, size: int | None = None) -> str:
    """Why an article is refused for its size."""
    found = f"{size:,} bytes" if size else f"more than {limit:,} bytes"
    return f"{found}: longer than an article may be ({limit:,}); allow more with --max-article-size"


def explained(error: OSError | BadRecord) -> str:
    """Why a file or a part of it cannot be read."""
    if isinstance(error, BadRecord):
        return error.why
    return f"cannot be read: {error.strerror or error}"


def looks_like_jsonl(stream: BinaryIO) -> bool:
    """Whether a buffered stream begins with a line that is a JSON object with a text; nothing is consumed."""
    start = stream.peek(1 << 16) if isinstance(stream, io.BufferedReader) else b""
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    line = start.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
    try:
        found = json.loads(line)
    except ValueError:
        # A first line longer than what is buffered: an object with a text field looks like this, prose does not.
        return b"\n" not in start and re.match(rb'\{\s*"[^"]{1,80}"\s*:', line) is not None
    return isinstance(found, dict)


Write = Callable[[Record, CleanResult], None]


@contextlib.contextmanager
def writer(name: str, target: BinaryIO, like: str = "") -> Iterator[Write]:
    """A function that writes cleaned records in a format, one by one. `like` is an input file whose columns are kept."""
    if hasattr(module(name), "table"):
        with table(name, target, [like] if like else [], ()) as write_row:
            yield lambda record, result: write_row(with_text(record, result))
    else:
        with module(name).writer(target, like) as write:
            yield write


@contextlib.contextmanager
def table(
    name: str, target: BinaryIO, like: Sequence[str], more: Sequence[str], reading: Reading | None = None
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """A function that writes rows of a csv or parquet file with the columns of the files `like`, then the named ones.

    The columns of csv files are looked up if `reading` tells how; otherwise the first row says them.
    """
    with module(name).table(target, like, more, reading) as write:
        yield write


def annotated(record: Record, result: CleanResult) -> dict[str, Any]:
    """A cleaned record with its own fields in their order, the text cleaned, and one object of ours.

    A record that was cleaned before keeps what was said then under `earlier`.
    """
    from newsclean import __version__

    row = with_text(record, result)
    ours: dict[str, Any] = {
        "version": __version__,
        "removed_chars": result.removed_chars,
        "edits": [edit.to_dict() for edit in result.edits],
        "flags": result.flag_dicts(),
        "metadata": dict(result.metadata),
    }
    if "newsclean" in row:
        ours["earlier"] = row.pop("newsclean")
    return {**row, "newsclean": ours}


def with_text(record: Record, result: CleanResult) -> dict[str, Any]:
    """The record's own fields in their order, the text cleaned."""
    if record.fields is None:
        return {"id": record.article.id, "text": result.text}
    return {**record.fields, record.text_field: result.text}


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """The lines of a stream with their ends; None stands for one of more than `limit` bytes, which is never held whole."""
    while line := stream.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
            pass
        yield None


def to_json(value: Any) -> str:
    """One line of JSON. A lone surrogate, which UTF-8 cannot hold, is written as an escape."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text
