"""The inputs of a run, written back from its cleaned texts and its record of edits."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from newsclean import edits
from newsclean.errors import NewscleanError, OutputRefused, RecordMismatch
from newsclean.formats import to_json
from newsclean.formats.text_folder import encoded, safe_path
from newsclean.packing import open_bytes, packed
from newsclean.pipeline_files import OWN_KEYS
from newsclean.pipeline_parts import whole_file, write_many


def undo_run(output: Path, target: Path) -> tuple[int, list[tuple[str, str]]]:
    """Write every article of a run as it came in to `target`; how many, and which could not be, with why.

    Texts get the path and the encoding they had; records of JSONL, CSV and Parquet go to one articles.jsonl with their
    own fields in their order. Raises NewscleanError if `output` holds no run, OutputRefused if `target` is not empty.
    """
    if not (output / "articles.jsonl").is_file() or not (output / "edits.jsonl").is_file():
        raise NewscleanError(f"{output}: no articles.jsonl and edits.jsonl: not the output of a run")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputRefused(f"{target}: not empty; name another folder with --to")
    count = 0
    failed: list[tuple[str, str]] = []
    target.mkdir(parents=True, exist_ok=True)

    with whole_file(target / "articles.jsonl") as stream:
        for row, record in _beside(output):
            try:
                if "file" in row:
                    path, data = _text(output, target, row, record)
                    error = write_many([(path, data)])[0]
                    if error:
                        raise error
                else:
                    stream.write(f"{to_json(_fields(output, row, record))}\n".encode())
                count += 1
            except (RecordMismatch, OSError, UnicodeDecodeError) as error:
                failed.append((str(row.get("id")), str(error)))
    if not (target / "articles.jsonl").stat().st_size:
        (target / "articles.jsonl").unlink()
    return count, failed


def _beside(output: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row of articles.jsonl with its row of edits.jsonl, which is empty for one that nothing is recorded of.

    Both files are in the same order, so neither is held in memory.
    """
    with (output / "articles.jsonl").open("rb") as rows, (output / "edits.jsonl").open("rb") as records:
        waiting: dict[str, Any] = json.loads(next(records, b"{}"))
        for line in rows:
            row = json.loads(line)
            record: dict[str, Any] = {"edits": []}
            if waiting and str(waiting["id"]) == str(row["id"]):
                record, waiting = waiting, json.loads(next(records, b"{}"))
            if len(record["edits"]) != row["edits"]:
                raise NewscleanError(f"{output}: edits.jsonl does not belong to articles.jsonl (at {row['id']!r})")
            yield row, record


def _text(output: Path, target: Path, row: Mapping[str, Any], record: Mapping[str, Any]) -> tuple[Path, bytes]:
    name = str(row["file"])
    # The file may have been edited by anyone since: a path in it must not lead out of either folder.
    inside = (output / name).resolve().is_relative_to(output.resolve())
    if not inside:
        raise RecordMismatch(f"{name!r} leads out of {output}")
    with open_bytes(str(output / name)) as stream:
        text = stream.read().decode("utf-8")
    source = edits.undo(text, edits.from_record(record["edits"]))
    article_id = str(row["id"])
    path = target / (
        article_id if (target / article_id).resolve().is_relative_to(target.resolve()) else safe_path(article_id)
    )
    data = encoded(source, row.get("encoding", ""))
    if "original" in record:
        data = base64.b64decode(record["original"])
    return path, packed(data, article_id)


def _fields(output: Path, row: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    summary = json.loads((output / "summary.json").read_bytes())
    name = summary.get("fields", {}).get("text", "text")
    source = edits.undo(row[name], edits.from_record(record["edits"]))
    ours = {*OWN_KEYS, "id"} if row.get("id_made") else OWN_KEYS
    fields = {key: value for key, value in row.items() if key not in ours}
    return {**fields, name: source, **row.get("input", {})}
