"""What a run did, in numbers: what summary.json holds and what the terminal shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsclean.model import Cluster
from newsclean.pipeline_files import count_edits, own_id

# Articles that are named for the time they took, if they took a second or more.
SLOWEST = 20


@dataclass(slots=True)
class RunSummary:
    """What a run did. Everything but the last three is in summary.json, which is the same for the same input."""

    version: str = ""
    rules: str = ""
    recipe: str = ""
    inputs: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    records: int = 0
    articles: int = 0
    failed: int = 0
    changed: int = 0
    empty: int = 0
    dropped: int = 0
    bytes: int = 0
    characters_in: int = 0
    characters_out: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    lines_removed: dict[str, int] = field(default_factory=dict)
    repairs: dict[str, int] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    rules_used: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)
    slowest: list[dict[str, Any]] = field(default_factory=list)
    clusters: int = 0
    clusters_with_copies: int = 0
    largest_cluster: int = 0
    learned_lines: int = 0
    notes: list[str] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0
    parts_resumed: int = 0

    @property
    def exit_code(self) -> int:
        """0, or 3 if any record failed."""
        return 3 if self.failed else 0

    @property
    def mb_per_second(self) -> float:
        """Megabytes of input per second of wall time."""
        return self.bytes / 1e6 / self.seconds if self.seconds else 0.0

    def to_dict(self, *, timed: bool = False) -> dict[str, Any]:
        """Plain data, ready for JSON. `timed` adds what differs from run to run: output folder, seconds, MB/s."""
        names = [name for name in self.__slots__ if name not in ("output", "seconds", "parts_resumed")]
        values = {name: getattr(self, name) for name in names}
        if timed:
            values |= {"output": self.output, "seconds": round(self.seconds, 3)}
            values |= {"mb_per_second": round(self.mb_per_second, 3), "parts_resumed": self.parts_resumed}
        return values


@dataclass(slots=True)
class Tally:
    """Counts by name, article by article; `into` puts them into a summary, the largest first."""

    lines_removed: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    rules_used: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any], relation: str | None, summary: RunSummary) -> None:
        """One more article, and its relation to the one that stands for it."""
        summary.articles += 1
        summary.bytes += row["bytes"]
        summary.characters_in += row["chars"]
        summary.characters_out += len(row["text"])
        summary.changed += bool(row["edits"])
        summary.empty += not row["text"].strip()
        count_edits(row["edits"], self.lines_removed, self.repairs, self.rules_used)
        self.flags.update(flag["kind"] for flag in row["flags"])
        self.languages[row["metadata"].get("language") or "unknown"] += 1
        if relation:
            self.copies[relation] += 1
        if "seconds" in row:
            summary.slowest.append({"id": own_id(row), "seconds": row["seconds"]})
            summary.slowest.sort(key=lambda one: (-one["seconds"], str(one["id"])))
            del summary.slowest[SLOWEST:]

    def into(self, summary: RunSummary, clusters: Sequence[Cluster]) -> None:
        """Finish the summary."""
        for name in self.__slots__:
            counts: Counter[str] = getattr(self, name)
            setattr(summary, name, dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))
        sizes = [len(cluster.members) for cluster in clusters]
        summary.clusters = len(sizes) or summary.articles
        summary.clusters_with_copies = sum(size > 1 for size in sizes)
        summary.largest_cluster = max(sizes, default=min(1, summary.articles))
