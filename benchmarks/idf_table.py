"""Makes weights/idf.npz: how often words and word pairs occur in news, so that what is common counts for little.

    python benchmarks/idf_table.py --data ../shared/bench

Only hashes of single words and of word pairs go into the table, none of an article's text. A table of another name
makes other sketches: indexes made with the old one are refused.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import math
import os
from collections import Counter
from pathlib import Path

import numpy as np

from newsclean import anchors

NAME = "idf1"
# In fewer of the 19,000 articles a word or pair is as good as unknown; keeps the file at half a megabyte.
WORD_ARTICLES, PAIR_ARTICLES = 6, 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default=os.environ.get("NEWSCLEAN_BENCH", "../shared/bench"))
    parser.add_argument("--out", default="src/newsclean/weights/idf.npz")
    data = Path(parser.parse_args().data)
    with lzma.open(data / "dedup" / "n1_dev_docs.jsonl.xz", "rt", encoding="utf-8") as lines:
        texts = [(json.loads(line)["text"], "en") for line in lines]
    with gzip.open(data / "boilerplate" / "dev_refs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts += [(str(json.loads(line).get("text", "")), "") for line in lines]

    empty = anchors.Table("none", {}, np.full(1 << 22, anchors.RAREST, np.uint8))
    anchors.table.cache_clear()
    anchors.table = lambda: empty  # type: ignore[assignment]
    words: Counter[int] = Counter()
    slots = np.zeros(1 << 22, np.int64)
    for start in range(0, len(texts), 64):
        for text, language in texts[start : start + 64]:
            values = [value for _, _, value in anchors.content_words(text, language)]
            hashed = np.array(values, np.uint64) >> np.uint64(8)
            words.update(np.unique(hashed >> np.uint64(24)).tolist())
            both = [anchors._mixed(hashed[step:] + hashed[:-step]) for step in (1, 2)]
            slots[np.unique(np.concatenate(both) >> np.uint64(42)).astype(np.int64)] += 1
    count = len(texts)

    def weight(articles: int) -> int:
        return max(1, min(anchors.RAREST - 1, round(anchors.RAREST * math.log(count / articles) / math.log(count / 3))))

    kept = sorted(word for word, articles in words.items() if articles >= WORD_ARTICLES)
    # Each slot also collects chance meetings of rare pairs: what an average slot holds is taken off.
    background = float(np.median(slots))
    pairs = np.flatnonzero(slots - background >= PAIR_ARTICLES)
    np.savez_compressed(
        parser.parse_args().out,
        name=np.array(NAME),
        words=np.array(kept, np.uint32),
        word_weights=np.array([weight(words[word]) for word in kept], np.uint8),
        pair_steps=np.diff(pairs, prepend=0).astype(np.uint32),
        pair_weights=np.array([weight(int(slots[pair] - background)) for pair in pairs], np.uint8),
    )
    print(f"{count:,} articles, {len(kept):,} words, {len(pairs):,} pairs, background {background}")


if __name__ == "__main__":
    main()
