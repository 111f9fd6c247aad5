"""newsclean cleans already-extracted news text, says why it changed each character, and finds the copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsclean.cleaner import Cleaner
from newsclean.edits import replay, undo
from newsclean.errors import NewscleanError
from newsclean.model import Article, CleanResult, Edit, Flag, Match, Pass
from newsclean.settings import Settings

__version__ = "0.1.0"


def clean(
    text: str, *, language: str | None = None, source: str = "", settings: Settings | Mapping[str, Any] | None = None
) -> str:
    """The text without leftover boilerplate and with certain damage repaired.

    >>> clean("The bridge opens on Monday.")
    'The bridge opens on Monday.'
    """
    return clean_and_explain(text, language=language, source=source, settings=settings).text


def clean_and_explain(
    text_or_article: str | Article | Mapping[str, Any],
    *,
    language: str | None = None,
    source: str = "",
    settings: Settings | Mapping[str, Any] | None = None,
) -> CleanResult:
    """The cleaned article with every change, its reason, and what was seen and left alone."""
    return Cleaner(settings).clean(_article(text_or_article, language, source))


def repair(
    text: str, *, language: str | None = None, source: str = "", settings: Settings | Mapping[str, Any] | None = None
) -> str:
    """The text with broken encodings and damaged sentences repaired; no line is removed."""
    return Cleaner(settings).repair_batch([_article(text, language, source)])[0].text


def _article(given: str | Article | Mapping[str, Any], language: str | None, source: str) -> Article:
    from dataclasses import replace

    article = Article.of(given)
    return replace(article, language=language or article.language, source=source or article.source)


__all__ = [
    "Article",
    "CleanResult",
    "Cleaner",
    "Edit",
    "Flag",
    "Match",
    "NewscleanError",
    "Pass",
    "Settings",
    "__version__",
    "clean",
    "clean_and_explain",
    "repair",
    "replay",
    "undo",
]
