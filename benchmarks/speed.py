#!/usr/bin/env python3
"""MB of text per CPU second: cleaning beside ftfy, signing beside datasketch and rensa, in one run.

    python benchmarks/speed.py                 # 2,000 real articles, five rounds: some two minutes
    python benchmarks/speed.py --what sign     # signing only

Every contender reads the same articles in every round, one after the other (so that a busy machine slows all of them),
and the median of the rounds counts. CPU time of the process, all threads. Signing starts from the text: folding, words,
5-word shingles, 128 permutations. The peers get `\\w+` of the lower-cased text, the set of its 5-word shingles and their
fastest call for that. Cleaning is the whole Cleaner in this process; `ftfy.fix_text` repairs encoding only.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import lzma
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench"))
WORDS = re.compile(r"\w+")
SHINGLE, PERMUTATIONS, SEED = 5, 128, 1
BATCH = 256  # texts handed over at once to those that take several

Contender = Callable[[Sequence[str]], object]


def articles(data: Path, wanted: int) -> list[str]:
    """The first real news articles of the copies set. Exits with a message when it is not there."""
    path = data / "dedup" / "n1_dev_docs.jsonl.xz"
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the benchmark sets with --data or NEWSCLEAN_BENCH")
    texts: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            texts.append(json.loads(line)["text"])
            if len(texts) == wanted:
                break
    return texts


def word_shingles(text: str) -> set[str]:
    """What the peers are given: the set of 5-word shingles as strings."""
    words = WORDS.findall(text.lower())
    return {" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))}


def sign_newsclean(texts: Sequence[str]) -> object:
    from newsclean.signature import sign_batch

    return [sign_batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]


def sign_datasketch(texts: Sequence[str]) -> object:
    from datasketch import MinHash

    sets = ([shingle.encode() for shingle in word_shingles(text)] for text in texts)
    return [
        minhash.hashvalues for minhash in MinHash.generator(sets, num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
    ]


def sign_rensa(texts: Sequence[str]) -> object:
    from rensa import RMinHash

    signed = []
    for text in texts:
        minhash = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        minhash.update(list(word_shingles(text)))
        signed.append(minhash.digest())
    return signed


def sign_rensa_batch(texts: Sequence[str]) -> object:
    from rensa import RMinHash

    return [
        RMinHash.digests_from_token_sets(
            [list(word_shingles(text)) for text in texts[at : at + BATCH]], num_perm=PERMUTATIONS, seed=SEED
        )
        for at in range(0, len(texts), BATCH)
    ]


def clean_newsclean(texts: Sequence[str]) -> object:
    from newsclean import Cleaner

    return [result.text for result in Cleaner().pipe(list(texts), workers=1)]


def clean_ftfy(texts: Sequence[str]) -> object:
    import ftfy

    return [ftfy.fix_text(text) for text in texts]


CONTENDERS: dict[str, dict[str, Contender]] = {
    "sign": {
        "newsclean sign_batch": sign_newsclean,
        "rensa RMinHash": sign_rensa,
        "rensa RMinHash, batch": sign_rensa_batch,
        "datasketch MinHash": sign_datasketch,
    },
    "clean": {"newsclean Cleaner": clean_newsclean, "ftfy fix_text": clean_ftfy},
}


def measure(contenders: dict[str, Contender], texts: Sequence[str], rounds: int) -> dict[str, float]:
    """Median MB per CPU second of each, contenders interleaved in every round; one small round before, not counted."""
    megabytes = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            begun = time.process_time()
            contender(texts if number else texts[:20])
            if number:
                seconds[name].append(time.process_time() - begun)
    return {name: megabytes / statistics.median(taken) for name, taken in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--what", choices=("sign", "clean", "both"), default="both")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    asked = parser.parse_args()
    texts = articles(asked.data, asked.articles)
    found: dict[str, dict[str, float]] = {}
    for what, contenders in CONTENDERS.items():
        if asked.what in (what, "both"):
            # Cleaning takes some thirty times as long as signing: fewer articles give a steady median.
            found[what] = measure(contenders, texts if what == "sign" else texts[: len(texts) // 5], asked.rounds)
    if asked.json:
        print(json.dumps(found))
        return
    packages = ("numpy", "datasketch", "rensa", "ftfy")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    print(f"{len(texts)} articles, {asked.rounds} rounds, medians; Python {sys.version.split()[0]}, {versions}")
    for what, rates in found.items():
        ours = next(iter(rates.values()))
        print(f"\n{what:24} MB per CPU second   newsclean is")
        for name, rate in rates.items():
            print(f"{name:24} {rate:17.1f}   {'' if rate == ours else f'{ours / rate:.1f} × as fast'}")


if __name__ == "__main__":
    main()
