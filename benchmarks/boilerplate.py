#!/usr/bin/env python3
"""Scores line cleaning on labelled pages of publishers that the weights have not seen, beside the known levels.

    python benchmarks/train_lines.py                       # once: out-of-fold models
    python benchmarks/boilerplate.py                       # the table, recall by family
    python benchmarks/boilerplate.py --thresholds          # levels along the threshold of the learned score
    python benchmarks/boilerplate.py --calibrate           # thresholds and certainties into weights/lines.json

The whole Cleaner runs (to its fixpoint), with the page's text and nothing else: no title, language or source.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import gzip
import hashlib
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from newsclean import line_score, rulebook
from newsclean.cleaner import BATCH, Cleaner
from newsclean.model import CleanResult
from newsclean.settings import PROFILES

sys.path.insert(0, str(Path(__file__).parent))
DATA = Path(os.environ.get("NEWSCLEAN_BENCH", Path(__file__).parents[2] / "shared" / "bench")) / "boilerplate"
FOLDS = 5

KNOWN = """Known levels on other publishers, light tier: keyword patterns F1 .41 at .05 % body loss; keywords with head and
tail trimming .74 at 1.2 %; jusText per line .57 at 3.8 %; C4 line rules .49 at 19 %; a small gradient-boosted model .81
at .42 %; trafilatura with the HTML .78 at 3.1 %; resiliparse with the HTML .78 at .86 %."""


def fold_of(domain: str) -> int:
    """The fold of a publisher: the model that is scored on its pages has seen none of them."""
    return int(hashlib.md5(domain.encode()).hexdigest(), 16) % FOLDS


def load(data: Path) -> list[dict[str, Any]]:
    """The labelled pages. Exits with a message when they are not there."""
    path = data / "dev.jsonl.gz"
    if not path.is_file():
        sys.exit(f"{path} is not there; name the folder of the labelled pages with --data or NEWSCLEAN_BENCH")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def clean(
    docs: Sequence[dict[str, Any]],
    folds: Path | None,
    settings: Mapping[str, Any],
    change: Callable[[line_score.Model], line_score.Model] = lambda model: model,
) -> list[CleanResult]:
    """Every page cleaned by the model that saw no page of its publisher (`folds` None: by the installed one)."""
    out: list[CleanResult | None] = [None] * len(docs)
    cleaner = Cleaner(settings)
    installed = line_score.load
    try:
        for fold in range(5) if folds else (None,):
            model = line_score.read(folds / str(fold)) if folds else installed()
            if folds:  # the scores are those of the fold; what is decided on them is what the package decides
                now = installed()
                model = dataclasses.replace(
                    model, thresholds=now.thresholds, looks=now.looks, bands=now.bands, certainty=now.certainty
                )
            model = change(model)
            line_score.load = lambda model=model: model  # type: ignore[assignment]
            mine = [i for i, doc in enumerate(docs) if fold is None or fold_of(doc["domain"]) == fold]
            for at in range(0, len(mine), BATCH):
                part = mine[at : at + BATCH]
                for i, result in zip(
                    part, cleaner.clean_batch(["\n".join(docs[i]["lines"]) for i in part]), strict=True
                ):
                    out[i] = result
    finally:
        line_score.load = installed
    return [one for one in out if one is not None]


def scorer(data: Path) -> Any:
    """The scoring module that comes with the pages."""
    sys.path.insert(0, str(data))
    return importlib.import_module("score_boiler")


def kept(result: CleanResult, doc: Mapping[str, Any]) -> list[float]:
    """Share of each line that is still there, read from the record: exact, and quicker than aligning the texts."""
    spans = sorted((one.input_start, one.input_end) for one in result.edits if one.pass_name.startswith("lines"))
    out = []
    at, number = 0, 0
    for line in doc["lines"]:
        end = at + len(line)
        lost = 0
        k = number
        while k < len(spans) and spans[k][0] < end:
            lost += max(0, min(end, spans[k][1]) - max(at, spans[k][0]))
            if spans[k][1] <= end:
                number = k + 1
            k += 1
        out.append(1 - lost / len(line) if line else 1.0)
        at = end + 1
    return out


def levels(
    docs: Sequence[dict[str, Any]], shares: Iterable[Sequence[float]], score: Any
) -> dict[str, dict[str, float]]:
    """Scores per tier and language group."""
    acc: dict[str, Any] = collections.defaultdict(score.Acc)
    for doc, share in zip(docs, shares, strict=True):
        for group in score.groups(doc):
            acc[group].add(doc, share)
    return {group: one.row() for group, one in sorted(acc.items())}


def row(name: str, group: str, one: Mapping[str, float]) -> str:
    """One line of the table."""
    return (
        f"| {name} | {group} | {one['docs']} | {one['P']:.3f} | {one['R']:.3f} | **{one['F1']:.3f}** | {one['macro_F1']:.3f} "
        f"| {100 * one['body_loss']:.2f} % | {100 * one['damaged']:.1f} % |"
    )


HEAD = (
    "| profile | tier / language | pages | precision | recall | line F1 | F1, mean of pages | body loss | pages damaged |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def by_kind(docs: Sequence[dict[str, Any]], shares: Sequence[Sequence[float]], only: str) -> list[str]:
    """Recall per kind of leftover."""
    total: collections.Counter[str] = collections.Counter()
    found: collections.Counter[str] = collections.Counter()
    for doc, share in zip(docs, shares, strict=True):
        if doc["tier"] != only or doc["source"] == "trafilatura":
            continue
        for label, kind, part in zip(doc["labels"], doc["kinds"], share, strict=True):
            if label == "drop":
                total[kind] += 1
                found[kind] += part < 0.5
    return [f"| {kind} | {n} | {found[kind] / n:.2f} |" for kind, n in total.most_common()]


def rule_precision(docs: Sequence[dict[str, Any]], results: Sequence[CleanResult]) -> dict[str, list[int]]:
    """Per rule: lines it took that are labelled drop, and that are labelled keep."""
    counts: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for doc, result in zip(docs, results, strict=True):
        starts, at = {}, 0
        for i, line in enumerate(doc["lines"]):
            starts[at] = i
            at += len(line) + 1
        places = sorted(starts)
        for one in result.edits:
            if not one.pass_name.startswith("lines"):
                continue
            inside = [starts[p] for p in places if one.input_start <= p + 1 < one.input_end]
            for i in inside:
                label = doc["labels"][i]
                if label in ("drop", "keep"):
                    counts[one.edit.rule][label == "keep"] += 1
    return dict(counts)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--folds", type=Path, default=Path("/tmp/newsclean-folds"))
    parser.add_argument("--rules-only", action="store_true", help="without the learned score")
    parser.add_argument("--thresholds", action="store_true")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--errors", type=Path, help="write what leaks and what is lost to this file")
    parser.add_argument("--profiles", default=",".join(PROFILES))
    parser.add_argument("--tiers", default="light,full", help="which pages; the pages with few labels are in both")
    given = parser.parse_args()
    docs, score = load(given.data), scorer(given.data)
    docs = [doc for doc in docs if doc["tier"] in given.tiers.split(",")]
    if given.thresholds:
        for low in (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
            for veto in (-2.0, 0.0):
                bounds = dict.fromkeys(PROFILES, (low, veto, 0.0))

                def bounded(model: line_score.Model, bounds: Any = bounds) -> line_score.Model:
                    return dataclasses.replace(model, thresholds=bounds)

                results = clean(docs, given.folds, {}, bounded)
                found = levels(docs, [kept(r, d) for r, d in zip(results, docs, strict=True)], score)
                for group in ("light/en", "light/other", "full/all", "seg/all"):
                    print(row(f"{low:+.1f} {veto:+.1f}", group, found[group]), flush=True)
        return
    print(HEAD)
    for profile in ("rules only",) if given.rules_only else given.profiles.split(","):
        settings = {"learned_score": False} if given.rules_only else {"profile": profile}
        start = time.process_time()
        results = clean(docs, given.folds, settings)
        seconds = time.process_time() - start
        shares = [kept(result, doc) for result, doc in zip(results, docs, strict=True)]
        found = levels(docs, shares, score)
        for group in ("light/en", "light/other", "light/all", "full/en", "full/other", "full/all", "seg/all"):
            if group in found:
                print(row(profile, group, found[group]), flush=True)
        size = sum(len("\n".join(doc["lines"]).encode()) for doc in docs)
        print(f"{size / 1e6 / seconds:.1f} MB per CPU second, whole Cleaner", file=sys.stderr)
        if profile in ("balanced", "rules only"):
            print("\n| kind of leftover (light tier) | lines | removed |\n|---|---|---|")
            print("\n".join(by_kind(docs, shares, "light")), "\n")
            precision = rule_precision(docs, results)
            for rule, (right, wrong) in sorted(precision.items(), key=lambda one: -one[1][1])[:25]:
                print(f"  {rule}: {right} right, {wrong} wrong", file=sys.stderr)
            if given.calibrate:
                _write_certainties(precision)
            if given.errors:
                _write_errors(given.errors, docs, shares)
    print("\n" + KNOWN)


def _write_certainties(precision: Mapping[str, Sequence[int]]) -> None:
    path = rulebook.WEIGHTS / "lines.json"
    about = json.loads(path.read_text("utf-8"))
    # Ten lines at least, one doubt added: a rule seen twice is not known to be perfect.
    about["rule_certainty"] = {
        rule: round((right + 0.5) / (right + wrong + 1), 3)
        for rule, (right, wrong) in sorted(precision.items())
        if right + wrong >= 10 and rule != "learned.score"
    }
    path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _write_errors(path: Path, docs: Sequence[dict[str, Any]], shares: Sequence[Sequence[float]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for doc, share in zip(docs, shares, strict=True):
            for i, (line, label, kind, part) in enumerate(
                zip(doc["lines"], doc["labels"], doc["kinds"], share, strict=True)
            ):
                if (label == "drop" and part >= 0.5) or (label == "keep" and part < 0.9):
                    what = "LEAKS" if label == "drop" else "LOST"
                    file.write(f"{what}\t{doc['tier']}\t{doc['lang']}\t{kind}\t{doc['id']}\t{i}\t{line[:200]}\n")


if __name__ == "__main__":
    main()
