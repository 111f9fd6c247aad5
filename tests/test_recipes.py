"""The recipes run wherever their packages are installed, and say which were left out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import doc_blocks
import newsclean
from newsclean.errors import MissingExtra
from newsclean.integrations import scrapy as integration

PAGE = doc_blocks.ROOT / "docs/how-to/recipes.md"


@pytest.mark.parametrize("package", ["pandas", "polars", "datasets", "scrapy", "trafilatura", "duckdb"])
def test_a_recipe_runs(package: str, tmp_path: Path) -> None:
    pytest.importorskip(package, reason=f"the recipe for {package} needs it: pip install newsclean[recipes]")
    wanted = [block for block in doc_blocks.blocks(PAGE) if package in block.needs]
    assert wanted, f"no recipe says that it needs {package}"
    first = next(block for block in doc_blocks.blocks(PAGE) if block.kind == "python")
    doc_blocks.prepare(tmp_path)
    namespace: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # what these packages warn of among themselves is not ours to mend
        for block in [first, *wanted]:
            doc_blocks.python(block, f"{PAGE.name}:{block.line}", namespace, tmp_path)


def test_a_batch_keeps_its_columns_and_their_order() -> None:
    batch = {"n": [1, 2, 3], "text": ["Rain stops play.\n\nLeave a Comment", None, ""], "lang": ["en", None, ""]}
    out = newsclean.map_batch(batch)
    assert list(out) == ["n", "text", "lang", "newsclean"]
    assert out["text"] == ["Rain stops play.", None, ""]
    assert out["n"] == [1, 2, 3]
    assert out["newsclean"][1] is None
    assert '"family": "comments"' in out["newsclean"][0]


def test_a_batch_may_hold_its_text_elsewhere_and_bring_settings() -> None:
    batch = {"body": ["Rain stops play.\n\nLeave a Comment"]}
    out = newsclean.map_batch(batch, text_field="body", settings={"ignore": ["comments"], "learned_score": False})
    assert out["body"] == batch["body"]


STORY = "The harbour ferry Aldwina ran aground off Brenholm at dawn with forty passengers, the coast guard said. " * 3


class Crawler:
    """What the pipeline asks of a crawler: settings."""

    def __init__(self, **given: Any) -> None:
        settings = pytest.importorskip(
            "scrapy.settings", reason="the Scrapy pipeline needs it: pip install newsclean[recipes]"
        )
        self.settings = settings.Settings(given)


def test_the_scrapy_pipeline_marks_copies_and_keeps_them(tmp_path: Path) -> None:
    crawler = Crawler(NEWSCLEAN_INDEX=str(tmp_path / "seen.index"), NEWSCLEAN_TEXT_FIELD="body")
    pipeline = integration.NewsCleanPipeline.from_crawler(crawler)
    pipeline.open_spider()
    first = pipeline.process_item({"url": "https://a.example/1", "body": STORY})
    second = pipeline.process_item({"url": "https://b.example/2", "body": f"{STORY}\n\nLeave a Comment"}, spider=None)
    other = pipeline.process_item({"url": "https://b.example/3", "title": "no body"})
    pipeline.close_spider()
    assert first["newsclean"]["copy_of"] == []
    assert second["newsclean"]["copy_of"] == ["https://a.example/1"]
    assert "Comment" not in second["body"]
    assert other == {"url": "https://b.example/3", "title": "no body"}


def test_the_scrapy_pipeline_drops_copies_only_when_asked(tmp_path: Path) -> None:
    crawler = Crawler(NEWSCLEAN_INDEX=str(tmp_path / "seen.index"), NEWSCLEAN_DROP_DUPLICATES=True)
    dropped = __import__("scrapy.exceptions", fromlist=["_"]).DropItem
    pipeline = integration.NewsCleanPipeline.from_crawler(crawler)
    pipeline.open_spider()
    pipeline.process_item({"url": "https://a.example/1", "text": STORY})
    with pytest.raises(dropped, match=r"copy of https://a\.example/1"):
        pipeline.process_item({"url": "https://b.example/2", "text": STORY})
    pipeline.close_spider()


def test_without_scrapy_the_pipeline_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "itemadapter", None)
    with pytest.raises(MissingExtra, match="pip install scrapy"):
        integration.NewsCleanPipeline().process_item({"text": "Rain stops play."})
