"""Whole articles come out as a person wrote they should: tests/fixtures/articles/<slug>/{source,expected}.txt, origin.toml.

`origin.toml` says who wrote the article and what it shows; `flagged` lists words that must be flagged and stay, and
`metadata` what must be told. Articles that fail today are named in known_gaps.toml and must go on failing until the row moves.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import newsclean
from newsclean import Article, CleanResult

FIXTURES = Path(__file__).parent / "fixtures"
SLUGS = sorted(path.name for path in (FIXTURES / "articles").iterdir())
SEEDS = {"talks-stall", "talks-impasse", "talks-falter", "talks-leave-cairo", "talks-stopped"}


def gaps(kind: str) -> dict[str, str]:
    rows = tomllib.loads((FIXTURES / "known_gaps.toml").read_text("utf-8")).get(kind, [])
    return {row["name"]: row["why"] for row in rows}


def articles(kind: str, slugs: list[str]) -> list[Any]:
    known = gaps(kind)
    return [
        pytest.param(slug, marks=pytest.mark.xfail(reason=known[slug], strict=True) if slug in known else ())
        for slug in slugs
    ]


def origin(slug: str) -> dict[str, Any]:
    return tomllib.loads((FIXTURES / "articles" / slug / "origin.toml").read_text("utf-8"))


def text(slug: str, name: str) -> str:
    return (FIXTURES / "articles" / slug / name).read_text("utf-8").removesuffix("\n")


@lru_cache
def cleaned(slug: str) -> CleanResult:
    """Cleaned as a newcomer would: without being told the language."""
    about = origin(slug)
    return newsclean.clean_and_explain(
        Article(slug, text(slug, "source.txt"), title=about["title"], source=about["source"])
    )


@pytest.mark.parametrize("slug", articles("article", SLUGS))
def test_the_article_comes_out_as_a_person_wrote_it_should(slug: str) -> None:
    assert cleaned(slug).text == text(slug, "expected.txt")


@pytest.mark.parametrize("slug", SLUGS)
def test_undoing_gives_the_article_back(slug: str) -> None:
    result = cleaned(slug)
    assert newsclean.undo(result.text, result.passes) == text(slug, "source.txt")


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_of_the_article_is_lost(slug: str) -> None:
    """Holds for the known gaps as well: what is expected to stay is there, whatever else is."""
    lines = {line for line in cleaned(slug).text.splitlines() if line}
    source = set(text(slug, "source.txt").splitlines())
    assert [
        line for line in text(slug, "expected.txt").splitlines() if line in source and line and line not in lines
    ] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_language_is_found(slug: str) -> None:
    assert cleaned(slug).metadata["language"] == origin(slug)["language"]


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if "flagged" in origin(slug)])
def test_garbled_words_are_flagged_and_stay(slug: str) -> None:
    result = cleaned(slug)
    flagged = [flag["text"] for flag in result.flag_dicts()]
    for words in origin(slug)["flagged"]:
        assert any(words in one or one in words for one in flagged), (words, flagged)
        assert words in result.text


@pytest.mark.parametrize("slug", articles("metadata", [slug for slug in SLUGS if "metadata" in origin(slug)]))
def test_what_the_article_says_of_its_makers_is_told(slug: str) -> None:
    told = cleaned(slug).metadata
    for key, values in origin(slug)["metadata"].items():
        assert set(values) <= set(told.get(key, ())), key


def test_there_are_enough_invented_articles_in_enough_languages() -> None:
    invented = set(SLUGS) - SEEDS
    assert len(invented) >= 14
    assert len({origin(slug)["language"] for slug in invented}) >= 7


def test_every_origin_says_who_wrote_the_article_and_what_it_shows() -> None:
    for slug in SLUGS:
        about = origin(slug)
        assert about["written_by"], slug
        assert about["shows"], slug
        assert about.keys() <= {"written_by", "shows", "language", "source", "title", "flagged", "metadata"}, slug


def test_known_gaps_name_articles() -> None:
    assert gaps("article").keys() | gaps("metadata").keys() <= set(SLUGS)
