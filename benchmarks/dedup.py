"""Duplicate scores on n1, n2 and n2hard, by recipe, beside datasketch and rensa.

    python benchmarks/dedup.py --data ../shared/bench [--sets n1 n2 n2hard] [--raw] [--peers] [--out FILE]

Articles are cleaned first, as in `newsclean dedup`, unless --raw. n1 is the whole set of real articles with clusters
closed; of n2hard the recipes lede and d60 are left out. Peers get the same texts; of each, its best settings are known.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from copy_sets import UNSCORED, cleaned, folder, joined, parser, scorer, texts  # the script beside this one
from newsclean.duplicates import Finder, Piece


def score(
    score_dedup: Any, data: Path, name: str, clusters: list[tuple[str, ...]], links: set[tuple[str, str]]
) -> dict[str, Any]:
    """The figures of one set."""
    if name == "n1":
        labels = {(row["a"], row["b"]): row for row in score_dedup.rd(data / "n1_dev_pairs.jsonl")}
        pairs = [(one[i], one[j]) for one in clusters for i in range(len(one)) for j in range(i)]
        return dict(score_dedup.score_n1(labels, pairs))
    truth = {row["id"]: row for row in score_dedup.rd(data / name / "truth.jsonl")}
    inner = defaultdict(set)
    for row in truth.values():
        inner[row["cluster"]].add(row["id"])
    contains = score_dedup.rd(data / name / "contains.jsonl")
    real = {(one, row["outer"]) for row in contains for one in inner[row["inner_cluster"]]}
    scored = {id_: row for id_, row in truth.items() if name != "n2hard" or row["recipe"] not in UNSCORED}
    related = [
        row for row in score_dedup.rd(data / name / "related.jsonl") if row["a"] in scored and row["b"] in scored
    ]
    predicted = {member: one[0] for one in clusters for member in one}
    result = dict(score_dedup.score_n2(scored, predicted, contains, related=related, cont_pairs=links))
    result["roundup_links"], result["roundup_P"] = len(links), round(len(links & real) / max(1, len(links)), 3)
    return result


def ours(articles: list[tuple[str, str]]) -> tuple[list[tuple[str, ...]], set[tuple[str, str]], float]:
    """Clusters, round-up links, pairs compared for each article."""
    finder = Finder().add(Piece(id_, text, language="en") for id_, text in articles)
    report = finder.report()
    links = {(match.a, match.b) for match in report.matches if match.relation == "roundup"}
    return [one.members for one in report.clusters], links, finder.candidates / len(articles)


def peers(articles: list[tuple[str, str]]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """What others find: datasketch and rensa at their best settings, and with datasketch the defaults of two pipelines.

    datatrove: words-5, 14 buckets of 8 hashes; text-dedup: words-5, 250 permutations, 25 bands of 10 (its optimum for a
    threshold of 0.7). Neither verifies what a bucket says. Both stand here as settings, not as programs.
    """
    import re

    from datasketch import MinHash, MinHashLSH
    from rensa import RMinHash, RMinHashLSH

    def shingled(text: str, size: int) -> list[str]:
        words = re.findall(r"\w+", text.lower())
        return [" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1))]

    ids = [id_ for id_, _ in articles]
    sets = {id_: set(shingled(text, 5)) for id_, text in articles}

    def signed(permutations: int) -> Iterator[tuple[str, Any]]:
        for id_, shingles in sets.items():
            sketch = MinHash(num_perm=permutations, scheme="affine32")
            sketch.update_batch([one.encode() for one in shingles])
            yield id_, sketch

    lsh = MinHashLSH(threshold=0.4, num_perm=128)
    pairs = []
    for id_, sketch in signed(128):
        shingles = sets[id_]
        pairs += [
            (id_, other)
            for other in lsh.query(sketch)
            if len(shingles & sets[other]) >= 0.4 * len(shingles | sets[other])
        ]
        lsh.insert(id_, sketch)
    yield "datasketch words-5 0.4 verified", closed(sets, pairs)

    for name, permutations, bands, rows in (("datatrove settings", 112, 14, 8), ("text-dedup settings", 250, 25, 10)):
        owners: dict[tuple[int, bytes], str] = {}
        pairs = []
        for id_, sketch in signed(permutations):
            for band in range(bands):
                key = band, sketch.hashvalues[band * rows : (band + 1) * rows].tobytes()
                pairs.append((owners.setdefault(key, id_), id_))
        yield name, closed(sets, pairs)

    rensa = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    signatures = []
    for number, (_, text) in enumerate(articles):
        one = RMinHash(num_perm=128, seed=42)
        one.update(shingled(text, 3))
        signatures.append(one)
        rensa.insert(number, one)
    pairs = [
        (ids[number], ids[other])
        for number, one in enumerate(signatures)
        for other in rensa.query(one)
        if other != number and one.jaccard(signatures[other]) >= 0.5
    ]
    yield "rensa words-3 0.5", closed(sets, pairs)


def closed(ids: Iterable[str], pairs: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Clusters by any chain of pairs."""
    groups = defaultdict(list)
    for id_, one in joined(ids, pairs).items():
        groups[one].append(id_)
    return [tuple(members) for members in groups.values()]


def main() -> None:
    """Scores as a Markdown table on stdout and, if asked, in a file."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=["n1", "n2", "n2hard"])
    options.add_argument("--raw", action="store_true", help="do not clean first")
    options.add_argument("--peers", action="store_true", help="also score datasketch and rensa")
    options.add_argument("--out", help="also write the table here")
    told = options.parse_args()
    data = folder(told)
    score_dedup = scorer(data)
    lines = ["| set | by | P | R | F1 | recall by recipe | more |", "|---|---|---|---|---|---|---|"]
    for name in told.sets:
        articles = texts(data, name)
        if not told.raw:
            articles = cleaned(articles, told.keep, name)
        before = time.process_time()
        clusters, links, compared = ours(articles)
        seconds = time.process_time() - before
        found = [("newsclean", clusters, links)]
        if told.peers:
            found += [(peer, groups, set()) for peer, groups in peers(articles)]
        for by, groups, own_links in found:
            figures = score(score_dedup, data, name, groups, own_links)
            recall = " ".join(f"{recipe} {share:.3f}" for recipe, share in figures.pop("recall", {}).items())
            head = f"| {name} | {by} | {figures.pop('P'):.3f} | {figures.pop('R'):.3f} | {figures.pop('F1'):.3f} | {recall} |"
            more = ", ".join(f"{key} {value}" for key, value in figures.items() if key != "ARI")
            if by == "newsclean":
                more += f"; {compared:.1f} pairs compared and {1000 * seconds / len(articles):.2f} ms an article"
            lines.append(f"{head} {more.replace('{', '').replace('}', '').replace(chr(39), '')} |")
            print(lines[-1], flush=True)
    if told.out:
        Path(told.out).write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
