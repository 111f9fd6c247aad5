#!/usr/bin/env python3
"""How many real headlines each profile takes when they stand above their articles and no title is given.

    python benchmarks/headlines.py [--data FOLDER] [--articles 2000] [--profiles safe,balanced,thorough]

The articles and their titles are those of the copies set. What an aggregator puts before a title ("OPINION: ") is no part of
the headline and is left out. Between headline and text stand nothing, a standfirst (the beginning of the second paragraph), an
invented byline, or both.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from newsclean import Cleaner
from newsclean.settings import PROFILES

DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench")) / "dedup"
BATCH = 64

# Shorter titles are sections or names.
SHORTEST = 8
_PREFIX = re.compile(r"^(?:opinion|perspective|analysis|video)\s*:\s*", re.IGNORECASE)


def titled(path: Path) -> Iterator[tuple[str, str]]:
    """Headline and text of each article that has both."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            doc = json.loads(line)
            title = _PREFIX.sub("", doc["title"]).strip()
            if len(title) >= SHORTEST:
                yield title, doc["text"]


def standfirst(text: str) -> str:
    """A line of thirteen words without a stop: the beginning of the second paragraph, or of the first."""
    paragraphs = [line for line in text.split("\n") if len(line.split()) > 20] or [text]
    return " ".join(paragraphs[min(1, len(paragraphs) - 1)].split()[:13]).rstrip(".,;:")


BETWEEN: dict[str, Callable[[str], list[str]]] = {
    "alone": lambda text: [],
    "over a standfirst": lambda text: [standfirst(text)],
    "over a byline": lambda text: ["Ann Merton, Harwick correspondent"],
    "over both": lambda text: [standfirst(text), "By Ann Merton"],
}


def lost(
    cleaner: Cleaner, articles: Sequence[tuple[str, str]], between: Callable[[str], list[str]]
) -> Iterator[tuple[str, str]]:
    """Headlines that go from above their articles, and the rule that takes each."""
    for at in range(0, len(articles), BATCH):
        part = articles[at : at + BATCH]
        results = cleaner.clean_batch(["\n\n".join([title, *between(text), text]) for title, text in part])
        for (title, _), result in zip(part, results, strict=True):
            for one in result.edits:
                if one.pass_name.startswith("lines") and one.input_start == 0 and one.input_end >= len(title):
                    yield title, one.edit.rule


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--profiles", default=",".join(PROFILES))
    given = parser.parse_args()
    path = given.data / "n1_dev_docs.jsonl.xz"
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the news texts with --data or NEWSCLEAN_BENCH")
    articles = list(islice(titled(path), given.articles))
    print(f"| of {len(articles)} headlines lost | {' | '.join(BETWEEN)} |\n|---|{'---|' * len(BETWEEN)}")
    for profile in given.profiles.split(","):
        cleaner = Cleaner({"profile": profile, "language": "en"})
        found = [list(lost(cleaner, articles, between)) for between in BETWEEN.values()]
        print(f"| {profile} | {' | '.join(str(len(one)) for one in found)} |", flush=True)
        for title, rule in dict.fromkeys(one for some in found for one in some):
            print(f"    {rule}: {title}", file=sys.stderr)


if __name__ == "__main__":
    main()
