"""Scores the repair from copies on articles that were damaged on purpose, beside their equally imperfect copies.

    python benchmarks/twins.py [--data ../shared/bench] [--articles 60] [--seed 11] [--language de] [--mix layout]

For each setting of copies, synonyms and damage in the copies: damaged sentences restored exactly, restored wrongly,
newer numbers overwritten, undamaged sentences changed. English articles are of publishers that were not looked at while the
rules were written, other languages those of clean_dev. `--mix`: `garble` is the benchmark's own; `layout` has glued, split,
spaced and tokenised words, lost characters and mojibake, which the cleaner would repair before; `all` has both.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import lzma
import os
import sys
from pathlib import Path

from newsclean.edits import apply
from newsclean.twins import repair_from_copies

LAYOUT = (
    "glue_lower glue_camel split_word hyphen_space double_space space_before_punct tokenised double_comma apostrophe_to_space "
    "fffd_apostrophe moji_cp1252 soft_hyphen stray_bracket upper_function dup_capital_word"
).split()


def repair(article: list[list[str]], copies: list[str], language: str = "en") -> list[list[str]]:
    """The benchmark's shape (paragraphs of sentences) through the public function and back."""
    spans: list[list[tuple[int, int]]] = []
    text = ""
    for paragraph in article:
        row = []
        for sentence in paragraph:
            text += " " if row else ""
            row.append((len(text), len(text) + len(sentence)))
            text += sentence
        spans.append(row)
        text += "\n\n"
    named = [(f"copy {number + 1}", copy) for number, copy in enumerate(copies)]
    edits = repair_from_copies(text, language, named).edits
    out = []
    for row in spans:
        made = []
        for start, end in row:
            inside = [edit for edit in edits if start <= edit.start and edit.end <= end]
            moved = [
                type(e)(e.start - start, e.before, e.after, e.rule, e.reason, e.certainty, e.family) for e in inside
            ]
            made.append(apply(text[start:end], moved))
        out.append(made)
    return out


def articles(data: Path, *, held_out: bool, count: int) -> list[dict[str, str]]:
    """Articles with enough prose, of publishers of one half."""
    found = []
    with lzma.open(data / "dedup" / "n1_dev_docs.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            half = int(hashlib.md5(article["source"].encode()).hexdigest(), 16) % 2
            if half == held_out and 2000 < len(article["text"]) < 8000:
                found.append({"id": article["id"], "text": article["text"]})
            if len(found) == count:
                break
    return found


def in_language(data: Path, language: str, count: int) -> list[dict[str, str]]:
    """Articles of the clean set in another language."""
    with gzip.open(data / "repair" / "clean_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [row for row in map(json.loads, lines) if row["lang"] == language and len(row["text"]) > 1000]
    return [{"id": str(row["id"]), "text": row["text"].replace("\n", "\n\n")} for row in found[:count]]


def main() -> None:
    """Runs every setting and prints the scorer's lines."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = os.environ.get("NEWSCLEAN_BENCH", str(Path(__file__).parents[2] / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--dev", action="store_true", help="the publishers that were looked at, not the others")
    parser.add_argument("--clean", type=Path, help="a JSON list of {id, text} instead of the development articles")
    parser.add_argument("--kinds", action="store_true", help="also each kind of damage")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--language", default="en")
    parser.add_argument("--mix", choices=("garble", "layout", "all"), default="garble")
    given = parser.parse_args()
    if not (given.data / "repair" / "twin_bench.py").is_file():
        raise SystemExit(
            f"{given.data}/repair/twin_bench.py is not there; name the folder of the benchmarks with --data"
        )
    sys.path.insert(0, str(given.data / "repair"))
    import twin_bench

    if given.mix != "garble":
        twin_bench.DMG[:] = LAYOUT if given.mix == "layout" else [*twin_bench.DMG, *LAYOUT]
    if given.language != "en":
        docs = in_language(given.data, given.language, given.articles)
    elif given.clean:
        opened = gzip.open if given.clean.suffix == ".gz" else open
        with opened(given.clean, "rt", encoding="utf-8") as file:
            docs = json.load(file)
    else:
        docs = articles(given.data, held_out=not given.dev, count=given.articles)
    for copies, spin, damage in (
        (1, 0.0, 0.0),
        (1, 0.3, 0.0),
        (1, 0.0, 0.1),
        (1, 0.3, 0.1),
        (2, 0.0, 0.1),
        (2, 0.3, 0.1),
        (3, 0.0, 0.1),
        (3, 0.3, 0.1),
    ):
        per = twin_bench.run(
            lambda article, texts: repair(article, texts, given.language),
            docs,
            copies,
            spin,
            damage,
            given.articles,
            given.seed,
        )
        if given.kinds:
            for kind, counts in sorted(per.items()):
                print(f"    {kind:20} {dict(counts)}")


if __name__ == "__main__":
    main()
