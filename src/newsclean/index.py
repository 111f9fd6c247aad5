"""One SQLite file of what articles are compared by: signature, sketch and keys; add, query, remove, expire.

The file never holds an article's text. It says who *might* be the same; comparing is done elsewhere, from what `get`
gives back. One process writes, any number read while it does. What `add` has returned from survives `kill -9`: rows are
committed to SQLite's write-ahead log first. (A power cut may lose the last seconds; it does not damage the file.)

Keys are kept twice: with their article, where removing needs them, and as sorted segments, which are loaded into memory
on opening (8 bytes a key) and searched there. Segments follow from the articles; those of the latest articles are not
written yet and are made again on opening. The layout is in docs/index-file.md.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice, pairwise
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Literal, Self

import numpy as np

from newsclean.arrays import UInt64
from newsclean.errors import ConfigError, IndexFileError, RecipeMismatch
from newsclean.index_buckets import Buckets, Meetings, View, merged, postings

MEMORY = ":memory:"
APPLICATION_ID = 0x6E77_7363  # "nwsc", in the header of the SQLite file
FORMAT = 1  # SQLite's user_version; a change of the tables needs a new number

# Keys of articles that stand in no segment yet, above which a segment is written: 2 MB, some 3,600 articles. Fewer mean
# that opening reads more segments, more that it makes more again.
_SEGMENT_FROM = 1 << 18
# A segment takes in its elder if that has at most this many times as many keys; written once for each level.
_SEGMENT_GROWTH = 8
_LONGEST_SEGMENT = 1 << 24  # 128 MB of keys in one row; SQLite's limit is 1 GB

# Articles in one transaction and one look-up of the buckets: 1,000 take 0.1 s.
_BATCH = 1000
# SQLite takes 32,766 values in one statement since 3.32; Python 3.11 may come with an older one that takes 999.
_VALUES = 900

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, published TEXT NOT NULL,
  moment REAL, title TEXT NOT NULL, url TEXT NOT NULL, language TEXT NOT NULL, agency TEXT NOT NULL,
  characters INTEGER NOT NULL, words INTEGER NOT NULL, quality INTEGER NOT NULL);
CREATE INDEX entry_moment ON entry (moment) WHERE moment IS NOT NULL;
CREATE TABLE payload (number INTEGER PRIMARY KEY, keys BLOB NOT NULL, signature BLOB NOT NULL, sketch BLOB NOT NULL);
CREATE TABLE segment (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, postings BLOB NOT NULL);
CREATE TABLE removed (turn INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL);
"""
_COLUMNS = "id, source, published, title, url, language, agency, characters, words, quality, signature, sketch, keys"

Mode = Literal["write", "read"]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What an index keeps of one article. `published` as it came; `quality` counts edits and flags (fewer is cleaner)."""

    id: str
    keys: UInt64 = field(repr=False)  # from `View.keys`, of all views together
    signature: bytes = field(default=b"", repr=False)  # uint32 values, little-endian
    sketch: bytes = field(default=b"", repr=False)  # of no concern to the index
    source: str = ""
    published: str = ""
    title: str = ""
    url: str = ""
    language: str = ""
    agency: str = ""
    characters: int = 0
    words: int = 0
    quality: int = 0


def moment(published: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 date or time, UTC where it does not say; None if it is neither.

    >>> moment("1970-01-02"), moment("1970-01-01T01:00:00+01:00"), moment("yesterday")
    (86400.0, 0.0, None)
    """
    try:
        at = datetime.fromisoformat(published.strip())
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


class IndexFile:
    """Open one with `IndexFile.open`; a context manager. Not for use from several threads at once."""

    def __init__(self, connection: sqlite3.Connection, path: str, views: Sequence[View], most: int, mode: Mode) -> None:
        self.path = path
        self.mode = mode
        self._db: sqlite3.Connection | _Closed = connection
        self._views = tuple(views)
        self._most = most
        self._lock: IO[bytes] | None = None
        self._load()

    @classmethod
    def open(
        cls, path: str | Path, *, recipe: str, views: Sequence[View], most: int = 40, mode: Mode = "write"
    ) -> IndexFile:
        """The index at `path`; mode "write" makes it if it is not there. ":memory:" is one that vanishes on closing.

        `recipe` names everything that went into signatures, sketches and keys. `most` is the number of articles that
        one article meets at most.
        Raises IndexFileError if the file is no index, is of another format, is not there (mode "read") or is being
        written by another process; RecipeMismatch if its articles were signed in another way.
        """
        path = str(path)
        lock = None if path == MEMORY or mode == "read" else _locked(path)
        try:
            connection = _connected(path, mode)
            try:
                _check_or_make(connection, path, recipe=recipe, mode=mode)
                opened = cls(connection, path, views, most, mode)
            except BaseException as error:
                connection.close()
                if isinstance(error, sqlite3.DatabaseError):
                    raise IndexFileError(
                        f"{path}: damaged ({error}); build the index again from the articles with `newsclean index add`"
                    ) from error
                raise
        except BaseException:
            if lock:
                lock.close()
            raise
        opened._lock = lock
        return opened

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; SQLite tidies up its log. Closing twice does no harm; all else raises IndexFileError after it."""
        if not isinstance(self._db, _Closed):
            self._db.close()
            self._db = _Closed(self.path)
        if self._lock:
            self._lock.close()
            self._lock = None

    def __len__(self) -> int:
        self._refresh()
        return int(self._count)

    def __contains__(self, id: object) -> bool:  # noqa: A002 -- what it is called everywhere
        return self._db.execute("SELECT 1 FROM entry WHERE id = ?", (id,)).fetchone() is not None

    def __iter__(self) -> Iterator[str]:
        """The ids, in the order in which the articles came."""
        for (id_,) in self._db.execute("SELECT id FROM entry ORDER BY number"):
            yield id_

    # — writing —

    def add(self, entries: Iterable[Entry]) -> list[list[str]]:
        """Take in articles; for each, the ids it might be the same as among those before it, most shared keys first.

        An id that is already there is replaced and counts as new. When `add` returns, the articles are on disk.
        """
        found: list[list[str]] = []
        waiting = iter(entries)
        while batch := list(islice(waiting, _BATCH)):
            for part in _without_repeats(batch):
                found += self._add(part)
        return found

    def _add(self, entries: Sequence[Entry]) -> list[list[str]]:
        self._writable()
        first = self._next
        numbers = range(first, first + len(entries))
        with self._transaction():
            replaced = self._numbers([entry.id for entry in entries])
            self._drop(list(replaced.values()))
            self._db.executemany(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        number, entry.id, entry.source, entry.published, moment(entry.published), entry.title, entry.url,
                        entry.language, entry.agency, entry.characters, entry.words, entry.quality,
                    )
                    for number, entry in zip(numbers, entries, strict=True)
                ),
            )  # fmt: skip
            self._db.executemany(
                "INSERT INTO payload VALUES (?, ?, ?, ?)",
                (
                    (number, entry.keys.astype("<u8").tobytes(), entry.signature, entry.sketch)
                    for number, entry in zip(numbers, entries, strict=True)
                ),
            )
        self._count += len(entries) - len(replaced)
        self._next += len(entries)
        self._unwritten += sum(len(entry.keys) for entry in entries)
        # An article that is replaced is met until its successor comes.
        turns = [at for at, entry in enumerate(entries) if entry.id in replaced]
        names = {number: id_ for id_, number in replaced.items()}
        found: list[list[str]] = []
        for begin, end in pairwise(sorted({0, *turns, len(entries)})):
            if entries[begin].id in replaced:
                self._buckets.remove([replaced[entries[begin].id]])
            met = self._buckets.add(numbers[begin:end], [entry.keys for entry in entries[begin:end]])
            found += self._ids(met, end - begin, names)
        if self._unwritten >= _SEGMENT_FROM:
            self._write_segment()
        return found

    def remove(self, ids: Iterable[str]) -> int:
        """Take articles out; how many were there."""
        self._writable()
        with self._transaction():
            numbers = list(self._numbers(list(ids)).values())
            self._drop(numbers)
        self._count -= len(numbers)
        self._buckets.remove(numbers)
        return len(numbers)

    def expire(self, *, before: str | date) -> int:
        """Take out what was published before a date (00:00 UTC) or time; how many. What has no readable date stays."""
        limit = moment(before if isinstance(before, str) else before.isoformat())
        if limit is None:
            raise ConfigError(f"before = {before!r} is no ISO 8601 date or time; write it as 2026-11-30")
        self._writable()
        with self._transaction():
            old = self._db.execute("SELECT number FROM entry WHERE moment < ?", (limit,))
            numbers = [number for (number,) in old]
            self._drop(numbers)
        self._count -= len(numbers)
        self._buckets.remove(numbers)
        return len(numbers)

    def compact(self) -> None:
        """Give back the space of removed articles and write all keys as few segments. Readers may go on reading."""
        self._writable()
        with self._transaction():
            self._db.execute("DELETE FROM segment")
            self._db.execute("DELETE FROM removed")
            self._written = -1
            while self._pack(articles=_LONGEST_SEGMENT // 128):
                pass
            self._unwritten = 0
            self._set("swept", str(time.time_ns()))
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._load()

    # — reading —

    def query(self, entries: Iterable[Entry]) -> list[list[str]]:
        """For each article the ids it might be the same as, most shared keys first; nothing is taken in.

        An entry whose own id is in the index is not held against itself.
        """
        self._refresh()
        found: list[list[str]] = []
        waiting = iter(entries)
        while batch := list(islice(waiting, _BATCH)):
            met = self._ids(self._buckets.query([entry.keys for entry in batch]), len(batch))
            found += [[id_ for id_ in ids if id_ != entry.id] for entry, ids in zip(batch, met, strict=True)]
        return found

    def get(self, ids: Iterable[str]) -> dict[str, Entry]:
        """The entries of those of the ids that are there."""
        found: dict[str, Entry] = {}
        for some in _slices(list(ids)):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT {_COLUMNS} FROM entry JOIN payload USING (number) WHERE id IN ({marks})", some
            )
            for row in rows:
                found[row[0]] = _entry(row)
        return found

    def entries(self) -> Iterator[Entry]:
        """All entries, in the order in which they came."""
        for row in self._db.execute(f"SELECT {_COLUMNS} FROM entry JOIN payload USING (number) ORDER BY number"):
            yield _entry(row)

    def info(self) -> dict[str, Any]:
        """What the file holds, for people: counts, dates, size and recipe."""
        self._refresh()
        one = self._db.execute
        dated, earliest, latest = one("SELECT count(moment), min(moment), max(moment) FROM entry").fetchone()
        (removed,) = one("SELECT count(*) FROM removed").fetchone()
        (segments,) = one("SELECT count(*) FROM segment").fetchone()
        (sources,) = one("SELECT count(DISTINCT source) FROM entry").fetchone()
        files = [Path(self.path + ending) for ending in ("", "-wal")] if self.path != MEMORY else []
        return {
            "path": self.path,
            "articles": self._count,
            "sources": sources,
            "earliest": _shown(earliest),
            "latest": _shown(latest),
            "undated": self._count - dated,
            "keys": self._buckets.keys,
            "segments": segments,
            "removed, not compacted": removed,
            "bytes": sum(file.stat().st_size for file in files if file.exists()),
            "format": FORMAT,
            "recipe": self.recipe,
            "created": self._meta("created"),
        }

    @property
    def recipe(self) -> str:
        """Everything that went into the signatures, sketches and keys of this index."""
        return self._meta("recipe")

    # — inside —

    def _meta(self, name: str) -> str:
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(value)

    def _set(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _writable(self) -> None:
        if self.mode == "read":
            raise IndexFileError(f"{self.path}: opened for reading; open it with mode='write' to change it")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if not isinstance(self._db, _Closed) and self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise IndexFileError(f"{self.path}: {error}; the index is as it was before this batch") from error
            raise

    def _numbers(self, ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in _slices(ids):
            found.update(
                self._db.execute(f"SELECT id, number FROM entry WHERE id IN ({','.join('?' * len(some))})", some)
            )
        return found

    def _drop(self, numbers: Sequence[int]) -> None:
        rows = [(number,) for number in numbers]
        self._db.executemany("DELETE FROM entry WHERE number = ?", rows)
        self._db.executemany("DELETE FROM payload WHERE number = ?", rows)
        self._db.executemany("INSERT INTO removed (number) VALUES (?)", rows)

    def _ids(self, met: Meetings, rows: int, gone: Mapping[int, str] = MappingProxyType({})) -> list[list[str]]:
        """The ids of those that were met; `gone` names those that are not in the file any more."""
        if not len(met.numbers):
            return [[] for _ in range(rows)]
        names = dict(gone)
        wanted = met.numbers.tolist() if rows == 1 else list(set(met.numbers.tolist()))
        if gone:
            wanted = [number for number in wanted if number not in gone]
        for some in _slices(wanted):
            marks = ",".join("?" * len(some))
            names.update(self._db.execute(f"SELECT number, id FROM entry WHERE number IN ({marks})", some))
        return [[names[number] for number in numbers.tolist()] for numbers in met.by_row(rows)]

    def _load(self) -> None:
        """Read all keys into memory."""
        self._buckets = Buckets(self._views, most=self._most)
        with self._snapshot():
            self._swept = self._meta("swept")
            self._written = self._removals = 0
            for last, run in self._db.execute("SELECT last, postings FROM segment ORDER BY first"):
                self._buckets.load(np.frombuffer(run, "<u8"))
                self._written = last
            self._seen = self._written
            self._unwritten = self._read_on()
            (last,) = self._db.execute(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'entry'"
            ).fetchone()
            self._next = last + 1

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """One state of the file, whatever the writer does meanwhile."""
        self._db.execute("BEGIN")
        try:
            self._version = self._db.execute("PRAGMA data_version").fetchone()[0]
            yield
        finally:
            self._db.execute("COMMIT")

    def _read_on(self) -> int:
        """Take into memory what came and went since; how many keys came."""
        read = 0
        rows = self._db.execute("SELECT number, keys FROM payload WHERE number > ? ORDER BY number", (self._seen,))
        while batch := rows.fetchmany(_SEGMENT_FROM // 64):
            run = _postings(batch)
            self._buckets.load(run)
            self._seen = batch[-1][0]
            read += len(run)
        gone = self._db.execute("SELECT turn, number FROM removed WHERE turn > ?", (self._removals,)).fetchall()
        self._buckets.remove([number for _, number in gone])
        self._removals = max((turn for turn, _ in gone), default=self._removals)
        (self._count,) = self._db.execute("SELECT count(*) FROM entry").fetchone()
        return read

    def _refresh(self) -> None:
        """Notice what the writer has written since."""
        if self.mode == "write" and not isinstance(self._db, _Closed):
            return
        if self._db.execute("PRAGMA data_version").fetchone()[0] == self._version:
            return
        with self._snapshot():
            if self._meta("swept") == self._swept:
                self._read_on()
                return
        self._load()

    def _write_segment(self) -> None:
        with self._transaction():
            while self._pack(articles=_SEGMENT_FROM):
                pass
        self._unwritten = 0

    def _pack(self, *, articles: int) -> bool:
        """Write the keys of the next articles that stand in no segment as one; false if there are none."""
        rows = self._db.execute(
            "SELECT number, keys FROM payload WHERE number > ? ORDER BY number LIMIT ?", (self._written, articles)
        ).fetchall()
        if not rows:
            return False
        run, first, last = _postings(rows), rows[0][0], rows[-1][0]
        while elder := self._db.execute(
            "SELECT first, length(postings) / 8 FROM segment ORDER BY first DESC LIMIT 1"
        ).fetchone():
            begin, size = elder
            if size > _SEGMENT_GROWTH * len(run) or size + len(run) > _LONGEST_SEGMENT:
                break
            (stored,) = self._db.execute("SELECT postings FROM segment WHERE first = ?", (begin,)).fetchone()
            run = merged(np.frombuffer(stored, "<u8"), run)
            self._db.execute("DELETE FROM segment WHERE first = ?", (begin,))
            first = begin
        self._db.execute("INSERT INTO segment VALUES (?, ?, ?)", (first, last, run.astype("<u8").tobytes()))
        self._written = last
        return True


class _Closed:
    """Stands where the connection was."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        raise IndexFileError(f"{self._path}: the index was closed; open it again with Index.open")


def _postings(rows: Sequence[tuple[int, bytes]]) -> UInt64:
    return postings([number for number, _ in rows], [np.frombuffer(keys, "<u8") for _, keys in rows])


def _entry(row: tuple[Any, ...]) -> Entry:
    id_, source, published, title, url, language, agency, characters, words, quality, signature, sketch, keys = row
    return Entry(
        id_, np.frombuffer(keys, "<u8"), signature, sketch, source, published, title, url, language, agency,
        characters, words, quality,
    )  # fmt: skip


def _slices(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _VALUES):
        yield values[start : start + _VALUES]


def _without_repeats(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The batch in parts in which no id occurs twice."""
    start, seen = 0, set[str]()
    for at, entry in enumerate(entries):
        if entry.id in seen:
            yield entries[start:at]
            start, seen = at, set()
        seen.add(entry.id)
    yield entries[start:]


def _shown(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _connected(path: str, mode: Mode) -> sqlite3.Connection:
    try:
        if path == MEMORY:
            return sqlite3.connect(MEMORY, isolation_level=None)
        uri = Path(path).absolute().as_uri()
        if mode == "read":
            if not Path(path).is_file():
                raise IndexFileError(f"{path}: there is no index; `newsclean index add {path} ARTICLES…` makes one")
            return sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None, timeout=30)
        Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(f"{uri}?mode=rwc", uri=True, isolation_level=None, timeout=30)
    except sqlite3.OperationalError as error:
        raise IndexFileError(f"{path}: cannot be opened ({error})") from error


def _check_or_make(db: sqlite3.Connection, path: str, *, recipe: str, mode: Mode) -> None:
    """Make the tables in an empty file; refuse a file of another kind, format or recipe."""
    another = "name another path, or remove the file if it is of no use"
    try:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not application and not tables and mode == "write":
            db.execute("PRAGMA journal_mode = WAL")
            _make(db, recipe)
            (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise IndexFileError(f"{path}: not an index of newsclean ({error}); {another}") from error
    if application != APPLICATION_ID:
        raise IndexFileError(f"{path}: an SQLite file, but not an index of newsclean; {another}")
    if version != FORMAT:
        age = "an older" if version < FORMAT else "a newer"
        raise IndexFileError(
            f"{path}: written by {age} newsclean (format {version}; this one reads {FORMAT}); build the index again "
            f"from the articles with `newsclean index add`, or use the newsclean that wrote it"
        )
    (found,) = db.execute("SELECT value FROM meta WHERE name = 'recipe'").fetchone()
    if found != recipe:
        raise RecipeMismatch(
            f"{path}: its articles were signed as {found!r}, these settings sign as {recipe!r}, and the two do not "
            f"compare; use the settings of the index, or build a new one from the articles with `newsclean index add`"
        )
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -65536")  # 64 MB


def _make(db: sqlite3.Connection, recipe: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        if statement.strip():
            db.execute(statement)
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    db.executemany("INSERT INTO meta VALUES (?, ?)", [("recipe", recipe), ("created", created), ("swept", "")])
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("COMMIT")


def _locked(path: str) -> IO[bytes]:
    """The file beside the index that its writer holds; the system lets go of it even when the writer is killed."""
    try:
        Path(path).absolute().parent.mkdir(parents=True, exist_ok=True)
        lock = Path(f"{path}-lock").open("ab")  # noqa: SIM115 -- held until the index is closed
    except OSError as error:
        raise IndexFileError(f"{path}: cannot be written ({error.strerror}); open it with mode='read'") from error
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise IndexFileError(
            f"{path}: another process is writing this index; wait for it, or open with mode='read'"
        ) from error
    return lock
