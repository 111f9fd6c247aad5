"""Columns in, columns out: cleaning for Hugging Face datasets, pandas, polars and Arrow, with no import of any of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from newsclean.cleaner import Cleaner
from newsclean.model import FIELD_NAMES, Article
from newsclean.settings import Settings


def map_batch(
    batch: Mapping[str, Sequence[Any]],
    *,
    text_field: str = "text",
    settings: Settings | Mapping[str, Any] | None = None,
) -> dict[str, list[Any]]:
    """A batch of columns with the text cleaned, and a column `newsclean` that says what was done.

    `batch` maps column names to equally long lists, as `datasets.Dataset.map(map_batch, batched=True)` passes it.
    Columns called `title, source, language` (or `lang`) are read where they are there; all come back as they went in.
    `newsclean` is a JSON text with `edits, flags, metadata, removed_chars`: one type for all rows, whatever they hold.
    A text that is None stays None.

    >>> map_batch({"text": ["The ferry sails at noon.", None]})["text"]
    ['The ferry sails at noon.', None]
    """
    texts = batch[text_field]
    columns = {
        name: next((batch[known] for known in FIELD_NAMES[name] if known in batch), None)
        for name in ("title", "source", "language")
    }
    articles, places = [], []
    for at, text in enumerate(texts):
        if text is not None:
            known = {name: str(values[at]) for name, values in columns.items() if values is not None and values[at]}
            articles.append(Article.of({"text": text, **known}))
            places.append(at)
    cleaned: list[Any] = [None] * len(texts)
    told: list[Any] = [None] * len(texts)
    for at, result in zip(places, Cleaner(settings).clean_batch(articles), strict=True):
        cleaned[at] = result.text
        said = result.to_dict()
        record = {key: said[key] for key in ("edits", "flags", "metadata")} | {"removed_chars": result.removed_chars}
        told[at] = json.dumps(record, ensure_ascii=False)
    return {**{name: list(values) for name, values in batch.items()}, text_field: cleaned, "newsclean": told}
