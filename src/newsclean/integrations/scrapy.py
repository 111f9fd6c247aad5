"""A Scrapy item pipeline: cleans the text of each item, says what it did, and marks or drops copies.

In settings.py:

    ITEM_PIPELINES = {"newsclean.integrations.scrapy.NewsCleanPipeline": 300}
    NEWSCLEAN_TEXT_FIELD = "text"          # the field that holds the article
    NEWSCLEAN_SETTINGS = {}                # as in newsclean.toml
    NEWSCLEAN_INDEX = ""                   # an index file; with it, copies of what it holds are recognised
    NEWSCLEAN_DROP_DUPLICATES = False      # drop them instead of marking them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsclean.cleaner import Cleaner
from newsclean.errors import MissingExtra
from newsclean.model import FIELD_NAMES, Article
from newsclean.settings import Settings

if TYPE_CHECKING:
    from newsclean.duplicates import Index


def _scrapy(name: str) -> Any:
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        raise MissingExtra("the Scrapy pipeline needs Scrapy: pip install scrapy") from error


class NewsCleanPipeline:
    """Cleans `text_field` of every item and adds a field `newsclean` with edits, flags, metadata and `copy_of`.

    `copy_of` lists the ids of articles in the index that the item is a copy of. An item without text passes through.
    """

    def __init__(
        self,
        *,
        text_field: str = "text",
        settings: Settings | Mapping[str, Any] | None = None,
        index: str = "",
        drop_duplicates: bool = False,
    ) -> None:
        self.text_field = text_field
        self.cleaner = Cleaner(settings)
        self.index_path = index
        self.drop_duplicates = drop_duplicates
        self._index: Index | None = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> NewsCleanPipeline:
        """Reads NEWSCLEAN_TEXT_FIELD, _SETTINGS, _INDEX and _DROP_DUPLICATES."""
        given = crawler.settings
        return cls(
            text_field=given.get("NEWSCLEAN_TEXT_FIELD", "text"),
            settings=given.getdict("NEWSCLEAN_SETTINGS"),
            index=given.get("NEWSCLEAN_INDEX", ""),
            drop_duplicates=given.getbool("NEWSCLEAN_DROP_DUPLICATES"),
        )

    def open_spider(self, spider: Any = None) -> None:
        """Opens the index."""
        if self.index_path:
            from newsclean.duplicates import Index

            self._index = Index.open(self.index_path)

    def close_spider(self, spider: Any = None) -> None:
        """Closes the index; what was added stays."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def process_item(self, item: Any, spider: Any = None) -> Any:
        """The item, cleaned and annotated. Raises DropItem for a copy if copies are to be dropped."""
        fields = _scrapy("itemadapter").ItemAdapter(item)
        text = fields.get(self.text_field)
        if not isinstance(text, str):
            return item
        known = {name: str(value) for name in FIELDS if (value := _known(fields, name)) is not None}
        article = Article.of({**known, "id": known.get("id") or known.get("url", ""), "text": text})
        result = self.cleaner.clean(article)
        copies = self._copies(article, result.text)
        if copies and self.drop_duplicates:
            raise _scrapy("scrapy.exceptions").DropItem(f"copy of {copies[0]}")
        said = result.to_dict()
        fields[self.text_field] = result.text
        fields["newsclean"] = {key: said[key] for key in ("edits", "flags", "metadata")} | {"copy_of": copies}
        return item

    def _copies(self, article: Article, cleaned: str) -> list[str]:
        """The ids in the index that the article is a copy of; then it is in the index, too."""
        if self._index is None:
            return []
        (matches,) = self._index.add([replace(article, text=cleaned)])
        ids = (match.b if match.a == article.id else match.a for match in matches if match.relation in JOINING)
        return list(ids)


JOINING = ("exact", "copy", "updated", "excerpt")  # the others link two pieces and make neither a copy
FIELDS = ("id", "title", "source", "language", "published", "url")


def _known(fields: Any, name: str) -> Any:
    return next((fields.get(known) for known in FIELD_NAMES[name] if fields.get(known) is not None), None)
