"""Links between articles → clusters, the article that stands for each, relations, and reasons that a person understands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import timedelta
from typing import Any

import numpy as np

from newsclean import cluster
from newsclean.arrays import Bool, Float, Int64
from newsclean.duplicate_links import Link, Links, as_values, roundups, verified
from newsclean.duplicate_related import needed
from newsclean.duplicate_store import Policy, Ranked
from newsclean.errors import ConfigError
from newsclean.model import Cluster, Match, rows
from newsclean.settings import CopySettings

# Below this score nothing is kept of a pair, so no `rethreshold` can go lower.
KEPT_SCORE = 0.02

# An excerpt is at most this share of the whole as long, and found in it to at least that much. Only the name of the relation hangs
# on it. Of 259 articles of n2 that were cut and nothing else, 255 are called so; 249 with a length of 0.65, and with 0.85 as many,
# but 300 other copies more; 259 and 245 with 0.7 and 0.9 to be found.
EXCERPT_LENGTH = 0.75
EXCERPT_FOUND = 0.8


@dataclass(frozen=True, slots=True)
class DuplicateReport:
    """What was found. `matches` are verified pairs, `clusters` hold every article once; `notes` say what did not apply.

    Between two members of one cluster there is a match with the canonical at least; `relations` gives each article's.
    """

    matches: tuple[Match, ...]
    clusters: tuple[Cluster, ...]
    notes: tuple[str, ...] = ()
    relations: Mapping[str, str] = field(default_factory=dict)
    _again: Callable[[float], DuplicateReport] | None = field(default=None, repr=False, compare=False)

    def to_records(self) -> list[dict[str, Any]]:
        """One row for each article, sorted by id: id, cluster, canonical, is_canonical, relation to the canonical."""
        records = [
            {
                "id": member,
                "cluster": one.id,
                "canonical": one.canonical,
                "is_canonical": member == one.canonical,
                "relation": self.relations.get(member),
            }
            for one in self.clusters
            for member in one.members
        ]
        return sorted(records, key=lambda row: str(row["id"]))

    def match_records(self) -> list[dict[str, Any]]:
        """The matches as rows of matches.jsonl."""
        return rows(self.matches)

    def rethreshold(self, threshold: float) -> DuplicateReport:
        """The same comparison with another threshold; no text is read again."""
        if self._again is None:
            raise ConfigError("this report was not made by a Finder; find the copies again with the other threshold")
        return self._again(threshold)

    def with_ids(self, ids: Mapping[str, Any]) -> DuplicateReport:
        """The same report with other ids: those that the articles brought, where they are numbers, say."""

        def own(one: str) -> Any:
            return ids.get(one, one)

        again = self._again
        return DuplicateReport(
            tuple(replace(match, a=own(match.a), b=own(match.b)) for match in self.matches),
            tuple(
                replace(one, id=own(one.id), canonical=own(one.canonical), members=tuple(map(own, one.members)))
                for one in self.clusters
            ),
            self.notes,
            {own(one): relation for one, relation in self.relations.items()},
            None if again is None else lambda threshold: again(threshold).with_ids(ids),
        )


def window(text: str) -> timedelta | None:
    """A time such as `7d`, `36h` or `2w`; None if empty. Raises ConfigError if it is none.

    >>> window("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if not text:
        return None
    units = {"h": "hours", "d": "days", "w": "weeks"}
    if text[:-1].isdecimal() and text[-1] in units:
        return timedelta(**{units[text[-1]]: int(text[:-1])})
    raise ConfigError(f"window = {text!r} is no time; write it as 36h, 7d or 2w")


class Groups:
    """The links among articles ranked by id, and the groups and reasons that follow for one threshold."""

    def __init__(self, articles: Ranked, settings: CopySettings, policy: Policy | None = None) -> None:
        self.articles = articles
        self.settings = settings
        self.policy = policy
        self.within = window(settings.window)
        self.links = Links()
        # Pairs that were looked at only because their neighbours are one piece. Kept apart, so that a report for one
        # threshold does not depend on reports made before for others.
        self._late: dict[tuple[int, int], Link | None] = {}
        self.candidates = 0

    def look(self, firsts: Int64, seconds: Int64) -> None:
        """Verify pairs that were not looked at yet (the smaller rank first) and keep what links them."""
        for found in self._verified(firsts, seconds):
            self.links.add(found)

    def _verified(self, firsts: Int64, seconds: Int64) -> Iterator[np.ndarray[Any, Any]]:
        inside = self._in_scope(firsts, seconds)
        self.candidates += int(inside.sum())
        pairs = zip(firsts[inside].tolist(), seconds[inside].tolist(), strict=True)
        about = self.articles.gist if self.settings.related else None
        return verified(pairs, self.articles.sketch, KEPT_SCORE, gist=about)

    def _in_scope(self, firsts: Int64, seconds: Int64) -> Bool:
        inside = np.ones(len(firsts), bool)
        same_source = self.articles.sources[firsts] == self.articles.sources[seconds]
        if self.settings.group_by:
            inside &= same_source
        if self.settings.across:
            inside &= ~same_source
        if self.within is not None:
            apart = np.abs(self.articles.moments[firsts] - self.articles.moments[seconds])
            inside &= ~(apart > self.within.total_seconds())  # without a date, nothing is held against it
        return inside

    def matches_of(self, one: int, threshold: float) -> list[Match]:
        """What one article has to do with the others it was held against: one piece, surest first."""
        table, value = self.links.table, self._values()
        around = ((table["a"] == one) | (table["b"] == one)) & (value >= max(threshold, KEPT_SCORE))
        kept = sorted(np.flatnonzero(around).tolist(), key=lambda at: (-value[at], at))
        return [self._match(self.links.get(at)) for at in kept]

    def _values(self) -> Float:
        """The chosen measure of each link; 0 if the two can not be one piece."""
        return self._measured(self.links.table)

    def _measured(self, table: np.ndarray[Any, Any]) -> Float:
        value = {
            "score": table["score"],
            "containment": table["containment"].max(axis=1, initial=0.0),
            "jaccard": table["jaccard"],
        }[self.settings.measure]
        return np.where(table["template"], 0.0, np.where(table["same_text"], 1.0, value))

    def _link(self, pair: tuple[int, int]) -> Link:
        """The link between two articles that were found alike."""
        number = int(self.links.of([pair])[0])
        link = self.links.get(number) if number >= 0 else self._late[pair]
        assert link
        return link

    def report(self, threshold: float) -> DuplicateReport:
        """Clusters, matches and reasons for one threshold."""
        least = max(threshold, KEPT_SCORE)
        value = self._values()
        round_ups = roundups(self.links, value >= least)
        table = self.links.table
        joining = value >= least
        joining[sorted({at for numbers in round_ups.values() for at in numbers})] = False
        score = np.append(np.where(joining, value, 0.0), 0.0)
        late: dict[tuple[int, int], float] = {}

        def alike(pairs: Sequence[tuple[int, int]]) -> list[float]:
            """Scores of pairs, 0 where the two are not one piece; what was not compared before is compared now."""
            at = self.links.of(pairs)
            numbers = at.tolist()
            unknown = [pair for pair, number in zip(pairs, numbers, strict=True) if number < 0 and pair not in late]
            if unknown:
                self._look_late(unknown)
                late.update(dict.fromkeys(unknown, 0.0))
                known = {pair: link for pair in unknown if (link := self._late[pair])}
                if known:
                    values = self._measured(np.array([astuple(link) for link in known.values()], Links.DTYPE))
                    late.update(zip(known, np.where(values >= least, values, 0.0).tolist(), strict=True))
            found = zip(pairs, numbers, score[at].tolist(), strict=True)
            return [late[pair] if number < 0 else own for pair, number, own in found]

        grouped = cluster.groups(table["a"][joining], table["b"][joining], value[joining], alike)
        return self._told(grouped, round_ups, alike, threshold)

    def _look_late(self, pairs: Sequence[tuple[int, int]]) -> None:
        new = [pair for pair in pairs if pair not in self._late]
        if new:
            self._late.update(dict.fromkeys(new))
            for found in self._verified(*np.array(new, np.int64).T):
                for row in found:
                    link = Link(*as_values(row))
                    self._late[link.a, link.b] = link

    def _told(
        self,
        grouped: Sequence[Sequence[int]],
        round_ups: Mapping[int, Sequence[int]],
        alike: cluster.Alike,
        threshold: float,
    ) -> DuplicateReport:
        matches: dict[tuple[int, int], Match] = {}
        clusters: list[Cluster] = []
        relations: dict[str, str] = {}
        group_of = np.full(len(self.articles), -1, np.int64)
        for number, group in enumerate(grouped):
            group_of[list(group)] = number
            canonical, reason = self._canonical(group, alike)
            for one in sorted(group):
                if one != canonical:
                    pair = min(one, canonical), max(one, canonical)
                    matches[pair] = self._match(self._link(pair))
                    relations[self.articles.ids[one]] = matches[pair].relation
            clusters.append(self._cluster(sorted(group), canonical, reason))
        self._match_members(group_of, grouped, matches, alike)
        for whole, numbers in sorted(round_ups.items()):
            for link in map(self.links.get, numbers):
                # Two round-ups with stories in common stay apart, but neither stands in the other.
                if (link.a if link.b == whole else link.b) not in round_ups:
                    matches.setdefault((link.a, link.b), self._roundup(link, whole))
        if self.settings.related:
            self._relate(group_of, matches, threshold)
        clusters += [self._cluster([one], one, "no copy was found") for one in np.flatnonzero(group_of < 0).tolist()]
        clusters.sort(key=lambda one: one.members[0])
        return DuplicateReport(
            tuple(matches[pair] for pair in sorted(matches)),
            tuple(clusters),
            tuple(self._notes()),
            relations,
            self.report,
        )

    def _match_members(
        self,
        group_of: Int64,
        grouped: Sequence[Sequence[int]],
        matches: dict[tuple[int, int], Match],
        alike: cluster.Alike,
    ) -> None:
        """The other matches between members of one cluster; of a large one only those with its canonical are told."""
        small = np.array([len(group) <= cluster.SMALL_CROWD for group in grouped] + [False])
        table = self.links.table
        first, second = group_of[table["a"]], group_of[table["b"]]
        inside = np.flatnonzero((first == second) & small[first])
        pairs = list(zip(table["a"][inside].tolist(), table["b"][inside].tolist(), strict=True))
        for a, b in (pair for pair, link in self._late.items() if link):
            if group_of[a] == group_of[b] and small[group_of[a]]:
                pairs.append((a, b))
        for pair, score in zip(pairs, alike(pairs), strict=True):
            if score > 0 and pair not in matches:
                matches[pair] = self._match(self._link(pair))

    def _relate(self, group_of: Int64, matches: dict[tuple[int, int], Match], threshold: float) -> None:
        """Links between articles on one event that are not one piece."""
        table = self.links.table
        first, second = group_of[table["a"]], group_of[table["b"]]
        apart = (first != second) | (first < 0)
        apart &= ~table["template"] & (self._values() < max(threshold, KEPT_SCORE))
        days = np.abs(self.articles.moments[table["a"]] - self.articles.moments[table["b"]]) / 86_400
        apart &= table["event"] > needed(days)
        for link in map(self.links.get, np.flatnonzero(apart).tolist()):
            if (link.a, link.b) not in matches:
                reason = "likely independent articles on one event"
                matches[link.a, link.b] = self._made(link.a, link.b, "related", link, 0, reason)

    def _notes(self) -> Iterator[str]:
        undated = int(np.isnan(self.articles.moments).sum())
        if self.within is not None and undated:
            yield (
                f"{undated} of {len(self.articles)} articles have no readable date: "
                f"window = {self.settings.window} was not held against them"
            )

    def _cluster(self, members: Sequence[int], canonical: int, reason: str) -> Cluster:
        pieces = [self.articles[one] for one in members]
        moments = self.articles.moments[list(members)].tolist()
        dated = sorted((when, one.published) for when, one in zip(moments, pieces, strict=True) if not math.isnan(when))
        sources = {piece.source for piece in pieces if piece.source}
        agencies = sorted({name for piece in pieces for name in piece.agency})
        if len(members) > 1 and agencies:
            reason += f"; wire copy of {' and '.join(agencies)}"
        return Cluster(
            self.articles.ids[min(members)],
            self.articles.ids[canonical],
            tuple(self.articles.ids[one] for one in sorted(members)),
            reason,
            len(sources),
            len(members) - 1,
            dated[0][1] if dated else "",
            dated[-1][1] if dated else "",
        )

    # — which one stands for the rest —

    def _canonical(
        self, group: Sequence[int], alike: Callable[[Sequence[tuple[int, int]]], Sequence[float]]
    ) -> tuple[int, str]:
        """The first by the policy that every other member was verified against; the group's middle always is."""
        middle = group[0]
        ordered, reason = self._ranked(group)
        # Where the policy's first cannot stand for the rest, the reason says so before it says who does.
        overruled = f"{reason}: {self.articles.ids[ordered[0]]}, which does not share its text with all the others; "
        for place, one in enumerate(ordered[:4]):
            others = [(min(one, other), max(one, other)) for other in group if other != one]
            if one == middle or all(score > 0 for score in alike(others)):
                return one, f"{overruled}{self.articles.ids[one]} is the next that does" if place else reason
        return middle, f"{overruled}nor do the next 3, but {self.articles.ids[middle]} does"

    def _ranked(self, group: Sequence[int]) -> tuple[list[int], str]:
        count = len(group)
        pieces = {one: self.articles[one] for one in group}
        moments = dict(zip(group, self.articles.moments[list(group)].tolist(), strict=True))

        def tie(one: int) -> tuple[int, int]:
            return -pieces[one].characters, one

        if self.policy is not None:
            chosen = self.policy([pieces[one] for one in sorted(group)]).id
            order = sorted(group, key=lambda one: (pieces[one].id != chosen, tie(one)))
            return order, "chosen by your own rule"
        policy = "source_rank" if self.settings.source_rank else self.settings.canonical

        def dated(one: int) -> float:
            return math.inf if math.isnan(moments[one]) else moments[one]

        def longest(one: int) -> float:
            return -pieces[one].characters

        def rank(one: int) -> float:
            source = pieces[one].source
            ranks = self.settings.source_rank
            return ranks.index(source) if source in ranks else len(ranks)

        keys: dict[str, Callable[[int], float]] = {
            "earliest": dated,
            "latest": lambda one: math.inf if math.isnan(moments[one]) else -moments[one],
            "longest": longest,
            "cleanest": lambda one: pieces[one].quality,
            "source_rank": rank,
        }
        key = keys[policy]
        order = sorted(group, key=lambda one: (key(one), tie(one)))
        best = [one for one in order if key(one) == key(order[0])]
        said = {
            "earliest": f"earliest published of {count}",
            "latest": f"latest published of {count}",
            "longest": f"longest text of {count}",
            "cleanest": f"fewest edits and flags of {count}",
            "source_rank": f"first in source_rank of {count}",
        }[policy]
        if policy in ("earliest", "latest") and math.isnan(moments[order[0]]):
            said, best = (
                f"no dates; longest text of {count}",
                [one for one in best if longest(one) == longest(order[0])],
            )
        elif len(best) > 1 and policy != "longest":
            said += f" ({len(best)} alike), longest text among them"
            best = [one for one in best if longest(one) == longest(order[0])]
        if len(best) > 1:
            said += f" ({len(best)} alike), smallest id"
        return order, said

    # — what a pair is, in words —

    def _match(self, link: Link) -> Match:
        relation, part = self._relation(link)
        a, b = (link.a, link.b) if part == 0 else (link.b, link.a)
        first, second = (0, 1) if part == 0 else (1, 0)
        reason = {
            "exact": "same text after cleaning",
            "excerpt": f"{_percent(link.found[first])} of the shorter is found in the longer, which is "
            f"{link.length[second] / max(link.length[first], 1):.1f} times as long",
        }.get(relation) or (
            f"{_percent(link.found[0])} of the one and {_percent(link.found[1])} of the other are found in each other"
            f"{', in the same order' if link.order > 0.9 else ''}"
        )
        if relation == "updated":
            reason = f"same source, published {self.articles[b].published} after {self.articles[a].published}; {reason}"
        return self._made(a, b, relation, link, first, reason)

    def _made(self, a: int, b: int, relation: str, link: Link, first: int, reason: str) -> Match:
        return Match(
            self.articles.ids[a],
            self.articles.ids[b],
            relation,
            link.jaccard,
            link.containment[first],
            link.containment[1 - first],
            reason,
        )

    def _relation(self, link: Link) -> tuple[str, int]:
        """The relation, and which side is `a`: the part, or the earlier version."""
        if link.same_text:
            return "exact", 0
        part = 0 if link.length[0] <= link.length[1] else 1
        if link.length[part] <= EXCERPT_LENGTH * link.length[1 - part] and link.found[part] >= EXCERPT_FOUND:
            return "excerpt", part
        when, then = self.articles.moments[[link.a, link.b]].tolist()
        same_source = self.articles.sources[link.a] == self.articles.sources[link.b]
        if same_source and abs(when - then) > 0 and self.articles[link.a].source:
            return "updated", 0 if when < then else 1
        return "copy", 0

    def _roundup(self, link: Link, whole: int) -> Match:
        side = 0 if link.b == whole else 1  # of the part
        part = link.a if side == 0 else link.b
        reason = (
            f"{_percent(link.found[side])} of it stands in a round-up of several pieces, "
            f"where it fills {_percent(link.filled[1 - side])}"
        )
        return self._made(part, whole, "roundup", link, side, reason)


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"
