"""Counts which English words the news never writes with a capital at a sentence end: languages/en/small_words.txt.

    python benchmarks/small_words.py [--data ../shared/bench] > src/newsclean/languages/en/small_words.txt

A word is listed when it occurs 20 times or more in small letters behind another word, with a capital before a full
stop in no more than one of 2,000 of these, and with a capital before a small word in no more than one of 500. Half
of the publishers are counted; on the others the list gave .1 false flags per 100,000 words.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import lzma
import os
import re
from pathlib import Path

SMALL = re.compile(r"(?<=[a-z,] )([a-z]{2,})\b")
CAPITAL_LAST = re.compile(r"(?<=[a-z] )([A-Z][a-z]+)(?=[.?!,](?:\s|$))")
CAPITAL_INSIDE = re.compile(r"(?<=[a-z] )([A-Z][a-z]+)(?= [a-z])")


def main() -> None:
    """Reads the articles and prints the words, one per line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = os.environ.get("NEWSCLEAN_BENCH", str(Path(__file__).parents[2] / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default))
    articles = parser.parse_args().data / "dedup" / "n1_dev_docs.jsonl.xz"
    if not articles.is_file():
        raise SystemExit(f"{articles} is not there; name the folder of the development sets with --data")
    small: collections.Counter[str] = collections.Counter()
    last: collections.Counter[str] = collections.Counter()
    inside: collections.Counter[str] = collections.Counter()
    with lzma.open(articles, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            if int(hashlib.md5(article["source"].encode()).hexdigest(), 16) % 2:
                continue  # the other publishers are for measuring
            small.update(SMALL.findall(article["text"]))
            last.update(word.lower() for word in CAPITAL_LAST.findall(article["text"]))
            inside.update(word.lower() for word in CAPITAL_INSIDE.findall(article["text"]))
    print("# Words that the news writes small at the end of a sentence. Counted by benchmarks/small_words.py.")
    for word in sorted(small):
        if small[word] >= 20 and last[word] <= small[word] / 2000 and inside[word] <= small[word] / 500:
            print(word)


if __name__ == "__main__":
    main()
