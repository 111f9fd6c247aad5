#!/usr/bin/env python3
"""Trains the learned line score on labelled pages and writes weights/lines.npz and weights/lines.json.

    python benchmarks/train_lines.py                    # out-of-fold models into --folds, final weights into the package
    python benchmarks/boilerplate.py --folds /tmp/folds # scores them; --calibrate writes thresholds and certainties

Pages are split by publisher (domain): every figure in docs/benchmarks.md is scored by a model that saw no page of the
publisher it is scored on. Two steps: a linear model over hashed words and letter groups gives each line a word score;
trees over that score, the line's shape, its place, its neighbours, the run it stands in, the rules' evidence, and what of
it its article says again, give the line score. The word scores that the trees learn from are themselves out of fold.
Needs scikit-learn and lightgbm, which newsclean itself does not.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import lzma
import multiprocessing
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import lightgbm as lgb
import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from boilerplate import DATA, FOLDS, fold_of, load
from newsclean import language, line_echoes, line_features, line_glance, line_reading, line_score, line_words, rulebook
from newsclean.model import Context
from newsclean.settings import CleanSettings

TREES = {
    "objective": "binary", "learning_rate": 0.075, "num_leaves": 24, "max_depth": 7, "min_data_in_leaf": 40,
    "feature_fraction": 0.3, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "max_bin": 63,
    "num_threads": 1, "verbose": -1, "seed": 1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip

# The first trees see all of a line but what its article says of it.
FIRST_ROUNDS = 80
FIRST_TREES = TREES | {"learning_rate": 0.1, "seed": 7}

# Per profile: the glance below which a line gets no full look, and the first score below which no second is asked. Out of
# fold, of 3,800 leftovers of light pages that go in `balanced` the second bound costs 7; `thorough` takes lines of low
# scores, and finds .904 of them with these bounds and .891 with -2.5 and -2.25.
LOOKS = {"safe": (-2.5, -1.25), "balanced": (-2.5, -1.25), "thorough": (-3.75, -3.75)}

# What is added to the first score: the mean of some ensembles. Each its trees, its rounds, and how much more light pages
# weigh (in the first trees as in the first of these). All folds, recall of light leftovers at a body loss of .3 % and .8 %,
# whole pages at .3 %: once .819 .899 .948; twice .834 .901 .946; four times .839 .900 .946; the mean of the last two .838
# .902 .948.
ENSEMBLES: tuple[tuple[dict[str, Any], int, float], ...] = (
    (TREES | {"learning_rate": 0.06, "seed": 3}, 240, 2.0),
    (TREES | {"learning_rate": 0.06, "seed": 1}, 240, 4.0),
)

# The glance that spares most lines the full look. Out of fold (two folds), 64 trees dismiss, below -2.5, three quarters of the
# lines that stay on light pages, and less than 1 % of the leftovers that `balanced` finds.
GLANCE_ROUNDS = 64
GLANCE_TREES = TREES | {
    "learning_rate": 0.15,
    "num_leaves": 16,
    "max_depth": 5,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.5,
}

# How much a line weighs by where it is from. Light pages three times: the leftovers of a light extraction are what cleaning
# mostly meets; F1 there .782 -> .802 outside English at the same body loss, full pages .969 -> .965.
WEIGHTS = {"light": 3.0, "news": 0.5}

# Lines that are not scored but stay in the text: learned as news, at less weight.
STAYS = {"title": 0.5, "byline": 0.3, "standfirst": 0.5}


def tier(doc: dict[str, Any]) -> str:
    """light, full, or seg (a page with few labels)."""
    return "seg" if doc["source"] == "trafilatura" else str(doc["tier"])


def news(data: Path, docs: Sequence[dict[str, Any]], every: int = 9) -> list[dict[str, Any]]:
    """Articles of other sources that hold hardly any furniture: every ninth, as pages of lines that stay.

    Left out are texts that share a paragraph with a labelled page.
    """
    known = {line for doc in docs for line in doc["lines"] if len(line) >= 100}
    pages = []
    with lzma.open(data.parent / "dedup" / "n1_dev_docs.jsonl.xz", "rt", encoding="utf-8") as file:
        for text in itertools.islice(file, None, None, every):
            doc = json.loads(text)
            lines = [line.strip() for line in doc["text"].splitlines() if line.strip()]
            if len(lines) >= 4 and not known.intersection(lines):
                labels = {"labels": ["keep"] * len(lines), "kinds": ["text"] * len(lines)}
                pages.append(
                    {"domain": doc["source"], "lang": "en", "tier": "news", "lines": lines, **labels, "source": ""}
                )
    return pages


class Lines:
    """All doubtful lines of some pages with labels, weights, hashed words and what the features are made from."""

    def __init__(self, docs: Sequence[dict[str, Any]]) -> None:
        texts = ["\n".join(doc["lines"]) for doc in docs]
        settings = CleanSettings()
        contexts = [Context(language.base(doc["lang"]), "", "", settings) for doc in docs]
        self.docs = docs
        self.reading = line_reading.read(texts, contexts)
        self.grid = self.reading.grid
        self.evidence = line_reading.evidence(self.reading)
        for page, doc in zip(self.reading.pages, docs, strict=True):
            assert len(page.lines) == len(doc["lines"]), doc["id"]
        self.rows = np.flatnonzero(self.grid.doubtful)
        page = self.grid.page[self.rows]
        self.fold = np.array([fold_of(doc["domain"]) for doc in docs])[page]
        label = np.array([one for doc in docs for one in doc["labels"]])[self.rows]
        kind = np.array([one for doc in docs for one in doc["kinds"]])[self.rows]
        self.tier = np.array([tier(doc) for doc in docs])[page]
        self.y = np.where(label == "drop", 1, np.where(label == "keep", 0, -1))
        self.lines = [self.grid.lines[i] for i in self.rows]
        weight = np.ones(len(self.rows))
        for name, value in STAYS.items():
            stays = (label == "skip") & (kind == name)
            self.y[stays] = 0
            weight[stays] = value
        # The square root: a page of 400 links teaches more than one of four, but not a hundred times as much.
        labelled = np.bincount(page[self.y >= 0], minlength=len(docs))
        weight /= np.sqrt(np.maximum(labelled[page], 1))
        for name, value in WEIGHTS.items():
            weight[self.tier == name] *= value
        weight[np.isin(self.tier, ("full", "seg")) & (self.y == 1)] *= 0.5
        self.weight = weight
        self.domain = np.array([doc["domain"] for doc in docs])[page]
        found = line_words.hashed(self.lines)
        values = (1 / np.sqrt(found.count[found.line])).astype(np.float32)
        shape = (len(self.lines), line_words.BUCKETS)
        self.words = sp.csr_matrix((values, (found.line, found.bucket)), shape=shape)
        self.glances = line_glance.look(self.grid, self.evidence)

    def once(self) -> tuple[np.ndarray, np.ndarray]:
        """One row for each different line of a publisher: a share bar on every page counts little more than once."""
        seen: dict[tuple[str, str, int], int] = {}
        use: list[int] = []
        weight: list[float] = []
        for i, (domain, line, y) in enumerate(zip(self.domain, self.lines, self.y, strict=True)):
            if y < 0:
                continue
            key = (domain, line, int(y))
            if key in seen:
                weight[seen[key]] += 0.3 * self.weight[i]
            else:
                seen[key] = len(use)
                use.append(i)
                weight.append(self.weight[i])
        return np.array(use), np.array(weight) / np.mean(weight)


class Training:
    """The labelled pages, what is made from them and the news, and the models learned from them."""

    def __init__(self, data: Path) -> None:
        docs = load(data)
        self.real, self.news = Lines(docs), Lines(news(data, docs))
        self.use, self.use_weight = self.real.once()
        self._linear: dict[frozenset[int], tuple[np.ndarray, float, float]] = {}

    def linear(self, without: Iterable[int]) -> tuple[np.ndarray, float, float]:
        """The word table, its scale and bias, learned without some folds."""
        key = frozenset(without)
        if key not in self._linear:
            chosen = ~np.isin(self.real.fold[self.use], list(key))
            use = self.use[chosen]
            model = LogisticRegression(solver="liblinear", C=3.0, tol=1e-2, max_iter=30)
            model.fit(self.real.words[use], self.real.y[use], sample_weight=self.use_weight[chosen])
            scale = float(np.quantile(np.abs(model.coef_[0]), 0.9999) / 127)
            table = np.clip(np.round(model.coef_[0] / scale), -127, 127).astype(np.int8)
            self._linear[key] = (table, scale, float(model.intercept_[0]))
        return self._linear[key]

    def word_scores(self, lines: Lines, without: Iterable[int]) -> np.ndarray:
        """Each line's word score by a model that saw neither its fold nor those of `without`."""
        out = np.zeros(len(lines.rows))
        for fold in range(FOLDS):
            mine = np.flatnonzero(lines.fold == fold)
            table, scale, bias = self.linear({fold, *without})
            out[mine] = lines.words[mine] @ (table * scale) + bias
        return out

    def _chosen(self, lines: Lines, without: Sequence[int]) -> np.ndarray:
        chosen: np.ndarray = (lines.y >= 0) & ~np.isin(lines.fold, without)
        return chosen

    def glance(self, without: Sequence[int]) -> tuple[list[str], lgb.Booster]:
        """The trees that sift, learned without some folds. Of the news texts all lines stay: few are leftovers."""
        random = np.random.default_rng(0)
        x, y, weight = [], [], []
        for lines in (self.real, self.news):
            chosen = self._chosen(lines, without)
            chosen &= ~((lines.tier == "full") & (lines.y == 1) & (random.random(len(chosen)) < 0.8))
            x.append(lines.glances[1][chosen])
            y.append(lines.y[chosen])
            weight.append(lines.weight[chosen])
        data = lgb.Dataset(np.concatenate(x), np.concatenate(y), weight=np.concatenate(weight))
        return self.real.glances[0], lgb.train(GLANCE_TREES, data, GLANCE_ROUNDS)

    def trees(self, without: Sequence[int]) -> tuple[list[str], lgb.Booster, list[lgb.Booster]]:
        """The second step, learned without some folds. Long news lines weigh more: losing one costs a paragraph.

        It learns from all doubtful lines, also those that a glance would dismiss: without them F1 outside English was two
        points lower (two folds).
        """
        lines = self.real
        known = np.full(len(lines.grid.lines), line_features.PLAIN_SCORE)
        known[lines.rows] = self.word_scores(lines, without)
        names, rows = line_score.describe(lines.grid, lines.rows, known, lines.evidence)
        columns = len(names)
        more, echoes = line_echoes.describe(lines.grid, lines.rows, lines.rows)
        chosen = self._chosen(lines, without)
        random = np.random.default_rng(0).random(len(chosen))
        chosen &= ~((lines.tier == "full") & (lines.y == 1) & (random < 0.5))
        rows = np.concatenate((rows, echoes), axis=1)[chosen]
        weight = lines.weight * np.where(lines.y == 0, 1 + np.minimum(lines.grid.width[lines.rows] / 100, 5), 1)
        weight, y, light = weight[chosen], lines.y[chosen], lines.tier[chosen] == "light"
        weighed = [weight * np.where(light, times, 1) for _, _, times in ENSEMBLES]
        data = lgb.Dataset(rows[:, :columns], y, weight=weighed[0], feature_name=names)
        first = lgb.train(FIRST_TREES, data, FIRST_ROUNDS)
        names += more
        start = first.predict(rows[:, :columns], raw_score=True)
        boosters = []
        for (trees, rounds, _), weights in zip(ENSEMBLES, weighed, strict=True):
            data = lgb.Dataset(rows, y, weight=weights, feature_name=names, init_score=start)
            boosters.append(lgb.train(trees, data, rounds))
        return names, first, boosters


def arrays(kind: str, boosters: Sequence[lgb.Booster]) -> dict[str, np.ndarray]:
    """The mean of some ensembles as flat arrays."""
    feature: list[int] = []
    bound: list[float] = []
    child: list[list[int]] = []
    value: list[int] = []

    def add(node: dict[str, Any]) -> int:
        at = len(feature)
        leaf = "leaf_value" in node
        feature.append(0 if leaf else node["split_feature"])
        bound.append(np.inf if leaf else node["threshold"])
        value.append(round((node["leaf_value"] if leaf else node["internal_value"]) * line_score.UNIT / len(boosters)))
        child.append([at, at])
        if not leaf:
            assert node["decision_type"] == "<="
            child[at] = [add(node["left_child"]), add(node["right_child"])]
        return at

    roots = [add(one["tree_structure"]) for booster in boosters for one in booster.dump_model()["tree_info"]]
    return {
        f"{kind}feature": np.array(feature, dtype=np.int16),
        f"{kind}bound": np.array(bound, dtype=np.float64),
        f"{kind}child": np.array(child, dtype=np.int32).ravel(),
        f"{kind}value": np.array(value, dtype=np.int32),
        f"{kind}root": np.array(roots, dtype=np.int32),
    }


def write(folder: Path, training: Training, without: Sequence[int], *, known: dict[str, Any] | None = None) -> None:
    """Weights learned without some folds."""
    folder.mkdir(parents=True, exist_ok=True)
    glance_names, sifting = training.glance(without)
    names, first, boosters = training.trees(without)
    table, scale, bias = training.linear(without)
    trees = arrays("glance_", [sifting]) | arrays("first_", [first]) | arrays("", boosters)
    np.savez_compressed(folder / "lines.npz", table=table, **trees)
    pages = [doc for doc in training.real.docs if fold_of(doc["domain"]) not in without]
    gain = dict.fromkeys(names, 0.0)
    for booster in (first, boosters[0]):
        for name, value in zip(booster.feature_name(), booster.feature_importance("gain").tolist(), strict=True):
            gain[name] += value
    about = {
        "what": "learned line score: log odds that a line is furniture",
        "trained_by": "benchmarks/train_lines.py",
        "date": datetime.date.today().isoformat(),
        "data": {
            "set": "bench/boilerplate/dev.jsonl.gz",
            "pages": len(pages),
            "publishers": len({doc["domain"] for doc in pages}),
            "without_folds": list(without),
            "news": f"{len(training.news.docs)} articles of bench/dedup/n1_dev_docs.jsonl.xz, as lines that stay (glance only)",
            "rules": rulebook.version(),
        },
        "word_scale": scale,
        "word_bias": bias,
        "trees": FIRST_ROUNDS + sum(rounds for _, rounds, _ in ENSEMBLES),
        "glance_features": glance_names,
        "looks": LOOKS,
        "features": names,
        "gain": {name: round(value) for name, value in sorted(gain.items(), key=lambda one: -one[1])[:40]},
        "thresholds": {"safe": [2.3, 0.6, 0.6], "balanced": [0.95, -2.0, 0.0], "thorough": [-0.5, -9.0, 0.2]},
        "certainty_bands": [[0.0, 0.85]],
        "rule_certainty": {},
    } | (known or {})
    (folder / "lines.json").write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--folds", type=Path, default=Path("/tmp/newsclean-folds"), help="out-of-fold models go here")
    parser.add_argument("--workers", type=int, default=2, help="models that are learned at a time")
    parser.add_argument("--no-final", action="store_true", help="only the out-of-fold models")
    given = parser.parse_args()
    start = time.monotonic()
    training = Training(given.data)
    print(f"{len(training.real.rows)} doubtful lines, {time.monotonic() - start:.0f} s", flush=True)
    jobs: list[tuple[Path, list[int], dict[str, Any]]] = [
        (given.folds / str(fold), [fold], {}) for fold in range(FOLDS)
    ]
    if not given.no_final:
        old = rulebook.WEIGHTS / "lines.json"
        known = json.loads(old.read_text("utf-8")) if old.is_file() else {}
        kept = ("thresholds", "margins", "certainty_bands", "rule_certainty", "out_of_fold")
        jobs.insert(0, (rulebook.WEIGHTS, [], {key: known[key] for key in kept if key in known}))
    for pair in itertools.combinations(range(FOLDS), 2):
        training.linear(pair)
    for one in ([], *([fold] for fold in range(FOLDS))):
        training.linear(one)
    print(f"word scores, {time.monotonic() - start:.0f} s", flush=True)
    global _TRAINING
    _TRAINING = training
    with multiprocessing.get_context("fork").Pool(given.workers) as pool:
        for folder in pool.imap_unordered(_write, jobs):
            print(f"{folder}, {time.monotonic() - start:.0f} s", flush=True)


_TRAINING: Training | None = None  # for the processes that are forked from this one


def _write(job: tuple[Path, list[int], dict[str, Any]]) -> Path:
    folder, without, known = job
    assert _TRAINING is not None
    write(folder, _TRAINING, without, known=known)
    return folder


if __name__ == "__main__":
    main()
