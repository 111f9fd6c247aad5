"""The end of a run: copies that are left out, tables, reasons, and rows that come back as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from newsclean.duplicates import Index
from newsclean.errors import TooManyDropped
from newsclean.pipeline import run

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
