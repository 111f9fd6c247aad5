"""Formats: what is read from good and broken files, and that records come back with their own fields in their order."""

from __future__ import annotations

import csv as tables
import gzip
import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import formats
from newsclean import packing as packed_files
from newsclean.errors import BadRecord, ConfigError
from newsclean.formats import Raw, Reading, Skipped
from newsclean.formats.text_folder import encoded, safe_path
from newsclean.model import CleanResult

FIXTURES = Path(__file__).parent / "fixtures" / "formats"


def cases() -> list[Any]:
    found = []
    for expected in sorted(FIXTURES.glob("*/expected.toml")):
        for name, rows in tomllib.loads(expected.read_text("utf-8")).items():
            found.append(pytest.param(expected.parent / name, rows, id=f"{expected.parent.name}/{name}"))
    return found


def read(*inputs: Path | str, reading: Reading | None = None, **more: Any) -> list[dict[str, Any]]:
    """Each record as a flat dict: where, and either why it failed or what was read."""
    reading = reading or Reading()
    rows: list[dict[str, Any]] = []
    for raw in formats.read([str(one) for one in inputs], reading, **more):
        try:
            record = formats.parse(raw, reading)
        except BadRecord as error:
            rows.append({"where": raw.where, "why": error.why})
        else:
            article = record.article
            rows.append({"where": raw.where, "encoding": record.encoding, "fields": record.fields})
            for name in ("id", "text", "title", "language", "source", "published", "url"):
                rows[-1][name] = getattr(article, name)
    return rows


@pytest.mark.parametrize(("path", "expected"), cases())
def test_each_fixture_is_read_as_expected(path: Path, expected: list[dict[str, str]]) -> None:
    found = read(path)
    assert [row["where"] for row in found] == [row["where"] for row in expected]
    for row, wanted in zip(found, expected, strict=True):
        for key, value in wanted.items():
            assert value in row.get(key, "") if key == "why" else row.get(key) == value, (key, row)


def test_an_empty_table_holds_no_records() -> None:
    assert read(FIXTURES / "csv" / "empty.csv") == []


def test_a_folder_is_read_in_the_same_order_every_time_and_other_files_are_counted(tmp_path: Path) -> None:
    skipped = Skipped()
    first = read(FIXTURES / "text_folder" / "good", skipped=skipped)
    assert first == read(FIXTURES / "text_folder" / "good")
    assert skipped.by_suffix == {".md": 1}


def test_ids_of_several_folders_carry_the_folder(tmp_path: Path) -> None:
    for day in ("monday", "tuesday"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "a.txt").write_text("Text.")
    rows = read(tmp_path / "monday", tmp_path / "tuesday")
    assert [row["id"] for row in rows] == ["monday/a.txt", "tuesday/a.txt"]


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "sub").mkdir(parents=True)
    outside.mkdir()
    (inside / "a.txt").write_text("Inside.")
    (outside / "secret.txt").write_text("Secret.")
    (inside / "good.txt").symlink_to(inside / "a.txt")
    (inside / "leak.txt").symlink_to(outside / "secret.txt")
    (inside / "leaking").symlink_to(outside)
    (inside / "dangling.txt").symlink_to(tmp_path / "nothing.txt")
    (inside / "sub" / "up").symlink_to(inside)  # a loop
    (inside / "self.txt").symlink_to(inside / "self.txt")
    rows = {row["where"]: row.get("why", row.get("text")) for row in read(inside)}
    assert rows["a.txt"] == rows["good.txt"] == "Inside."
    assert "leads out of the folder" in rows["leak.txt"]
    assert "leads out of the folder" in rows["leaking"]
    assert "a link to nothing" in rows["dangling.txt"]
    assert "leads to itself" in rows["self.txt"]
    assert len(rows) == 6


def test_the_excluded_folder_and_hidden_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.txt").write_text("Old.")
    (tmp_path / "._a.txt").write_text("Resource fork.")
    (tmp_path / "a.txt").write_text("New.")
    assert [row["id"] for row in read(tmp_path, reading=Reading(exclude=(str(tmp_path / "out"),)))] == ["a.txt"]


def test_a_pipe_among_the_files_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "not a regular file" in read(tmp_path)[0]["why"]


@pytest.mark.parametrize("packing", ["", ".gz", ".xz", ".zst"])
def test_a_text_longer_than_allowed_is_refused_without_being_held(tmp_path: Path, packing: str) -> None:
    path = tmp_path / f"long.txt{packing}"
    path.write_bytes(packed_files.packed(b"x" * 2001, path.name))
    row = read(path, reading=Reading(max_article_size=2000))[0]
    assert "--max-article-size" in row["why"]
    assert "text" in read(path, reading=Reading(max_article_size=2001))[0]


def test_a_line_longer_than_allowed_is_one_failure_and_the_next_is_read() -> None:
    data = b'{"text": "' + b"x" * 20_000 + b'"}\n{"text": "Good."}\n'
    rows = read("-", reading=Reading(format="jsonl", max_article_size=100), stdin=io.BufferedReader(io.BytesIO(data)))
    assert ["why" in row for row in rows] == [True, False]


def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed_files, "UNPACKED_WITHOUT_QUESTION", 1_000_000)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "Good."}\n' + b"\n" * 3_000_000))
    rows = read(path)
    assert rows[0]["text"] == "Good."
    assert "unpacks to more than 200 times" in rows[1]["why"]
    assert "behind bomb.jsonl.gz:1" in rows[1]["why"]


def test_a_packed_file_that_ends_early_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    lines = b"".join(b'{"text": "Article %d %s"}\n' % (n, os.urandom(20).hex().encode()) for n in range(20_000))
    path.write_bytes(gzip.compress(lines)[:-5000])
    rows = read(path)
    assert len(rows) > 10_000
    assert "damaged" in rows[-1]["why"]


def test_fields_may_have_other_names() -> None:
    line = b'{"uri": 5, "body": "Text.", "headline": "H", "text": "not this"}\n'
    reading = Reading(format="jsonl", fields=(("id", "uri"), ("text", "body"), ("title", "headline")))
    row = read("-", reading=reading, stdin=io.BufferedReader(io.BytesIO(line)))[0]
    assert (row["id"], row["text"], row["title"]) == ("5", "Text.", "H")
    assert list(row["fields"]) == ["uri", "body", "headline", "text"]


def test_an_input_that_is_not_there_or_of_no_known_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        formats.check_inputs([str(tmp_path / "nothing")], Reading())
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(ConfigError, match=r"not a format newsclean knows .*--format"):
        formats.check_inputs([str(tmp_path / "a.pdf")], Reading())


def written(name: str, raws: list[Raw], like: str = "") -> bytes:
    target = io.BytesIO()
    with formats.writer(name, target, like) as write:
        for raw in raws:
            record = formats.parse(raw, Reading())
            write(record, CleanResult(record.article, record.article.text.upper()))
    return target.getvalue()


def test_jsonl_comes_back_with_its_fields_in_order_and_one_more() -> None:
    fields = {"z": [1, {"y": None}], "id": 7, "text": "abc", "a": 1.5, "newsclean": {"version": "0"}}
    row = json.loads(written("jsonl", [Raw("w", "w", "jsonl", json.dumps(fields).encode())]))
    assert list(row) == ["z", "id", "text", "a", "newsclean"]
    assert row["text"] == "ABC"
    assert row["id"] == 7
    assert row["newsclean"]["earlier"] == {"version": "0"}


def test_csv_comes_back_with_its_columns() -> None:
    raws = list(formats.read([str(FIXTURES / "csv" / "good.csv")], Reading()))
    rows = list(tables.DictReader(io.StringIO(written("csv", raws).decode())))
    assert list(rows[0]) == ["id", "title", "text", "desk"]
    assert rows[1] == {"id": "2", "title": "Bees", "text": "A GOOD YEAR FOR BEES.", "desk": "land"}


def test_parquet_comes_back_with_its_types() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = str(FIXTURES / "parquet" / "good.parquet")
    raws = list(formats.read([path], Reading()))[:2]
    table = parquet.read_table(io.BytesIO(written("parquet", raws, path)))
    assert table.schema == parquet.read_schema(path)
    assert table.column("text").to_pylist() == ["THE HARBOUR REOPENED.", "A GOOD YEAR FOR BEES."]
    assert table.column("tags").to_pylist() == [["sea"], []]


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    assert json.loads(formats.to_json({"a": "\ud800é"})) == {"a": "\ud800é"}
    formats.to_json({"a": "\ud800é"}).encode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["utf-8", "utf-16-le+bom", "cp1252"]))
def test_a_text_in_its_encoding_is_read_as_itself(text: str, encoding: str) -> None:
    data = encoded(text, encoding)
    name = encoding.partition("+")[0]
    assert data.removeprefix(b"\xff\xfe").decode(name if name != "cp1252" else "utf-8", "replace") or not text


@given(st.text(max_size=400))
def test_any_id_becomes_a_path_that_stays_inside(article_id: str) -> None:
    path = safe_path(article_id)
    assert path
    parts = path.split("/")
    assert all(part and part not in (".", "..") for part in parts)
    assert all(len(part.encode()) <= 255 for part in parts)
    assert not any(char in path for char in '\\:*?"<>|\0\n\r')


@pytest.mark.parametrize(
    "article_id",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\x",
        "con.txt",
        "a/NUL",
        "x" * 5000,
        "a/../../b",
        "",
        ".",
        "~/x",
        "a\0b",
        "\u202etxt",
    ],
)
def test_hostile_ids_become_tame_names(article_id: str) -> None:
    path = safe_path(article_id)
    assert not Path(path).is_absolute()
    assert ".." not in Path(path).parts
    assert path != safe_path(f"{article_id}?")


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b'{"text": "a"}\n', True),
        (b'\xef\xbb\xbf {"id": 1}\n', True),
        (b'{"text": "' + b"x" * 100_000, True),
        (b"", False),
        (b"{ braces } stand here\n", False),
        (b"Plain text.\n", False),
        (b"[1, 2]\n", False),
    ],
)
def test_jsonl_is_told_from_text(start: bytes, found: bool) -> None:
    stream = io.BufferedReader(io.BytesIO(start), 1 << 16)
    assert formats.looks_like_jsonl(stream) is found
    assert stream.read() == start
