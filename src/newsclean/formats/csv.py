"""Comma or tab separated tables with a header line; every column comes back in its place."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from newsclean import decoding
from newsclean.errors import BadRecord
from newsclean.formats import Raw, Reading, read_file, too_long

SUFFIXES = (".csv", ".tsv")

_HEAD = 1 << 17  # bytes from which the encoding is told and the separator read


class _TooLong(Exception):
    """A line that would not fit an article."""


def read(stream: BinaryIO, label: str, reading: Reading) -> Iterator[Raw]:
    """Each row as the fields that the header line names."""
    buffered: Any = io.BufferedReader(stream, _HEAD) if not hasattr(stream, "peek") else stream
    head = buffered.peek(_HEAD)
    if not head.strip():
        return
    try:
        encoding = _encoding(head, label, reading)
    except BadRecord as error:
        yield Raw(label, label, "csv", fault=error.why)
        return
    text = io.TextIOWrapper(buffered, encoding=encoding, newline="")
    try:
        yield from _rows(text, label, encoding, head.decode(encoding, "ignore").partition("\n")[0], reading)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, label: str, encoding: str, first_line: str, reading: Reading) -> Iterator[Raw]:
    limit = reading.max_article_size
    csv.field_size_limit(limit)
    rows = csv.reader(_lines(text, limit), delimiter=max(",\t;", key=first_line.count), strict=False)
    names: list[str] | None = None
    while True:
        line = rows.line_num + 1
        where = f"{label}:{line}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            why = too_long(limit) if isinstance(error, _TooLong) or "limit" in str(error) else f"broken row: {error}"
            yield Raw(where, where, "csv", fault=f"{why}; the rest of the file is not read")
            return
        except UnicodeDecodeError as error:
            yield Raw(where, where, "csv", fault=f"not {encoding}: {error.reason}; the rest of the file is not read")
            return
        if names is None:
            names = row
        elif row:
            if len(row) != len(names):
                fault = f"{len(row)} fields where the header has {len(names)}"
                yield Raw(where, where, "csv", fault=fault)
            else:
                yield Raw(where, where, "csv", dict(zip(names, row, strict=True)), encoding=encoding)


def _encoding(head: bytes, label: str, reading: Reading) -> str:
    if reading.encoding:
        return reading.encoding
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # The last letter of the head may be cut in two.
    return decoding.decode(head[: head.rfind(b"\n") + 1] or head, where=label).encoding


def _lines(text: io.TextIOWrapper, limit: int) -> Iterator[str]:
    while line := text.readline(limit + 2):
        if len(line) > limit and not line.endswith("\n"):
            raise _TooLong
        yield line


def _columns(paths: Sequence[str], reading: Reading) -> Iterator[str]:
    """The columns of each file that has a row."""
    for path in paths:
        found = (raw.data for raw in read_file(path, path, reading))
        yield from next((row for row in found if isinstance(row, dict)), ())


@contextlib.contextmanager
def table(
    target: BinaryIO, like: Sequence[str], more: Sequence[str], reading: Reading | None
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Rows with the columns of all files of `like` in order of first appearance, and the named ones behind them.

    Without `reading`, rows with the columns of the first one; raises BadRecord for a row that has others.
    """
    text = io.TextIOWrapper(target, "utf-8", newline="", write_through=True)
    rows: csv.DictWriter[str] | None = None
    names = list(dict.fromkeys((*_columns(like, reading), *more))) if reading else []

    def write(row: dict[str, Any]) -> None:
        nonlocal rows
        if rows is None:
            separator = "\t" if like and ".tsv" in like[0].lower() else ","
            rows = csv.DictWriter(text, names or list(row), delimiter=separator, lineterminator="\n")
            rows.writeheader()
        unknown = set(row) - set(rows.fieldnames)
        if unknown:
            which = ", ".join(sorted(unknown))
            where = like[0] if like else "csv"
            raise BadRecord(where, f"columns that the first row has not: {which}; write --format jsonl instead")
        rows.writerow(row)

    try:
        yield write
        text.flush()
    finally:
        text.detach()
