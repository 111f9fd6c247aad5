"""Measures how often each repair rule is right, and holds the certainties in the code to it.

    python benchmarks/certainty.py [--data ../shared/bench] [--articles 4000] [--check] [--unjudged] [--judge HASH ...]

A rule is counted on two kinds of development data. On damaged sentences (corrupted_dev): an edit is right if the rule
alone brings the sentence nearer to what it was. On clean news, where damage is rare but real: an edit is right if
judged_repairs.jsonl says so, one line per edit with its rule, a hash, the change with a few words around it, and the
verdict of a reader. `--unjudged` prints edits that nobody has read yet; `--judge` appends them as right, except those
whose hashes are given, which are appended as wrong. `--check` fails if a rule in use claims more than was measured.
"""

from __future__ import annotations

import argparse
import collections
import difflib
import gzip
import hashlib
import json
import lzma
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsclean import edits, repairs
from newsclean.model import Context, Edit
from newsclean.settings import CleanSettings
from newsclean.tokens import Tokens

JUDGED = Path(__file__).parent / "judged_repairs.jsonl"
AROUND = 28  # characters of context that a judged line quotes on either side

# A certainty in the code may lie above what was measured by this much: fewer than 200 cases cannot tell .99 from .985.
SLACK = 0.006


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL file, packed or not."""
    openers = {".gz": gzip.open, ".xz": lzma.open}
    with openers.get(path.suffix, open)(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def made(text: str, language: str) -> dict[str, list[Edit]]:
    """The edits that each sentence rule would make in a text, whatever its certainty."""
    context = Context(language, "", "", CleanSettings(repair_level="plausible"))
    tokens = Tokens(text)
    found: dict[str, list[Edit]] = collections.defaultdict(list)
    for repair in repairs.repairs("sentences"):
        if repair.setting:
            continue
        for one in repair.find(text, context, tokens):
            if isinstance(one, Edit):
                found[one.rule].append(one)
    return found


def one_after_another(found: list[Edit]) -> list[Edit]:
    """The edits that do not overlap an earlier one."""
    kept: list[Edit] = []
    for edit in sorted(found, key=lambda one: one.start):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def flagged(text: str, language: str) -> collections.Counter[str]:
    """How many flags of each kind a text raises under the default settings."""
    context = Context(language, "", "", CleanSettings())
    return collections.Counter(flag.kind for flag in repairs.sentences(text, context).flags)


# Which flag the damage of a kind should raise.
FLAGS = {
    "split_sentence": "stop_inside",
    "split_stray": "stray_fragment",
    "stray_end": "stray_capital",
    "x_or_x": "word_or_word",
    "truncated": "truncated",
}


def name_of(text: str, edit: Edit) -> str:
    """What a judged edit is known by: its rule and the change with its surroundings."""
    around = text[max(0, edit.start - AROUND) : edit.end + AROUND]
    return hashlib.sha1(f"{edit.rule}|{edit.before}|{edit.after}|{around}".encode()).hexdigest()[:12]


def surroundings(text: str, edit: Edit) -> str:
    """The damaged words with a few characters on either side."""
    return text[max(0, edit.start - 8) : edit.end + 8]


def is_nearer(damaged: str, repaired: str, expected: str) -> bool:
    """Whether the repair brought the text nearer to what it was before the damage."""

    def apart(text: str) -> int:
        matcher = difflib.SequenceMatcher(None, text.split(), expected.split(), autojunk=False)
        return sum(max(j - i, m - k) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal")

    return apart(repaired) < apart(damaged)


# For rules of which the damaged sentences have no case: what they mend, made out of the clean articles themselves.
OWN_DAMAGE = (
    ("fixed_phrase", re.compile(r"(?<= )on(?= (?:the )?condition of anonymity)"), ("to", "in", "at", "of")),
    ("fixed_phrase", re.compile(r"(?<=request )for(?= comment)"), ("of", "in")),
    ("fixed_phrase", re.compile(r"(?<=according )to(?= (?:a|the|two) )"), ("of", "at")),
    ("byline_capitals", re.compile(r"(?<=[a-z] )and(?= [A-Z][a-z]+ [A-Z][a-z]+ contributed)"), ("AND",)),
)


def own_damage(text: str) -> Iterator[tuple[str, str, str]]:
    """Rule, damaged line, line as it was, for each place where a rule has something to mend."""
    for line in text.split("\n"):
        for rule, pattern, wrong in OWN_DAMAGE:
            for match in pattern.finditer(line):
                for word in wrong:
                    yield rule, line[: match.start()] + word + line[match.end() :], line


def clean_texts(data: Path, articles: int) -> Iterator[tuple[str, str]]:
    """Language and text: the clean set, and articles of the publishers that may be looked at."""
    for row in rows(data / "repair" / "clean_dev.jsonl.gz"):
        yield row["lang"], row["text"]
    count = 0
    for row in rows(data / "dedup" / "n1_dev_docs.jsonl.xz"):
        if int(hashlib.md5(row["source"].encode()).hexdigest(), 16) % 2 == 0:
            count += 1
            if count > articles:
                return
            yield "en", row["text"]


def main() -> None:
    """Counts, prints the table, judges or checks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    default = os.environ.get("NEWSCLEAN_BENCH", str(Path(__file__).parents[2] / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--families", nargs="*", default=["doubling", "garble", "punctuation", "layout"])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--flags", action="store_true", help="also how often each kind of flag is raised")
    parser.add_argument("--unjudged", action="store_true")
    parser.add_argument("--judge", nargs="*", metavar="HASH")
    given = parser.parse_args()
    if not (given.data / "repair").is_dir():
        raise SystemExit(f"{given.data}/repair is not there; name the folder of the benchmarks with --data")
    claims = {
        rule: certainty
        for one in repairs.repairs("sentences")
        if one.family in given.families
        for rule, certainty in one.rules.items()
    }
    verdicts = {row["hash"]: row["right"] for row in rows(JUDGED)} if JUDGED.is_file() else {}
    right: collections.Counter[str] = collections.Counter()
    wrong: collections.Counter[str] = collections.Counter()
    in_news: collections.Counter[str] = collections.Counter()
    raised: collections.Counter[str] = collections.Counter()
    tried: collections.Counter[str] = collections.Counter()
    on_clean: collections.Counter[str] = collections.Counter()
    unread: list[dict[str, Any]] = []
    for row in rows(given.data / "repair" / "corrupted_dev.jsonl.gz"):
        if row["kind"] in FLAGS:
            kinds = flagged(row["input"], "en")
            raised[row["kind"]] += bool(
                kinds[FLAGS[row["kind"]]] or (row["kind"] == "split_stray" and kinds["stop_inside"])
            )
            tried[row["kind"]] += 1
        if row["expected"] is None or row["level"] == "flag":
            continue  # a moved word may leave a doubled one behind: no repair brings that nearer
        for rule, every in made(row["input"], "en").items():
            # Damage that was there before is judged with the clean news.
            of_rule = [edit for edit in every if surroundings(row["input"], edit) not in row["expected"]]
            if not of_rule:
                continue
            repaired = edits.apply(row["input"], one_after_another(of_rule))
            (right if is_nearer(row["input"], repaired, row["expected"]) else wrong)[rule] += 1
    words = 0
    for language, text in clean_texts(given.data, given.articles):
        words += len(text.split())
        for rule, damaged, line in own_damage(text) if language == "en" else ():
            repaired = edits.apply(damaged, one_after_another(made(damaged, "en").get(rule, [])))
            if repaired != damaged:
                (right if repaired == line else wrong)[rule] += 1
        on_clean.update(flagged(text, language) if given.flags else {})
        for rule, of_rule in made(text, language).items():
            for edit in of_rule:
                in_news[rule] += 1
                key = name_of(text, edit)
                if key in verdicts:
                    (right if verdicts[key] else wrong)[rule] += 1
                elif rule in claims:
                    before = text[max(0, edit.start - AROUND) : edit.start]
                    after = text[edit.end : edit.end + AROUND]
                    quoted = {"before": before + edit.before[:200] + after, "after": before + edit.after[:200] + after}
                    unread.append({"hash": key, "rule": rule, "language": language, **quoted, "right": True})
    if given.unjudged:
        for row in unread:
            print(json.dumps(row, ensure_ascii=False))
        return
    if given.judge is not None:
        with JUDGED.open("a", encoding="utf-8") as file:
            for row in {row["hash"]: row for row in unread}.values():
                row["right"] = row["hash"] not in given.judge
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(f"{len(unread)} edits judged, {len(given.judge)} of them wrong")
        return
    print(f"{words} words of clean news; rule, right, wrong, per 100,000 words, precision, claimed")
    too_bold = []
    for rule in sorted(claims):
        count = right[rule] + wrong[rule]
        precision = right[rule] / count if count else float("nan")
        rate = 1e5 * in_news[rule] / max(1, words)
        print(f"{rule:28}{right[rule]:6}{wrong[rule]:5}{rate:8.2f}{precision:8.3f}{claims[rule]:8.3f}")
        if count and claims[rule] > precision + SLACK:
            too_bold.append(rule)
    if given.flags:
        for kind, count in sorted(tried.items()):
            print(f"{kind}: {100 * raised[kind] / count:.1f} % of {count} damaged sentences raise {FLAGS[kind]}")
        for kind, count in sorted(on_clean.items()):
            print(f"{kind}: {1e5 * count / words:.2f} flags per 100,000 words of clean news")
    print(f"{len(unread)} edits in clean news are not judged yet" if unread else "every edit in clean news is judged")
    if given.check and too_bold:
        sys.exit(f"claimed more than measured: {', '.join(too_bold)}")


if __name__ == "__main__":
    main()
