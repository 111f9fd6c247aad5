"""Fits the weights of compare.WEIGHTS on labelled pairs, and says how they do on the halves they were not fitted on.

    python benchmarks/fit_copies.py --data ../shared/bench [--keep FOLDER]

Pairs: every candidate, labelled pair and copy of n1, n2 and n2hard, cleaned. Real pairs weigh more, real copies most.
Needs scikit-learn, which newsclean does not.

It does not print the shipped weights: those were fitted on the texts as an earlier state of the cleaner left them, and
what it prints for today's does no better on either half of n1, so they stayed. The intercept that ships stands 1.0 below the
fitted one, and the halves are judged at that point; the rules of `compare.judge` beside the score are not part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from dedup import UNSCORED, cleaned, scorer, texts  # the script beside this one
from newsclean import anchors, compare
from newsclean.index_buckets import Buckets, View

# More strangers than a search looks at, so that there is enough to tell copies from.
ANCHORS = View(1, "anchors", bucket=50, shared=2)
MOST = 200

# How much a pair counts: real copies, real articles that share agency paragraphs, other real pairs, invented ones on one
# event, other invented ones.
REAL_COPY, REAL_PARTIAL, REAL, RELATED, INVENTED = 20.0, 10.0, 2.0, 3.0, 1.0


def labelled(score_dedup: Any, data: Path, name: str, keep: Path | None) -> tuple[dict[str, Any], Any, Any, list[str]]:
    """Figures, answers (1, 0; -1: not used), weights and kinds of the pairs of one set."""
    articles = cleaned(texts(data, name), keep / f"{name}.json" if keep else None)
    ids = {id_: number for number, (id_, _) in enumerate(articles)}
    stored, keys = anchors.sketch_batch([text for _, text in articles], ["en"] * len(articles))
    sketches = [anchors.Sketch.read(one) for one in stored]
    met = Buckets((ANCHORS,), most=MOST).add(range(len(ids)), [ANCHORS.keys(one) for one in keys])
    kinds = dict.fromkeys(zip(met.numbers.tolist(), met.rows.tolist(), strict=True), "stranger")

    def pair(a: str, b: str) -> tuple[int, int]:
        return min(ids[a], ids[b]), max(ids[a], ids[b])

    if name == "n1":
        for row in score_dedup.rd(data / "n1_dev_pairs.jsonl"):
            kinds[pair(row["a"], row["b"])] = row["label"]
    else:
        truth = {row["id"]: row for row in score_dedup.rd(data / name / "truth.jsonl")}
        clusters = defaultdict(list)
        for row in truth.values():
            clusters[row["cluster"]].append(row["id"])
        for row in score_dedup.rd(data / name / "related.jsonl"):
            kinds[pair(row["a"], row["b"])] = "related"
        for members in clusters.values():
            for at, a in enumerate(members):
                for b in members[at + 1 :]:
                    recipes = {truth[a]["recipe"], truth[b]["recipe"]}
                    kinds[pair(a, b)] = "dup" if "orig" in recipes and not recipes & {*UNSCORED, "g"} else "unused"
        for row in score_dedup.rd(data / name / "contains.jsonl"):
            kinds.update((pair(row["outer"], one), "unused") for one in clusters[row["inner_cluster"]])
        names = [id_ for id_, _ in articles]
        for a, b in kinds:
            if kinds[a, b] == "stranger" and truth[names[a]]["neg"] == truth[names[b]]["neg"] == "template":
                kinds[a, b] = "unused"
    pairs = sorted(kinds)
    told = [kinds[one] for one in pairs]
    figures = compare.figures(compare.measure([(sketches[a], sketches[b]) for a, b in pairs]))
    answers = np.array([1 if kind == "dup" else -1 if kind in ("unused", "ambig") else 0 for kind in told])
    if name == "n1":
        weights = [REAL_COPY if kind == "dup" else REAL_PARTIAL if kind == "partial" else REAL for kind in told]
    else:
        weights = [RELATED if kind == "related" else INVENTED for kind in told]
    return figures, answers, np.array(weights), [f"{name} {kind}" for kind in told]


def main() -> None:
    """Held-out figures of three halvings, then the weights fitted on everything."""
    from sklearn.linear_model import LogisticRegression

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default=os.environ.get("NEWSCLEAN_BENCH", "../shared/bench"))
    parser.add_argument("--keep", help="folder for the cleaned texts, to be used again")
    told = parser.parse_args()
    data = Path(told.data) / "dedup"
    score_dedup = scorer(data)
    keep = Path(told.keep) if told.keep else None
    sets = [labelled(score_dedup, data, name, keep) for name in ("n1", "n2", "n2hard")]
    rows = np.concatenate([np.stack([one[0][name] for name in compare.WEIGHTS], axis=1) for one in sets])
    answers, weights = np.concatenate([one[1] for one in sets]), np.concatenate([one[2] for one in sets])
    kinds = np.array([kind for one in sets for kind in one[3]])
    used = answers >= 0
    mean, spread = rows[used].mean(axis=0), rows[used].std(axis=0)
    scaled = (rows - mean) / spread

    def fitted(chosen: Any) -> Any:
        return LogisticRegression(max_iter=5000).fit(scaled[chosen], answers[chosen], sample_weight=weights[chosen])

    for seed in range(3):
        half = np.random.RandomState(seed).rand(len(answers)) < 0.5
        said = fitted(used & half).decision_function(scaled) > 1.0
        print(f"fitted on half {seed}, judged on the other:")
        for kind in sorted(set(kinds[used])):
            chosen = used & ~half & (kinds == kind)
            print(f"  {kind}: {int(said[chosen].sum())} of {int(chosen.sum())} said to be one piece")
    model = fitted(used)
    slopes = model.coef_[0] / spread
    print(json.dumps(dict(zip(compare.WEIGHTS, slopes.round(2).tolist(), strict=True)), indent=1))
    print("intercept", round(float(model.intercept_[0] - (slopes * mean).sum()), 2))


if __name__ == "__main__":
    main()
