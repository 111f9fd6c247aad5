"""The run for people: one self-contained report.html, made from the files that a run wrote and nothing else.

Everything is read as a stream, once for counting and choosing; then the few articles that were chosen are looked up by
their place in the file. Numbers count every article. What is shown in full is a sample, and the page says so.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO

from newsclean import edits, formats, report_charts, report_text
from newsclean.errors import NewscleanError, RecordMismatch
from newsclean.model import FIELD_NAMES, Pass
from newsclean.report_sample import Draw, Top, Wordings

# What is shown in full. With the budgets below, a run of any size gives a page under 5 MB: 100,000 articles of the
# development sets give 2 to 3 MB.
ALL_SHOWN = 150  # up to so many articles, every one is shown
DRAWN, DRAWN_FLAGGED, MOST_CHANGED, MOST_REMOVED = 100, 30, 12, 8
RULES_SHOWN, WORDINGS_PER_RULE = 150, 8
LARGEST_GROUPS, DRAWN_GROUPS, GROUPS_ON_TIMELINE, MEMBERS_SHOWN, DIFFERENCES_PER_GROUP = 30, 30, 10, 30, 2
EDITS_LISTED, FAILURES_LISTED, SOURCES_LISTED = 80, 100, 25
ARTICLE_BUDGET, GROUP_BUDGET = 2_000_000, 900_000  # characters of articles shown
CONTEXT = 60  # characters on each side of a sample

LEARNED = "learned.score"  # no rule of the rulebook: it has a switch of its own

RELATIONS: Mapping[str, str] = {
    "exact": "the same text after cleaning",
    "copy": "syndicated or lightly edited",
    "updated": "a later version of the same piece",
    "excerpt": "a cut version of one piece",
    "roundup": "contains several others; linked, not joined",
    "related": "independent coverage of the same event; linked, not joined",
}


@dataclass(slots=True)
class _Rule:
    """What one rule did in the whole run."""

    family: str = ""
    repair: bool = False
    reasons: set[str] = field(default_factory=set)  # no more than two
    count: int = 0
    articles: int = 0
    removed: int = 0
    certainty: float = 1.0
    wordings: Wordings[tuple[_Spot, int]] = field(default_factory=lambda: Wordings(WORDINGS_PER_RULE))


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an article lies: byte offsets in articles.jsonl and edits.jsonl (-1: it has no record)."""

    row: int
    record: int


@dataclass(slots=True)
class _Source:
    articles: int = 0
    chars: int = 0
    removed: int = 0


@dataclass(slots=True)
class _Counts:
    """Everything that one reading of the run counts, and the places of the articles it chose."""

    articles: int = 0
    chars_in: int = 0
    removed: int = 0
    changed: int = 0
    flagged: int = 0
    edits: int = 0
    repairs: int = 0
    lines_removed: int = 0
    families: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    folders: bool = False  # some sources are the names of folders
    languages: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    shares: list[int] = field(default_factory=lambda: [0] * len(report_charts.share_names()))
    sources: dict[str, _Source] = field(default_factory=lambda: defaultdict(_Source))
    rules: dict[str, _Rule] = field(default_factory=lambda: defaultdict(_Rule))
    drawn: Draw[_Spot] = field(default_factory=lambda: Draw(ALL_SHOWN))
    drawn_flagged: Draw[_Spot] = field(default_factory=lambda: Draw(DRAWN_FLAGGED))
    most_changed: Top[_Spot] = field(default_factory=lambda: Top(MOST_CHANGED))
    most_removed: Top[_Spot] = field(default_factory=lambda: Top(MOST_REMOVED))
    named: dict[str, _Spot] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Groups:
    """The groups of copies: their sizes, and those that are shown."""

    joined: int = 0
    articles: int = 0
    sizes: list[int] = field(default_factory=lambda: [0] * len(report_charts.size_names()))
    largest: Top[dict[str, Any]] = field(default_factory=lambda: Top(LARGEST_GROUPS))
    drawn: Draw[dict[str, Any]] = field(default_factory=lambda: Draw(DRAWN_GROUPS))
    shown: list[dict[str, Any]] = field(default_factory=list)


def write(out_dir: Path) -> Path:
    """Writes OUT/report.html from OUT/articles.jsonl and the files beside it; the path written.

    Raises NewscleanError if `out_dir` holds no run.
    """
    out_dir = Path(out_dir)
    if not (out_dir / "articles.jsonl").is_file():
        raise NewscleanError(f"{out_dir}: no articles.jsonl; make a run first: newsclean run INPUT -o {out_dir}")
    page = _render(_Run(out_dir).facts())
    handle, name = tempfile.mkstemp(dir=out_dir, prefix=".report-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
        Path(name).chmod(0o644)
        Path(name).replace(out_dir / "report.html")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return out_dir / "report.html"


class _Run:
    """One folder that a run wrote, read for its report."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        summary = folder / "summary.json"
        self.summary: dict[str, Any] = json.loads(summary.read_bytes()) if summary.is_file() else {}
        self.fields: dict[str, str] = dict(self.summary.get("fields") or {})

    def facts(self) -> dict[str, Any]:
        """What the template needs."""
        groups = self._read_groups()
        slowest = [(str(row["id"]), float(row["seconds"])) for row in self.summary.get("slowest", [])]
        wanted = {member for group in groups.shown for member in group["members"][:MEMBERS_SHOWN]}
        wanted |= {group["canonical"] for group in groups.shown} | {name for name, _ in slowest}
        dated = {member for group in groups.shown[:GROUPS_ON_TIMELINE] for member in group["members"]}
        counts = self._count(wanted, dated)
        with self._open("articles.jsonl") as rows, self._open("edits.jsonl") as records:
            lookup = _Lookup(self, rows, records)
            rules, rules_left_out = self._rules(counts, lookup)
            articles = self._articles(counts, lookup, slowest, {rule["id"]: rule["anchor"] for rule in rules})
            pairs, links, relations = self._read_matches(groups, {one["id"] for one in articles})
            shown_groups = self._groups(groups, counts, lookup, pairs)
        anchors = {one["id"]: one["anchor"] for one in articles}
        of_group = {group["id"]: group["anchor"] for group in shown_groups}
        for one in articles:
            one["group"] = of_group.get(one["cluster"], "")
            one["links"] = [{**link, "anchor": anchors.get(link["id"], "")} for link in links.get(one["id"], ())]
        for group in shown_groups:
            for member in group["members"]:
                member["anchor"] = anchors.get(member["id"], "")
        titles = {one["id"]: one["anchor"] for one in shown_groups}
        line = report_charts.timeline(
            [
                (titles.get(group["cluster"], ""), group["title"], self._dates(group, counts))
                for group in groups.shown[:GROUPS_ON_TIMELINE]
            ]
        )
        return {
            "run": self.summary,
            "counts": counts,
            "share_removed": counts.removed / counts.chars_in if counts.chars_in else 0.0,
            "groups_joined": groups.joined,
            "articles_in_groups": groups.articles,
            "families": report_charts.bars(counts.families),
            "repairs": report_charts.bars({r: rule.count for r, rule in counts.rules.items() if rule.repair}),
            "flags": report_charts.bars(counts.flags),
            "languages": report_charts.bars(counts.languages, 12),
            "relations": report_charts.bars(counts.relations),
            "links": report_charts.bars(relations),
            "relation_meaning": RELATIONS,
            "sources": self._sources(counts),
            "folders": counts.folders,
            "shares": report_charts.columns(report_charts.share_names(), counts.shares),
            "sizes": report_charts.columns(report_charts.size_names(), groups.sizes),
            "timeline": line,
            "rules": rules,
            "rules_left_out": rules_left_out,
            "articles": articles,
            "groups": shown_groups,
            "failures": self._failures(),
        }

    def _open(self, name: str) -> BinaryIO:
        path = self.folder / name
        return path.open("rb") if path.is_file() else tempfile.TemporaryFile()

    def known(self, row: Mapping[str, Any], name: str) -> str:
        """One of newsclean's fields, called as the user calls it."""
        told = self.fields.get(name)
        for spelling in (told,) if told else FIELD_NAMES[name]:
            # A field of the user's whose name newsclean writes, too, was moved aside.
            for place in (row, row.get("input") or {}):
                if isinstance(value := place.get(spelling), str | int | float):
                    return str(value)
        return ""

    def source(self, row: Mapping[str, Any]) -> str:
        """The source of an article; in a tree of text files that names none, the folder it lies in."""
        folder, slash, _ = str(row.get("id", "")).partition("/")
        return self.known(row, "source") or (folder if slash and row.get("file") else "")

    def headline(self, row: Mapping[str, Any]) -> str:
        """The title of an article, or the first line of its cleaned text."""
        title = self.known(row, "title")
        if not title:
            lines = (self.text_of(row) or "").lstrip().splitlines()
            title = report_text.shortened(lines[0], 140) if lines else ""
        return title

    def text_of(self, row: Mapping[str, Any]) -> str | None:
        """The cleaned text of one article: from its row, else from the file it names; None if neither has it."""
        name = row.get("file")
        if name is None:
            told = self.fields.get("text")
            texts = (row.get(spelling) for spelling in ((told, "text") if told else FIELD_NAMES["text"]))
            return next((text for text in texts if isinstance(text, str)), None)
        path = (self.folder / str(name)).resolve()
        # The row may come from anywhere; a name that climbs out of the folder names no article of this run.
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            return None
        with formats.open_bytes(str(path)) as file:
            return file.read().decode("utf-8", "replace")

    # — first reading: groups, then articles with their records —

    def _read_groups(self) -> _Groups:
        groups = _Groups()
        with self._open("clusters.jsonl") as file:
            for _, group in _rows(file):
                size = len(group.get("members", ()))
                if size < 2:
                    continue
                groups.joined += 1
                groups.articles += size
                groups.sizes[report_charts.size_bucket(size)] += 1
                name = str(group["cluster"])
                groups.largest.offer(size, name, group)
                groups.drawn.offer(name, group)
        shown = {str(group["cluster"]): group for group in (*groups.largest, *groups.drawn)}
        groups.shown = list(shown.values())
        return groups

    def _count(self, wanted: set[str], dated: set[str]) -> _Counts:
        """One reading of articles.jsonl and edits.jsonl side by side."""
        counts = _Counts()
        with self._open("articles.jsonl") as rows, self._open("edits.jsonl") as records:
            beside = _Beside(records)
            for at, row in _rows(rows):
                name = str(row.get("id", ""))
                record_at, record = -1, None
                if row.get("edits") or row.get("flags"):
                    record_at, record = beside.find(name)
                spot = _Spot(at, record_at)
                if name in wanted:
                    counts.named[name] = spot
                if name in dated:
                    counts.published[name] = self.known(row, "published")
                self._count_article(counts, name, row, spot, record)
        return counts

    def _count_article(
        self, counts: _Counts, name: str, row: Mapping[str, Any], spot: _Spot, record: Mapping[str, Any] | None
    ) -> None:
        removed = int(row.get("removed_chars", 0))
        chars = row.get("chars")
        if not isinstance(chars, int):
            chars = len(self.text_of(row) or "") + removed
        share = removed / chars if chars else 0.0
        counts.articles += 1
        counts.chars_in += chars
        counts.removed += removed
        counts.shares[report_charts.share_bucket(share)] += 1
        counts.languages[str((row.get("metadata") or {}).get("language") or "unknown")] += 1
        if row.get("relation"):
            counts.relations[str(row["relation"])] += 1
        source = counts.sources[self.source(row)]
        counts.folders |= bool(self.source(row) and not self.known(row, "source"))
        source.articles += 1
        source.chars += chars
        source.removed += removed
        counts.drawn.offer(name, spot)
        if record is None:
            return
        seen: set[str] = set()
        for number, edit in enumerate(record.get("edits", ())):
            gone = len(edit["before"]) - len(edit["after"])
            rule = counts.rules[edit["rule"]]
            rule.family = edit.get("family", "")
            rule.repair = not str(edit["pass"]).startswith("lines")
            # A learned score has a reason and a certainty for each find; a rule has one for all.
            if len(rule.reasons) < 2:
                rule.reasons.add(edit.get("reason", ""))
            rule.certainty = min(rule.certainty, edit.get("certainty", 1.0))
            rule.count += 1
            rule.removed += gone
            rule.articles += edit["rule"] not in seen
            seen.add(edit["rule"])
            rule.wordings.offer(f"{edit['before']}\0{edit['after']}", name, (spot, number))
            if not rule.repair:
                counts.families[edit.get("family") or edit["rule"]] += gone
            counts.edits += 1
            counts.repairs += rule.repair
            counts.lines_removed += not rule.repair
        for flag in record.get("flags", ()):
            counts.flags[flag["kind"]] += 1
        counts.changed += bool(record.get("edits"))
        if record.get("flags"):
            counts.flagged += 1
            counts.drawn_flagged.offer(name, spot)
        if removed > 0:
            counts.most_changed.offer(share, name, spot)
            counts.most_removed.offer(removed, name, spot)

    def _read_matches(
        self, groups: _Groups, shown: set[str]
    ) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, list[dict[str, Any]]], Counter[str]]:
        """Scores of pairs inside the shown groups, links of the shown articles that join nothing, and all relations."""
        cluster_of = {member: group["cluster"] for group in groups.shown for member in group["members"]}
        pairs: dict[tuple[str, str], dict[str, Any]] = {}
        links: dict[str, list[dict[str, Any]]] = defaultdict(list)
        relations: Counter[str] = Counter()
        with self._open("matches.jsonl") as file:
            for _, match in _rows(file):
                a, b, relation = str(match["a"]), str(match["b"]), str(match["relation"])
                relations[relation] += 1
                if cluster_of.get(a) is not None and cluster_of.get(a) == cluster_of.get(b):
                    pairs[a, b] = pairs[b, a] = match
                elif relation in ("roundup", "related"):
                    for one, other in ((a, b), (b, a)):
                        if one in shown and len(links[one]) < 10:
                            said = relation
                            if relation == "roundup":
                                said = "contained in" if one == a else "contains"
                            links[one].append({"id": other, "said": said, "reason": match.get("reason", "")})
        return pairs, links, relations

    # — the chosen few —

    def _rules(self, counts: _Counts, lookup: _Lookup) -> tuple[list[dict[str, Any]], int]:
        order = sorted(counts.rules.items(), key=lambda pair: (-pair[1].count, pair[0]))
        shown = []
        for number, (name, rule) in enumerate(order[:RULES_SHOWN], 1):
            samples = []
            for wording in rule.wordings:
                spot, at = wording.example
                sample = lookup.sample(spot, at)
                if sample is not None:
                    samples.append({**sample, "count": wording.count})
            shown.append(
                {
                    "id": name,
                    "anchor": f"rule-{number}",
                    "family": rule.family,
                    "repair": rule.repair,
                    "reason": next(iter(rule.reasons)) if len(rule.reasons) == 1 else "",
                    "certainty": rule.certainty,
                    "count": rule.count,
                    "articles": rule.articles,
                    "removed": rule.removed,
                    "samples": samples,
                    "off": _switched_off(name),
                }
            )
        return shown, len(order) - len(shown)

    def _articles(
        self, counts: _Counts, lookup: _Lookup, slowest: list[tuple[str, float]], anchors: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        chosen: dict[_Spot, list[str]] = {}
        of_slowest = [counts.named[name] for name, _ in slowest if name in counts.named]
        lists: tuple[tuple[Iterable[_Spot], str], ...] = (
            (counts.most_changed, "among the most changed"),
            (counts.most_removed, "among those that lost most characters"),
            (of_slowest, "among the slowest"),
            (counts.drawn_flagged, "drawn from the flagged"),
            (counts.drawn, "drawn at random"),
        )
        for spots, why in lists:
            limit = DRAWN if spots is counts.drawn and counts.articles > ALL_SHOWN else ALL_SHOWN
            for number, spot in enumerate(spots):
                if number < limit:
                    chosen.setdefault(spot, []).append(why)
        seconds = dict(slowest)
        found: list[dict[str, Any]] = []
        size = 0
        for spot, reasons in chosen.items():
            one = lookup.article(spot)
            size += one.pop("size")
            if size > ARTICLE_BUDGET:
                break
            one["why"] = reasons
            one["anchor"] = f"article-{len(found) + 1}"
            one["seconds"] = seconds.get(one["id"])
            for edit in one["edits"]:
                edit["anchor"] = anchors.get(edit["rule"], "")
            one["rules"] = " ".join(sorted({edit["anchor"] for edit in one["edits"] if edit["anchor"]}))
            found.append(one)
        return found

    def _groups(
        self,
        groups: _Groups,
        counts: _Counts,
        lookup: _Lookup,
        pairs: Mapping[tuple[str, str], Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        shown = []
        budget = GROUP_BUDGET
        for number, group in enumerate(groups.shown, 1):
            canonical = str(group["canonical"])
            names = [canonical, *(name for name in group["members"] if name != canonical)][:MEMBERS_SHOWN]
            members = []
            for name in names:
                row = lookup.row(counts.named[name]) if name in counts.named else {}
                match = pairs.get((canonical, name), {})
                members.append(
                    {
                        "id": name,
                        "canonical": name == canonical,
                        "title": self.headline(row),
                        "source": self.source(row),
                        "published": self.known(row, "published"),
                        "relation": row.get("relation") or "",
                        "jaccard": match.get("jaccard"),
                        # As the member sees it: the share of its own text that the canonical has, and the reverse.
                        "inside": match.get("containment_a" if str(match.get("a")) == name else "containment_b"),
                        "covers": match.get("containment_b" if str(match.get("a")) == name else "containment_a"),
                        "reason": match.get("reason", ""),
                    }
                )
            group["title"] = members[0]["title"] or canonical
            # The members that differ most tell most about whether the group is right.
            differing = sorted(
                (one for one in members[1:] if (one["jaccard"] or 0) < 1), key=lambda m: m["jaccard"] or 0
            )
            compared = []
            for member in differing[:DIFFERENCES_PER_GROUP]:
                texts = [lookup.text(counts.named[name]) for name in (canonical, member["id"]) if name in counts.named]
                if len(texts) == 2 and texts[0] is not None and texts[1] is not None:
                    lines = report_text.differences(texts[0], texts[1])
                    budget -= _size(lines)
                    if budget > 0:
                        compared.append({"id": member["id"], "source": member["source"], "rows": lines})
            shown.append(
                {
                    **{key: group.get(key, "") for key in ("reason", "unique_sources", "earliest", "latest")},
                    "id": group["cluster"],
                    "anchor": f"group-{number}",
                    "title": group["title"],
                    "size": len(group["members"]),
                    "members": members,
                    "left_out": len(group["members"]) - len(members),
                    "differences": compared,
                    "relations": " ".join(sorted({member["relation"] for member in members if member["relation"]})),
                }
            )
        return shown

    @staticmethod
    def _dates(group: Mapping[str, Any], counts: _Counts) -> list[tuple[str, bool]]:
        return [(counts.published.get(name, ""), name == group["canonical"]) for name in group["members"]]

    @staticmethod
    def _sources(counts: _Counts) -> tuple[list[dict[str, Any]], int]:
        if set(counts.sources) <= {""}:
            return [], 0
        order = sorted(counts.sources.items(), key=lambda pair: (-pair[1].removed, pair[0]))
        most = max(order[0][1].removed, 1)
        shown = [
            {
                "name": name,
                "articles": one.articles,
                "removed": one.removed,
                "share": one.removed / one.chars if one.chars else 0.0,
                "length": round(100 * max(0, one.removed) / most, 1),
            }
            for name, one in order[:SOURCES_LISTED]
        ]
        return shown, len(order) - len(shown)

    def _failures(self) -> dict[str, Any]:
        shown: list[dict[str, Any]] = []
        total = 0
        with self._open("failures.jsonl") as file:
            for _, row in _rows(file):
                total += 1
                if len(shown) < FAILURES_LISTED:
                    shown.append(row)
        return {"total": total, "shown": shown}


class _Beside:
    """edits.jsonl read beside articles.jsonl. Records that come in another order are remembered by their place."""

    def __init__(self, file: BinaryIO) -> None:
        self._rows = _rows(file)
        self._file = file
        self._passed: dict[str, int] = {}

    def find(self, name: str) -> tuple[int, dict[str, Any] | None]:
        """Where the record of an article lies, and the record; (-1, None) if it has none."""
        if name in self._passed:
            at = self._passed.pop(name)
            here = self._file.tell()
            record = _row_at(self._file, at)
            self._file.seek(here)
            return at, record
        for at, record in self._rows:
            if str(record.get("id", "")) == name:
                return at, record
            self._passed[str(record.get("id", ""))] = at
        return -1, None


class _Lookup:
    """Articles of a run by their place in its files."""

    def __init__(self, run: _Run, rows: BinaryIO, records: BinaryIO) -> None:
        self._run, self._rows, self._records = run, rows, records

    def row(self, spot: _Spot) -> dict[str, Any]:
        """The line of articles.jsonl."""
        return _row_at(self._rows, spot.row)

    def record(self, spot: _Spot) -> dict[str, Any]:
        """The line of edits.jsonl; empty when the article has none."""
        return _row_at(self._records, spot.record) if spot.record >= 0 else {}

    def text(self, spot: _Spot) -> str | None:
        """The cleaned text, if it is there."""
        return self._run.text_of(self.row(spot))

    def before(self, spot: _Spot) -> tuple[str | None, tuple[Pass, ...]]:
        """The text before cleaning, rebuilt from the record, and the passes; None if text and record disagree."""
        passes = edits.from_record(self.record(spot).get("edits", ()))
        text = self.text(spot)
        if text is None:
            return None, passes
        try:
            return edits.undo(text, passes), passes
        except RecordMismatch:
            return None, passes

    def sample(self, spot: _Spot, number: int) -> dict[str, Any] | None:
        """One edit in its context."""
        edit = self.record(spot)["edits"][number]
        source, _ = self.before(spot)
        start, end = edit["input_start"], edit["input_end"]
        around = (source[max(0, start - CONTEXT) : start], source[end : end + CONTEXT]) if source else ("", "")
        before, after = edit["before"], edit["after"]
        if not after and before.strip():  # line ends that go with a removed line belong to the context
            inner = before.strip("\n")
            at = before.index(inner)
            around = (around[0] + before[:at], before[at + len(inner) :] + around[1])
            before = inner
        return {
            "ahead": report_text.one_line(around[0]),
            "behind": report_text.one_line(around[1]),
            "before": report_text.shortened(before, 400),
            "after": report_text.shortened(after, 400),
            "id": str(self.row(spot).get("id", "")),
            "reason": edit.get("reason", ""),
        }

    def article(self, spot: _Spot) -> dict[str, Any]:
        """One article with its before and after in rows; `size` is about how many characters it adds to the page."""
        row, record = self.row(spot), self.record(spot)
        source, passes = self.before(spot)
        flags = list(record.get("flags", ()))
        lines = []
        if source is not None:
            lines = report_text.rows(report_text.with_flags(report_text.pieces(source, passes), flags))
        changes = [
            {**edit, "number": number, "before": edit["before"], "after": edit["after"]}
            for number, edit in enumerate(record.get("edits", ()), 1)
        ]
        removed = int(row.get("removed_chars", 0))
        chars = len(source) if source is not None else 0
        address = self._run.known(row, "url")
        return {
            "id": str(row.get("id", "")),
            "title": self._run.headline(row),
            "source": self._run.source(row),
            "published": self._run.known(row, "published"),
            "url": address,
            "web": address.lower().startswith(("http://", "https://")),
            "language": str((row.get("metadata") or {}).get("language") or ""),
            "metadata": {
                key: value
                for key, value in (row.get("metadata") or {}).items()
                if value and key in ("author", "agency", "place", "credits")
            },
            "cluster": row.get("cluster"),
            "canonical": row.get("canonical"),
            "is_canonical": bool(row.get("is_canonical", True)),
            "relation": row.get("relation") or "",
            "removed": removed,
            "share": removed / chars if chars else 0.0,
            "edits": changes[:EDITS_LISTED],
            "edits_total": len(changes),
            "reasons": {edit["number"]: f"{edit['rule']}: {edit.get('reason', '')}" for edit in changes},
            "flags": flags[:EDITS_LISTED],
            "flags_total": len(flags),
            "rows": lines,
            "has_text": source is not None,
            "size": _size(lines) + 600 * min(len(changes), EDITS_LISTED) + 500 * min(len(flags), EDITS_LISTED) + 800,
        }


def _switched_off(rule: str) -> str:
    """The line of newsclean.toml after which a rule leaves no trace."""
    return "learned_score = false" if rule == LEARNED else f"ignore = [{json.dumps(rule, ensure_ascii=False)}]"


def _size(rows: list[report_text.Row]) -> int:
    """About how many characters of page the rows make: the text that is shown and the marks around it."""
    size = 0
    for row in rows:
        for piece in (*row.left, *row.right):
            size += min(len(piece.before) + len(piece.after), int(2.5 * report_text.SHOWN)) // 2 + 60
            size += 120 * len(piece.edits)
        size += sum(map(len, row.folded)) + 60
    return size


def _rows(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    """Lines of a JSONL file with the byte offset of each."""
    at = file.tell()
    while line := file.readline():
        if line.strip():
            yield at, json.loads(line)
        at += len(line)


def _row_at(file: BinaryIO, at: int) -> dict[str, Any]:
    file.seek(at)
    row: dict[str, Any] = json.loads(file.readline())
    return row


def _render(facts: Mapping[str, Any]) -> str:
    """The page. Style and script are allowed by their hashes alone: nothing that came with an article can run."""
    import jinja2

    folder = files("newsclean") / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (folder / name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = report_text.visible
    environment.filters["visible_change"] = report_text.visible_change
    environment.filters["plain"] = report_text.plain
    environment.filters["short"] = lambda text: report_text.shortened(str(text), 400)
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.filters["percent"] = _percent
    style, script = ((folder / name).read_text("utf-8") for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        **facts, style=style, script=script, style_hash=_hash(style), script_hash=_hash(script)
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode("utf-8")).digest()).decode()


def _percent(share: float) -> str:
    value = 100 * share
    if value and abs(value) < 0.1:
        return "< 0.1 %" if value > 0 else "> −0.1 %"
    return f"{value:.1f} %".replace("-", "−")
