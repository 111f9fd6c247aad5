"""Measures how often each repair rule is right, and holds the certainties in the code to it.

    python benchmarks/certainty.py [--data ../shared/bench] [--articles 2000] [--per-kind 120] [--check] [--markdown]
    python benchmarks/certainty.py --unjudged | --judge [HASH ...]

A rule is counted on two kinds of text.

Damaged sentences (damage.py): English articles that no rule was written on, and six other languages. An edit is right if it
puts back exactly what was there: with it, the sentence must lie nearer to the original by every character that the edit
takes out or puts in. Curly and straight quotes count as the same, and so do the dashes. An edit that would be made in the
undamaged sentence, too, is left out: such damage was there before, and is judged with the clean news.

Clean news, where damage is rare but real: an edit is right if judged_repairs.jsonl says so. It has one line per edit,
`{"hash", "rule", "language", "before", "after", "right"}`: what the edit is known by (`name_of`), the words around it as
they were and as they became, and the verdict of a reader. `--unjudged` prints edits that nobody has read yet; `--judge`
appends them as right, except those whose hashes are given, which are appended as wrong. Encoding repairs, and those that
change white space only, are not judged one by one.

Where real damage was counted by hand (REAL), that counts instead of damage made on purpose.

The certainty of a rule is the share of its edits that are right. With fewer than 50 edits it is (right + 1) / (edits + 2),
so that a rule without cases has .5. Below .98 a rule is `plausible`: it flags. The bound in the table is the lower end
of the one-sided 95 % interval (Wilson). A flag's score is the share of the sentences it is raised on that are damaged, were
one in a hundred damaged; .5 where there is no damage to measure it on.

`--check` fails if a certainty in the code is more than .006 above what was measured, or on the other side of .98, or more
than .05 below; or if an edit in clean news is not judged. A repair that users must ask for may claim less.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import lzma
import math
import os
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Indel

import damage
from newsclean import edits, repairs
from newsclean.model import Context, Edit, Flag
from newsclean.settings import CleanSettings
from newsclean.tokens import Tokens

JUDGED = Path(__file__).parent / "judged_repairs.jsonl"
AROUND = 28  # characters of context that a judged line quotes on either side

# A certainty in the code may lie above what was measured by this much: another seed of the same size moves a rule by as much.
ABOVE = 0.006
BELOW = 0.05

FEW = 50  # edits: with fewer, a share tells less than the rule of succession
DAMAGED_SENTENCES = 0.01  # the share assumed for the scores of flags

# What is counted as judged without a reader: nothing but the form of characters changes, or white space.
NOT_JUDGED = frozenset(
    {"odd_space", "zero_width", "soft_hyphen", "line_end", "doubled_space", "unicode_form", "control_character"}
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "—"})

# Which flag each kind of damage should raise.
FLAGS = {
    "split_sentence": ("stop_inside",),
    "split_stray": ("stray_fragment", "stray_fragment?", "stop_inside"),
    "stray_end": ("stray_capital",),
    "x_or_x": ("word_or_word",),
    "truncated": ("truncated",),
    "stray_word": ("leftover_word",),
}


# Right and all, where 1,144 characters lost in real web pages were read one by one (2026-11).
REAL = {
    "lost_apostrophe_char": (571, 571),
    "lost_open_quote": (176, 180),
    "lost_close_quote": (147, 154),
    "lost_dash": (108, 117),
}

# Rules that change nothing.
ONLY_FLAGS = frozenset(
    "stop_before_small_letter stray_fragment stray_capital leftover_word word_or_word doublet_predicate scrambled_clause "
    "truncated".split()
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSONL file, packed or not."""
    if path.suffix == ".gz":
        yield from damage.rows(path)
        return
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def name_of(text: str, edit: Edit) -> str:
    """What a judged edit is known by: its rule and the change with its surroundings."""
    around = text[max(0, edit.start - AROUND) : edit.end + AROUND]
    return hashlib.sha1(f"{edit.rule}|{edit.before}|{edit.after}|{around}".encode()).hexdigest()[:12]


def context_of(language: str) -> Context:
    """Every rule makes its edits, whatever its certainty."""
    return Context(language, "", "", CleanSettings(repair_level="plausible", split_words=True))


def made(text: str, language: str) -> Iterator[tuple[str, Edit]]:
    """The edits that each rule would make, each with the text it counts in.

    The encoding repairs are taken together, as they build on one another; each sentence rule alone.
    """
    context = context_of(language)
    first = repairs.encoding(text, context).edits
    yield from ((text, edit) for edit in first)
    text = edits.apply(text, first)
    tokens = Tokens(text)
    for repair in repairs.repairs("sentences"):
        asked = not repair.languages or language in repair.languages
        for one in repair.find(text, context, tokens) if asked else ():
            if isinstance(one, Edit):
                yield text, one


def is_right(text: str, edit: Edit, expected: str) -> bool:
    """Whether every character that the edit takes out or puts in brings the text nearer to what was expected.

    >>> is_right("in the the bay", Edit(7, "the ", "", "r", ""), "in the bay")
    True
    >>> is_right("he won. do go", Edit(6, ".", "", "r", ""), "he do go"), is_right("a b c", Edit(1, " b", "", "r", ""), "a b")
    (True, False)
    """
    changed = edits.apply(text, [edit]).translate(_QUOTES)
    text, expected = text.translate(_QUOTES), expected.translate(_QUOTES)
    cost = Indel.distance(edit.before.translate(_QUOTES), edit.after.translate(_QUOTES))
    return bool(Indel.distance(text, expected) - Indel.distance(changed, expected) == cost)


def fingerprint(text: str, edit: Edit) -> tuple[str, str, str, str]:
    """The edit with a few characters on either side."""
    return (edit.rule, edit.before, edit.after, text[max(0, edit.start - 6) : edit.end + 6])


def name_of_flag(flag: Flag) -> str:
    """Its kind, with a question mark for fragments that may be none: those have a score of their own."""
    return f"{flag.kind}?" if flag.kind == "stray_fragment" and flag.proposal is None else flag.kind


class Counts:
    """Right and wrong edits of each rule, on damaged sentences and in clean news; flags raised on both."""

    def __init__(self) -> None:
        self.damaged: dict[str, collections.Counter[bool]] = collections.defaultdict(collections.Counter)
        self.news: dict[str, collections.Counter[bool]] = collections.defaultdict(collections.Counter)
        self.raised: collections.Counter[tuple[str, str]] = collections.Counter()  # (kind of damage, flag)
        self.tried: collections.Counter[str] = collections.Counter()
        self.on_clean: collections.Counter[str] = collections.Counter()
        self.sentences = 0
        self.words = 0
        self.unread: dict[str, dict[str, Any]] = {}

    def damage(self, one: damage.Damaged) -> None:
        """Counts the edits of one damaged sentence."""
        if one.kind in FLAGS and one.language == "en":
            found = repairs.sentences(one.text, Context("en", "", "", CleanSettings()))
            self.tried[one.kind] += 1
            for kind in {name_of_flag(flag) for flag in found.flags} | {edit.rule for edit in found.edits}:
                self.raised[one.kind, kind] += 1
        if one.expected is None:
            return
        before = {fingerprint(text, edit) for text, edit in made(one.expected, one.language)}
        for text, edit in made(one.text, one.language):
            if fingerprint(text, edit) not in before:
                self.damaged[edit.rule][is_right(text, edit, one.expected)] += 1

    def clean(self, whole: str, language: str, verdicts: dict[str, bool], encoding: bool) -> None:
        """Counts the edits and flags in an article of clean news."""
        self.words += len(whole.split())
        if language == "en":
            self.sentences += len(Tokens(whole).sentences)
            found = repairs.sentences(whole, Context("en", "", "", CleanSettings()))
            self.on_clean.update(name_of_flag(flag) for flag in found.flags)
        families = {rule: one.family for one in repairs.repairs() for rule in one.rules}
        for text, edit in made(whole, language):
            if edit.rule in NOT_JUDGED or edit.rule == "split_word":
                continue
            if families[edit.rule] == "encoding" and not encoding:
                continue
            key = name_of(text, edit)
            if key in verdicts:
                self.news[edit.rule][verdicts[key]] += 1
            else:
                before, after = text[max(0, edit.start - AROUND) : edit.start], text[edit.end : edit.end + AROUND]
                row = {"hash": key, "rule": edit.rule, "language": language}
                row |= {"before": before + edit.before[:200] + after, "after": before + edit.after[:200] + after}
                self.unread[key] = {**row, "right": True}

    def of(self, rule: str) -> tuple[int, int]:
        """Right edits and all edits."""
        if rule in REAL:
            return REAL[rule]
        both = self.damaged[rule] + self.news[rule]
        return both[True], both.total()

    def score(self, flag: str) -> tuple[float, float, float]:
        """Of a flag: share of damaged sentences that raise it, of clean ones, and its score."""
        kinds = [kind for kind, names in FLAGS.items() if flag in names and (flag != "stop_inside" or names[0] == flag)]
        tried = sum(self.tried[kind] for kind in kinds)
        hit = (sum(self.raised[kind, flag] for kind in kinds) + 1) / (tried + 2)
        false = (self.on_clean[flag] + 1) / (self.sentences + 2)
        seen = DAMAGED_SENTENCES * hit
        return hit if tried else math.nan, false, seen / (seen + (1 - DAMAGED_SENTENCES) * false)


def certainty(right: int, count: int) -> float:
    """The share that was right; by the rule of succession where there are few. Never 1: the next may be wrong.

    >>> certainty(196, 200), round(certainty(8, 8), 3), certainty(0, 0)
    (0.98, 0.9, 0.5)
    """
    return min(0.999, right / count) if count >= FEW else (right + 1) / (count + 2)


def bound(right: int, count: int, z: float = 1.645) -> float:
    """The lower end of Wilson's one-sided 95 % interval."""
    if not count:
        return 0.0
    share = right / count
    middle = share + z * z / (2 * count)
    return (middle - z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))) / (1 + z * z / count)


def misfit(claimed: float, measured: float) -> str:
    """What is wrong with a certainty in the code; empty if nothing is."""
    if claimed > measured + ABOVE:
        return "claims more than was measured"
    if (claimed >= repairs.CERTAIN) != (measured >= repairs.CERTAIN):
        return "on the other side of .98"
    return "claims far less than was measured" if claimed < measured - BELOW else ""


def clean_texts(data: Path, articles: int) -> Iterator[tuple[str, str, bool]]:
    """Language and text: the clean set, whose encoding repairs are judged too, and articles of half of the publishers."""
    for row in rows(data / "repair" / "clean_dev.jsonl.gz"):
        yield row["lang"], row["text"], True
    count = 0
    for row in rows(data / "dedup" / "n1_dev_docs.jsonl.xz"):
        if int(hashlib.md5(row["source"].encode()).hexdigest(), 16) % 2 == 0:
            count += 1
            if count > articles:
                return
            yield "en", row["text"], False


def table(counts: Counts, *, markdown: bool) -> list[str]:
    """Prints one line per rule; gives what the code claims wrongly."""
    wrong = []
    if markdown:
        print("| rule | damaged sentences: right of | clean news: right of | precision | at least | certainty | |")
        print("|---|---|---|---|---|---|---|")
    else:
        print(
            f"{counts.words} words of clean news; rule, damaged right/all, news right/all, measured, bound, in the code"
        )
    for repair in sorted(repairs.repairs(), key=lambda one: (one.family, one.name)):
        for rule, claimed in repair.rules.items():
            right, count = counts.of(rule)
            if rule in ONLY_FLAGS:
                continue
            measured = certainty(right, count)
            said = misfit(claimed, measured)
            if repair.setting and claimed <= measured:
                said = ""
            if said:
                wrong.append(f"{rule} ({claimed} / {measured:.3f}): {said}")
            a, b = counts.damaged[rule], counts.news[rule]
            verdict = ("few cases, " if count < FEW else "") + (
                "certain" if claimed >= repairs.CERTAIN else "plausible"
            )
            cells = [
                f"{a[True]} of {a.total()}",
                f"{b[True]} of {b.total()}",
                f"{100 * right / count:.1f} %" if count else "–",
            ]
            cells += [f"{100 * bound(right, count):.1f} %", f"{claimed:.3f}"]
            if markdown:
                print(f"| `{rule}` | " + " | ".join(cells) + f" | {verdict} |")
            else:
                print(f"{rule:26}" + "".join(f"{cell:>14}" for cell in cells) + f"  {measured:.3f} {verdict}  {said}")
    return wrong


def flag_table(counts: Counts) -> list[str]:
    """Prints one line per flag; gives the scores in the code that are not what was measured."""
    claims = {rule: claimed for one in repairs.repairs() for rule, claimed in one.rules.items()}
    wrong = []
    print(
        "\n| flag | raised on damaged sentences | per 1,000 clean sentences | score measured | in the code |\n"
        "|---|---|---|---|---|"
    )
    for flag in dict.fromkeys([*(name for names in FLAGS.values() for name in names), *ONLY_FLAGS, *counts.on_clean]):
        if flag == "stop_before_small_letter":
            continue  # the rule of stop_inside
        hit, false, score = counts.score(flag)
        rule = "stop_before_small_letter" if flag == "stop_inside" else flag
        claimed = claims.get(rule, math.nan)
        hits = "–" if math.isnan(hit) else f"{100 * hit:.1f} %"
        print(
            f"| `{flag}` | {hits} | {1000 * false:.3f} | {'–' if math.isnan(hit) else f'{score:.3f}'} | {claimed:.3f} |"
        )
        if claimed > (0.5 if math.isnan(hit) else score) + ABOVE:
            wrong.append(f"{flag} ({claimed} / {score:.3f}): its score is above what was measured")
    for kind, names in FLAGS.items():
        seen = ", ".join(
            f"{name} {100 * counts.raised[kind, name] / max(1, counts.tried[kind]):.1f} %" for name in names
        )
        print(f"{kind}: {seen} of {counts.tried[kind]}")
    return wrong


def measured(data: Path, articles: int, per_kind: int, seed: int) -> Counts:
    """Everything counted."""
    verdicts = {row["hash"]: row["right"] for row in rows(JUDGED)}
    counts = Counts()
    for one in damage.damaged(data / "repair", per_kind, seed):
        counts.damage(one)
    draw = random.Random(seed)
    rare = re.compile("condition of anonymity|request for comment|contributed")
    for row in rows(data / "dedup" / "n1_dev_docs.jsonl.xz"):
        if rare.search(row["text"]):
            for one in damage.own_rare(row["text"], draw):
                counts.damage(one)
    for language, text, encoding in clean_texts(data, articles):
        counts.clean(text, language, verdicts, encoding)
    return counts


def judge(unread: Iterable[dict[str, Any]], wrong: list[str]) -> None:
    """Appends the edits to the judged list."""
    with JUDGED.open("a", encoding="utf-8") as file:
        for row in unread:
            file.write(json.dumps({**row, "right": row["hash"] not in wrong}, ensure_ascii=False) + "\n")


def main() -> None:
    """Counts, prints the tables, judges or checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("NEWSCLEAN_BENCH", str(Path(__file__).parents[2] / "shared" / "bench"))
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--per-kind", type=int, default=120)
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--unjudged", action="store_true")
    parser.add_argument("--judge", nargs="*", metavar="HASH")
    given = parser.parse_args()
    if not (given.data / "repair").is_dir():
        raise SystemExit(f"{given.data}/repair is not there; name the folder of the benchmarks with --data")
    counts = measured(given.data, given.articles, given.per_kind, given.seed)
    if given.unjudged:
        for row in counts.unread.values():
            print(json.dumps(row, ensure_ascii=False))
        return
    if given.judge is not None:
        judge(counts.unread.values(), given.judge)
        print(f"{len(counts.unread)} edits judged, {len(given.judge)} of them wrong")
        return
    wrong = table(counts, markdown=given.markdown)
    wrong += flag_table(counts)
    if counts.unread:
        wrong.append(f"{len(counts.unread)} edits in clean news are not judged (--unjudged lists them)")
    print("\n".join(wrong) if wrong else "the certainties in the code are what was measured")
    if given.check and wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
