"""The third stage of a run: which of the cleaned articles are copies; and `find_duplicates`, the same without a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from newsclean.model import Article, CleanResult, Cluster, Match
from newsclean.pipeline_files import Placed, own_id
from newsclean.pipeline_job import Job
from newsclean.settings import Settings

if TYPE_CHECKING:
    from newsclean.duplicates import DuplicateReport, Index, Piece

# Articles given to the search for copies between two steps of the progress bar.
FIND_AT_ONCE = 2048

# Relations that make two articles one piece, nearest first; the others link.
ONE_PIECE = ("exact", "copy", "updated", "excerpt")


def piece_of(row: Mapping[str, Any]) -> Piece:
    """A cleaned article as copies are looked for among them."""
    from newsclean.duplicates import Piece

    agency = row["metadata"].get("agency") or ()
    return Piece(
        row["id"],
        row.get("compared", row["text"]),
        row["source"],
        row["published"],
        row["title"],
        row["url"],
        row["metadata"].get("language") or row["language"],
        (agency,) if isinstance(agency, str) else tuple(agency),
        len(row["edits"]) + len(row["flags"]),
    )


def find_duplicates(
    articles: Iterable[str | Article | Mapping[str, Any]],
    *,
    clean: bool = True,
    settings: Settings | Mapping[str, Any] | None = None,
    index: Index | None = None,
    workers: int | None = 1,
) -> DuplicateReport:
    """Which of the articles are copies of which, which contain which, and why; the title is not compared.

    The articles are cleaned first unless `clean` is False, because shared leftovers make strangers look alike. One
    that brings no id gets its place: "0", "1", … With an `index` they are compared with what is in it, not with each
    other. An id comes back as it went in, but 7 and "7" are one. Raises BadRecord if an id comes a second time.
    """
    from newsclean.cleaner import Cleaner
    from newsclean.duplicates import Finder, Piece

    settings = Settings.of(settings)
    if isinstance(articles, str | Article | Mapping):
        articles = [articles]
    given = (Article.of(article, id=str(number)) for number, article in enumerate(articles))
    named = (replace(article, id=article.id or str(number)) for number, article in enumerate(given))
    if clean:
        results = Cleaner(settings).pipe(named, workers=workers)
    else:
        results = (CleanResult(article, article.text) for article in named)

    own_ids: dict[str, Any] = {}

    def pieces() -> Iterator[Piece]:
        for result in results:
            article, agency = result.article, result.metadata.get("agency") or ()
            if article.given_id != article.id:
                own_ids[article.id] = article.given_id
            yield Piece(
                article.id,
                result.text,
                article.source,
                article.published,
                article.title,
                article.url,
                result.metadata.get("language") or article.language,
                tuple(agency),
                len(result.edits) + len(result.flags),
            )

    report = Finder(settings).add(pieces()).report() if index is None else against(pieces(), index)
    return report.with_ids(own_ids) if own_ids else report


def against(pieces: Iterable[Piece], index: Index) -> DuplicateReport:
    """Articles compared with an existing collection only; the nearest match that is one piece stands for each.

    One whose id is in the index already stands for itself: it is what others are copies of, and never dropped.
    """
    from newsclean.duplicates import DuplicateReport

    matches: dict[tuple[str, str], Match] = {}
    groups: dict[str, list[str]] = {}
    relations: dict[str, str] = {}
    alone: list[str] = []
    waiting = iter(pieces)
    while batch := list(islice(waiting, FIND_AT_ONCE)):
        for piece, found in zip(batch, index.query(batch), strict=True):
            for match in found:  # two that are both in the index are met from either side
                matches.setdefault((min(match.a, match.b), max(match.a, match.b)), match)
            if piece.id in index:
                groups.setdefault(piece.id, [])
                continue
            one_piece = [match for match in found if match.relation in ONE_PIECE]
            best = min(one_piece, key=lambda match: ONE_PIECE.index(match.relation), default=None)
            if best is None:
                alone.append(piece.id)
                continue
            known = best.b if best.a == piece.id else best.a
            groups.setdefault(known, []).append(piece.id)
            relations[piece.id] = best.relation
    clusters = [
        Cluster(known, known, tuple(sorted({known, *members})), "was in the index before", 0, len(members))
        for known, members in groups.items()
    ]
    clusters += [Cluster(one, one, (one,), "no copy was found in the index") for one in alone]
    told = sorted(matches.values(), key=lambda match: (match.a, match.b))
    return DuplicateReport(tuple(told), tuple(sorted(clusters, key=lambda one: one.id)), (), relations)


def find(job: Job, rows: Iterable[Mapping[str, Any]], notes: list[str]) -> Placed:
    """Where each article of the rows stands; what a person should know about the search goes to `notes`."""
    if not job.copies:
        return Placed()
    from newsclean.duplicates import Finder, Index

    own: dict[str, Any] = {}
    articles = 0

    def cleaned() -> Iterator[Piece]:
        nonlocal articles
        for row in rows:
            if "failure" not in row:
                articles += 1
                piece = piece_of(row)
                if not isinstance(own_id(row), str):
                    own[piece.id] = own_id(row)
                yield piece

    pieces = cleaned()
    if job.against:
        with Index.open(job.against, job.settings, mode="read") as index:
            report = against(pieces, index)
        return Placed(report.clusters, report.matches, report.relations, own, articles, len(report.relations))
    finder = Finder(job.settings)
    while batch := list(islice(pieces, FIND_AT_ONCE)):
        finder.add(batch)
        job.progress("finding copies", len(finder), 0)
    report = finder.report()
    notes += report.notes
    dropped = articles - len(report.clusters)
    return Placed(report.clusters, report.matches, report.relations, own, articles, dropped)
