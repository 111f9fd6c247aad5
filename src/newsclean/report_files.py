"""The files of a finished run: its fields under the user's names, its texts, and any article by its place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from newsclean import edits, report_text
from newsclean.errors import RecordMismatch
from newsclean.model import FIELD_NAMES, Pass
from newsclean.packing import open_bytes

EDITS_LISTED = 80


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an article lies: byte offsets in articles.jsonl and edits.jsonl (-1: it has no record)."""

    row: int
    record: int


class Run:
    """One folder that a run wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        summary = folder / "summary.json"
        self.summary: dict[str, Any] = json.loads(summary.read_bytes()) if summary.is_file() else {}
        self.fields: dict[str, str] = dict(self.summary.get("fields") or {})

    def open(self, name: str) -> BinaryIO:
        """One of its files, or an empty one if it is not there."""
        path = self.folder / name
        return path.open("rb") if path.is_file() else tempfile.TemporaryFile()

    def known(self, row: Mapping[str, Any], name: str) -> str:
        """One of newsclean's fields, called as the user calls it."""
        told = self.fields.get(name)
        for spelling in (told,) if told else FIELD_NAMES[name]:
            # A field of the user's whose name newsclean writes, too, was moved aside.
            for place in (row, row.get("input") or {}):
                if isinstance(value := place.get(spelling), str | int | float):
                    return str(value)
        return ""

    def source(self, row: Mapping[str, Any]) -> str:
        """The source of an article; in a tree of text files that names none, the folder it lies in."""
        folder, slash, _ = str(row.get("id", "")).partition("/")
        return self.known(row, "source") or (folder if slash and row.get("file") else "")

    def headline(self, row: Mapping[str, Any]) -> str:
        """The title of an article, or the first line of its cleaned text."""
        title = self.known(row, "title")
        if not title:
            lines = (self.text_of(row) or "").lstrip().splitlines()
            title = report_text.headline(lines[0]) if lines else ""
        return title

    def text_of(self, row: Mapping[str, Any]) -> str | None:
        """The cleaned text of one article: from its row, else from the file it names; None if neither has it."""
        name = row.get("file")
        if name is None:
            told = self.fields.get("text")
            texts = (row.get(spelling) for spelling in ((told, "text") if told else FIELD_NAMES["text"]))
            return next((text for text in texts if isinstance(text, str)), None)
        path = (self.folder / str(name)).resolve()
        # The row may come from anywhere; a name that climbs out of the folder names no article of this run.
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            return None
        with open_bytes(str(path)) as file:
            return file.read().decode("utf-8", "replace")


class Beside:
    """edits.jsonl read beside articles.jsonl. Records that come in another order are remembered by their place."""

    def __init__(self, file: BinaryIO) -> None:
        self._rows = rows_of(file)
        self._file = file
        self._passed: dict[str, int] = {}

    def find(self, name: str) -> tuple[int, dict[str, Any] | None]:
        """Where the record of an article lies, and the record; (-1, None) if it has none."""
        if name in self._passed:
            at = self._passed.pop(name)
            here = self._file.tell()
            record = row_at(self._file, at)
            self._file.seek(here)
            return at, record
        for at, record in self._rows:
            if str(record.get("id", "")) == name:
                return at, record
            self._passed[str(record.get("id", ""))] = at
        return -1, None


class Lookup:
    """Articles of a run by their place in its files."""

    def __init__(self, run: Run, rows: BinaryIO, records: BinaryIO) -> None:
        self._run, self._rows, self._records = run, rows, records

    def row(self, spot: Spot) -> dict[str, Any]:
        """The line of articles.jsonl."""
        return row_at(self._rows, spot.row)

    def record(self, spot: Spot) -> dict[str, Any]:
        """The line of edits.jsonl; empty when the article has none."""
        return row_at(self._records, spot.record) if spot.record >= 0 else {}

    def text(self, spot: Spot) -> str | None:
        """The cleaned text, if it is there."""
        return self._run.text_of(self.row(spot))

    def before(self, spot: Spot) -> tuple[str | None, tuple[Pass, ...]]:
        """The text before cleaning, rebuilt from the record, and the passes; None if text and record disagree."""
        passes = edits.from_record(self.record(spot).get("edits", ()))
        text = self.text(spot)
        if text is None:
            return None, passes
        try:
            return edits.undo(text, passes), passes
        except RecordMismatch:
            return None, passes

    def sample(self, spot: Spot, number: int) -> dict[str, Any] | None:
        """One edit in its context."""
        edit = self.record(spot)["edits"][number]
        source, _ = self.before(spot)
        start, end = edit["input_start"], edit["input_end"]
        around = report_text.context(source, start, end) if source else ("", "")
        before, after = edit["before"], edit["after"]
        if not after and before.strip():  # line ends that go with a removed line belong to the context
            inner = before.strip("\n")
            at = before.index(inner)
            around = (around[0] + before[:at], before[at + len(inner) :] + around[1])
            before = inner
        return {
            "ahead": report_text.one_line(around[0]),
            "behind": report_text.one_line(around[1]),
            "before": report_text.shortened(before, 400),
            "after": report_text.shortened(after, 400),
            "id": str(self.row(spot).get("id", "")),
            "reason": edit.get("reason", ""),
        }

    def article(self, spot: Spot) -> dict[str, Any]:
        """One article with its before and after in rows; `size` is about how many characters it adds to the page."""
        row, record = self.row(spot), self.record(spot)
        source, passes = self.before(spot)
        flags = list(record.get("flags", ()))
        lines = []
        if source is not None:
            lines = report_text.rows(report_text.with_flags(report_text.pieces(source, passes), flags))
        changes = [{**edit, "number": number} for number, edit in enumerate(record.get("edits", ()), 1)]
        removed = int(row.get("removed_chars", 0))
        chars = len(source) if source is not None else int(row.get("chars", 0))
        address = self._run.known(row, "url")
        return {
            "id": str(row.get("id", "")),
            "title": self._run.headline(row),
            "source": self._run.source(row),
            "published": self._run.known(row, "published"),
            "url": address,
            "web": address.lower().startswith(("http://", "https://")),
            "language": str((row.get("metadata") or {}).get("language") or ""),
            "metadata": {
                key: value
                for key, value in (row.get("metadata") or {}).items()
                if value and key in ("author", "agency", "place", "credits")
            },
            "cluster": str(row.get("cluster", "")),
            "canonical": str(row.get("canonical", "")),
            "is_canonical": bool(row.get("is_canonical", True)),
            "relation": row.get("relation") or "",
            "removed": removed,
            "share": removed / chars if chars else 0.0,
            "edits": changes[:EDITS_LISTED],
            "edits_total": len(changes),
            "reasons": {edit["number"]: f"{edit['rule']}: {edit.get('reason', '')}" for edit in changes},
            "flags": flags[:EDITS_LISTED],
            "flags_total": len(flags),
            "rows": lines,
            "has_text": source is not None,
            "size": size_of(lines) + 600 * min(len(changes), EDITS_LISTED) + 500 * min(len(flags), EDITS_LISTED) + 800,
        }


def size_of(rows: list[report_text.Row]) -> int:
    """About how many characters of page the rows make: the text that is shown and the marks around it."""
    size = 0
    for row in rows:
        for piece in (*row.left, *row.right):
            size += min(len(piece.before) + len(piece.after), int(2.5 * report_text.SHOWN)) // 2 + 60
            size += 120 * len(piece.edits)
        size += sum(map(len, row.folded)) + 60
    return size


def rows_of(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Lines of a JSONL file with the byte offset of each."""
    at = file.tell()
    while line := file.readline():
        if line.strip():
            yield at, json.loads(line)
        at += len(line)


def row_at(file: BinaryIO, at: int) -> dict[str, Any]:
    """The row of a JSONL file that begins at this byte."""
    file.seek(at)
    row: dict[str, Any] = json.loads(file.readline())
    return row
