#!/usr/bin/env python3
"""Chooses each profile's threshold and margins, and says what such a choice is worth on publishers it did not see.

    python benchmarks/train_lines.py --folds /tmp/folds       # once: out-of-fold models
    python benchmarks/choose_profiles.py --folds /tmp/folds   # the choices and their levels; --write puts them into the weights

The candidates are the values in force and variations of them. Each fold of publishers is scored by the candidate that did
best on the other four; the candidate that does best on all is proposed. Decisions are made on the first reading of each page,
which comes within .3 points of the whole Cleaner's levels (benchmarks/boilerplate.py measures those).
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import boilerplate
from newsclean import language, line_decision, line_reading, line_score, rulebook
from newsclean.line_decision import Decision, Margins, Score
from newsclean.line_reading import Reading
from newsclean.model import Context
from newsclean.settings import PROFILES, Settings

FOLDS = 5


@dataclass(frozen=True)
class Candidate:
    """One way to decide."""

    low: float
    veto: float
    per_hundred: float
    margins: Margins


# What is to be as high as can be, and what must hold (at least or at most), as (level, group of pages).
AIMS: dict[str, tuple[tuple[tuple[str, str], float], ...]] = {
    "safe": ((("F1", "light/en"), 0.6), (("F1", "light/other"), 0.3), (("F1", "full"), 0.1)),
    "balanced": (
        (("F1", "light/en"), 0.5),
        (("F1", "light/other"), 0.3),
        (("pages", "light"), 0.1),
        (("F1", "full"), 0.1),
    ),
    "thorough": ((("R", "light"), 0.8), (("F1", "full"), 0.2)),
}
AT_LEAST = {
    "safe": {("P", "light"): 0.95, ("F1", "full"): 0.905},
    "balanced": {("F1", "full"): 0.96},
    "thorough": {("F1", "full"): 0.98},
}
AT_MOST = {
    "safe": {("loss", "light"): 0.07, ("damaged", "light"): 2.5, ("loss", "full"): 0.1},
    "balanced": {
        ("loss", "light"): 0.25,
        ("damaged", "light"): 8.0,
        ("damaged", "light/en"): 8.5,
        ("loss", "full"): 0.41,
    },
    "thorough": {("loss", "light"): 0.75, ("loss", "full"): 0.78},
}
# Where the bands of measured precision begin.
BANDS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)

# Points of the aim that one percent beyond a bound costs.
BEYOND = 0.002


class Pages:
    """The labelled pages, read once, with the score of each line by the model that saw no page of its publisher."""

    def __init__(self, docs: Sequence[dict[str, Any]], folds: Path) -> None:
        self.docs = docs
        self.fold = np.array([boilerplate.fold_of(doc["domain"]) for doc in docs])
        self.settings = {name: Settings.of({"profile": name}).clean for name in PROFILES}
        plain = self.settings["balanced"]
        self.contexts = [Context(language.base(doc["lang"]), "", "", plain) for doc in docs]
        # `thorough` looks at more lines than the others.
        self.parts: dict[str, list[Any]] = {name: [None] * len(docs) for name in ("balanced", "thorough")}
        for fold in range(FOLDS):
            model = replace(line_score.read(folds / str(fold)), looks=line_score.load().looks)
            mine = np.flatnonzero(self.fold == fold).tolist()
            reading = line_reading.read(["\n".join(docs[i]["lines"]) for i in mine], [self.contexts[i] for i in mine])
            for name, parts in self.parts.items():
                for at, (i, scored) in enumerate(zip(mine, _scored(reading, model, name), strict=True)):
                    parts[i] = (reading.pages[at], reading.marked[at], reading.plain[at], scored)
        tier = np.array(["seg" if doc["source"] == "trafilatura" else doc["tier"] for doc in docs])
        english = np.array([doc["lang"] == "en" for doc in docs])
        self.groups = {"light": tier == "light", "full": tier == "full", "seg": tier == "seg"}
        self.groups |= {"light/en": self.groups["light"] & english, "light/other": self.groups["light"] & ~english}

    def decisions(self, profile: str, candidate: Candidate, model: line_score.Model) -> Iterator[Decision]:
        """One for each page."""
        settings = self.settings[profile]
        parts = self.parts["thorough" if profile == "thorough" else "balanced"]
        for context, (page, marked, plain, scored) in zip(self.contexts, parts, strict=True):
            scores = {
                i: Score(value - candidate.low - candidate.per_hundred * wide, value - candidate.veto)
                for i, value, wide in scored
            }
            yield Decision(page, replace(context, settings=settings), marked, plain, scores, model, candidate.margins)

    def counts(self, profile: str, candidate: Candidate, model: line_score.Model) -> np.ndarray:
        """Per page: leftovers, those that go, news lines that go, their characters, the characters of all news lines."""
        out = np.zeros((len(self.docs), 5))
        for k, (doc, decision) in enumerate(zip(self.docs, self.decisions(profile, candidate, model), strict=True)):
            gone, _ = decision.gone()
            for i, (label, line) in enumerate(zip(doc["labels"], doc["lines"], strict=True)):
                if label == "drop":
                    out[k, 0] += 1
                    out[k, 1] += i in gone
                elif label == "keep":
                    out[k, 4] += len(line)
                    if i in gone:
                        out[k, 2] += 1
                        out[k, 3] += len(line)
        return out

    def bands(self, candidate: Candidate, model: line_score.Model) -> list[tuple[float, float]]:
        """How often lines that go by their score are leftovers, by how far it lies above the threshold."""
        margins, right = [], []
        for doc, decision in zip(self.docs, self.decisions("balanced", candidate, model), strict=True):
            for i, why in decision.gone()[0].items():
                if why.rule == line_decision.LEARNED_SCORE and doc["labels"][i] in ("drop", "keep"):
                    margins.append(decision.margin(decision.scores[i]))
                    right.append(doc["labels"][i] == "drop")
        above, is_right = np.array(margins), np.array(right)
        found = []
        for low, high in itertools.pairwise((*BANDS, np.inf)):
            inside = (above >= low) & (above < high)
            found.append((low, round(float((is_right[inside].sum() + 0.5) / (inside.sum() + 1)), 3)))
        return found

    def levels(self, counts: np.ndarray, pages: np.ndarray) -> dict[tuple[str, str], float]:
        """Levels over some pages, per group."""
        out = {}
        for group, mask in self.groups.items():
            of = counts[mask & pages]
            drop, right, wrong, lost, kept = of.sum(axis=0)
            precision, recall = right / max(right + wrong, 1), right / max(drop, 1)
            with_drops = of[of[:, 0] > 0]
            found = 2 * with_drops[:, 1] / (with_drops[:, 0] + with_drops[:, 1] + with_drops[:, 2])
            out |= {
                ("P", group): precision,
                ("R", group): recall,
                ("F1", group): 2 * precision * recall / max(precision + recall, 1e-9),
                ("pages", group): found.mean(),
                ("loss", group): 100 * lost / kept,
                ("damaged", group): 100 * (of[:, 2] > 0).mean(),
            }
        return out


def _scored(reading: Reading, model: line_score.Model, profile: str) -> list[list[tuple[int, float, float]]]:
    """Per page: lines, their scores, their widths in hundreds."""
    grid = reading.grid
    profiles = [profile] * len(reading.pages)
    numbers, values, _ = line_score.weigh(grid, line_reading.evidence(reading), model, profiles)
    scored: list[list[tuple[int, float, float]]] = [[] for _ in reading.pages]
    first = grid.first.tolist()
    width = np.minimum(grid.width[numbers], 600) / 100
    for number, value, wide in zip(numbers.tolist(), values.tolist(), width.tolist(), strict=True):
        page = int(grid.page[number])
        scored[page].append((number - first[page], value, wide))
    return scored


def worth(profile: str, levels: Mapping[tuple[str, str], float]) -> float:
    """The aim, less what is beyond the bounds."""
    aim = sum(weight * levels[level] for level, weight in AIMS[profile])
    beyond = sum(max(0.0, 1 - levels[one] / bound) for one, bound in AT_LEAST[profile].items())
    beyond += sum(max(0.0, levels[one] / bound - 1) for one, bound in AT_MOST[profile].items())
    return aim - 100 * BEYOND * beyond


def variations(start: Candidate, n: int, random: Random) -> list[Candidate]:
    """The candidate itself and n others near it."""
    out = [start]
    for _ in range(n):
        margins = start.margins
        one = replace(
            margins,
            alone=max(0.0, margins.alone + random.gauss(0, 0.5)),
            alone_by_rule=max(0.0, margins.alone_by_rule + random.choice((0, 0, -0.5, 0.5))),
            few=max(1, margins.few + random.choice((-3, -1, 0, 0, 1, 3))),
            crowd=max(0.0, margins.crowd + random.gauss(0, 0.3)),
            many=random.choice((margins.many, 40, 60, 80)),
            sure_rule=max(0.0, margins.sure_rule + random.choice((0, 0, -0.7, 0.7))),
            block=max(0.0, margins.block + random.choice((0, 0, -0.5, 0.5))),
        )
        out.append(
            Candidate(
                start.low + random.gauss(0, 0.35),
                start.veto + random.choice((0, 0, -0.5, 0.5)),
                max(0.0, start.per_hundred + random.choice((0, 0, -0.2, 0.2))),
                one,
            )
        )
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=boilerplate.DATA)
    parser.add_argument("--folds", type=Path, default=Path("/tmp/newsclean-folds"))
    parser.add_argument("--profiles", default=",".join(PROFILES))
    parser.add_argument("--whole-pages", type=int, default=1, help="take every n-th of the whole pages only")
    parser.add_argument("--candidates", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the choices into weights/lines.json")
    given = parser.parse_args()
    docs = boilerplate.load(given.data)
    whole = itertools.count()
    docs = [doc for doc in docs if doc["tier"] != "full" or next(whole) % given.whole_pages == 0]
    global _PAGES
    _PAGES = Pages(docs, given.folds)
    path = rulebook.WEIGHTS / "lines.json"
    about = json.loads(path.read_text("utf-8"))
    jobs = [(profile, about, given.candidates, given.seed) for profile in given.profiles.split(",")]
    with multiprocessing.get_context("fork").Pool(len(jobs)) as pool:
        for profile, chosen, bands in pool.imap_unordered(_choose, jobs):
            about["thresholds"][profile] = [round(chosen.low, 2), round(chosen.veto, 2), round(chosen.per_hundred, 2)]
            about["margins"][profile] = {name: round(value, 2) for name, value in asdict(chosen.margins).items()}
            about["margins"][profile]["sure"] = chosen.margins.sure
            about["certainty_bands"] = bands or about["certainty_bands"]
            print(profile, about["thresholds"][profile], about["margins"][profile], bands, flush=True)
    if given.write:
        path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")
    else:
        print("not written (--write)", file=sys.stderr)


_PAGES: Pages | None = None  # for the processes that are forked from this one


def _choose(job: tuple[str, dict[str, Any], int, int]) -> tuple[str, Candidate, list[tuple[float, float]]]:
    profile, about, n, seed = job
    pages, model = _PAGES, line_score.load()
    assert pages is not None
    low, veto, per_hundred = about["thresholds"][profile]
    start = Candidate(low, veto, per_hundred, line_decision.margins(profile))
    candidates = variations(start, n, Random(seed))
    counts = [pages.counts(profile, one, model) for one in candidates]
    everywhere = np.ones(len(pages.docs), dtype=bool)
    held_out = np.zeros_like(counts[0])
    for fold in range(FOLDS):
        others = pages.fold != fold
        best = max(range(len(candidates)), key=lambda k: worth(profile, pages.levels(counts[k], others)))
        held_out[~others] = counts[best][~others]
    best = max(range(len(candidates)), key=lambda k: worth(profile, pages.levels(counts[k], everywhere)))
    for name, of in (("in force", counts[0]), ("chosen on other folds", held_out), ("chosen on all", counts[best])):
        levels = pages.levels(of, everywhere)
        print(f"{profile}, {name}: {worth(profile, levels):.4f}")
        for group in pages.groups:
            told = " ".join(f"{key} {levels[key, group]:.3f}" for key in ("P", "R", "F1", "pages", "loss", "damaged"))
            print(f"    {group} {told}", flush=True)
    return profile, candidates[best], pages.bands(candidates[best], model) if profile == "balanced" else []


if __name__ == "__main__":
    main()
