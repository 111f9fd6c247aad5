"""Cleaned articles → which are copies of which, which contain which, which stands for the rest, and why.

`Finder` takes cleaned texts batch by batch and keeps their sketches, not the texts; `report()` compares and groups. The
order in which articles came does not matter. `find` is both in one call; `Index` is a collection that grows from day to
day. Cleaning comes before all of them: newsclean.find_duplicates does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from newsclean import anchors, gist, signature
from newsclean.arrays import Int64
from newsclean.duplicate_groups import DuplicateReport, Groups
from newsclean.duplicate_related import TOPICS, topic_keys
from newsclean.duplicate_store import Collection, Few, Piece, Policy, Ranked
from newsclean.errors import BadRecord
from newsclean.index import Entry, IndexFile, Mode
from newsclean.index_buckets import View
from newsclean.index_meetings import Keys, meetings
from newsclean.model import Article, Match
from newsclean.settings import CopySettings, Settings

__all__ = ["DuplicateReport", "Finder", "Index", "Piece", "Policy", "find"]

# Who is compared with whom: the buckets of both views. Of a bucket, the first few members are looked at, so that a wire
# story run by 5,000 outlets costs each of them as much as any other.
BANDS = View(0, "bands", bucket=4, shared=1)
ANCHORS = View(1, "anchors", bucket=12, shared=2)
# Articles that one article is held against at most.
MOST = 40
# Articles read, signed and sketched at once.
BATCH = 256
# New articles held against an index at once.
_LOOKED_UP = 4096

Given = str | Article | Mapping[str, Any] | Piece


def piece(given: Given, *, id: str = "") -> Piece:  # noqa: A002 -- what it is called everywhere
    """A cleaned article as copies are looked for among them, from whatever stands for it."""
    if isinstance(given, Piece):
        return given
    article = Article.of(given, id=id)
    agency = article.extra.get("agency", ())
    return Piece(
        article.id,
        article.text,
        article.source,
        article.published,
        article.title,
        article.url,
        article.language,
        (agency,) if isinstance(agency, str) else tuple(agency),
        int(article.extra.get("edits", 0) or 0) + int(article.extra.get("flags", 0) or 0),
    )


def recipe(settings: CopySettings) -> str:
    """Everything that goes into signatures, sketches and keys; an index of another recipe is refused."""
    bands, rows = signature.bands_for(settings)
    return f"{signature.recipe(settings)} bands-{bands}x{rows} {anchors.recipe()}"


def entries(pieces: Sequence[Piece], settings: CopySettings) -> Iterator[Entry]:
    """What is kept of each article: signature, sketch and keys, no text."""
    texts = [one.text for one in pieces]
    sketches, anchor_keys = anchors.sketch_batch(texts, [one.language for one in pieces])
    signed = signature.sign_batch(texts, settings)
    bands = signature.band_keys(signed, *signature.bands_for(settings))
    empty = signature.is_empty(signed)
    for at, one in enumerate(pieces):
        keys = [ANCHORS.keys(anchor_keys[at])]
        if not empty[at]:
            keys.append(BANDS.keys(bands[at]))
        yield Entry(
            id=one.id,
            keys=np.concatenate(keys),
            signature=signed[at].astype("<u4").tobytes(),
            sketch=sketches[at],
            source=one.source,
            published=one.published,
            title=one.title,
            url=one.url,
            language=one.language,
            agency="\n".join(one.agency),
            characters=len(one.text),
            words=anchors.Sketch.read(sketches[at]).length,
            quality=one.quality,
        )


def _batches(given: Given | Iterable[Given], own_ids: dict[str, Any] | None = None) -> Iterator[list[Piece]]:
    """Articles as pieces; `own_ids` takes up the ids that are no texts, by the text that stands for them."""
    # A mapping and a str can be walked through as well; nobody means its keys and letters as articles.
    source = iter([given] if isinstance(given, str | Article | Mapping | Piece) else given)
    while some := list(islice(source, BATCH)):
        articles = [Article.of(one) if isinstance(one, Mapping) else one for one in some]
        if own_ids is not None:
            brought = (one for one in articles if isinstance(one, Article) and one.given_id != one.id)
            own_ids.update((one.id, one.given_id) for one in brought)
        yield [piece(one) for one in articles]


def _kept(entry: Entry) -> Piece:
    """What an entry says of its article."""
    agency = tuple(entry.agency.split("\n")) if entry.agency else ()
    return Piece(
        entry.id, "", entry.source, entry.published, entry.title, entry.url, entry.language, agency, entry.quality,
        entry.characters,
    )  # fmt: skip


class Finder:
    """Takes cleaned articles in, tells which are copies of which.

    In memory stays about half a kilobyte of an article and what the report says of it. Its keys and its sketch (4 KB)
    wait in temporary files; the environment variable TMPDIR says where.

    With an `index`, the articles are also held against those in it; what matches there joins the clusters. The index is
    not changed. `canonical` is a rule of your own for which article stands for its copies.
    """

    def __init__(
        self,
        settings: Settings | Mapping[str, Any] | None = None,
        index: Index | None = None,
        *,
        canonical: Policy | None = None,
    ) -> None:
        self.settings = Settings.of(settings)
        self.index = index
        self.policy = canonical
        self.candidates = 0  # pairs compared by the last report
        self._articles = Collection()
        self._keys = Keys()
        self._own_ids: dict[str, Any] = {}
        self._groups(self._articles)  # a setting that cannot be used is told before the work, not after

    def __len__(self) -> int:
        return len(self._articles)

    def add(self, articles: Iterable[Given]) -> Self:
        """Take articles in. Raises BadRecord if an id comes a second time."""
        for batch in _batches(articles, self._own_ids):
            ids = set[str]()
            for one in batch:
                if one.id in self._articles.ids or one.id in ids:
                    raise BadRecord(one.id, "a second article with this id; ids must differ to tell copies apart")
                ids.add(one.id)
            new = list(entries(batch, self.settings.copies))
            keys = [entry.keys for entry in new]
            gists: list[bytes] = []
            if self.settings.copies.related:
                gists = gist.gist_batch([one.text for one in batch], [one.language for one in batch])
                topics = topic_keys([gist.read(one) for one in gists])
                keys = [np.concatenate(both) for both in zip(keys, topics, strict=True)]
            self._keys.add(keys)
            self._articles.add(batch, [entry.sketch for entry in new], gists)
        return self

    def report(self) -> DuplicateReport:
        """Compare and group everything that was taken in."""
        known, firsts, seconds = self._met_in_index()
        groups = self._groups(self._articles, known)
        ranks = groups.articles.ranks()
        # Articles go into the buckets by id, so arrival does not matter; those of the index are not among them.
        own = np.sort(ranks[: len(self)])
        for met in meetings(self._keys, own.searchsorted(ranks[: len(self)]), (BANDS, ANCHORS, TOPICS), most=MOST):
            groups.look(own[met.numbers], own[met.rows])
        one, other = ranks[firsts], ranks[seconds]
        groups.look(np.minimum(one, other), np.maximum(one, other))
        self.candidates = groups.candidates
        report = groups.report(self.settings.copies.threshold)
        return report.with_ids(self._own_ids) if self._own_ids else report

    def _groups(self, *collections: Collection) -> Groups:
        return Groups(Ranked(*collections), self.settings.copies, self.policy)

    def _met_in_index(self) -> tuple[Collection, Int64, Int64]:
        """Articles of the index that may be copies of new ones, and the pairs; their numbers follow the new ones'."""
        known = Collection()
        pairs: list[tuple[int, int]] = []
        if self.index is not None:
            new = self._articles.ids
            ids, numbers = list(new), dict[str, int]()
            for start in range(0, len(self), _LOOKED_UP):
                some = range(start, min(start + _LOOKED_UP, len(self)))
                keys = self._keys.of(some.start, some.stop)
                asked = [Entry(id=ids[number], keys=own) for number, own in zip(some, keys, strict=True)]
                found = self.index.file.query(asked)
                wanted = {one for met in found for one in met if one not in numbers and one not in new}
                for id_, entry in sorted(self.index.file.get(sorted(wanted)).items()):
                    numbers[id_] = len(self) + len(known)
                    known.add([_kept(entry)], [entry.sketch])
                for number, met in zip(some, found, strict=True):
                    pairs += [(number, numbers[one]) for one in met if one in numbers]
        firsts, seconds = np.array(pairs, np.int64).reshape(-1, 2).T
        return known, firsts, seconds


def find(
    articles: Iterable[Given],
    settings: Settings | Mapping[str, Any] | None = None,
    index: Index | None = None,
    *,
    canonical: Policy | None = None,
) -> DuplicateReport:
    """Which of these cleaned articles are copies of which.

    >>> story = "The harbour ferry Aldwina ran aground off Brenholm at dawn with forty passengers, the coast guard said."
    >>> report = find([{"id": "a", "text": story}, {"id": "b", "text": story.upper()}])
    >>> [(match.a, match.b, match.relation) for match in report.matches]
    [('a', 'b', 'exact')]
    """
    return Finder(settings, index, canonical=canonical).add(articles).report()


class Index:
    """A collection of articles in one SQLite file that tells of each new article which older ones it is a copy of.

    It takes cleaned texts, and keeps of each article its signature, its sketch (at most 4 KB) and where it came from.
    """

    def __init__(self, file: IndexFile, settings: Settings) -> None:
        self.file = file
        self.settings = settings

    @classmethod
    def open(
        cls, path: str | Path, settings: Settings | Mapping[str, Any] | None = None, *, mode: Mode = "write"
    ) -> Index:
        """The index at `path`; mode "write" makes it if it is not there, "read" lets others write meanwhile.

        Raises RecipeMismatch if its articles were signed in another way, IndexFileError if it cannot be used.
        """
        read = Settings.of(settings)
        file = IndexFile.open(path, recipe=recipe(read.copies), views=(BANDS, ANCHORS), most=MOST, mode=mode)
        return cls(file, read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def __len__(self) -> int:
        return len(self.file)

    def __contains__(self, id: object) -> bool:  # noqa: A002 -- what it is called everywhere
        return id in self.file

    def __iter__(self) -> Iterator[str]:
        return iter(self.file)

    def add(self, articles: Given | Iterable[Given]) -> list[list[Match]]:
        """Take articles in; for each, its matches among those before it. An id that is there is replaced.

        Raises BadRecord if an article brings no id: the next one without would take its place.
        """
        found: list[list[Match]] = []
        for batch in _batches(articles):
            if not all(one.id for one in batch):
                raise BadRecord("article", "no `id`; an index knows its articles by their ids")
            new = list(entries(batch, self.settings.copies))
            found += self._verified(new, self.file.add(new), taken_in=True)
        return found

    def query(self, articles: Given | Iterable[Given]) -> list[list[Match]]:
        """For each article its matches in the index; nothing is taken in."""
        found: list[list[Match]] = []
        for batch in _batches(articles):
            new = list(entries(batch, self.settings.copies))
            found += self._verified(new, self.file.query(new), taken_in=False)
        return found

    def remove(self, ids: str | int | Iterable[str | int]) -> int:
        """Take articles out; how many were there."""
        return self.file.remove(map(str, [ids] if isinstance(ids, str | int) else ids))

    def expire(self, *, before: str | date) -> int:
        """Take out what was published before a date; how many. What has no readable date stays."""
        return self.file.expire(before=before)

    def compact(self) -> None:
        """Give back the space of removed articles."""
        self.file.compact()

    def info(self) -> dict[str, Any]:
        """What the file holds, for people: counts, dates, size and recipe."""
        return self.file.info()

    def _verified(
        self, new: Sequence[Entry], candidates: Sequence[Sequence[str]], *, taken_in: bool
    ) -> list[list[Match]]:
        """Candidates that are something, surest first."""
        # An id may come twice in a batch, and stand in the index under another text: each is held against those that
        # were in the index when it came.
        known = {entry.id: entry for entry in reversed(new)} if taken_in else {}
        wanted = sorted({id_ for ids in candidates for id_ in ids if id_ not in known})
        known.update(self.file.get(wanted))
        found: list[list[Match]] = []
        copies_only = replace(self.settings.copies, related=False)
        for entry, ids in zip(new, candidates, strict=True):
            if taken_in:
                known[entry.id] = entry
            near = sorted({entry.id, *(id_ for id_ in ids if id_ in known)})
            pool = [entry if id_ == entry.id else known[id_] for id_ in near]
            at = near.index(entry.id)
            few = Few([_kept(one) for one in pool], [anchors.Sketch.read(one.sketch) for one in pool])
            groups = Groups(few, copies_only)
            others = np.array([other for other in range(len(pool)) if other != at], np.int64)
            groups.look(np.minimum(others, at), np.maximum(others, at))
            found.append(groups.matches_of(at, self.settings.copies.threshold))
        return found
