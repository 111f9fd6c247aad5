#!/usr/bin/env python3
"""Speed of the line pass, of repair() and of clean() as a whole, beside ftfy.fix_text on the same news texts, in CPU time.

python benchmarks/speed_lines.py [--data FOLDER] [--articles 2000]
"""

from __future__ import annotations

import argparse
import itertools
import json
import lzma
import os
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


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--articles", type=int, default=2000)
    given = parser.parse_args()
    path = given.data / "n1_dev_docs.jsonl.xz"
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the news texts with --data or NEWSCLEAN_BENCH")
    with lzma.open(path, "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in itertools.islice(file, given.articles)]
    size = sum(len(text.encode()) for text in texts) / 1e6
    parts = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
    context, cleaner = Context("en", "", "", CleanSettings()), Cleaner()
    bare = Context("en", "", "", CleanSettings(learned_score=False))
    readings = [line_reading.read(part, [context] * len(part)) for part in parts]
    seen, model = [(one.grid, line_reading.evidence(one)) for one in readings], line_score.load()
    works: dict[str, Callable[[], object]] = {
        "ftfy.fix_text": lambda: [ftfy.fix_text(text) for text in texts],
        "lines, rules only": lambda: [lines.find_many(part, [bare] * len(part)) for part in parts],
        "line score alone, of lines that are read": lambda: [line_score.weigh(*one, model) for one in seen],
        "lines": lambda: [lines.find_many(part, [context] * len(part)) for part in parts],
        "repair": lambda: [cleaner.repair(text) for text in texts],
        "clean, one by one": lambda: [cleaner.clean(text) for text in texts],
        "clean_batch": lambda: [cleaner.clean_batch(part) for part in parts],
    }
    cleaner.clean_batch(texts[:20])  # rules, weights and repairs are read
    print("| what | MB per CPU second | times ftfy |\n|---|---|---|")
    base = 0.0
    for name, work in works.items():
        speed = size / seconds(work)
        base = base or speed
        print(f"| {name} | {speed:.2f} | {speed / base:.2f} |", flush=True)


if __name__ == "__main__":
    main()
