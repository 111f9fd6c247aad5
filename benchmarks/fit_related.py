"""Fits weights/related.json: which articles that are not one piece are on one event. First judges it across sets.

    python benchmarks/fit_related.py --data ../shared/bench [--keep FOLDER] [--write]

Fitted on the related pairs of n2 and n2hard among all pairs that a search with `related` compares; judged on n2 by what was
fitted on n2hard, and the other way round. Copies and parts of one piece, and copies of related articles, are left out.
Unlisted pairs count as wrong, though most of those that are linked are on one event too: the lists are samples.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from dedup import cleaned, scorer, texts  # the script beside this one
from newsclean import compare, duplicate_related, duplicates
from newsclean.anchors import Sketch
from newsclean.index_meetings import Keys, meetings
from newsclean.settings import CopySettings

VIEWS = (duplicates.BANDS, duplicates.ANCHORS, duplicate_related.NAMES)
# What is added to the fitted log odds: with it six in ten of the listed pairs are linked, in either set by the other. Of
# 34 unlisted pairs that were linked with 0.5 a reader found 28 on one event or in one running story, so precision is about 0.9.
LOOSER = 1.0


def compared(score_dedup: Any, data: Path, name: str, keep: Path | None) -> tuple[Any, Any, Any, int]:
    """Figures and answers of the pairs of one set, which of them count, and how many related pairs there are."""
    articles = cleaned(texts(data, name), keep / f"{name}.json" if keep else None)
    pieces = [duplicates.Piece(id_, text, language="en") for id_, text in articles]
    held, sketches = Keys(), []
    for start in range(0, len(pieces), duplicates.BATCH):
        for entry in duplicates.entries(pieces[start : start + duplicates.BATCH], CopySettings()):
            sketches.append(Sketch.read(entry.sketch))
            held.add([np.concatenate([entry.keys, *duplicate_related.name_keys(sketches[-1:])])])
    met: set[tuple[int, int]] = set()
    for found in meetings(held, np.arange(len(pieces)), VIEWS, most=duplicates.MOST):
        met.update(zip(found.numbers.tolist(), found.rows.tolist(), strict=True))
    truth = {row["id"]: row for row in score_dedup.rd(data / name / "truth.jsonl")}
    story = [truth[id_]["cluster"] for id_, _ in articles]
    number = {id_: at for at, (id_, _) in enumerate(articles)}
    listed = {
        tuple(sorted((number[row["a"]], number[row["b"]]))) for row in score_dedup.rd(data / name / "related.jsonl")
    }
    events = {frozenset((story[a], story[b])) for a, b in listed}
    parts = defaultdict(set)
    for row in score_dedup.rd(data / name / "contains.jsonl"):
        parts[story[number[row["outer"]]]].add(row["inner_cluster"])
    recipes = [truth[id_]["recipe"] for id_, _ in articles]

    def counts(a: int, b: int) -> bool:
        if (a, b) in listed:
            return True
        return (
            story[a] != story[b]
            and frozenset((story[a], story[b])) not in events
            and "g" not in (recipes[a], recipes[b])
        )

    pairs = sorted(pair for pair in met if counts(*pair))
    two = [(sketches[a], sketches[b]) for a, b in pairs]
    shares = compare.measure(two)
    verdicts = compare.judge(shares)
    figures = [
        duplicate_related.figures(
            two[at : at + 512],
            compare.Shares(*(getattr(shares, name)[at : at + 512] for name in compare.Shares.__slots__)),
        )
        for at in range(0, len(two), 512)
    ]
    rows = np.concatenate([np.stack([one[name] for name in duplicate_related.FIGURES], axis=1) for one in figures])
    answers = np.array([pair in listed for pair in pairs])
    return rows, answers, (verdicts.score < 0.5) & ~verdicts.template, len(listed)


def fitted(rows: Any, answers: Any) -> dict[str, float]:
    """The regression as it is stored."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(rows)
    model = LogisticRegression(max_iter=3000, C=0.3).fit(scale.transform(rows), answers)
    slopes = model.coef_[0] / scale.scale_
    stored = dict(zip(duplicate_related.FIGURES, slopes.round(4).tolist(), strict=True))
    return stored | {"intercept": round(float(model.intercept_[0] - (slopes * scale.mean_).sum()) + LOOSER, 4)}


def linked(rows: Any, weigh: dict[str, float]) -> Any:
    return rows @ np.array([weigh[name] for name in duplicate_related.FIGURES]) + weigh["intercept"]


def main() -> None:
    """Figures of each set by the other, then the weights fitted on both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", default=os.environ.get("NEWSCLEAN_BENCH", "../shared/bench"))
    parser.add_argument("--keep", help="folder for the cleaned texts, to be used again")
    parser.add_argument("--write", action="store_true", help="ship the weights")
    told = parser.parse_args()
    data = Path(told.data) / "dedup"
    if not data.is_dir():
        sys.exit(f"{data} is not there; name the folder of the benchmark sets with --data or NEWSCLEAN_BENCH")
    keep = Path(told.keep) if told.keep else None
    sets = {name: compared(scorer(data), data, name, keep) for name in ("n2", "n2hard")}
    for name, other in (("n2", "n2hard"), ("n2hard", "n2")):
        rows, answers, used, every = sets[other]
        weigh = fitted(rows[used], answers[used])
        rows, answers, used, every = sets[name]
        score = linked(rows, weigh)
        for least in (-1.0, -0.5, 0.0, 0.5, 1.0):
            said = used & (score > least)
            right = int((said & answers).sum())
            print(
                f"{name} by {other}, log odds above {least}: {right} of {every} related pairs (recall {right / every:.2f}), "
                f"{int(said.sum()) - right} unlisted ones (precision at least {right / max(int(said.sum()), 1):.2f})"
            )
    weigh = fitted(*(np.concatenate([one[at][one[2]] for one in sets.values()]) for at in (0, 1)))
    path = Path(str(resources.files("newsclean") / "weights" / "related.json"))
    if told.write:
        about = {"made by": "benchmarks/fit_related.py from the pairs of n2 and n2hard", "weights": weigh}
        path.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    shipped = json.loads(path.read_text("utf-8"))["weights"]
    print(f"largest difference to the weights that ship: {max(abs(weigh[name] - shipped[name]) for name in weigh):.4f}")


if __name__ == "__main__":
    main()
