#!/usr/bin/env python3
"""How large report.html is, and what making it costs, as the run grows: 1,000, 10,000, 100,000 articles.

    python benchmarks/report.py                          # two minutes
    python benchmarks/report.py --of OUT                 # the report of a run of yours

The folders of the runs are made here, without a run, which would take half an hour for 100,000: the articles are those
of make_bulk.py of the benchmark sets (invented, about 3 KB each, a quarter of the stories with copies), four in five
with leftovers, which are the examples that the rules bring, and a third with damage, each with the edit that takes it
away again. So there are as many rules, wordings, sources and groups as a page will meet. Each page is made in a process
of its own, whose CPU time and memory peak are told; what a browser makes of it, tests/test_report.py tries.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from bulk import DATA, articles, made, peak_mb
from newsclean import edits, rulebook
from newsclean.model import Article, CleanResult, Edit, Flag, Pass

LARGEST = 5_000_000  # bytes
LINES = [
    (rule.id, rule.family, rule.why, line)
    for rule in rulebook.all_ours()
    if rule.scope != "span"
    for line in rule.drops
]
DAMAGE = (
    ("doubled_stop", "punctuation", ". . ", ". ", "two stops in a row"),
    ("doubled_function_word", "doubling", " the the ", " the ", "the word stands twice"),
    ("mojibake", "encoding", "â€™", "’", "UTF-8 read as cp1252"),
    ("spaced_punctuation", "punctuation", " , ", ", ", "a space before the comma"),
    ("soft_hyphen", "layout", "e\u00adn", "en", "a soft hyphen"),
)


def written(folder: Path, bulk: Path) -> Path:
    """The folder of a run over the articles of a file, made if it is not there."""
    if (folder / "summary.json").is_file():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with Path(f"{bulk}.truth.jsonl").open(encoding="utf-8") as lines:
        groups = [
            (first, [row["id"] for row in members])
            for first, members in groupby(map(json.loads, lines), lambda row: row["cluster"])
        ]
    stands = {member: first for first, members in groups for member in members}
    count = chars = 0
    used: Counter[str] = Counter()
    with ExitStack() as stack:

        def opened(name: str) -> Any:
            return stack.enter_context((folder / name).open("w", encoding="utf-8"))

        names = ("articles", "edits", "clusters", "matches")
        rows, records, clusters, matches = (opened(f"{kind}.jsonl") for kind in names)
        for number, (name, text) in enumerate(articles(bulk)):
            result = one(number, name, text)
            put(rows, row_of(result, stands[name]))
            if result.edits or result.flags:
                flags = result.flag_dicts()
                put(records, {"id": name, "edits": [edit.to_dict() for edit in result.edits], "flags": flags})
            used.update(edit.edit.rule for edit in result.edits)
            count, chars = count + 1, chars + len(text)
        for group, pairs in joined(groups):
            put(clusters, group)
            for pair in pairs:
                put(matches, pair)
    summary = {"version": "bench", "articles": count, "characters_out": chars, "rules_used": used, "slowest": []}
    summary["clusters_with_copies"] = sum(len(members) > 1 for _, members in groups)
    (folder / "summary.json").write_text(json.dumps(summary), "utf-8")
    return folder


def put(file: Any, row: dict[str, Any]) -> None:
    """One line of a file of the run."""
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def one(number: int, name: str, text: str) -> CleanResult:
    """An article that came out as this text, with the record of it, the same every time."""
    draw = random.Random(f"article {number}")
    source = f"outlet-{int(40 * draw.random() ** 2):02}.example"  # a few large ones, many small
    # Made backwards: what breaks the text, turned round, is what mended it.
    breaking: list[Edit] = []
    if draw.random() < 0.3:
        rule, family, broken, right, why = draw.choice(DAMAGE)
        at = text.find(right, draw.randrange(len(text)))
        breaking = [Edit(at, right, broken, rule, why, 0.97, family)] if at >= 0 else []
    broken_text = edits.apply(text, breaking)
    adding: list[Edit] = []
    if draw.random() < 0.8:
        ends = [at for at in range(len(broken_text)) if broken_text.startswith("\n\n", at)]
        places = [draw.choice([*ends, len(broken_text)]) for _ in range(draw.randrange(5))]
        places += [len(broken_text)] * draw.randrange(1, 8)  # most leftovers stand at the end
        for place in sorted(places):
            rule, family, why, line = draw.choice(LINES)
            adding.append(Edit(place, "", f"\n\n{line}", rule, why, 0.98, family))
    steps = (("lines", adding), ("sentences", breaking))
    passes = tuple(Pass(kind, edits.inverted(made)) for kind, made in steps if made)
    flags = ()
    if draw.random() < 0.1:
        start = draw.randrange(max(1, len(text) // 2))
        flags = (Flag("odd_wording", start, start + 30, "odd_wording", "reads as if a word were lost", 0.6),)
    day = f"2026-{1 + number // 9000 % 12:02}-{1 + number // 300 % 28:02}T{number % 24:02}:00:00Z"
    article = Article(name, edits.apply(broken_text, adding), text.split(". ")[0][:90], "en", source, day)
    return CleanResult(article, text, passes, edits.in_input(passes), flags, {"language": "en"})


def row_of(result: CleanResult, first: str) -> dict[str, Any]:
    """Its line of articles.jsonl; `first` stands for its group."""
    article = result.article
    return {
        "id": article.id,
        "source": article.source,
        "published": article.published,
        "title": article.title,
        "text": result.text,
        "cluster": first,
        "canonical": first,
        "is_canonical": article.id == first,
        "relation": None if article.id == first else "copy",
        "chars": len(article.text),
        "removed_chars": result.removed_chars,
        "edits": len(result.edits),
        "flags": len(result.flags),
        "metadata": dict(result.metadata),
    }


def joined(groups: list[tuple[str, list[str]]]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Lines of clusters.jsonl, each with its lines of matches.jsonl."""
    for first, members in groups:
        draw = random.Random(first)
        group = {"cluster": first, "canonical": first, "reason": "published first", "members": sorted(members)}
        group |= {"unique_sources": len(members), "reprints": len(members) - 1}
        group |= {"earliest": "2026-01-01", "latest": "2026-01-02"}
        share = round(draw.uniform(0.4, 1), 2)
        scores = {"jaccard": share, "containment_a": share, "containment_b": 1.0}
        yield (
            group,
            [
                {"a": first, "b": member, "relation": "copy", **scores, "reason": "90 % of one is found in the other"}
                for member in members
                if member != first
            ],
        )


def measure(out: Path) -> dict[str, Any]:
    """Makes the page of one run, in this process."""
    from newsclean import report

    begun = time.process_time()
    page = report.write(out)
    taken = time.process_time() - begun
    memory = peak_mb()
    text = page.read_text("utf-8")
    summary = json.loads((out / "summary.json").read_bytes())
    shown = {kind: text.count(f'<details class="item" id="{kind}-') for kind in ("rule", "article", "group")}
    return {
        "articles": summary["articles"],
        "their text, MB": round(summary["characters_out"] / 1e6),
        "edits": sum(summary["rules_used"].values()),
        "rules that fired, rules shown": f"{len(summary['rules_used'])}, {shown['rule']}",
        "articles shown in full": shown["article"],
        "groups of copies, groups shown": f"{summary['clusters_with_copies']:,}, {shown['group']}",
        "says that it is a sample": "yes" if "What is shown in full is a sample" in text else "no",
        "page, MB": round(page.stat().st_size / 1e6, 2),
        "CPU s": round(taken, 1),
        "memory MB": round(memory),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("counts", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "newsclean-bulk")
    parser.add_argument("--of", type=Path, help="the folder of a finished run; the page in it is made again")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        print(json.dumps(measure(asked.of)))
        return
    asked.work.mkdir(parents=True, exist_ok=True)
    counts = [] if asked.of else asked.counts
    outs = [written(asked.work / f"report-{count}", made(asked.data, asked.work, count)) for count in counts]
    rows = []
    for out in [asked.of] if asked.of else outs:
        command = [sys.executable, __file__, "--alone", "--of", str(out)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        rows.append(json.loads(done.stdout))
    print("| run | " + " | ".join(f"{row['articles']:,}" for row in rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    for name in list(rows[0])[1:]:
        shown = [f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for row in rows]
        print(f"| {name} | " + " | ".join(shown) + " |")
    if any(row["page, MB"] * 1e6 > LARGEST for row in rows):
        sys.exit(f"a page is larger than {LARGEST / 1e6:g} MB")


if __name__ == "__main__":
    main()
