"""Runs: every output file, the same bytes in any number of processes, and every input back from the record."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import newsclean
from newsclean import (
    edits,
    formats,
    pipeline,
    pipeline_cleaning,
    pipeline_files,
    pipeline_parts,
    pipeline_stream,
    pipeline_summary,
    pipeline_twins,
)
from newsclean.errors import ConfigError, OutputRefused, TooManyDropped
from newsclean.formats import Reading
from newsclean.pipeline import run
from newsclean.pipeline_undo import undo_run

INBOX = Path(__file__).parent / "fixtures" / "inbox"
SCHEMAS = Path(__file__).parents[1] / "docs" / "schemas"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def inbox_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("inbox") / "out"
    summary = run(INBOX, output, settings={"workers": 1})
    assert summary.failed == 0
    return output


def test_every_output_is_there(inbox_run: Path) -> None:
    names = {path.name for path in inbox_run.iterdir()}
    wanted = {"articles", "articles.jsonl", "edits.jsonl", "matches.jsonl", "clusters.jsonl", "failures.jsonl"}
    assert wanted | {"summary.json", "report.html"} <= names
    assert {path.name for path in (inbox_run / ".newsclean").rglob("*") if path.is_file()} == {"manifest.json"}


def test_every_article_has_its_row_and_a_cluster(inbox_run: Path) -> None:
    found = {row["id"]: row for row in rows(inbox_run / "articles.jsonl")}
    texts = {path.relative_to(INBOX).as_posix() for path in INBOX.rglob("*.txt")}
    assert texts < set(found)
    for row in found.values():
        for key in ("cluster", "canonical", "is_canonical", "relation", "removed_chars", "edits", "flags", "metadata"):
            assert key in row
        assert row["cluster"] is not None
        assert row["is_canonical"] is (row["canonical"] == row["id"])
    assert {
        path.relative_to(inbox_run / "articles").as_posix() for path in (inbox_run / "articles").rglob("*.txt")
    } == texts


def test_every_relation_is_shown_in_the_inbox(inbox_run: Path) -> None:
    relations = {row["relation"] for row in rows(inbox_run / "matches.jsonl")}
    assert {"copy", "updated", "excerpt", "roundup"} <= relations


def test_clusters_agree_with_articles(inbox_run: Path) -> None:
    of_article = {row["id"]: row["cluster"] for row in rows(inbox_run / "articles.jsonl")}
    seen: list[str] = []
    for row in rows(inbox_run / "clusters.jsonl"):
        assert row["canonical"] in row["members"]
        assert {of_article[member] for member in row["members"]} == {row["cluster"]}
        seen += row["members"]
    assert sorted(seen) == sorted(of_article)


def test_a_record_whose_id_is_null_is_found_again_in_every_file_and_undone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": null, "text": "It rained, she said. . Nobody laughed."}\n', "utf-8")
    run(tmp_path / "a.jsonl", tmp_path / "out", settings={"workers": 1}, report=False)
    found = {name: rows(tmp_path / "out" / f"{name}.jsonl")[0] for name in ("articles", "edits", "clusters")}
    assert found["articles"]["id"] == found["edits"]["id"] == found["clusters"]["canonical"] == "a.jsonl:1"
    undo_run(tmp_path / "out", tmp_path / "back")
    assert rows(tmp_path / "back" / "articles.jsonl") == rows(tmp_path / "a.jsonl")


def test_the_record_alone_undoes_everything(inbox_run: Path) -> None:
    records = {row["id"]: row["edits"] for row in rows(inbox_run / "edits.jsonl")}
    for row in rows(inbox_run / "articles.jsonl"):
        if "file" in row:
            text = (inbox_run / row["file"]).read_bytes().decode()
            source = edits.undo(text, edits.from_record(records.get(row["id"], [])))
            assert source.encode(row["encoding"]) == (INBOX / row["id"]).read_bytes()


def test_undo_writes_the_inputs_back_byte_for_byte(inbox_run: Path, tmp_path: Path) -> None:
    count, failed = undo_run(inbox_run, tmp_path / "back")
    assert not failed
    assert count == len(rows(inbox_run / "articles.jsonl"))
    back = tree(tmp_path / "back")
    records = [json.loads(line) for line in back.pop("articles.jsonl").splitlines()]
    assert records == rows(INBOX / "coastline-press" / "wire.jsonl")
    assert back == {name: data for name, data in tree(INBOX).items() if name.endswith(".txt")}


@pytest.mark.parametrize(
    "data",
    [
        "The café’s owner, who served “naïve” art, said no.".encode() + b" It\x92s late.",  # a byte of cp1252 in UTF-8
        b"na\xefve \x81 \x8d caf\xe9s in Z\xfcrich, said the keeper.",  # bytes that cp1252 has no letter for
        "Größe".encode("utf-16") + b"\x00\xd8",  # half of a pair at the end: no article
        bytes(range(160, 256)) * 3,
        "\ufeffTwo marks.".encode("utf-8-sig"),
    ],
)
def test_undo_gives_any_bytes_back_that_were_read(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(data)
    (tmp_path / "in" / "b.txt").write_text("It rained, she said. . Nobody laughed.\n")
    summary = run(tmp_path / "in", tmp_path / "out", settings={"workers": 1}, report=False)
    count, failed = undo_run(tmp_path / "out", tmp_path / "back")
    assert (count, failed) == (summary.articles, [])
    assert tree(tmp_path / "back") == {
        name: held for name, held in tree(tmp_path / "in").items() if name == "b.txt" or summary.articles == 2
    }


def test_undo_refuses_a_folder_that_is_not_empty_and_one_without_a_run(inbox_run: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(OutputRefused):
        undo_run(inbox_run, tmp_path / "full")
    with pytest.raises(newsclean.NewscleanError, match="not the output of a run"):
        undo_run(tmp_path, tmp_path / "back")


def test_undo_names_a_text_that_was_changed_since(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The quay reopened, she said. . Trams follow.\n")
    run(tmp_path / "in", tmp_path / "out", settings={"workers": 1}, report=False)
    (tmp_path / "out" / "articles" / "a.txt").write_text("Something else.")
    count, failed = undo_run(tmp_path / "out", tmp_path / "back")
    assert count == 0
    assert "belongs to another text" in failed[0][1]


def test_any_number_of_workers_gives_the_same_bytes(
    tmp_path: Path, inbox_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Parts of five, so that both processes get some.
    monkeypatch.setattr("newsclean.pipeline_stream.PART_RECORDS", 5)
    run(INBOX, tmp_path / "two", settings={"workers": 2})
    assert tree(tmp_path / "two") == tree(inbox_run)


def test_the_summary_counts_what_the_files_hold(inbox_run: Path) -> None:
    summary = json.loads((inbox_run / "summary.json").read_bytes())
    articles, records = rows(inbox_run / "articles.jsonl"), rows(inbox_run / "edits.jsonl")
    assert summary["articles"] == len(articles) == summary["records"]
    assert summary["changed"] == sum(bool(row["edits"]) for row in articles)
    assert sum(summary["flags"].values()) == sum(len(row["flags"]) for row in records)
    assert sum(summary["rules_used"].values()) == sum(len(row["edits"]) for row in records)
    assert summary["characters_in"] - summary["characters_out"] == sum(row["removed_chars"] for row in articles)
    assert summary["clusters"] == len(rows(inbox_run / "clusters.jsonl"))


@pytest.mark.parametrize("name", ["articles", "edits", "matches", "clusters", "failures", "summary", "stream"])
def test_the_schemas_hold(name: str, inbox_run: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    if name == "summary":
        found = [json.loads((inbox_run / "summary.json").read_bytes())]
    elif name == "failures":
        found = [{"where": "a.txt", "why": "empty"}]
    elif name == "stream":
        from newsclean.formats import annotated
        from newsclean.pipeline_stream import stream

        cleaned = list(
            stream([str(INBOX / "valley-post")], newsclean.Settings.of(workers=1), newsclean.formats.Reading())
        )
        found = [
            json.loads(json.dumps(annotated(one.record, one.result))) for one in cleaned if one.record and one.result
        ]
    else:
        found = rows(inbox_run / f"{name}.jsonl")
    validator = jsonschema.Draft202012Validator(schema)
    assert found
    for row in found:
        validator.validate(row)


# -- records


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    given = [
        {"z": 1, "id": 5, "text": "The quay reopened, she said. . Trams follow in May.", "metadata": {"mine": True}},
        {
            "id": "5b",
            "text": "The bakers of Lower Eastmere fed forty firefighters for a week without a bill.",
            "edits": "x",
        },
        {"text": "A third one without an id came in from the Outer Light this morning."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in given))
    return path


def test_fields_of_a_record_pass_through_in_order_and_ids_come_back_as_they_went_in(
    records: Path, tmp_path: Path
) -> None:
    run(records, tmp_path / "out", settings={"workers": 1}, report=False)
    first, second, third = rows(tmp_path / "out" / "articles.jsonl")
    assert list(first)[:4] == ["z", "id", "text", "cluster"]
    assert first["id"] == 5
    assert first["text"] == "The quay reopened, she said. Trams follow in May."
    assert first["input"] == {"metadata": {"mine": True}}
    assert first["metadata"]["language"] == "en"
    assert second["input"] == {"edits": "x"}
    assert third["id"] == "in.jsonl:3"
    assert not (tmp_path / "out" / "articles").exists()
    count, failed = undo_run(tmp_path / "out", tmp_path / "back")
    assert (count, failed) == (3, [])
    back = rows(tmp_path / "back" / "articles.jsonl")
    given = rows(records)
    assert back[:2] == [
        dict(sorted(row.items(), key=lambda pair: list(back[n]).index(pair[0]))) for n, row in enumerate(given[:2])
    ]
    assert back[2]["text"] == given[2]["text"]


def test_an_id_that_is_a_number_is_one_in_every_file(tmp_path: Path) -> None:
    story = (
        "The quay at Eastmere reopened on Monday, said the harbour board. . Trams follow in May, and ferries in June."
    )
    given = [{"id": 7, "text": story}, {"id": "8", "text": story}, {"id": 9.5, "text": "Another text, of its own."}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    run(tmp_path / "in.jsonl", tmp_path / "out", settings={"workers": 1})
    out = tmp_path / "out"
    assert [(row["id"], row["cluster"], row["canonical"]) for row in rows(out / "articles.jsonl")] == [
        (7, 7, 7),
        ("8", 7, 7),
        (9.5, 9.5, 9.5),
    ]
    assert [row["id"] for row in rows(out / "edits.jsonl")][:2] == [7, "8"]
    assert [row["members"] for row in rows(out / "clusters.jsonl")] == [[7, "8"], [9.5]]
    assert [(row["a"], row["b"]) for row in rows(out / "matches.jsonl")] == [(7, "8")]
    run(tmp_path / "in.jsonl", tmp_path / "alone", settings={"workers": 1}, copies=False, report=False)
    assert [row["canonical"] for row in rows(tmp_path / "alone" / "articles.jsonl")] == [7, "8", 9.5]
    undo_run(out, tmp_path / "back")
    assert rows(tmp_path / "back" / "articles.jsonl") == given


def test_articles_that_take_a_second_are_named_the_slowest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    real = pipeline_stream.Cleaning._clean

    def slow(self: Any, records: list[Any]) -> Any:
        clock[0] += sum(len(record.article.text) / 1e6 + 3.4 * ("slow" in record.article.text) for record in records)
        return real(self, records)

    monkeypatch.setattr(pipeline_stream.Cleaning, "_clean", slow)
    monkeypatch.setattr(pipeline_stream.time, "thread_time", lambda: clock[0])
    texts = ["A quick one.", "A slow one.", "Long lines. " * 100_000, "Another slow one."]
    given = [{"id": number, "text": text} for number, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    settings = {"workers": 1, "select": "comments", "learn": False}
    cleaning = pipeline_stream.Cleaning(newsclean.Settings.of(settings), Reading())
    raws = list(formats.read([str(tmp_path / "in.jsonl")], Reading()))
    assert [pipeline_cleaning.whole_seconds(one.seconds) for one in cleaning(raws)] == [0, 2, 1, 2]
    tally, summary = pipeline_summary.Tally(), newsclean.RunSummary()
    for raw, line in zip(raws, pipeline_cleaning.Rows(cleaning, compare_only=False)(raws), strict=True):
        assert raw.where
        tally.add(json.loads(line[0]), None, summary)
    assert summary.slowest == [{"id": 1, "seconds": 2}, {"id": 3, "seconds": 2}, {"id": 2, "seconds": 1}]


def test_a_second_article_of_the_same_id_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(
        gzip.compress(b'{"id": "a", "text": "One."}\n{"id": "a", "text": "Two."}\n{"id": "b", "text": "x"}\n')
    )
    summary = run(path, tmp_path / "out", settings={"workers": 1}, report=False)
    assert (summary.articles, summary.failed, summary.exit_code) == (2, 1, 3)
    assert rows(tmp_path / "out" / "articles.jsonl")[0]["text"] == "One."
    failure = rows(tmp_path / "out" / "failures.jsonl")[0]
    assert failure["where"] == "in.jsonl.gz:2"
    assert "'a' was there before" in failure["why"]


def test_two_files_of_the_same_name_and_text_inputs_of_one_id(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(f"Text of folder {folder}.")
    two = [tmp_path / "a" / "x.txt", tmp_path / "b" / "x.txt"]
    summary = run(two, tmp_path / "out", settings={"workers": 1}, report=False)
    assert summary.articles == 2
    summary = run([tmp_path / "a" / "x.txt"] * 2, tmp_path / "out2", settings={"workers": 1}, report=False)
    assert (summary.articles, summary.failed) == (1, 1)


def test_an_empty_article_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.txt").touch()
    (tmp_path / "in" / "blank.txt").write_text("\n \n")
    summary = run(tmp_path / "in", tmp_path / "out", settings={"workers": 1}, report=False)
    assert (summary.articles, summary.failed, summary.empty) == (2, 0, 2)
    assert {row["kind"] for row in rows(tmp_path / "out" / "edits.jsonl") for row in row["flags"]} == {"empty"}


def test_csv_and_parquet_come_back_as_tables(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    fixtures = Path(__file__).parent / "fixtures" / "formats"
    run(fixtures / "csv" / "good.csv", tmp_path / "csv", settings={"workers": 1}, report=False)
    assert [row["desk"] for row in rows(tmp_path / "csv" / "articles.jsonl")] == ["sea", "land"]
    assert (tmp_path / "csv" / "articles.csv").read_text().startswith("id,title,text,desk,cluster,")
    run(fixtures / "parquet" / "good.parquet", tmp_path / "pq", settings={"workers": 1}, report=False)
    table = parquet.read_table(tmp_path / "pq" / "articles.parquet")
    assert table.column("tags").to_pylist() == [["sea"], []]
    assert table.column("cluster").to_pylist() == ["1", "2"]
    assert str(table.schema.field("published").type) == "timestamp[ms]"


# -- copies


COPIES = "".join(
    json.dumps({"id": f"{letter}{number}", "text": text, "published": f"2031-03-0{number}"}) + "\n"
    for letter, text in (
        ("a", "The lighthouse at Port Selwyn keeps its lamp and its keeper, the province said on Monday evening. " * 3),
        ("b", "Herring have returned to the grounds off the Outer Light after nine years, fishermen reported. " * 3),
    )
    for number in (1, 2, 3)
)


def test_only_canonicals_are_kept_when_asked_and_the_rest_is_named(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(COPIES)
    with pytest.raises(TooManyDropped, match="4 of 6"):
        run(tmp_path / "in.jsonl", tmp_path / "capped", settings={"workers": 1, "keep": "canonical"}, report=False)
    summary = run(
        tmp_path / "in.jsonl", tmp_path / "out", settings={"workers": 1, "keep": "canonical"}, force=True, report=False
    )
    assert summary.dropped == 4
    assert [row["id"] for row in rows(tmp_path / "out" / "articles.jsonl")] == ["a1", "b1"]
    dropped = rows(tmp_path / "out" / "dropped.jsonl")
    assert [(row["id"], row["canonical"], row["relation"]) for row in dropped] == [
        ("a2", "a1", "exact"),
        ("a3", "a1", "exact"),
        ("b2", "b1", "exact"),
        ("b3", "b1", "exact"),
    ]


def test_comparing_leaves_the_texts_as_they_are(tmp_path: Path) -> None:
    text = "The quay reopened on Monday, the harbour board said. . Trams follow in May.\n\nLeave a Comment"
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": text}) + "\n")
    run(tmp_path / "in.jsonl", tmp_path / "out", settings={"workers": 1}, mode="compare", report=False)
    assert rows(tmp_path / "out" / "articles.jsonl")[0]["text"] == text
    assert rows(tmp_path / "out" / "edits.jsonl") == []


def test_find_duplicates_cleans_first_unless_told_not_to() -> None:
    story = "The lighthouse at Port Selwyn keeps its lamp and its keeper, the province said on Monday evening. " * 4
    tail = "\n\nLeave a Comment\n\nYour email address will not be published. Required fields are marked *"
    report = newsclean.find_duplicates([{"id": "one", "text": story + tail}, story])
    assert [(match.a, match.b, match.relation) for match in report.matches] == [("1", "one", "exact")]
    raw = newsclean.find_duplicates([{"id": "one", "text": story + tail}, story], clean=False)
    assert [match.relation for match in raw.matches] != ["exact"]


# -- restored from copies


# A wire story in six places: damaged in one, with an older number in another, and with a footer that cleaning takes off.
WIRE = (
    "The harbour of Harrow Ness was closed on Sunday after the storm, the harbour board of the province said.\n\n"
    "The government said that it would pay for the repairs of the old bridge in the spring. "
    "Ms. Orde told reporters that the 14 ferries would not sail before Friday at noon.\n\n"
    "Fishermen on the outer quay said their nets were lost, and that nobody had come to count them."
)
TOLD = {
    "tarn-gazette/a.txt": WIRE,
    "valley-post/b.txt": WIRE.replace("The government", "The govern ment").replace("would pay for", "would so. pay for")
    + "\n\nLeave a Comment\n",
    "outer-light/c.txt": WIRE.replace("14 ferries", "17 ferries").replace("their nets", "their their nets") + "\r\n",
    "alone.txt": "Herring have have returned to the grounds off the Outer Light after nine years, fishermen reported.",
}
RESTORING = {"workers": 1, "repair_from_copies": True}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    for name, text in TOLD.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "in"


def test_a_damaged_sentence_is_restored_from_its_copy_and_a_newer_number_stays(told: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(told, tmp_path / "plain", settings={"workers": 1}, report=False)
    summary = run(told, out, settings=RESTORING)
    cleaned = {name: (out / "articles" / name).read_text() for name in TOLD}
    assert "The government said that it would pay for" in cleaned["valley-post/b.txt"]
    assert "govern ment" in (tmp_path / "plain" / "articles" / "valley-post" / "b.txt").read_text()
    assert "14 ferries" in cleaned["tarn-gazette/a.txt"]
    assert "17 ferries" in cleaned["outer-light/c.txt"]
    records = {row["id"]: row for row in rows(out / "edits.jsonl")}
    made = [edit for edit in records["valley-post/b.txt"]["edits"] if edit["pass"] == "twins"]
    assert {edit["rule"] for edit in made} >= {"twin.split_word"}
    source = TOLD["valley-post/b.txt"]
    for edit in made:
        assert edit["family"] == "twins"
        assert "copy outer-light/c.txt [" in edit["reason"] or "copy tarn-gazette/a.txt [" in edit["reason"]
        assert source[edit["input_start"] : edit["input_end"]] == edit["before"]
    assert summary.repairs["twins"] == sum(e["pass"] == "twins" for row in records.values() for e in row["edits"])
    for edit in (edit for row in records.values() for edit in row["edits"] if edit["pass"] == "twins"):
        assert not any(char.isdigit() for char in edit["before"] + edit["after"])
    assert undo_run(out, tmp_path / "back") == (len(TOLD), [])
    assert tree(tmp_path / "back") == tree(told)


def test_a_flag_that_a_copy_answers_is_raised_no_more(told: Path, tmp_path: Path) -> None:
    damaged = WIRE.replace("would pay for", "would. pay for")
    (told / "valley-post" / "b.txt").write_text(damaged)
    for name, settings in (("plain", {"workers": 1}), ("out", RESTORING)):
        run(told, tmp_path / name, settings=settings, report=False)
    before = {row["id"]: row["flags"] for row in rows(tmp_path / "plain" / "edits.jsonl")}
    after = {row["id"]: row for row in rows(tmp_path / "out" / "edits.jsonl")}
    (flag,) = before["valley-post/b.txt"]
    assert flag["kind"] in newsclean.model.DAMAGE_FLAGS
    assert after["valley-post/b.txt"]["flags"] == []
    assert [edit["rule"] for edit in after["valley-post/b.txt"]["edits"]] == ["twin.stop"]
    told_rows = {row["id"]: row for row in rows(tmp_path / "out" / "articles.jsonl")}
    assert (told_rows["valley-post/b.txt"]["edits"], told_rows["valley-post/b.txt"]["flags"]) == (1, 0)


def test_restoring_is_the_same_for_any_number_of_workers(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsclean.pipeline_twins._BATCH_ARTICLES", 1)
    run(told, tmp_path / "one", settings=RESTORING, report=False)
    run(told, tmp_path / "two", settings={**RESTORING, "workers": 2}, report=False)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_records_are_restored_too_and_can_be_undone(tmp_path: Path) -> None:
    given = [{"id": number, "text": text} for number, text in enumerate(TOLD.values())]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    run(tmp_path / "in.jsonl", tmp_path / "out", settings=RESTORING, report=False)
    assert "The government said that it would pay" in rows(tmp_path / "out" / "articles.jsonl")[1]["text"]
    undo_run(tmp_path / "out", tmp_path / "back")
    assert rows(tmp_path / "back" / "articles.jsonl") == given


def test_a_rule_of_the_copies_that_is_switched_off_leaves_no_edit(told: Path, tmp_path: Path) -> None:
    run(told, tmp_path / "out", settings={**RESTORING, "ignore": ["twin.split_word"]}, report=False)
    used = {edit["rule"] for row in rows(tmp_path / "out" / "edits.jsonl") for edit in row["edits"]}
    assert "twin.split_word" not in used
    run(told, tmp_path / "none", settings={**RESTORING, "ignore": ["twins"]}, report=False)
    assert not [
        edit for row in rows(tmp_path / "none" / "edits.jsonl") for edit in row["edits"] if edit["pass"] == "twins"
    ]


@pytest.mark.parametrize(
    "then", [RESTORING, {"workers": 1}, {"workers": 1, "threshold": 1.0, "repair_from_copies": True}]
)
def test_a_run_that_dies_while_it_restores_is_continued_under_any_settings(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: dict[str, Any]
) -> None:
    run(told, tmp_path / "whole", settings=then, report=False)
    with monkeypatch.context() as patch:
        patch.setattr(
            "newsclean.pipeline_writing.write_tables", lambda *_: 1 / 0
        )  # texts are restored, and the end is not reached
        with pytest.raises(ZeroDivisionError):
            run(told, tmp_path / "out", settings=RESTORING, report=False)
    assert "The government" in (tmp_path / "out" / "articles" / "valley-post" / "b.txt").read_text()
    summary = run(told, tmp_path / "out", settings=then, report=False, resume=True)
    assert summary.parts_resumed == 1
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_a_finished_run_is_done_again_when_more_is_asked_of_its_copies(told: Path, tmp_path: Path) -> None:
    run(told, tmp_path / "out", settings={"workers": 1}, report=False)
    again = run(told, tmp_path / "out", settings={"workers": 1}, report=False, resume=True)
    assert "finished before" in again.notes[-1]
    run(told, tmp_path / "out", settings=RESTORING, report=False, resume=True)
    run(told, tmp_path / "whole", settings=RESTORING, report=False)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_of_the_copies_the_canonical_and_the_first_few_are_read_and_one_text_is_one_voice(tmp_path: Path) -> None:
    ids = [f"n{number:02d}" for number in range(12)]
    cluster = newsclean.Cluster("n05", "n05", tuple(ids), "earliest", 0, 11)
    placed = pipeline_files.Placed((cluster,))
    assert placed.copies_of("n01", 4) == ["n05", "n00", "n02", "n03"]
    assert placed.copies_of("n05", 2) == ["n00", "n01"]
    assert placed.copies_of("elsewhere", 4) == []
    parts = pipeline_parts.Parts(tmp_path, "key")
    made = [{"where": name, "id": name, "text": f"Text {number % 2}."} for number, name in enumerate(ids)]
    parts.write(0, [], [json.dumps({"where": "x", "failure": "y"}), *map(json.dumps, made[:7])])
    parts.write(1, [], [json.dumps({**made[0], "text": "The second of its id."}), *map(json.dumps, made[7:])])
    copies = pipeline_twins.Copies(parts, placed)
    assert len(copies) == 12
    assert copies.of("n11") == (("n05", "Text 1."), ("n00", "Text 0."))


def test_a_sentence_as_long_as_a_table_is_restored_in_bounded_time() -> None:
    words = " ".join(f"word{number}" for number in range(1_000))
    row = {"id": "a", "text": f"{words} in in the end.", "edits": [], "flags": [], "metadata": {}, "language": "en"}
    copies = (("b", f"{words} in the end."),)
    began = time.process_time()
    made = pipeline_twins.restored({**row, "source": ""}, copies, newsclean.Settings().clean)
    assert made
    assert made["text"] == f"{words} in the end."
    assert time.process_time() - began < 10


# -- where it may not write


@pytest.mark.parametrize(
    "place", [lambda folder: folder, lambda folder: folder.parent, lambda folder: folder / ".." / folder.name]
)
def test_the_output_is_never_the_input_or_around_it(tmp_path: Path, place: Callable[[Path], Path]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Text.")
    with pytest.raises(OutputRefused, match="would be written over"):
        run(tmp_path / "in", place(tmp_path / "in"), settings={"overwrite": True})
    assert tree(tmp_path / "in") == {"a.txt": b"Text."}


def test_an_output_inside_the_input_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Text.")
    for _ in range(2):
        summary = run(tmp_path, tmp_path / "out", settings={"workers": 1, "overwrite": True}, report=False)
        assert summary.records == 1
    other = run(tmp_path, tmp_path / "other", settings={"workers": 1}, report=False)
    assert other.records == 1
    assert other.skipped == {"newsclean output": 1}


def test_a_folder_that_is_not_empty_is_refused_and_overwriting_removes_only_our_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Text.")
    (tmp_path / "in" / "b.txt").write_text("Text too.")
    output = tmp_path / "out"
    run(tmp_path / "in", output, settings={"workers": 1}, report=False)
    (output / "mine.txt").write_text("mine")
    (output / "articles" / "mine.txt").write_text("mine too")
    with pytest.raises(OutputRefused, match="--overwrite"):
        run(tmp_path / "in", output)
    (tmp_path / "in" / "b.txt").unlink()
    run(tmp_path / "in", output, settings={"workers": 1, "overwrite": True}, report=False)
    assert (output / "mine.txt").read_text() == "mine"
    assert {path.name for path in (output / "articles").iterdir()} == {"a.txt", "mine.txt"}


def test_a_file_in_the_place_of_the_output_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Text.")
    (tmp_path / "out").write_text("A file.")
    with pytest.raises(OutputRefused, match="in the way"):
        run(tmp_path / "in.txt", tmp_path / "out")


def test_an_unknown_setting_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="profile"):
        run(INBOX, tmp_path / "out", settings={"profil": "safe"})
    assert not (tmp_path / "out").exists()


def test_a_forged_row_leads_no_removal_out_of_the_output(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("Text.")
    (tmp_path / "precious.txt").write_text("precious")
    output = tmp_path / "out"
    (output / ".newsclean").mkdir(parents=True)
    (output / "articles.jsonl").write_text('{"file": "../precious.txt"}\n{"file": "/etc/hostname"}\n')
    run(tmp_path / "in.txt", output, settings={"workers": 1, "overwrite": True}, report=False)
    assert (tmp_path / "precious.txt").read_text() == "precious"
    assert Path("/etc/hostname").exists()


def test_fields_of_ours_never_hide_a_users() -> None:
    row = {
        "id": "a", "fields": {"cluster": "mine", "text": "t"}, "text_field": "text", "text": "T", "chars": 1,
        "edits": [], "flags": [], "metadata": {}, "encoding": "",
    }  # fmt: skip
    made = pipeline_files.article_row(row, {"cluster": "ours"}, "")
    assert made["cluster"] == "ours"
    assert made["input"] == {"cluster": "mine"}
    assert pipeline.OUTPUTS


def test_an_id_in_another_field_is_the_id_in_every_file(tmp_path: Path) -> None:
    story = "The quay at Eastmere reopened on Monday, said the harbour board. . Trams follow in May, ferries in June."
    given = [{"id": number, "uri": f"u{number}", "text": story} for number in (5, 6)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    run(tmp_path / "in.jsonl", tmp_path / "out", settings={"workers": 1}, fields={"id": "uri"}, report=False)
    for name in ("articles.jsonl", "edits.jsonl"):
        assert [row["id"] for row in rows(tmp_path / "out" / name)] == ["u5", "u6"]
    undo_run(tmp_path / "out", tmp_path / "back")
    assert rows(tmp_path / "back" / "articles.jsonl") == given


def test_the_report_finds_articles_whose_ids_are_no_texts(tmp_path: Path) -> None:
    story = "The quay at Eastmere reopened on Monday, said the harbour board. Trams follow in May, and ferries in June."
    given = [{"id": one, "title": "Quay open", "text": story} for one in (7, 8, [1, 2])]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    run(tmp_path / "in.jsonl", tmp_path / "out", settings={"workers": 1})
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert 'id="group-1" data-relation="exact"' in page
