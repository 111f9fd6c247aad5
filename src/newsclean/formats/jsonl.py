"""One JSON object per line, with at least a text; every other field comes back untouched and in order."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from newsclean.errors import BadRecord
from newsclean.formats import Raw, Reading, Record, Write, annotated, lines, of_fields, to_json, too_long
from newsclean.model import CleanResult

SUFFIXES = (".jsonl", ".ndjson")

# A line holds more than the article: its other fields, and \uXXXX for each letter where a writer escapes them.
_LINE_PER_ARTICLE = 6

_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(stream: BinaryIO, label: str, reading: Reading) -> Iterator[Raw]:
    """Each line that is not blank."""
    buffered: Any = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    start = buffered.peek(4)[:4]
    encoding = reading.encoding or next((name for bom, name in _WIDE_BOMS if start.startswith(bom)), "")
    limit = reading.max_article_size * _LINE_PER_ARTICLE
    number = 0
    found = _transcoded(buffered, encoding, limit) if encoding else lines(buffered, limit)
    try:
        for line in found:
            number += 1
            where = f"{label}:{number}"
            if line is None:
                yield Raw(where, where, "jsonl", fault=f"a line of {too_long(limit)}")
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if line.strip():
                yield Raw(where, where, "jsonl", line, encoding=encoding)
    except UnicodeDecodeError as error:
        yield Raw(
            f"{label}:{number + 1}", label, "jsonl", fault=f"not {encoding}: {error.reason}; the rest is not read"
        )


def _transcoded(stream: Any, encoding: str, limit: int) -> Iterator[bytes | None]:
    """The lines of a stream that is not UTF-8, in UTF-8."""
    text = io.TextIOWrapper(stream, encoding=encoding, newline="\n")
    try:
        while line := text.readline(limit + 1):
            if len(line) <= limit or line.endswith("\n"):
                yield line.encode("utf-8", "surrogatepass")
                continue
            while (rest := text.readline(1 << 20)) and not rest.endswith("\n"):
                pass
            yield None
    finally:
        text.detach()


def parse(raw: Raw, reading: Reading) -> Record:
    """The article of one line. Raises BadRecord for broken JSON and for a line without text."""
    assert isinstance(raw.data, bytes)
    try:
        given = json.loads(raw.data.decode("utf-8"))
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise BadRecord(raw.where, f"not UTF-8 (byte 0x{byte:02x} at {error.start}); try --encoding cp1252") from error
    except json.JSONDecodeError as error:
        raise BadRecord(raw.where, f"broken JSON at character {error.pos}: {error.msg}") from error
    except RecursionError as error:
        raise BadRecord(raw.where, "JSON nested too deeply") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise BadRecord(raw.where, f"broken JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadRecord(raw.where, f"a JSON {type(given).__name__}; each line must be an object with a text")
    return of_fields(raw, given, reading)


@contextlib.contextmanager
def writer(target: BinaryIO, like: str) -> Iterator[Write]:
    """One line for each record: its own fields in their order, and `newsclean` with the record of every change."""

    def write(record: Record, result: CleanResult) -> None:
        target.write(f"{to_json(annotated(record, result))}\n".encode())

    yield write
    target.flush()
