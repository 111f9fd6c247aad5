"""What the patterns of our rules ask of a line, worked out beforehand: taking them apart takes half of a process's first second.

rulebook_table.json is written by docs/generate_rules.py. A pattern that it does not know is taken apart when it is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from newsclean.rulebook_needs import Way

TABLE = Path(__file__).with_suffix(".json")

# What is longer is left out: of 654 patterns 41, with hundreds of beginnings, most of them Chinese, Japanese and
# Korean, would make it three times as large.
MOST_SIGNS = 8_000


class Known(NamedTuple):
    """What is known of a pattern: what rulebook_parsed.narrowest and widest and rulebook_literals.keys tell of it."""

    narrowest: int
    widest: int
    keys: tuple[tuple[frozenset[str], frozenset[str], tuple[Way, ...]], ...]  # opening, words and ways of each


@cache
def _table() -> dict[str, str]:
    """The lines of the table by the digest of the pattern that they are of: most are those of other languages."""
    return {line[1:17]: line for line in TABLE.read_text("utf-8").split("\n") if line.startswith('"')}


@lru_cache(maxsize=1024)
def of(pattern: str) -> Known | None:
    """What is known of a pattern, if anything is."""
    line = _table().get(_digest(pattern))
    if line is None:
        return None
    narrowest, widest, keys = json.loads(line[19:].removesuffix(","))
    read = [
        (frozenset(opening), frozenset(words), tuple(tuple(map(frozenset, way)) for way in ways))
        for opening, words, ways in keys
    ]
    return Known(narrowest, widest, tuple(read))


def _digest(pattern: str) -> str:
    return hashlib.sha256(pattern.encode()).hexdigest()[:16]


def written(known: Mapping[str, Known]) -> str:
    """The table of some patterns, as it is kept: JSON with a line for each."""
    lines = []
    for pattern, (narrowest, widest, keys) in known.items():
        sets = [
            (sorted(opening), sorted(words), [list(map(sorted, way)) for way in ways]) for opening, words, ways in keys
        ]
        entry = json.dumps((narrowest, widest, sets), ensure_ascii=False, separators=(",", ":"))
        if len(entry) <= MOST_SIGNS:
            lines.append(f'"{_digest(pattern)}": {entry}')
    return "{\n" + ",\n".join(sorted(lines)) + "\n}\n"
