#!/usr/bin/env python3
"""Speed of the line pass, of repair() and of clean() as a whole, beside ftfy.fix_text on the same news texts, in CPU time.

    python benchmarks/speed_lines.py [--data FOLDER] [--articles 2000] [--rounds 5] [--turn 256]

Each reads as many articles as --turn says, ftfy first, before the next one has its turn: a machine that is busy slows all of
them. The median of all turns of all rounds counts, of the speed and of how it compares with ftfy's in the same turn. With short
turns (64) what one left in the processor's cache is gone when it has its turn again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import ftfy

from newsclean import line_reading, line_score, lines
from newsclean.cleaner import BATCH, Cleaner
from newsclean.model import Context
from newsclean.settings import CleanSettings

DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench")) / "dedup"


Work = Callable[[int], object]


def measure(works: dict[str, Work], turns: list[range], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each work in each turn of each round; a work is done part by part."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for turn in turns:
            for name, work in works.items():
                start = time.process_time()
                for part in turn:
                    work(part)
                spent[name].append(time.process_time() - start)
    return spent


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--turn", type=int, default=256, help=f"articles that each reads in its turn, in steps of {BATCH}"
    )
    given = parser.parse_args()
    path = given.data / "n1_dev_docs.jsonl.xz"
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the news texts with --data or NEWSCLEAN_BENCH")
    with lzma.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in itertools.islice(file, given.articles)]
    parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    context, cleaner = Context("en", "", "", CleanSettings()), Cleaner()
    bare = Context("en", "", "", CleanSettings(learned_score=False))
    readings = [line_reading.read(part, [context] * len(part)) for part in parts]
    seen, model = [(one.grid, line_reading.evidence(one)) for one in readings], line_score.load()
    works: dict[str, Work] = {
        "ftfy.fix_text": lambda at: [ftfy.fix_text(text) for text in parts[at]],
        "lines, rules only": lambda at: lines.find_many(parts[at], [bare] * len(parts[at])),
        "line score alone, of lines that are read": lambda at: line_score.weigh(
            *seen[at], model, ["balanced"] * len(parts[at])
        ),
        "lines": lambda at: lines.find_many(parts[at], [context] * len(parts[at])),
        "repair": lambda at: [cleaner.repair(text) for text in parts[at]],
        "clean, one by one": lambda at: [cleaner.clean(text) for text in parts[at]],
        "clean_batch": lambda at: cleaner.clean_batch(parts[at]),
    }
    measure(works, [range(1)], 1)  # rules, weights and repairs are read
    step = -(-given.turn // BATCH)
    turns = [range(first, min(first + step, len(parts))) for first in range(0, len(parts), step)]
    sizes = [sum(len(text.encode()) for part in parts[turn.start : turn.stop] for text in part) / 1e6 for turn in turns]
    spent = measure(works, turns, given.rounds)
    print("| what | MB per CPU second | times ftfy |\n|---|---|---|")
    base = spent["ftfy.fix_text"]
    for name, seconds in spent.items():
        speed = statistics.median(size / one for size, one in zip(sizes * given.rounds, seconds, strict=True))
        times = statistics.median(one / other for one, other in zip(base, seconds, strict=True))
        print(f"| {name} | {speed:.2f} | {times:.2f} |")


if __name__ == "__main__":
    main()
