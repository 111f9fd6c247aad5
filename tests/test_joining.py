"""The end of a run: copies that are left out, tables, reasons, and rows that come back as they were."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from newsclean.duplicates import Index
from newsclean.errors import TooManyDropped
from newsclean.pipeline import run
from newsclean.pipeline_undo import undo_run
from newsclean.report_page import Page

FIRE = (
    "The harbour ferry Aldwina ran aground off Brenholm at dawn with forty passengers aboard, the coast guard said. "
    "Two tugs pulled it free before noon and nobody was hurt."
)
HONEY = (
    "Beekeepers in the Ostra valley expect the smallest honey harvest in nine years after a cold and rainy spring. "
    "Many hives were fed with sugar well into June, their union reported."
)
BRIDGE = (
    "Mayor Ida Brandt opened the new footbridge over the Lenne on Saturday before several hundred onlookers. "
    "It took three years to build and replaces the one that the flood swept away."
)
LIGHT = {"workers": 1}


def written(path: Path, *articles: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in articles), "utf-8")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def index_of(path: Path, *articles: dict[str, Any]) -> Path:
    with Index.open(path, LIGHT) as index:
        index.add(articles)
    return path


# -- copies of what is in an index


def test_dropping_most_of_the_input_is_asked_about_whatever_else_the_index_holds(tmp_path: Path) -> None:
    known = index_of(tmp_path / "n.idx", {"id": "k1", "text": FIRE}, {"id": "k2", "text": HONEY})
    given = written(tmp_path / "in.jsonl", {"id": "a", "text": FIRE}, {"id": "b", "text": HONEY})
    settings = {**LIGHT, "keep": "canonical"}
    with pytest.raises(TooManyDropped, match="2 of 2 articles"):
        run(given, tmp_path / "out", settings=settings, against=known, report=False)
    some = written(tmp_path / "some.jsonl", {"id": "a", "text": FIRE}, {"id": "c", "text": BRIDGE})
    assert run(some, tmp_path / "some", settings=settings, against=known, report=False).dropped == 1


def test_an_article_that_is_in_the_index_already_stands_for_itself(tmp_path: Path) -> None:
    articles = [{"id": "a", "text": FIRE}, {"id": "b", "text": FIRE + " The ferry company apologised."}]
    known = index_of(tmp_path / "n.idx", *articles)
    given = written(tmp_path / "in.jsonl", *articles, {"id": "c", "text": FIRE}, {"id": "d", "text": HONEY})
    run(given, tmp_path / "out", settings={**LIGHT, "keep": "canonical"}, against=known, report=False)
    assert [row["id"] for row in rows(tmp_path / "out" / "articles.jsonl")] == ["a", "b", "d"]
    assert [row["id"] for row in rows(tmp_path / "out" / "dropped.jsonl")] == ["c"]
    members = [one for row in rows(tmp_path / "out" / "clusters.jsonl") for one in row["members"]]
    assert sorted(members) == ["a", "b", "c", "d"]
    pairs = [frozenset((row["a"], row["b"])) for row in rows(tmp_path / "out" / "matches.jsonl")]
    assert len(pairs) == len(set(pairs))
    assert frozenset("ab") in pairs


def test_a_finished_run_is_done_again_when_its_index_has_grown(tmp_path: Path) -> None:
    known = index_of(tmp_path / "n.idx", {"id": "k", "text": HONEY})
    given = written(tmp_path / "in.jsonl", {"id": "a", "text": FIRE})

    def again() -> tuple[list[str], Any]:
        summary = run(given, tmp_path / "out", settings=LIGHT, against=known, resume=True, report=False)
        return summary.notes, rows(tmp_path / "out" / "articles.jsonl")[0]["canonical"]

    assert again() == ([], "a")
    assert again() == (["nothing to do: this run was finished before"], "a")
    index_of(known, {"id": "n", "text": FIRE})
    assert again() == ([], "n")
    with Index.open(known, LIGHT) as index:  # kept open: what is new lies beside the file
        index.remove("n")
        assert again() == ([], "a")


def test_copies_that_are_left_out_are_counted_and_shown_in_their_groups(tmp_path: Path) -> None:
    copy = {"id": 2, "text": FIRE, "paper": "Coast Mirror", "day": "2031-03-05", "title": "Ferry aground"}
    given = written(
        tmp_path / "in.jsonl", {"id": 1, "text": FIRE, "paper": "Post", "day": "2031-03-04"}, copy, {"text": HONEY}
    )
    fields = {"source": "paper", "published": "day"}
    summary = run(given, tmp_path / "out", settings={**LIGHT, "keep": "canonical"}, fields=fields)
    assert (summary.dropped, summary.copies, summary.clusters_with_copies) == (1, {"exact": 1}, 1)
    facts = Page(tmp_path / "out").facts()
    [group] = facts["groups"]
    shown = [(one["source"], one["published"], one["relation"]) for one in group["members"]]
    assert shown == [("Post", "2031-03-04", ""), ("Coast Mirror", "2031-03-05", "exact")]
    assert [(bar.name, bar.count) for bar in facts["relations"][0]] == [("exact", 1)]


# -- tables


def table_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("wide_first", [True, False])
def test_a_table_has_the_columns_of_all_inputs(wide_first: bool, tmp_path: Path) -> None:
    (tmp_path / "narrow.csv").write_text(f'id,text\n1,"{FIRE}"\n')
    (tmp_path / "wide.csv").write_text(f'id,section,text\n2,local,"{HONEY}"\n')
    names = ["wide.csv", "narrow.csv"] if wide_first else ["narrow.csv", "wide.csv"]
    summary = run([tmp_path / name for name in names], tmp_path / "out", settings=LIGHT, report=False)
    assert summary.notes == []
    found = table_of(tmp_path / "out" / "articles.csv")
    columns = ["id", "section", "text"] if wide_first else ["id", "text", "section"]
    assert list(found[0])[:4] == [*columns, "cluster"]
    assert {row["id"]: row["section"] for row in found} == {"1": "", "2": "local"}
    assert {row["id"]: row["text"] for row in found} == {"1": FIRE, "2": HONEY}


def test_columns_of_parquet_files_are_united_and_become_text_where_their_types_cannot(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet")
    numbered = {"id": [1, 2], "text": [FIRE, HONEY], "words": pyarrow.array([30, 29], pyarrow.int32())}
    named = {"id": ["x"], "text": [BRIDGE], "words": [28], "tags": [["town", "river"]]}
    pyarrow.parquet.write_table(pyarrow.table(numbered), tmp_path / "a.parquet")
    pyarrow.parquet.write_table(pyarrow.table(named), tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"no Parquet")
    inputs = [tmp_path / f"{name}.parquet" for name in "abc"]
    summary = run(inputs, tmp_path / "out", settings=LIGHT, report=False)
    assert (summary.articles, summary.failed, summary.notes) == (3, 1, [])
    found = pyarrow.parquet.read_table(tmp_path / "out" / "articles.parquet")
    assert found.column_names[:5] == ["id", "text", "words", "tags", "cluster"]
    assert found["id"].to_pylist() == ["1", "2", "x"]
    assert found["words"].to_pylist() == [30, 29, 28]
    assert found["words"].type == pyarrow.int64()
    assert found["tags"].to_pylist() == [None, None, ["town", "river"]]


def test_a_table_that_cannot_be_written_is_left_out_and_the_run_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("a value\nthat fits no column")

    monkeypatch.setattr("newsclean.pipeline_files._write_table", refuse)
    (tmp_path / "in.csv").write_text(f'id,text\n1,"{FIRE}"\n')
    summary = run(tmp_path / "in.csv", tmp_path / "out", settings=LIGHT)
    assert summary.exit_code == 0
    [note] = json.loads((tmp_path / "out" / "summary.json").read_bytes())["notes"]
    assert note.startswith("articles.csv was not written (a value that fits no column)")
    assert not (tmp_path / "out" / "articles.csv").exists()
    assert (tmp_path / "out" / "report.html").exists()
    assert run(tmp_path / "in.csv", tmp_path / "out", settings=LIGHT, resume=True).notes[-1].startswith("nothing to do")


# -- undo


def test_records_come_back_without_an_id_that_was_made_for_them(tmp_path: Path) -> None:
    garbled = "It rained all night, she said. . Nobody laughed."
    articles: list[dict[str, Any]] = [
        {"text": FIRE},
        {"section": "local", "text": garbled, "id_made": "yours"},
        {"id": 7, "text": garbled + " " + HONEY},
        {"id": None, "text": BRIDGE},
    ]
    given = written(tmp_path / "n.jsonl", *articles)
    run(given, tmp_path / "out", settings=LIGHT, report=False)
    assert [row.get("id_made") for row in rows(tmp_path / "out" / "articles.jsonl")] == [True, True, None, None]
    undo_run(tmp_path / "out", tmp_path / "back")
    assert (tmp_path / "back" / "articles.jsonl").read_bytes() == given.read_bytes()
