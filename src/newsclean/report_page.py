"""What stands on the report of one run: its numbers, and the rules, articles and groups that are shown in full."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from newsclean import report_charts, report_counts, report_text
from newsclean.report_counts import ALL_SHOWN, DRAWN, Counts, Groups
from newsclean.report_files import Lookup, Run, Spot, rows_of, size_of

# With these bounds and those of report_counts, a run of any size gives a page under 5 MB.
RULES_SHOWN, FAILURES_LISTED, SOURCES_LISTED = 150, 100, 25
GROUPS_ON_TIMELINE, MEMBERS_SHOWN, DIFFERENCES_PER_GROUP = 10, 30, 2
ARTICLE_BUDGET, GROUP_BUDGET = 2_000_000, 900_000  # characters of articles shown
NAMED_IN_OVERVIEW = 6  # of the most changed and of the slowest articles

LEARNED = "learned.score"  # no rule of the rulebook: it has a switch of its own

# Rules that give each find a reason of its own.
MEANINGS: Mapping[str, str] = {
    LEARNED: "Lines that no rule knows, by a learned score over their words, their place and their neighbours.",
    "learned.repeated": "Lines that a source repeats across different stories; they are listed in learned.toml.",
}

RELATIONS: Mapping[str, str] = {
    "exact": "the same text after cleaning",
    "copy": "syndicated or lightly edited",
    "updated": "a later version of the same piece",
    "excerpt": "a cut version of one piece",
    "roundup": "contains several others; linked, not joined",
    "related": "independent coverage of the same event; linked, not joined",
}


class Page:
    """The report of one run, as the template wants it."""

    def __init__(self, folder: Path) -> None:
        self.run = Run(folder)

    def facts(self) -> dict[str, Any]:
        """What the template needs."""
        groups = report_counts.read_groups(self.run)
        slowest = [(str(row["id"]), float(row["seconds"])) for row in self.run.summary.get("slowest", ())]
        wanted = {member for group in groups.shown for member in group["members"][:MEMBERS_SHOWN]}
        wanted |= {group["canonical"] for group in groups.shown} | {name for name, _ in slowest}
        dated = {member for group in groups.shown[:GROUPS_ON_TIMELINE] for member in group["members"]}
        counts = report_counts.count(self.run, wanted, dated)
        with self.run.open("articles.jsonl") as rows, self.run.open("edits.jsonl") as records:
            lookup = Lookup(self.run, rows, records)
            rules, rules_left_out = self._rules(counts, lookup)
            by_spot = self._articles(counts, lookup, slowest, {rule["id"]: rule["anchor"] for rule in rules})
            articles = list(by_spot.values())
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
        choices = _choices(articles)
        return {
            "run": self.run.summary,
            "counts": counts,
            "share_removed": counts.removed / counts.chars_in if counts.chars_in else 0.0,
            "groups_joined": groups.joined,
            "articles_in_groups": groups.articles,
            "families": report_charts.bars(counts.families),
            "repairs": report_charts.bars({name: rule.count for name, rule in counts.rules.items() if rule.repair}),
            "flags": report_charts.bars({kind: reasons.total for kind, reasons in counts.flags.items()}),
            "flag_meaning": {kind: reasons.said() for kind, reasons in counts.flags.items()},
            "languages": report_charts.bars(counts.languages, 12),
            "relations": report_charts.bars(counts.relations),
            "links": report_charts.bars(relations),
            "relation_meaning": RELATIONS,
            "sources": self._sources(counts),
            "folders": counts.folders,
            "shares": report_charts.columns(report_charts.share_names(), counts.shares),
            "sizes": report_charts.columns(report_charts.size_names(), groups.sizes),
            "timeline": self._timeline(groups, counts, {group["id"]: group["anchor"] for group in shown_groups}),
            "most_changed": [by_spot[spot] for spot in counts.most_changed if spot in by_spot][:NAMED_IN_OVERVIEW],
            "times_measured": "slowest" in self.run.summary,
            "slowest": [(name, seconds, anchors.get(name, "")) for name, seconds in slowest[:NAMED_IN_OVERVIEW]],
            "rules": rules,
            "rules_left_out": rules_left_out,
            "articles": articles,
            "choices": choices,
            "find": {
                kind: {name: f"{kind}={at}" for at, name in enumerate(names, 1)} for kind, names in choices.items()
            },
            "rule_links": {rule["id"]: rule["anchor"] for rule in rules},
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
                    "reason": MEANINGS.get(name) or rule.reasons.usual(),
                    "one_reason": rule.reasons.one,
                    "certainty": rule.certainty,
                    "count": rule.count,
                    "articles": rule.articles,
                    "removed": rule.removed,
                    "samples": samples,
                    "off": switched_off(name),
                }
            )
        return shown, len(order) - len(shown)

    def _articles(
        self, counts: Counts, lookup: Lookup, slowest: list[tuple[str, float]], anchors: Mapping[str, str]
    ) -> dict[Spot, dict[str, Any]]:
        """The articles that are shown, those that changed most first, each with why it is among them."""
        of_slowest = [counts.named[name] for name, _ in slowest if name in counts.named]
        lists: tuple[tuple[Iterable[Spot], str], ...] = (
            (counts.most_changed, "among the most changed"),
            (counts.most_removed, "among those that lost most characters"),
            (of_slowest, "among the slowest"),
            (counts.drawn_flagged, "drawn from the flagged"),
            (islice(counts.drawn, DRAWN if counts.articles > ALL_SHOWN else ALL_SHOWN), "drawn at random"),
        )
        chosen: dict[Spot, list[str]] = {}
        for spots, why in lists:
            for spot in spots:
                chosen.setdefault(spot, []).append(why)
        found: list[tuple[Spot, dict[str, Any]]] = []
        size = 0
        for spot, reasons in chosen.items():
            one = lookup.article(spot)
            size += one.pop("size")
            if size > ARTICLE_BUDGET:
                break
            found.append((spot, {**one, "why": reasons}))
        found.sort(key=lambda pair: (-pair[1]["share"], -pair[1]["edits_total"], pair[1]["id"]))
        seconds = dict(slowest)
        for number, (_, one) in enumerate(found, 1):
            one["anchor"] = f"article-{number}"
            one["seconds"] = seconds.get(one["id"])
            for edit in one["edits"]:
                edit["anchor"] = anchors.get(edit["rule"], "")
            one["rules"] = " ".join(sorted({edit["anchor"] for edit in one["edits"] if edit["anchor"]}))
        return dict(found)

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
                row = lookup.row(counts.named[name]) if name in counts.named else counts.left_out.get(name, {})
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
    def _timeline(groups: Groups, counts: Counts, anchors: Mapping[str, str]) -> report_charts.Timeline | None:
        shown = []
        for group in groups.shown[:GROUPS_ON_TIMELINE]:
            dates = [(counts.published.get(name, ""), name == group["canonical"]) for name in group["members"]]
            shown.append((anchors.get(group["cluster"], ""), group["title"], dates))
        return report_charts.timeline(shown)

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


FILTERS: Mapping[str, Callable[[Mapping[str, Any]], set[str]]] = {
    "source": lambda one: {one["source"]},
    "relation": lambda one: {one["relation"]},
    "flag": lambda one: {flag["kind"] for flag in one["flags"]},
}


def _choices(articles: Collection[dict[str, Any]]) -> dict[str, list[str]]:
    """What the articles that are shown can be filtered by. Each article gets the numbers of the choices that it fits:
    a number can be an attribute of the page, what came with an article cannot."""
    choices: dict[str, list[str]] = {}
    for kind, values in FILTERS.items():
        names = sorted({value for one in articles for value in values(one)} - {""})
        if len(names) == 1 and all(values(one) == set(names) for one in articles):
            names = []  # nothing to choose
        number = {name: str(at) for at, name in enumerate(names, 1)}
        choices[kind] = names
        for one in articles:
            one.setdefault("fits", {})[kind] = " ".join(
                number[value] for value in sorted(values(one)) if value in number
            )
    return choices


def switched_off(rule: str) -> str:
    """The line of newsclean.toml after which a rule leaves no trace."""
    return "learned_score = false" if rule == LEARNED else f"ignore = [{json.dumps(rule, ensure_ascii=False)}]"
