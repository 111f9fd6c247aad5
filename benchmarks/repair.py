#!/usr/bin/env python3
"""How much damage the repairs undo, how often they are right, and what they do to clean text, beside ftfy and clean-text.

    python benchmarks/repair.py [--data DIR] [--per-kind N] [--seed N] [--held-out] [--out FILE]
    python benchmarks/repair.py --judge        lists the word-level edits on clean text that nobody has judged yet, and
                                               those on the undamaged form of sentences that did not come back

`--data` is the folder of the development sets (default: NEWSCLEAN_BENCH, else ../shared/bench beside the repository).
A row counts as restored when the whole passage comes back as it was; precision is the share of the changed passages
that are right. Some sentences had a damage of their own before one was put in: what the repairs make of the sentence
itself counts as well, if a reader judged each of those edits right (judged_repairs.jsonl). Curly and straight quotes
count as the same. `--held-out` damages articles that no rule was tuned on: the
English reference texts of the boilerplate set that are not in the clean set.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from certainty import AROUND, JUDGED, name_of
from newsclean import Cleaner, edits, repairs
from newsclean.model import Context
from newsclean.settings import CleanSettings

ROOT = Path(__file__).resolve().parents[1]
Repairer = Callable[[Sequence[str], str], list[str]]
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})

# Rules that change no word; their edits on clean text are not judged one by one.
_INVISIBLE = frozenset(
    {"odd_space", "zero_width", "soft_hyphen", "line_end", "doubled_space", "unicode_form", "control_character"}
)


def data_folder(given: str) -> Path:
    """The development sets. Ends the program with a message if they are not there."""
    folder = Path(given or os.environ.get("NEWSCLEAN_BENCH") or ROOT.parent / "shared" / "bench") / "repair"
    if not folder.is_dir():
        sys.exit(f"{folder}: no development sets there; name their folder with --data or NEWSCLEAN_BENCH")
    return folder


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file, packed or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def newsclean_repair(texts: Sequence[str], language: str) -> list[str]:
    """newsclean, told the language ("" to detect it)."""
    return [result.text for result in Cleaner().repair_batch([{"text": text, "language": language} for text in texts])]


def ftfy_repair(texts: Sequence[str], language: str) -> list[str]:
    """ftfy as it comes."""
    import ftfy

    return [ftfy.fix_text(text) for text in texts]


def cleantext_repair(texts: Sequence[str], language: str) -> list[str]:
    """clean-text as it comes, but for small letters and ASCII, which would change nearly every passage."""
    from cleantext import clean  # type: ignore[import-not-found]

    return [clean(text, to_ascii=False, lower=False) for text in texts]


def peers() -> dict[str, Repairer]:
    """newsclean and those of the others that are installed."""
    found: dict[str, Repairer] = {"newsclean": newsclean_repair, "ftfy": ftfy_repair}
    if importlib.util.find_spec("cleantext"):
        found["clean-text"] = cleantext_repair
    else:
        print("clean-text is not installed: its columns are left out", file=sys.stderr)
    return found


def plain(text: str) -> str:
    """What is compared: quotes straight, no space at the ends."""
    return text.translate(_QUOTES).strip()


def outcome(row: dict[str, Any], text: str) -> str:
    """right, ok (accepted), left or wrong."""
    got = plain(text)
    if got in (plain(row["expected"]), plain(row.get("mended", row["expected"]))):
        return "right"
    if got in {plain(other) for other in row.get("accept", ())}:
        return "ok"
    return "left" if got == plain(row["input"]) else "wrong"


def by_kind(rows: Iterable[dict[str, Any]], repair: Repairer, language: str) -> dict[str, collections.Counter[str]]:
    """Outcomes of each kind of damage."""
    known = [row for row in rows if row["expected"] is not None]
    outputs = repair([row["input"] for row in known], language)
    counts: dict[str, collections.Counter[str]] = {}
    for row, output in zip(known, outputs, strict=True):
        counts.setdefault(row["kind"], collections.Counter())[outcome(row, output)] += 1
    return counts


def percent(share: float, whole: float) -> str:
    """A share in per cent, or a dash."""
    return f"{100 * share / whole:.1f}" if whole else "–"


def kind_table(rows: list[dict[str, Any]], language: str) -> list[str]:
    """Restored and precision of each kind, for each peer."""
    tools = peers()
    scores = {name: by_kind(rows, repair, language) for name, repair in tools.items()}
    lines = [
        "| kind | n | " + " | ".join(f"{name} restored | precision" for name in tools) + " |",
        "|---" * (2 + 2 * len(tools)) + "|",
    ]
    for kind in scores["newsclean"]:
        cells = []
        for name in tools:
            counts = scores[name][kind]
            cells += [
                percent(counts["right"], counts.total()),
                percent(counts["right"], counts["right"] + counts["wrong"]),
            ]
        lines.append(f"| {kind} | {scores['newsclean'][kind].total()} | " + " | ".join(cells) + " |")
    return lines


def case_lines(folder: Path) -> list[str]:
    """The written cases: certain ones mended, traps broken."""
    lines = ["| cases | certain right | certain wrong | traps broken | unknowable changed |", "|---|---|---|---|---|"]
    for name in ("repair_cases_dev.jsonl", "real_cases.jsonl"):
        counts: collections.Counter[str] = collections.Counter()
        rows = rows_of(folder / name)
        for row, output in zip(rows, newsclean_repair([row["input"] for row in rows], ""), strict=True):
            kind = "trap" if row["category"].startswith("trap") else row["certainty"]
            counts[f"{kind} {outcome(row, output)}"] += 1
            counts[kind] += 1
        traps = counts["trap"] - counts["trap right"] - counts["trap ok"]
        unknowable = counts["unknowable wrong"]
        right = f"{counts['certain right']} of {counts['certain']}"
        lines.append(f"| {name} | {right} | {counts['certain wrong']} | {traps} of {counts['trap']} | {unknowable} |")
    return lines


def mend(rows: Iterable[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Adds to each row, as `mended`, its undamaged passage after the repairs; the edits made there that nobody judged right.

    A passage with such an edit gets no `mended`.
    """
    right = {row["hash"] for row in rows_of(JUDGED) if row["right"]}
    unknown = []
    for row in rows:
        if row["expected"] is None:
            continue
        text = row["expected"]
        doc = {"lang": language, "text": text}
        doubted = [edit for _, edit in edits_on([doc]) if edit["hash"] not in right]
        unknown += [{**edit, "kind": row["kind"]} for edit in doubted]
        if not doubted:
            (row["mended"],) = newsclean_repair([text], language)
    return unknown


def edits_on(docs: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each edit that changes a word or sign of a clean article, as a row of the judged list."""
    for doc in docs:
        context = Context(doc["lang"], "", "", CleanSettings())
        text = doc["text"]
        for reading in (repairs.encoding, repairs.sentences):
            found = reading(text, context).edits
            for edit in found:
                if edit.rule in _INVISIBLE:
                    continue
                before, after = text[max(0, edit.start - AROUND) : edit.start], text[edit.end : edit.end + AROUND]
                row = {"hash": name_of(text, edit), "rule": edit.rule, "language": doc["lang"]}
                row |= {"before": before + edit.before[:200] + after, "after": before + edit.after[:200] + after}
                yield doc, {**row, "right": True}
            text = edits.apply(text, found)


def clean_lines(docs: list[dict[str, Any]]) -> list[str]:
    """Wrong edits per 100,000 words of clean text, by language, as judged."""
    verdicts = {row["hash"]: row["right"] for row in rows_of(JUDGED)}
    words: collections.Counter[str] = collections.Counter()
    counts: dict[str, collections.Counter[str]] = {"en": collections.Counter(), "other": collections.Counter()}
    for doc in docs:
        words["en" if doc["lang"] == "en" else "other"] += len(doc["text"].split())
    names = {True: "right", False: "wrong", None: "not judged"}
    for doc, edit in edits_on(docs):
        counts["en" if doc["lang"] == "en" else "other"][names[verdicts.get(edit["hash"])]] += 1
    lines = ["| clean text | words | edits | right | wrong | not judged | wrong per 100,000 words |", "|---" * 7 + "|"]
    for group, seen in counts.items():
        rate = 1e5 * seen["wrong"] / max(1, words[group])
        lines.append(
            f"| {group} | {words[group]} | {seen.total()} | {seen['right']} | {seen['wrong']} | {seen['not judged']} | {rate:.2f} |"
        )
    return lines


def speed_lines(docs: list[dict[str, Any]]) -> list[str]:
    """MB per CPU second of newsclean.repair and ftfy.fix_text on the same English articles, in turns."""
    texts = [doc["text"] for doc in docs if doc["lang"] == "en"]
    size = sum(len(text.encode()) for text in texts) / 1e6
    seconds: dict[str, list[float]] = {}
    for _ in range(3):
        for name, repair in (("newsclean", newsclean_repair), ("ftfy", ftfy_repair)):
            started = time.process_time()
            repair(texts, "")
            seconds.setdefault(name, []).append(time.process_time() - started)
    best = {name: min(times) for name, times in seconds.items()}
    rates = ", ".join(f"{name} {size / time_:.2f} MB/s" for name, time_ in best.items())
    times = best["ftfy"] / best["newsclean"]
    return [
        f"Speed on {size:.1f} MB of English articles (CPU time, best of three in turns): {rates}; {times:.1f} times ftfy."
    ]


def held_out(folder: Path, per_kind: int, seed: int) -> list[dict[str, Any]]:
    """Damage put into articles that are not in the clean set."""
    tuned = {row["text"][:200] for row in rows_of(folder / "clean_dev.jsonl.gz")}
    articles = rows_of(folder.parent / "boilerplate" / "dev_refs.jsonl.gz")
    docs = [
        {"id": row["page"], "text": row["text"]}
        for row in articles
        if row["lang"] == "en" and row["text"][:200] not in tuned
    ]
    spec = importlib.util.spec_from_file_location("corruptor", folder / "corruptor.py")
    assert spec is not None
    assert spec.loader is not None
    corruptor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corruptor)
    rows, _ = corruptor.build(docs, per_kind, seed)
    return list(rows)


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--per-kind", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--judge", action="store_true")
    options = parser.parse_args()
    folder = data_folder(options.data)
    clean = rows_of(folder / "clean_dev.jsonl.gz")
    rows = (
        held_out(folder, options.per_kind, options.seed)
        if options.held_out
        else rows_of(folder / "corrupted_dev.jsonl.gz")
    )
    unknown = mend(rows, "en")
    if options.judge:
        known = {row["hash"] for row in rows_of(JUDGED)}
        for edit in [*(edit for _, edit in edits_on(clean)), *unknown]:
            if edit["hash"] not in known:
                known.add(edit["hash"])
                print(json.dumps(edit, ensure_ascii=False))
        return
    lines = ["Written cases:", "", *case_lines(folder), "", "Clean articles, each word-level edit judged by eye:", ""]
    lines += [*clean_lines(clean), "", *speed_lines(clean[:300]), "", "Damage put into clean sentences:", ""]
    lines += kind_table(rows, "en")
    print("\n".join(lines))
    if options.out:
        options.out.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
