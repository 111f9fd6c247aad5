"""Folders: a .txt file is one article, its id the path below the folder; .jsonl files in it are read line by line."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from newsclean import decoding
from newsclean.errors import BadRecord
from newsclean.formats import Raw, Reading, Record, Skipped, Write, explained, format_of, read_file, too_long
from newsclean.model import Article, CleanResult
from newsclean.packing import PACKED, open_bytes, packed

SUFFIXES = (".txt",)

OURS = ".newsclean"
NOT_A_FILE = "not a regular file (a pipe, socket or device)"


def walk(root: str, prefix: str, reading: Reading, skipped: Skipped) -> Iterator[Raw]:
    """Every .txt file and every line of every .jsonl file below a folder, folder by folder in the order of their names.

    What newsclean wrote, which is known by its working folder, is not read again.

    Links are followed to files inside the folder only: one that leads out, or nowhere, is a fault with its name.
    A linked folder inside is passed over, because its files are read where they lie; so a loop of links ends.
    """
    inside = os.path.realpath(root)
    excluded = {os.path.realpath(one) for one in reading.exclude}
    # A stack instead of recursion: a tree may be deeper than Python's stack.
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(Path(root, folder)) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Raw(f"{prefix}{folder or '.'}", f"{prefix}{folder}", "text", fault=f"folder {explained(error)}")
            continue
        if any(entry.name == OURS for entry in entries):
            skipped.add("newsclean output")
            continue
        below = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            kind = format_of(entry.name)
            if entry.is_symlink():
                if fault := _bad_link(entry.path, inside):
                    yield Raw(prefix + path, prefix + path, "text", fault=fault)
                    continue
                if Path(entry.path).is_dir():
                    skipped.add("linked folder")
                    continue
            elif entry.is_dir(follow_symlinks=False):
                if os.path.realpath(entry.path) not in excluded:
                    below.append(path)
                continue
            if kind not in ("text", "jsonl") or entry.name.startswith("."):
                skipped.add(entry.name)
            elif kind == "text":
                yield _file(entry.path, prefix + path, reading)
            elif not entry.is_file():
                yield Raw(prefix + path, prefix + path, "jsonl", fault=NOT_A_FILE)
            else:
                yield from read_file(entry.path, prefix + path, reading)
        waiting += reversed(below)


def _bad_link(path: str, inside: str) -> str:
    try:
        target = os.path.realpath(path, strict=True)
    except OSError as error:
        return "a link that leads to itself" if error.errno == errno.ELOOP else f"a link to nothing ({error.strerror})"
    if os.path.commonpath([inside, target]) != inside:
        return "a link that leads out of the folder; give its target as an input of its own"
    return ""


def _file(path: str, where: str, reading: Reading) -> Raw:
    """A whole file as one record. Raw holds why if it cannot be read or is too large; then it is not held in memory."""
    limit = reading.max_article_size
    try:
        known = Path(path).stat()
        if not stat.S_ISREG(known.st_mode):
            return Raw(where, where, "text", fault=NOT_A_FILE)
        if known.st_size > limit and not path.lower().endswith(PACKED):
            return Raw(where, where, "text", fault=too_long(limit, known.st_size))
        with open_bytes(path) as stream:
            data = stream.read(limit + 1)
    except (OSError, BadRecord) as error:
        return Raw(where, where, "text", fault=explained(error))
    if len(data) > limit:
        return Raw(where, where, "text", fault=too_long(limit))
    return Raw(where, where, "text", data)


def read(stream: BinaryIO, label: str, reading: Reading) -> Iterator[Raw]:
    """The stream as one article."""
    data = stream.read(reading.max_article_size + 1)
    if len(data) > reading.max_article_size:
        yield Raw(label, label, "text", fault=too_long(reading.max_article_size))
    else:
        yield Raw(label, label, "text", data)


def parse(raw: Raw, reading: Reading) -> Record:
    """The text in the encoding it turns out to have. Raises BadRecord for bytes that are no text."""
    assert isinstance(raw.data, bytes)
    found = decoding.decode(raw.data, declared=reading.encoding, where=raw.where)
    marked = found.how.endswith("byte order mark")
    encoding = found.encoding + ("+bom" if marked else "")
    original = b"" if encoded(found.text, encoding) == raw.data else raw.data
    return Record(raw.where, "text", Article(raw.label, found.text), encoding=encoding, original=original)


def encoded(text: str, encoding: str) -> bytes:
    """The bytes that parse() would read as this text; UTF-8 if that encoding cannot hold it.

    >>> encoded("Zürich", "utf-16-le+bom")[:4]
    b'\\xff\\xfeZ\\x00'
    """
    name, _, marked = encoding.partition("+")
    try:
        return (("\ufeff" if marked else "") + text).encode(name or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return text.encode("utf-8", "replace")


# Names that Windows keeps for devices, with any ending.
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$", re.IGNORECASE)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST_NAME = 200  # bytes; file systems take 255, and a temporary name and an ending must fit too


def safe_path(article_id: str) -> str:
    """A relative path for an id that anyone may have written: never absolute, never upwards, legal on every system.

    An id that is such a path already is kept; any other gets a hash at its end, so that two ids never share a name.

    >>> safe_path("2026/harbour.txt"), safe_path("../../etc/x")
    ('2026/harbour.txt', '_/_/etc/x~ab925e')
    """
    parts = []
    for part in article_id.split("/"):
        name = _UNSAFE.sub("_", part).rstrip(". ")
        if _DEVICE.match(name):
            name = f"_{name}"
        if len(name.encode("utf-8")) > _LONGEST_NAME:
            name = name.encode("utf-8")[:_LONGEST_NAME].decode("utf-8", "ignore")
        parts.append(name or "_")
    path = "/".join(parts[-20:])
    if path == article_id:
        return path
    mark = blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    stem, dot, ending = path.rpartition(".")
    return f"{stem}~{mark}.{ending}" if dot and "/" not in ending and stem else f"{path}~{mark}"


@contextlib.contextmanager
def writer(target: BinaryIO, like: str) -> Iterator[Write]:
    """The text and nothing else."""

    def write(record: Record, result: CleanResult) -> None:
        target.write(packed(encoded(result.text, "utf-8"), like))

    yield write
    target.flush()
