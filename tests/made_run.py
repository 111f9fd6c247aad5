"""Makes the output folder of a run without a run: invented articles, real records, any size, the same every time."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from newsclean import edits
from newsclean.model import Article, CleanResult, Edit, Flag, Pass

TOWNS = "Eastmere Northbrook Halden Carrow Little-Ashby Westhaven Pellworth Sundry Marrick Oakfen".split()
OUTLETS = ["eastmere-post.example", "carrow-times.example", "halden-daily.example", "northbrook-news.example", ""]
SUBJECTS = "bridge school harbour library tram market hospital reservoir theatre station".split()
SENTENCES = [
    "The {subject} in {town} will reopen on Monday after eleven weeks of repairs, the council said.",
    "Engineers tested the {subject} twice and found no further damage, according to a report published on Thursday.",
    "“We have waited a long time for this,” said Ada Brandt, who runs a shop across the road in {town}.",
    "The work cost {number} million, a third more than planned, and the opposition has asked for an inquiry.",
    "Residents of {town} were told in March that the {subject} would close for a fortnight at most.",
    "A spokesman for the region said that {number} other sites would be inspected before the winter.",
]
FURNITURE = [
    ("en.leave_comment", "comments", "Leave a Comment", "Invites a comment; carries no news."),
    ("en.share_bar", "share", "Share this: Facebook Twitter WhatsApp Email", "A bar of share buttons."),
    ("en.newsletter_signup", "newsletter", "Sign up to our daily newsletter", "Asks the reader to subscribe."),
    ("en.related_heading", "related", "Related Articles", "Heads a list of links to other articles."),
    ("any.copyright", "copyright", "© 2026 Eastmere Post. All rights reserved.", "A copyright notice."),
]
DAMAGE = [
    ("mojibake", "encoding", "â€™", "’", "UTF-8 read as cp1252"),
    ("doubled_stop", "punctuation", ". .", ".", "two stops in a row"),
    ("soft_hyphen", "layout", "\u00ad", "", "a soft hyphen left over from hyphenation"),
]


def story(number: int) -> tuple[str, list[str]]:
    """Title and paragraphs of the invented story with this number."""
    draw = random.Random(number)
    town, subject = draw.choice(TOWNS), draw.choice(SUBJECTS)
    sentences = draw.sample(SENTENCES, 5) + draw.choices(SENTENCES, k=draw.randrange(6))
    told = [text.format(town=town, subject=subject, number=draw.randrange(2, 90)) for text in sentences]
    return f"{town} {subject} to reopen", told


def result(number: int, *, copy_of: int | None = None) -> CleanResult:
    """One article with the record that turns its damaged, furnished text into its story."""
    draw = random.Random(f"article {number}")
    title, paragraphs = story(number if copy_of is None else copy_of)
    if copy_of is not None:
        at = draw.randrange(len(paragraphs))
        paragraphs[at] = paragraphs[at].replace("said", "told reporters").replace("Monday", "Tuesday")
    clean = f"{title}\n\n" + "\n\n".join(paragraphs)
    encoding: list[Edit] = []
    text = clean
    if draw.random() < 0.6:  # damage one place, then record the repair
        rule, family, broken, right, why = draw.choice(DAMAGE)
        at = text.find(right, len(title) + 2) if right else len(title) + 9
        if at > 0:
            text = text[:at] + broken + text[at + len(right) :]
            encoding.append(Edit(at, broken, right, rule, why, 0.99, family))
    repaired = edits.apply(text, encoding)
    lines: list[Edit] = []
    for rule, family, line, why in draw.sample(FURNITURE, draw.choice([0, 1, 1, 2, 3])):
        gone = f"\n\n{line}"
        lines.append(Edit(len(repaired), gone, "", rule, why, 1.0, family))
        repaired += gone
        text += gone
    passes = tuple(Pass(name, tuple(of)) for name, of in (("encoding", encoding), ("lines", lines)) if of)
    flags = ()
    if draw.random() < 0.2:
        at = len(title) + 2
        flags = (
            Flag("odd_wording", at, at + 12, "x_or_x", "the same noun on both sides of “or”", 0.7, paragraphs[0][4:12]),
        )
    day, hour = 1 + (number if copy_of is None else copy_of) % 27, draw.randrange(24)
    article = Article(
        f"a/{number:06}.txt",
        text,
        title,
        "en",
        draw.choice(OUTLETS),
        f"2026-10-{day:02}T{hour:02}:00:00Z",
        f"https://{OUTLETS[0]}/{number}",
    )
    metadata = {"language": "en", "author": ["Ada Brandt"] if number % 3 == 0 else []}
    return CleanResult(article, clean, passes, edits.in_input(passes), flags, metadata)


def write(folder: Path, count: int = 24, *, group_every: int = 4, group_size: int = 3) -> Path:
    """A run of `count` articles; every `group_every`-th story has copies."""
    results: list[CleanResult] = []
    groups: list[tuple[str, list[str]]] = []
    while len(results) < count:
        number = len(results)
        results.append(result(number))
        if number % group_every == 0:
            copies = [result(number + at, copy_of=number) for at in range(1, group_size)][: count - len(results)]
            results += copies
            if copies:
                groups.append((results[number].article.id, [one.article.id for one in (results[number], *copies)]))
    return write_results(folder, results, groups)


def write_results(
    folder: Path, results: Sequence[CleanResult], groups: Sequence[tuple[str, Sequence[str]]] = ()
) -> Path:
    """The files of a run with these results and groups (canonical, members)."""
    folder.mkdir(parents=True, exist_ok=True)
    of: dict[str, tuple[str, str]] = {}
    clusters, matches = [], []
    sources = {one.article.id: one.article for one in results}
    for number, (canonical, members) in enumerate(groups, 1):
        dates = sorted(sources[member].published for member in members)
        clusters.append(
            {
                "cluster": f"c{number:05}",
                "canonical": canonical,
                "reason": "published first",
                "members": sorted(members),
                "unique_sources": len({sources[member].source for member in members}),
                "reprints": len(members) - 1,
                "earliest": dates[0],
                "latest": dates[-1],
            }
        )
        for member in members:
            of[member] = (f"c{number:05}", canonical)
            if member != canonical:
                scores = {"jaccard": 0.82, "containment_a": 0.9, "containment_b": 0.88}
                matches.append(
                    {"a": canonical, "b": member, "relation": "copy", **scores, "reason": "one paragraph reworded"}
                )
    rows, records = [], []
    for one in results:
        cluster, canonical = of.get(one.article.id, (f"s-{one.article.id}", one.article.id))
        rows.append(
            {
                "id": one.article.id,
                "title": one.article.title,
                "source": one.article.source,
                "published": one.article.published,
                "url": one.article.url,
                "text": one.text,
                "cluster": cluster,
                "canonical": canonical,
                "is_canonical": canonical == one.article.id,
                "relation": None if canonical == one.article.id else "copy",
                "removed_chars": one.removed_chars,
                "edits": len(one.edits),
                "flags": len(one.flags),
                "metadata": dict(one.metadata),
            }
        )
        if one.edits or one.flags:
            records.append(
                {"id": one.article.id, "edits": [edit.to_dict() for edit in one.edits], "flags": one.flag_dicts()}
            )
    failures = [{"where": "inbox/broken.txt", "why": "not UTF-8 (byte 0xff); try --encoding cp1252"}]
    write_rows(folder / "articles.jsonl", rows)
    write_rows(folder / "edits.jsonl", records)
    write_rows(folder / "clusters.jsonl", clusters)
    write_rows(folder / "matches.jsonl", matches)
    write_rows(folder / "failures.jsonl", failures)
    slowest = [{"id": one.article.id, "seconds": 0.25} for one in results[:1]]
    (folder / "summary.json").write_text(
        json.dumps({"articles": len(rows), "version": "0", "slowest": slowest}), "utf-8"
    )
    return folder


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")
