"""The quality floors: scores on newsclean's own fixtures that may rise and must not fall.

    python benchmarks/floors.py             exit code 1 if a score is below its floor, or a fixture set is missing
    python benchmarks/floors.py --update    raise floors.json to today's scores; never lowers one

The sets are small and ours, so a floor guards against breakage, not for quality on the web at large: those levels are
in docs/benchmarks.md, measured on publishers that nothing was tuned on.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from newsclean import scoring
from newsclean.model import Article
from newsclean.scoring import Case, Part

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
FLOORS = ROOT / "benchmarks" / "floors.json"

# Scores are kept to four places; below that a machine's rounding may differ.
PLACES = 4
# Scores of which less is better are kept as 1 - score, so that every floor is a floor.
LESS_IS_BETTER = {"body loss", "articles damaged"}
WATCHED = {
    "cleaning": ["line precision", "line recall", "line F1", "body loss", "articles damaged", "exact match"],
    "repairs": ["precision of repairs", "recall of repairs"],
    "copies": ["pair precision", "pair recall", "B-cubed F1", "adjusted Rand index"],
}


def parts() -> Iterator[Part]:
    """Each kind of fixture, scored."""
    cases = []
    for folder in sorted(path.parent for path in (FIXTURES / "articles").glob("*/expected.txt")):
        about = tomllib.loads((folder / "origin.toml").read_text("utf-8"))
        source, expected = ((folder / name).read_bytes().decode("utf-8") for name in ("source.txt", "expected.txt"))
        known = {key: str(about[key]) for key in ("title", "language", "source") if about.get(key)}
        cases.append(Case(folder.name, Article(folder.name, source, **known), expected))
    yield scoring.score_cleaning(cases)

    repairs = [
        (f"{path.stem}/{case['name']}", case)
        for path in sorted((FIXTURES / "repairs").glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
        if not case.get("level") and not case.get("settings")
    ]
    yield scoring.score_repairs(repairs, None)

    inbox = FIXTURES / "inbox" / "labels.jsonl"
    if inbox.exists():
        yield scoring.evaluate(inbox).parts[0]


def scores() -> dict[str, float]:
    """Every watched score by name, higher is better."""
    found = {}
    for part in parts():
        for name in WATCHED[part.kind]:
            if name in part.figures:
                value = float(part.figures[name])
                less = name in LESS_IS_BETTER
                found[f"{part.kind}: {'no ' if less else ''}{name}"] = round(1 - value if less else value, PLACES)
    return found


def main() -> int:
    """Compare with the floors, or raise them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="raise floors.json to today's scores")
    wanted = parser.parse_args()
    today = scores()
    floors = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {}
    fallen = {name: floor for name, floor in floors.items() if today.get(name, -1.0) < floor}
    for name in sorted({*today, *floors}):
        print(f"{name:40s} {today.get(name, float('nan')):7.4f}  floor {floors.get(name, float('nan')):7.4f}")
    if wanted.update:
        floors = {name: max(score, floors.get(name, 0.0)) for name, score in today.items()}
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", "utf-8")
    for name, floor in fallen.items():
        print(f"{name} fell below its floor: {today.get(name)} < {floor}", file=sys.stderr)
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
