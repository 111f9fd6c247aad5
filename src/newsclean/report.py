"""The run for people: one self-contained report.html, made from the files that a run wrote and nothing else.

Everything is read as a stream, once for counting and choosing; then the few articles that were chosen are looked up by
their place in the file. Numbers count every article. What is shown in full is a sample, and the page says so.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from newsclean import report_charts, report_counts, report_text
from newsclean.errors import NewscleanError
from newsclean.report_counts import ALL_SHOWN, DRAWN, Counts, Groups
from newsclean.report_files import Lookup, Run, Spot, rows_of, size_of

# With these bounds and those of report_counts, a run of any size gives a page under 5 MB.
RULES_SHOWN, FAILURES_LISTED, SOURCES_LISTED = 150, 100, 25
GROUPS_ON_TIMELINE, MEMBERS_SHOWN, DIFFERENCES_PER_GROUP = 10, 30, 2
ARTICLE_BUDGET, GROUP_BUDGET = 2_000_000, 900_000  # characters of articles shown

LEARNED = "learned.score"  # no rule of the rulebook: it has a switch of its own

RELATIONS: Mapping[str, str] = {
    "exact": "the same text after cleaning",
    "copy": "syndicated or lightly edited",
    "updated": "a later version of the same piece",
    "excerpt": "a cut version of one piece",
    "roundup": "contains several others; linked, not joined",
    "related": "independent coverage of the same event; linked, not joined",
}


def write(out_dir: Path) -> Path:
    """Writes OUT/report.html from OUT/articles.jsonl and the files beside it; the path written.

    Raises NewscleanError if `out_dir` holds no run.
    """
    out_dir = Path(out_dir)
    if not (out_dir / "articles.jsonl").is_file():
        raise NewscleanError(f"{out_dir}: no articles.jsonl; make a run first: newsclean run INPUT -o {out_dir}")
    page = _render(_Page(out_dir).facts())
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


class _Page:
    """What the template needs, from one run."""

    def __init__(self, folder: Path) -> None:
        self.run = Run(folder)

    def facts(self) -> dict[str, Any]:
        """What the template needs."""
        groups = report_counts.read_groups(self.run)
        slowest = [(str(row["id"]), float(row["seconds"])) for row in self.run.summary.get("slowest", [])]
        wanted = {member for group in groups.shown for member in group["members"][:MEMBERS_SHOWN]}
        wanted |= {group["canonical"] for group in groups.shown} | {name for name, _ in slowest}
        dated = {member for group in groups.shown[:GROUPS_ON_TIMELINE] for member in group["members"]}
        counts = report_counts.count(self.run, wanted, dated)
        with self.run.open("articles.jsonl") as rows, self.run.open("edits.jsonl") as records:
            lookup = Lookup(self.run, rows, records)
            rules, rules_left_out = self._rules(counts, lookup)
            articles = self._articles(counts, lookup, slowest, {rule["id"]: rule["anchor"] for rule in rules})
            pairs, links, relations = report_counts.read_matches(self.run, groups, {one["id"] for one in articles})
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
            "run": self.run.summary,
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

    def _rules(self, counts: Counts, lookup: Lookup) -> tuple[list[dict[str, Any]], int]:
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
        self, counts: Counts, lookup: Lookup, slowest: list[tuple[str, float]], anchors: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        chosen: dict[Spot, list[str]] = {}
        of_slowest = [counts.named[name] for name, _ in slowest if name in counts.named]
        lists: tuple[tuple[Iterable[Spot], str], ...] = (
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
        groups: Groups,
        counts: Counts,
        lookup: Lookup,
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
                        "title": self.run.headline(row),
                        "source": self.run.source(row),
                        "published": self.run.known(row, "published"),
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
                    budget -= size_of(lines)
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
    def _dates(group: Mapping[str, Any], counts: Counts) -> list[tuple[str, bool]]:
        return [(counts.published.get(name, ""), name == group["canonical"]) for name in group["members"]]

    @staticmethod
    def _sources(counts: Counts) -> tuple[list[dict[str, Any]], int]:
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
        with self.run.open("failures.jsonl") as file:
            for _, row in rows_of(file):
                total += 1
                if len(shown) < FAILURES_LISTED:
                    shown.append(row)
        return {"total": total, "shown": shown}


def _switched_off(rule: str) -> str:
    """The line of newsclean.toml after which a rule leaves no trace."""
    return "learned_score = false" if rule == LEARNED else f"ignore = [{json.dumps(rule, ensure_ascii=False)}]"


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
