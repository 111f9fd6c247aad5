#!/usr/bin/env python3
"""What a collection teaches: per source on real news, and on labelled pages grouped by publisher.

    python benchmarks/learn.py news                  # ten large sources: counts, and 100 removals to read
    python benchmarks/learn.py pages                 # light tier: recall and body loss with and without learned lines

`news` cleans nothing: it counts, in every article, the lines that a learned rules file would remove at their place.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import lzma
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from newsclean import corpus, rulebook
from newsclean.cleaner import Cleaner
from newsclean.model import Article

DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench"))


def rows(path: Path) -> list[dict[str, Any]]:
    """The records of a compressed JSONL file. Exits with a message when it is not there."""
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the sets with --data or NEWSCLEAN_BENCH")
    compressed = lzma if path.suffix == ".xz" else gzip
    with compressed.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def news(data: Path, sample: int, seed: int) -> None:
    """Counts per large source, and a random sample of removals."""
    docs = rows(data / "dedup" / "n1_dev_docs.jsonl.xz")
    articles = [Article(one["id"], one["text"], one["title"], source=one["source"]) for one in docs]
    began = time.process_time()
    found = corpus.learn(articles)
    seconds = time.process_time() - began
    size = sum(len(one.text.encode()) for one in articles) / 1e6
    print(
        f"{found.articles} articles of {found.sources} sources, {size:.0f} MB: {len(found.lines)} lines in {seconds:.1f} CPU s"
    )
    keys = collections.defaultdict(dict)
    for line in found.lines:
        keys[line.source][line.key] = line
    removals: list[tuple[str, str]] = []
    per_source: collections.Counter[str] = collections.Counter()
    touched: collections.Counter[str] = collections.Counter()
    for one in articles:
        own = keys.get(one.source)
        if not own:
            continue
        hits = [line for line in map(str.strip, one.text.splitlines()) if line and rulebook.line_key(line) in own]
        removals += [(one.source, line) for line in hits]
        per_source[one.source] += len(hits)
        touched[one.source] += bool(hits)
    print(
        "| source | articles | lines learned | lines found again | articles with one | an example |\n|---|---|---|---|---|---|"
    )
    for source, count in collections.Counter(one.source for one in articles).most_common(10):
        best = max(keys[source].values(), key=lambda line: line.count, default=None)
        example = best.example[:70].replace("|", "/") if best else ""
        print(f"| {source} | {count} | {len(keys[source])} | {per_source[source]} | {touched[source]} | {example} |")
    print(f"| all | {len(articles)} | {len(found.lines)} | {len(removals)} | {touched.total()} | |")
    # At most two of a kind, so that one frequent line does not fill the sample.
    random.Random(seed).shuffle(removals)
    kinds: collections.Counter[tuple[str, str]] = collections.Counter()
    shown = 0
    for source, line in removals:
        kind = (source, rulebook.line_key(line))
        kinds[kind] += 1
        if kinds[kind] <= 2 and shown < sample:
            shown += 1
            print(f"{shown:4d} {source[:16]:16s} {line[:150]}")


def pages(data: Path) -> None:
    """The light tier as articles of their publishers, cleaned without and with what each publisher's pages teach."""
    sys.path.insert(0, str(data / "boilerplate"))
    import score_boiler

    docs = rows(data / "boilerplate" / "dev.jsonl.gz")
    everything = [Article(one["id"], "\n".join(one["lines"]), source=one["domain"]) for one in docs]
    found = corpus.learn(everything)
    print(
        f"{len(found.lines)} lines of {len({line.source for line in found.lines})} publishers learned from {len(docs)} page texts"
    )
    taught = {line.source for line in found.lines}
    light = [one for one in docs if one["tier"] == "light" and one["domain"] in taught]
    articles = [Article(one["id"], "\n".join(one["lines"]), source=one["domain"]) for one in light]
    print(
        f"{len(found.lines)} lines of {len(taught)} publishers learned from {len(docs)} page texts; {len(light)} light pages"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learned.toml"
        path.write_text(found.to_toml(), "utf-8")
        for name, rules in (("without", ()), ("with", (str(path),))):
            # Rules alone: the installed weights have seen these publishers.
            cleaner = Cleaner({"rules": rules, "learned_score": False})
            outs = _clean(cleaner, articles)
            score_boiler.show(score_boiler.score(light, outs))
            print(f"  ({name} learned lines)")


def _clean(cleaner: Cleaner, articles: Sequence[Article]) -> list[str]:
    return [result.text for result in cleaner.pipe(articles, workers=1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("news", "pages"))
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.what == "news":
        news(given.data, given.sample, given.seed)
    else:
        pages(given.data)


if __name__ == "__main__":
    main()
