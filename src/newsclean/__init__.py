"""newsclean cleans already-extracted news text, says why it changed each character, and finds the copies.

newsclean.clean(text)                     the cleaned text
newsclean.clean_and_explain(article)      the same with every edit, flag and reason
newsclean.repair(text)                    encoding and sentence repairs only
newsclean.Cleaner(settings).pipe(…)       many articles, in order
newsclean.find_duplicates(articles)       which are copies of which, and why
newsclean.Index.open(path)                a collection that grows from day to day
newsclean.run(inputs, output)             a folder in, a folder out
newsclean.undo(text, passes)              the input back from the cleaned text and its record
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from newsclean.errors import NewscleanError
from newsclean.model import Article, CleanResult, Cluster, Edit, Flag, Match, Pass, Signature
from newsclean.settings import Settings

if TYPE_CHECKING:
    from newsclean.batches import map_batch
    from newsclean.cleaner import Cleaner
    from newsclean.duplicates import DuplicateReport, Index
    from newsclean.edits import replay, undo
    from newsclean.pipeline import RunSummary, find_duplicates, run

__version__ = "0.1.0"

# Names that cost time to import, loaded when they are first asked for.
_WHERE = {
    "Cleaner": "cleaner",
    "DuplicateReport": "duplicates",
    "Index": "duplicates",
    "RunSummary": "pipeline",
    "find_duplicates": "pipeline",
    "map_batch": "batches",
    "replay": "edits",
    "run": "pipeline",
    "undo": "edits",
}


def clean(
    text: str, *, language: str | None = None, source: str = "", settings: Settings | Mapping[str, Any] | None = None
) -> str:
    """The text without leftover boilerplate and with certain damage repaired.

    >>> clean("The bridge opens on Monday.\\n\\nLeave a Comment")
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
    """The cleaned article with every change, its reason, and what was seen and left alone.

    Raises BadRecord if a mapping has no `text`, ConfigError if a setting is unknown or does not fit.
    """
    from newsclean.cleaner import Cleaner

    return Cleaner(settings).clean(_article(text_or_article, language, source))


def repair(
    text: str, *, language: str | None = None, source: str = "", settings: Settings | Mapping[str, Any] | None = None
) -> str:
    """The text with broken encodings and damaged sentences repaired; no line is removed.

    >>> repair("It was a clichÃ©, she said. . Nobody laughed.")
    'It was a cliché, she said. Nobody laughed.'
    """
    from newsclean.cleaner import Cleaner

    return Cleaner(settings).repair(_article(text, language, source)).text


def _article(given: str | Article | Mapping[str, Any], language: str | None, source: str) -> Article:
    from dataclasses import replace

    article = Article.of(given)
    return replace(article, language=language or article.language, source=source or article.source)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"newsclean.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'newsclean' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "Article",
    "CleanResult",
    "Cleaner",
    "Cluster",
    "DuplicateReport",
    "Edit",
    "Flag",
    "Index",
    "Match",
    "NewscleanError",
    "Pass",
    "RunSummary",
    "Settings",
    "Signature",
    "__version__",
    "clean",
    "clean_and_explain",
    "find_duplicates",
    "map_batch",
    "repair",
    "replay",
    "run",
    "undo",
]
