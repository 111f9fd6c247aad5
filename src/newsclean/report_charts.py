"""Small charts as numbers for inline SVG.

Hand-made: of the Python libraries that draw inline SVG without a browser, pygal is LGPL and leather sleeps; matplotlib
and the Vega family weigh more than newsclean does. Two charts and a bar do not earn that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

# Removed share of an article, upper bounds in percent. Narrow where most articles are, so that both a light page
# leftover and a whole scraped page show.
SHARE_BOUNDS = (0, 2, 5, 10, 20, 40, 60, 80, 100)
SIZE_BOUNDS = (2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its count, and its length in [0, 100] with the longest at 100."""

    name: str
    count: float
    length: float


def bars(counts: Mapping[str, float], limit: int = 20) -> tuple[list[Bar], int]:
    """The longest bars, and how many are left out."""
    order = sorted(((name, count) for name, count in counts.items() if count), key=lambda pair: (-pair[1], pair[0]))
    longest = max((abs(count) for _, count in order), default=1) or 1
    shown = [Bar(name, count, round(100 * abs(count) / longest, 1)) for name, count in order[:limit]]
    return shown, max(0, len(order) - limit)


def share_bucket(share: float) -> int:
    """Which bar of the removed-share chart an article belongs to; `share` in [0, 1], negative when it grew."""
    if share <= 0:
        return 0
    return next((at for at, bound in enumerate(SHARE_BOUNDS) if share * 100 <= bound), len(SHARE_BOUNDS) - 1)


def share_names() -> list[str]:
    """The names of the removed-share bars."""
    pairs = pairwise(SHARE_BOUNDS)
    return ["0", *(f"{low}–{high}" if low else f"≤ {high}" for low, high in pairs)]


def size_bucket(size: int) -> int:
    """Which bar of the group-size chart a group of `size` (2 or more) belongs to."""
    return next((at for at, bound in enumerate(SIZE_BOUNDS) if size <= bound), len(SIZE_BOUNDS))


def size_names() -> list[str]:
    """The names of the group-size bars."""
    names, low = [], 2
    for bound in SIZE_BOUNDS:
        names.append(f"{low}" if low == bound else f"{low}–{bound}")
        low = bound + 1
    return [*names, f"{low}+"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an upright chart, in the units of its viewBox (100 high)."""

    name: str
    count: int
    x: float
    y: float
    width: float
    height: float


def columns(names: Sequence[str], counts: Sequence[int], width: float = 420) -> list[Column]:
    """Upright bars across `width`, the highest 100."""
    highest = max(counts, default=0) or 1
    step = width / max(1, len(names))
    found = []
    for at, (name, count) in enumerate(zip(names, counts, strict=True)):
        # A column that is not empty stays visible beside a very high one.
        height = max(1.5, 100 * count / highest) if count else 0
        found.append(
            Column(
                name, count, round(at * step + step * 0.12, 1), round(100 - height, 1), round(step * 0.76, 1), height
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Dot:
    """One article on a timeline: x in [0, 1000], its date as text, and whether it stands for the group."""

    x: float
    when: str
    canonical: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows of dots under a common axis; `ticks` are (x, date)."""

    rows: list[tuple[str, str, list[Dot]]]
    ticks: list[tuple[float, str]]


def when(text: str) -> datetime | None:
    """An ISO 8601 date as a moment; without a zone it is taken as UTC. None if it is no date."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def timeline(groups: Sequence[tuple[str, str, Sequence[tuple[str, bool]]]]) -> Timeline | None:
    """Groups (anchor, name, [(published, is canonical)]) on one axis; None when fewer than two dates can be read."""
    read = [
        (anchor, name, [(moment, stands) for text, stands in members if (moment := when(text))])
        for anchor, name, members in groups
    ]
    read = [row for row in read if len(row[2]) > 1]
    moments = [moment for _, _, dots in read for moment, _ in dots]
    if not moments:
        return None
    first, last = min(moments), max(moments)
    span = max((last - first).total_seconds(), 3600.0)
    rows = []
    for anchor, name, dots in read:
        placed = sorted((1000 * (moment - first).total_seconds() / span, moment, stands) for moment, stands in dots)
        rows.append((anchor, name, [Dot(round(x, 1), _said(moment), stands) for x, moment, stands in placed]))
    ticks = []
    for at in range(5):
        moment = first + timedelta(seconds=span * at / 4)
        ticks.append((250.0 * at, f"{moment:%-d %b %H:%M}" if span < 3 * 86_400 else f"{moment:%-d %b %Y}"))
    return Timeline(rows, ticks)


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if (moment.hour, moment.minute) != (0, 0) else f"{moment:%Y-%m-%d}"
