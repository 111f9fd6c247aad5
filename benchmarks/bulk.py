#!/usr/bin/env python3
"""How time, memory, candidates and the index file grow with the collection: 10,000, 100,000, 1,000,000 articles.

    python benchmarks/bulk.py                            # 10,000 and 100,000: some five minutes
    python benchmarks/bulk.py 10000 100000 1000000       # an hour; 3 GB of articles in --work

The articles are invented by make_bulk.py of the benchmark sets (about 3 KB each; a quarter of the stories have copies
that are cut, thinned or spun) and read as they are: no cleaning. Each row is a process of its own, so its memory peak
is its own. `copies` is the whole of newsclean.duplicates from text to clusters; `index` takes signatures, sketches and
keys that are made beforehand into a new index file, 1,000 articles a time, then looks up 10,000 of them again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench"))
QUERIES = 10_000


def made(data: Path, work: Path, count: int) -> Path:
    """The file of `count` invented articles, made if it is not there; its truth stands beside it."""
    maker = data / "dedup" / "make_bulk.py"
    if not maker.is_file():
        sys.exit(f"{maker} is not there; name the folder of the benchmark sets with --data or NEWSCLEAN_BENCH")
    path = work / f"bulk-{count}.jsonl"
    if not path.is_file():
        print(f"making {path}", file=sys.stderr)
        part = path.with_suffix(".part")
        subprocess.run([sys.executable, str(maker), str(count), str(part)], check=True)
        Path(f"{part}.truth.jsonl").rename(f"{path}.truth.jsonl")
        part.rename(path)
    return path


def articles(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each article."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["text"]


def peak_mb() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def pairs(groups: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in groups.values())


def copies(path: Path) -> dict[str, Any]:
    """From text to clusters."""
    from newsclean import duplicates

    finder = duplicates.Finder()
    finder.add(duplicates.Piece(id_, text) for id_, text in islice(articles(path), 300))  # fills the tables of words
    finder = duplicates.Finder()
    reading = time.process_time()
    for _ in articles(path):
        pass
    reading = time.process_time() - reading
    begun = time.process_time()
    finder.add(duplicates.Piece(id_, text) for id_, text in articles(path))
    signed = time.process_time() - begun - reading
    report = finder.report()
    compared = time.process_time() - begun - reading - signed
    memory = peak_mb()
    with Path(f"{path}.truth.jsonl").open(encoding="utf-8") as lines:
        truth = {row["id"]: row["cluster"] for row in map(json.loads, lines)}
    found = {member: one.id for one in report.clusters for member in one.members}
    right = pairs(Counter((truth[id_], found[id_]) for id_ in truth))
    count = len(truth)
    return {
        "articles": count,
        "CPU s": round(signed + compared, 1),
        "sign and sketch, µs an article": round(signed / count * 1e6),
        "meet, compare and group, µs an article": round(compared / count * 1e6),
        "memory MB": round(memory),
        "pairs compared an article": round(finder.candidates / count, 2),
        "precision": round(right / max(pairs(Counter(found.values())), 1), 4),
        "recall": round(right / pairs(Counter(truth.values())), 4),
    }


def index(path: Path) -> dict[str, Any]:
    """Signatures, sketches and keys into an index file."""
    import numpy as np

    from newsclean import anchors, signature
    from newsclean.duplicates import ANCHORS, BANDS, MOST
    from newsclean.index import Entry, IndexFile

    def batches() -> Iterator[list[Entry]]:
        rows = articles(path)
        while some := list(islice(rows, 1000)):
            texts = [text for _, text in some]
            signed = signature.sign_batch(texts)
            bands = signature.band_keys(signed, *signature.bands_for())
            sketches, rare = anchors.sketch_batch(texts)
            yield [
                Entry(
                    id_,
                    np.concatenate([BANDS.keys(bands[at]), ANCHORS.keys(rare[at])]),
                    signed[at].tobytes(),
                    sketches[at],
                    published="2026-11-20",
                )
                for at, (id_, _) in enumerate(some)
            ]

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        file = Path(folder) / "bulk.index"
        options: dict[str, Any] = {"recipe": "bulk", "views": (BANDS, ANCHORS), "most": MOST}
        count, candidates, taken, latest = 0, 0, 0.0, 0.0
        probes: list[Entry] = []
        with IndexFile.open(file, **options) as held:
            for batch in batches():
                begun = time.process_time()
                candidates += sum(map(len, held.add(batch)))
                latest = time.process_time() - begun
                taken += latest
                count += len(batch)
                probes += batch[: max(1, QUERIES * len(batch) // 1_000_000)] if len(probes) < QUERIES else []
            memory = peak_mb()
        size = file.stat().st_size
        begun = time.process_time()
        with IndexFile.open(file, mode="read", **options) as held:
            opening = time.process_time() - begun
            begun = time.process_time()
            held.query(probes)
            together = time.process_time() - begun
            singly = probes[:2000]
            begun = time.process_time()
            for probe in singly:
                held.query([probe])
            one_by_one = time.process_time() - begun
    return {
        "articles": count,
        "added a CPU second": round(count / taken),
        "queries a CPU second, together": round(len(probes) / together),
        "queries a CPU second, one by one": round(len(singly) / one_by_one),
        "opening, CPU s": round(opening, 2),
        "file MB": round(size / 1e6),
        "memory MB": round(memory),
        "candidates an article": round(candidates / count, 2),
    }


PARTS = {"copies": copies, "index": index}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("counts", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "newsclean-bulk")
    parser.add_argument("--part", choices=tuple(PARTS), help="only this table")
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.file:
        print(json.dumps(PARTS[asked.part](asked.file)))
        return
    asked.work.mkdir(parents=True, exist_ok=True)
    for part in [asked.part] if asked.part else PARTS:
        rows = []
        for count in asked.counts:
            path = made(asked.data, asked.work, count)
            command = [sys.executable, __file__, "--part", part, "--file", str(path)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            rows.append(json.loads(done.stdout))
            print(f"{part}: {rows[-1]}", file=sys.stderr)
        print(f"\n| {part} | " + " | ".join(f"{row['articles']:,}" for row in rows) + " |")
        print("|---" * (len(rows) + 1) + "|")
        for name in rows[0]:
            if name != "articles":
                print(f"| {name} | " + " | ".join(f"{row[name]:,}" for row in rows) + " |")


if __name__ == "__main__":
    main()
