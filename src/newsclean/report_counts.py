"""The first reading of a run: counts everything, and chooses by hash what the report shows in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsclean import report_charts
from newsclean.report_files import Beside, Run, Spot, rows_of
from newsclean.report_sample import Draw, Top, Wordings

# What is shown in full.
ALL_SHOWN = 150  # up to so many articles, every one is shown
DRAWN, DRAWN_FLAGGED, MOST_CHANGED, MOST_REMOVED = 100, 30, 12, 8
WORDINGS_PER_RULE = 8
REASONS_TOLD_APART = 40
LARGEST_GROUPS, DRAWN_GROUPS = 30, 30


@dataclass(slots=True)
class Reasons:
    """How often each reason was given. Beyond a bound they are taken to be one for each find, whatever came first."""

    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, reason: str) -> None:
        """Count one."""
        self.total += 1
        if len(self.counts) <= REASONS_TOLD_APART:
            self.counts[reason] += 1

    @property
    def one(self) -> bool:
        """Whether all are the same."""
        return len(self.counts) == 1

    def usual(self) -> str:
        """The most frequent; empty if each find has its own."""
        if len(self.counts) > REASONS_TOLD_APART:
            return ""
        return min(self.counts.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))[0]

    def said(self) -> str:
        """The reason, or the most frequent of several as an example."""
        usual = self.usual()
        return usual if self.one or not usual else f"such as: {usual}"


@dataclass(slots=True)
class Rule:
    """What one rule did in the whole run."""

    family: str = ""
    repair: bool = False
    reasons: Reasons = field(default_factory=Reasons)
    count: int = 0
    articles: int = 0
    removed: int = 0
    certainty: float = 1.0
    wordings: Wordings[tuple[Spot, int]] = field(default_factory=lambda: Wordings(WORDINGS_PER_RULE))


@dataclass(slots=True)
class Source:
    """What one source, or one folder, brought and lost; in characters."""

    articles: int = 0
    chars: int = 0
    removed: int = 0


@dataclass(slots=True)
class Counts:
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
    flags: dict[str, Reasons] = field(default_factory=lambda: defaultdict(Reasons))
    folders: bool = False  # some sources are the names of folders
    languages: Counter[str] = field(default_factory=Counter)
    relations: Counter[str] = field(default_factory=Counter)
    shares: list[int] = field(default_factory=lambda: [0] * len(report_charts.share_names()))
    sources: dict[str, Source] = field(default_factory=lambda: defaultdict(Source))
    rules: dict[str, Rule] = field(default_factory=lambda: defaultdict(Rule))
    drawn: Draw[Spot] = field(default_factory=lambda: Draw(ALL_SHOWN))
    drawn_flagged: Draw[Spot] = field(default_factory=lambda: Draw(DRAWN_FLAGGED))
    most_changed: Top[Spot] = field(default_factory=lambda: Top(MOST_CHANGED))
    most_removed: Top[Spot] = field(default_factory=lambda: Top(MOST_REMOVED))
    named: dict[str, Spot] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # what dropped.jsonl says of those in shown groups


@dataclass(slots=True)
class Groups:
    """The groups of copies: their sizes, and those that are shown."""

    joined: int = 0
    articles: int = 0
    sizes: list[int] = field(default_factory=lambda: [0] * len(report_charts.size_names()))
    largest: Top[dict[str, Any]] = field(default_factory=lambda: Top(LARGEST_GROUPS))
    drawn: Draw[dict[str, Any]] = field(default_factory=lambda: Draw(DRAWN_GROUPS))
    shown: list[dict[str, Any]] = field(default_factory=list)


def read_groups(run: Run) -> Groups:
    """The groups of copies, from clusters.jsonl."""
    groups = Groups()
    with run.open("clusters.jsonl") as file:
        for _, group in rows_of(file):
            size = len(group.get("members", ()))
            if size < 2:
                continue
            # An id may be a number; rows are found by its text.
            group |= {"cluster": str(group["cluster"]), "canonical": str(group["canonical"])}
            group["members"] = [str(one) for one in group["members"]]
            groups.joined += 1
            groups.articles += size
            groups.sizes[report_charts.size_bucket(size)] += 1
            name = group["cluster"]
            groups.largest.offer(size, name, group)
            groups.drawn.offer(name, group)
    shown = {group["cluster"]: group for group in (*groups.largest, *groups.drawn)}
    groups.shown = list(shown.values())
    return groups


def count(run: Run, wanted: set[str], dated: set[str]) -> Counts:
    """One reading of articles.jsonl and edits.jsonl side by side, and one of the copies that were left out."""
    counts = Counts()
    with run.open("articles.jsonl") as rows, run.open("edits.jsonl") as records:
        beside = Beside(records)
        for at, row in rows_of(rows):
            name = str(row.get("id", ""))
            record_at, record = -1, None
            if row.get("edits") or row.get("flags"):
                record_at, record = beside.find(name)
            spot = Spot(at, record_at)
            if name in wanted:
                counts.named[name] = spot
            if name in dated:
                counts.published[name] = run.known(row, "published")
            _count_article(run, counts, name, row, spot, record)
    with run.open("dropped.jsonl") as rows:
        for _, row in rows_of(rows):
            name = str(row.get("id", ""))
            if row.get("relation"):
                counts.relations[str(row["relation"])] += 1
            if name in wanted or name in dated:
                row |= {run.fields.get(key, key): row.get(key) for key in ("title", "source", "published")}
                counts.left_out[name] = row
                counts.published[name] = run.known(row, "published")
    return counts


def _count_article(
    run: Run, counts: Counts, name: str, row: Mapping[str, Any], spot: Spot, record: Mapping[str, Any] | None
) -> None:
    removed = int(row.get("removed_chars", 0))
    chars = row.get("chars")
    if not isinstance(chars, int):
        chars = len(run.text_of(row) or "") + removed
    share = removed / chars if chars else 0.0
    counts.articles += 1
    counts.chars_in += chars
    counts.removed += removed
    counts.shares[report_charts.share_bucket(share)] += 1
    counts.languages[str((row.get("metadata") or {}).get("language") or "unknown")] += 1
    if row.get("relation"):
        counts.relations[str(row["relation"])] += 1
    source = counts.sources[run.source(row)]
    counts.folders |= bool(run.source(row) and not run.known(row, "source"))
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
        counts.flags[flag["kind"]].add(flag.get("reason", ""))
    counts.changed += bool(record.get("edits"))
    if record.get("flags"):
        counts.flagged += 1
        counts.drawn_flagged.offer(name, spot)
    if removed > 0:
        counts.most_changed.offer(share, name, spot)
        counts.most_removed.offer(removed, name, spot)


def read_matches(
    run: Run, groups: Groups, shown: set[str]
) -> tuple[dict[tuple[str, str], dict[str, Any]], dict[str, list[dict[str, Any]]], Counter[str]]:
    """Scores of pairs inside the shown groups, links of the shown articles that join nothing, and all relations."""
    cluster_of = {member: group["cluster"] for group in groups.shown for member in group["members"]}
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    links: dict[str, list[dict[str, Any]]] = defaultdict(list)
    relations: Counter[str] = Counter()
    with run.open("matches.jsonl") as file:
        for _, match in rows_of(file):
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
