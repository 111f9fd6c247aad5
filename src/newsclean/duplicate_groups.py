"""Links between articles → clusters, the article that stands for each, relations, and reasons that a person understands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from newsclean import anchors, cluster
from newsclean.duplicate_links import Link, is_related, roundups, verified
from newsclean.errors import ConfigError
from newsclean.model import Cluster, Match, rows
from newsclean.settings import CopySettings

# Below this score nothing is kept of a pair, so no `rethreshold` can go lower.
KEPT_SCORE = 0.02

# An excerpt is at most this share of the whole as long, and found in it to at least that much.
EXCERPT_LENGTH = 0.75
EXCERPT_FOUND = 0.8

# Chooses the one that stands for its copies from a cluster's articles (sorted by id, without their texts).
Policy = Callable[["Sequence[Piece]"], "Piece"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A cleaned article as copies are looked for among them. The title is kept for reasons, never compared."""

    id: str
    text: str
    source: str = ""
    published: str = ""
    title: str = ""
    url: str = ""
    language: str = ""
    agency: tuple[str, ...] = ()
    quality: int = 0  # edits and flags of its cleaning: fewer is cleaner
    characters: int = 0  # of the text; filled in when the text is let go


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
            raise ValueError("this report was not made by a Finder; find the copies again with the other threshold")
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


def moment(published: str) -> datetime | None:
    """When an article was published, as far as its date can be read; without a zone it counts as UTC."""
    try:
        read = datetime.fromisoformat(published.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


class Groups:
    """The links among articles ranked by id, and the groups and reasons that follow for one threshold."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        sketch: Callable[[int], anchors.Sketch],
        settings: CopySettings,
        policy: Policy | None = None,
    ) -> None:
        self.pieces = pieces
        self.sketch = sketch
        self.settings = settings
        self.policy = policy
        self.within = window(settings.window)
        self.moments = [moment(piece.published) for piece in pieces]
        self.links: dict[tuple[int, int], Link] = {}
        self.candidates = 0

    def look(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Verify pairs and keep what links them."""
        for link in verified(self._counted(pair for pair in pairs if self._in_scope(*pair)), self.sketch, KEPT_SCORE):
            self.links[link.a, link.b] = link

    def _counted(self, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        for pair in pairs:
            self.candidates += 1
            yield pair

    def _in_scope(self, a: int, b: int) -> bool:
        first, second = self.pieces[a], self.pieces[b]
        if self.settings.group_by and first.source != second.source:
            return False
        if self.settings.across and first.source == second.source:
            return False
        if self.within is not None:
            one, other = self.moments[a], self.moments[b]
            return one is None or other is None or abs(one - other) <= self.within
        return True

    def matches_of(self, one: int, threshold: float) -> list[Match]:
        """What one article has to do with the others it was held against: one piece, surest first."""
        around = [link for link in self.links.values() if one in (link.a, link.b)]
        kept = [link for link in around if self._joins(link, threshold)]
        return [self._match(link) for link in sorted(kept, key=lambda link: (-self._value(link), link.a, link.b))]

    def _value(self, link: Link) -> float:
        """The chosen measure; 0 if the two can not be one piece."""
        if link.template:
            return 0.0
        if link.same_text:
            return 1.0
        return {"score": link.score, "containment": max(link.containment), "jaccard": link.jaccard}[
            self.settings.measure
        ]

    def _joins(self, link: Link, threshold: float) -> bool:
        return self._value(link) >= max(threshold, KEPT_SCORE)

    def report(self, threshold: float) -> DuplicateReport:
        """Clusters, matches and reasons for one threshold."""
        value = self._value

        def joins(link: Link) -> bool:
            return self._joins(link, threshold)

        round_ups = roundups(list(self.links.values()), joins)
        apart = {(link.a, link.b) for links in round_ups.values() for link in links}

        def alike(pairs: Sequence[tuple[int, int]]) -> list[float]:
            unknown = [pair for pair in pairs if pair not in self.links and self._in_scope(*pair)]
            for link in verified(unknown, self.sketch, KEPT_SCORE):
                self.links[link.a, link.b] = link
            found = [self.links.get(pair) for pair in pairs]
            return [value(link) if link and joins(link) and (link.a, link.b) not in apart else 0.0 for link in found]

        joining = [
            (link.a, link.b, value(link)) for pair, link in self.links.items() if joins(link) and pair not in apart
        ]
        grouped = cluster.groups(joining, alike)
        return self._told(grouped, round_ups, alike, threshold)

    def _told(
        self,
        grouped: Sequence[Sequence[int]],
        round_ups: Mapping[int, Sequence[Link]],
        alike: Callable[[Sequence[tuple[int, int]]], Sequence[float]],
        threshold: float,
    ) -> DuplicateReport:
        matches: dict[tuple[int, int], Match] = {}
        clusters: list[Cluster] = []
        relations: dict[str, str] = {}
        placed: set[int] = set()
        for group in grouped:
            placed.update(group)
            canonical, reason = self._canonical(group, alike)
            for one in sorted(group):
                if one != canonical:
                    link = self.links[min(one, canonical), max(one, canonical)]
                    matches[link.a, link.b] = self._match(link)
                    relations[self.pieces[one].id] = matches[link.a, link.b].relation
            members = set(group)
            for a, b in ((a, b) for a in members for b in members if a < b and (a, b) in self.links):
                if len(group) <= cluster.SMALL_CROWD and (a, b) not in matches and alike([(a, b)])[0] > 0:
                    matches[a, b] = self._match(self.links[a, b])
            clusters.append(self._cluster(sorted(group), canonical, reason))
        for whole, links in sorted(round_ups.items()):
            for link in links:
                matches.setdefault((link.a, link.b), self._roundup(link, whole))
        if self.settings.related:
            of = {one: number for number, group in enumerate(grouped) for one in group}
            for pair, link in self.links.items():
                one_piece = link.a in of and of.get(link.a) == of.get(link.b)
                if not one_piece and pair not in matches and not self._joins(link, threshold) and is_related(link):
                    reason = (
                        f"the same words ({_percent(max(link.words))}), but not side by side "
                        f"({_percent(max(link.containment))}): likely independent articles on one event"
                    )
                    matches[pair] = self._made(link.a, link.b, "related", link, 0, reason)
        clusters += [
            self._cluster([one], one, "no copy was found") for one in range(len(self.pieces)) if one not in placed
        ]
        return DuplicateReport(
            tuple(matches[pair] for pair in sorted(matches)),
            tuple(sorted(clusters, key=lambda one: one.members[0])),
            tuple(self._notes()),
            relations,
            self.report,
        )

    def _notes(self) -> Iterator[str]:
        undated = sum(one is None for one in self.moments)
        if self.within is not None and undated:
            yield (
                f"{undated} of {len(self.pieces)} articles have no readable date: "
                f"window = {self.settings.window} was not held against them"
            )

    def _cluster(self, members: Sequence[int], canonical: int, reason: str) -> Cluster:
        pieces = [self.pieces[one] for one in members]
        dated = sorted((when, piece.published) for one, piece in zip(members, pieces, strict=True)
                       if (when := self.moments[one]) is not None)  # fmt: skip
        sources = {piece.source for piece in pieces if piece.source}
        agencies = sorted({name for piece in pieces for name in piece.agency})
        if len(members) > 1 and agencies:
            reason += f"; wire copy of {' and '.join(agencies)}"
        return Cluster(
            self.pieces[min(members)].id,
            self.pieces[canonical].id,
            tuple(sorted(piece.id for piece in pieces)),
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
        for place, one in enumerate(ordered[:4]):
            others = [(min(one, other), max(one, other)) for other in group if other != one]
            if one == middle or all(score > 0 for score in alike(others)):
                if place:
                    reason += f", of those that all {len(group)} share their text with"
                return one, reason
        return middle, "shares its text with all the others; " + reason.replace(" of ", ": none of the first of ", 1)

    def _ranked(self, group: Sequence[int]) -> tuple[list[int], str]:
        count = len(group)
        if self.policy is not None:
            chosen = self.policy([self.pieces[one] for one in sorted(group)]).id
            order = sorted(group, key=lambda one: (self.pieces[one].id != chosen, self._tie(one)))
            return order, "chosen by your own rule"
        policy = "source_rank" if self.settings.source_rank else self.settings.canonical
        latest = datetime.max.replace(tzinfo=UTC)

        def dated(one: int) -> float:
            return (self.moments[one] or latest).timestamp()

        def longest(one: int) -> float:
            return -self.pieces[one].characters

        def rank(one: int) -> float:
            source = self.pieces[one].source
            ranks = self.settings.source_rank
            return ranks.index(source) if source in ranks else len(ranks)

        keys: dict[str, Callable[[int], float]] = {
            "earliest": dated,
            "latest": lambda one: -dated(one) if self.moments[one] else float("inf"),
            "longest": longest,
            "cleanest": lambda one: self.pieces[one].quality,
            "source_rank": rank,
        }
        key = keys[policy]
        order = sorted(group, key=lambda one: (key(one), self._tie(one)))
        best = [one for one in order if key(one) == key(order[0])]
        said = {
            "earliest": f"earliest published of {count}",
            "latest": f"latest published of {count}",
            "longest": f"longest text of {count}",
            "cleanest": f"fewest edits and flags of {count}",
            "source_rank": f"first in source_rank of {count}",
        }[policy]
        if policy in ("earliest", "latest") and self.moments[order[0]] is None:
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

    def _tie(self, one: int) -> tuple[int, int]:
        return -self.pieces[one].characters, one

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
            reason = f"same source, published {self.pieces[b].published} after {self.pieces[a].published}; {reason}"
        return self._made(a, b, relation, link, first, reason)

    def _made(self, a: int, b: int, relation: str, link: Link, first: int, reason: str) -> Match:
        return Match(
            self.pieces[a].id,
            self.pieces[b].id,
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
        one, other = self.pieces[link.a], self.pieces[link.b]
        if link.length[part] <= EXCERPT_LENGTH * link.length[1 - part] and link.found[part] >= EXCERPT_FOUND:
            return "excerpt", part
        when, then = self.moments[link.a], self.moments[link.b]
        if one.source and one.source == other.source and when is not None and then is not None and when != then:
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
