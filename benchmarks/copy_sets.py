"""The sets with known copies (n1, n2, n2hard): their articles, cleaned, and the pairs of them that a search compares.

What dedup.py, stories.py, fit_copies.py and fit_related.py have in common; it does nothing by itself.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import lzma
import os
import sys
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from newsclean import duplicates, gist
from newsclean.anchors import Sketch
from newsclean.arrays import UInt32
from newsclean.duplicate_related import TOPICS, topic_keys
from newsclean.index_meetings import Keys, meetings
from newsclean.settings import CopySettings

# Recipes of n2hard that no one can find: a new first sentence over another text, six tenths of it deleted.
UNSCORED = ("lede", "d60")

Article = tuple[str, str]  # id, text
Name = TypeVar("Name", bound=Hashable)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """What all of these commands are asked for."""
    made = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    made.add_argument("--data", default=os.environ.get("NEWSCLEAN_BENCH", "../shared/bench"))
    made.add_argument("--keep", type=Path, help="folder for the cleaned texts, to be used again")
    return made


def folder(told: argparse.Namespace) -> Path:
    """Where the sets lie; without them, the command ends here."""
    data = Path(told.data) / "dedup"
    if not data.is_dir():
        sys.exit(f"{data} is not there; name the folder of the benchmark sets with --data or NEWSCLEAN_BENCH")
    return data


def scorer(data: Path) -> ModuleType:
    """The scorer that lies beside the sets."""
    spec = importlib.util.spec_from_file_location("score_dedup", data / "score_dedup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def documents(data: Path, name: str) -> list[dict[str, Any]]:
    """Every article of a set with all that is told of it."""
    if name == "n1":
        with lzma.open(data / "n1_dev_docs.jsonl.xz", "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    with gzip.open(data / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def texts(data: Path, name: str) -> list[Article]:
    """(id, text) of every article of a set."""
    return [(row["id"], row["text"]) for row in documents(data, name)]


def cleaned(articles: list[Article], keep: Path | None, name: str) -> list[Article]:
    """The same, cleaned; kept in a file of this folder, because cleaning takes longer than all the rest."""
    kept = keep / f"{name}.json" if keep else None
    if kept and kept.is_file():
        return [(id_, text) for id_, text in json.loads(kept.read_text("utf-8"))]
    from newsclean import Cleaner

    given = ({"id": id_, "text": text, "language": "en"} for id_, text in articles)
    done = [(result.article.id, result.text) for result in Cleaner().pipe(given)]
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(done), "utf-8")
    return done


@dataclass
class Searched:
    """What a search among some articles knows of them, by number, and the pairs that it compares (a < b), sorted."""

    sketches: list[Sketch]
    gists: list[UInt32]  # of a search with `related`; empty without
    pairs: list[tuple[int, int]]


def searched(articles: list[Article], *, related: bool = False) -> Searched:
    """The search that `Finder` makes, up to the comparing."""
    held, found = Keys(), Searched([], [], [])
    for start in range(0, len(articles), duplicates.BATCH):
        some = [duplicates.Piece(id_, text, language="en") for id_, text in articles[start : start + duplicates.BATCH]]
        entries = list(duplicates.entries(some, CopySettings()))
        found.sketches += [Sketch.read(entry.sketch) for entry in entries]
        keys = [entry.keys for entry in entries]
        if related:
            made = gist.gist_batch([one.text for one in some], [one.language for one in some])
            found.gists += [gist.read(one) for one in made]
            keys = [np.concatenate(both) for both in zip(keys, topic_keys(found.gists[start:]), strict=True)]
        held.add(keys)
    views = (duplicates.BANDS, duplicates.ANCHORS, *([TOPICS] if related else []))
    ranks = np.argsort(np.argsort([id_ for id_, _ in articles]))
    number = np.argsort(ranks)
    met = set[tuple[int, int]]()
    for some_met in meetings(held, ranks, views, most=duplicates.MOST):
        a, b = number[some_met.numbers], number[some_met.rows]
        met.update(zip(np.minimum(a, b).tolist(), np.maximum(a, b).tolist(), strict=True))
    found.pairs = sorted(met)
    return found


def logistic(rows: Any, answers: Any, weights: Any = None, *, smooth: float = 1.0) -> tuple[Any, float]:
    """Slopes and intercept of a logistic regression on figures brought to one scale; `smooth` is scikit-learn's C."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(rows, sample_weight=weights)
    model = LogisticRegression(max_iter=3000, C=smooth).fit(scale.transform(rows), answers, weights)
    slopes = model.coef_[0] / scale.scale_
    return slopes, float(model.intercept_[0] - (slopes * scale.mean_).sum())


def joined(names: Iterable[Name], pairs: Iterable[tuple[Name, Name]]) -> dict[Name, Name]:
    """For each name one that stands for all that a chain of pairs joins it to."""
    parent = {name: name for name in names}

    def root(one: Name) -> Name:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for a, b in pairs:
        parent[root(b)] = root(a)
    return {name: root(name) for name in parent}
