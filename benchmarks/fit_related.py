"""Fits weights/related.json: which articles that are not one piece are on one event. Says how well that does on others.

    python benchmarks/fit_related.py --data ../shared/bench [--keep FOLDER] [--seeds FOLDER] [--write]

**What is asked**: one concrete event, or the running coverage of one affair: one negotiation, case, bill, attack, scandal. Two
articles on one topic, person, law or race in general are not. A reader judged pairs of n1 by both their texts, without asking the
model; judged_related.jsonl keeps the verdicts (ids only, and why not).

**Fitted** on the judged pairs whose articles both came out in even months (use = fit), on the listed related pairs of n2hard
and on pairs of its strangers, shared disclaimers and templates. **Judged** on pairs of odd months (use = report, drawn from the
links that ship, as many of each stratum of surety), on listed pairs of n1 from odd months, and on n2hard by two halves of
its events: what one half taught judges the other. (n2 is left out: all its related pairs are in n2hard, too.)
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from copy_sets import (
    Article,
    Searched,
    cleaned,
    documents,
    folder,
    joined,
    logistic,
    parser,
    scorer,
    searched,
)  # beside this
from newsclean import compare, duplicate_related
from newsclean.duplicate_related import FIGURES, needed

JUDGED = Path(__file__).parent / "judged_related.jsonl"
# How much all listed pairs count together beside the judged ones (1 each), and all strangers, all disclaimers, all templates.
# With half and twice as much, at as many links of n1, precision of the judged pairs falls by .00 to .02, recall moves by .04.
LISTED, APART = 200.0, 40.0
# The same pairs once more, cut to so many words, at an eighth of the weight: most articles of the sets are long. Without them
# four or five in ten listed pairs of 100 to 250 words are linked, with them six or seven, and no fewer of the whole ones.
SHORTENED, EIGHTH = (150, 400), 0.125
# Unlisted pairs may be on one event as well; so little alike, they are not.
STRANGERS = 0.24
SMOOTH = 0.5
# What is taken off the intercept. Of undated pairs of even months above it 0.92 are right (weighed as below); 0.90 with 1.75, and
# no more than 0.93 with 2.5, which misses one related pair in ten more. (1.75 was tried first; odd months said 0.894.)
STRICTER = 2.1
# Strata of surety from which pairs were drawn to be judged: 20 to 30 of each.
STRATA = (-1.55, -0.85, -0.25, 0.15, 0.65, 1.35, np.inf)
# Publishers of n1 whose pages end in the same newsletter each time: 245 of its 837 related pairs are two of their articles on
# different subjects, listed because these words overlap.
STANDING_MATTER = ("The Flip Side", "Time Magazine")


# Publishers of n1 whose pages end in the same newsletter each time; 245 of its 837 related pairs are two of their articles on
# different subjects, listed because these words overlap.
STANDING_MATTER = ("The Flip Side", "Time Magazine")


@dataclass
class Pairs:
    """Pairs of one set that a search compares, and those that a list or a reader names."""

    articles: list[Article]
    pairs: Any  # (n, 2), numbers
    rows: Any  # (n, figures)
    usable: Any  # compared, and neither one piece nor one form
    listed: Any  # a related pair of the set's own list
    kind: Any  # what else is known: "standing" matter, "stranger", "disclaimer", "template"; "" if nothing
    half: Any  # 0, 1: both articles in this half of the months (n1) or of the events; -1 in both or unknown
    days: Any  # between them; not a number where a date is missing
    same_source: Any  # n1: both from one publisher


def figured(data: Path, name: str, keep: Path | None, named: set[tuple[str, str]]) -> Pairs:
    """The figures of all pairs of a set."""
    rows = documents(data, name)
    articles = cleaned([(row["id"], row["text"]) for row in rows], keep, name)
    ids = [id_ for id_, _ in articles]
    number = {id_: at for at, id_ in enumerate(ids)}
    read = scorer(data).rd

    def pair(a: str, b: str) -> tuple[int, int]:
        return min(number[a], number[b]), max(number[a], number[b])

    if name == "n1":
        listed = {pair(row["a"], row["b"]) for row in read(data / "n1_dev_pairs.jsonl") if row["label"] == "related"}
    else:
        listed = {pair(row["a"], row["b"]) for row in read(data / name / "related.jsonl")}
    held = searched(articles, related=True)
    met = set(held.pairs)
    pairs = sorted({*met, *listed, *(pair(a, b) for a, b in named)})
    made, other = measured(held, pairs)
    numbers = np.array(pairs)
    if name == "n1":
        kind, half, days = _dated(rows, numbers)
    else:
        kind = _invented({row["id"]: row for row in read(data / name / "truth.jsonl")}, ids, pairs, listed)
        half, days = _by_event(len(ids), numbers, listed), np.full(len(pairs), np.nan)
    return Pairs(
        articles,
        numbers,
        made,
        np.array([one in met for one in pairs]) & other,
        np.array([one in listed for one in pairs]),
        kind,
        half,
        days,
        np.array([rows[a].get("source") == rows[b].get("source") for a, b in pairs]),
    )


def measured(held: Searched, pairs: list[tuple[int, int]]) -> tuple[Any, Any]:
    """The figures of pairs, and which of them are neither one piece nor one form."""
    made, other = [], []
    for at in range(0, len(pairs), 2048):
        some = pairs[at : at + 2048]
        shares = compare.measure([(held.sketches[a], held.sketches[b]) for a, b in some])
        found = duplicate_related.figures([(held.gists[a], held.gists[b]) for a, b in some], shares)
        made.append(np.stack([found[figure] for figure in FIGURES], axis=1))
        verdicts = compare.judge(shares)
        other.append((verdicts.score < 0.5) & ~verdicts.template)
    return np.concatenate(made), np.concatenate(other)


def shortened(of: Pairs, pairs: Any, words: int) -> tuple[Any, Any]:
    """The same for articles cut to so many words."""
    numbers = sorted(set(pairs.flatten().tolist()))
    at = {number: place for place, number in enumerate(numbers)}
    cut = re.compile(rf"(?:\s*\S+){{0,{words}}}")
    texts = [(of.articles[number][0], cut.match(of.articles[number][1])[0]) for number in numbers]
    return measured(searched(texts, related=True), [(at[a], at[b]) for a, b in pairs.tolist()])


def _dated(rows: list[dict[str, Any]], pairs: Any) -> tuple[Any, Any, Any]:
    """Of n1: pairs with standing matter, by the month in which both came out, days between them."""
    source = np.array([row["source"] for row in rows])
    one, other = source[pairs[:, 0]], source[pairs[:, 1]]
    standing = (one == other) & np.isin(one, STANDING_MATTER)
    whole = [re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", row["date"]) for row in rows]
    day = np.array([date(*map(int, found.groups())).toordinal() if found else np.nan for found in whole])
    month = np.array([int(found[2]) % 2 if found else -1 for found in whole])
    same = month[pairs[:, 0]] == month[pairs[:, 1]]
    return (
        np.where(standing, "standing", ""),
        np.where(same, month[pairs[:, 0]], -1),
        np.abs(day[pairs[:, 0]] - day[pairs[:, 1]]),
    )


def _invented(
    truth: dict[str, dict[str, Any]], ids: list[str], pairs: list[tuple[int, int]], listed: set[tuple[int, int]]
) -> Any:
    """Of n2 and n2hard: what is told of pairs that are not listed. Copies of related articles, and round-ups, say nothing."""
    told = [truth[id_] for id_ in ids]
    events = {frozenset((told[a]["cluster"], told[b]["cluster"])) for a, b in listed}

    def kind(a: dict[str, Any], b: dict[str, Any]) -> str:
        stories = frozenset((a["cluster"], b["cluster"]))
        if len(stories) == 1 or stories in events or "g" in (a["recipe"], b["recipe"]):
            return ""
        if a["neg"] == b["neg"] and a["neg"] in ("template", "disclaimer"):
            return str(a["neg"])
        return "stranger" if a["recipe"] == b["recipe"] == "orig" else ""

    return np.array([kind(told[a], told[b]) for a, b in pairs])


def _by_event(count: int, pairs: Any, listed: set[tuple[int, int]]) -> Any:
    """Two halves of the events of a set; an article without one goes by its number."""
    event = joined(range(count), sorted(listed))
    half = np.random.RandomState(0).randint(2, size=count)[np.array([event[at] for at in range(count)])]
    return np.where(half[pairs[:, 0]] == half[pairs[:, 1]], half[pairs[:, 0]], -1)


def taught(
    real: Pairs, judged: dict[tuple[str, str], bool], invented: Pairs, half: int | None = None
) -> dict[str, float]:
    """The regression as it is stored, on judged pairs and on the listed pairs of the one half of the events, or of both."""
    named = [pair in judged for pair in pairs_of(real, slice(None))]
    which = np.flatnonzero(named)
    rows = [real.rows[which]]
    answers = [np.array([judged[pair] for pair in pairs_of(real, which)])]
    weights = [np.ones(len(which))]
    inside = invented.usable & ((invented.half == half) if half is not None else True)
    related = inside & invented.listed
    parts = [(related, True, LISTED)]
    for words in SHORTENED:
        made, _ = shortened(real, real.pairs[which], words)
        rows.append(made)
        answers.append(answers[0])
        weights.append(EIGHTH * weights[0])
        made, other = shortened(invented, invented.pairs[related], words)
        rows.append(made[other])
        answers.append(np.full(other.sum(), True))
        weights.append(np.full(other.sum(), EIGHTH * LISTED / other.sum()))
    for kind in ("stranger", "disclaimer", "template"):
        some = inside & (invented.kind == kind)
        if kind == "stranger":
            some &= invented.rows[:, FIGURES.index("about")] < STRANGERS
        parts.append((some, False, APART))
    for some, answer, weight in parts:
        rows.append(invented.rows[some])
        answers.append(np.full(some.sum(), answer))
        weights.append(np.full(some.sum(), weight / max(some.sum(), 1)))
    slopes, intercept = logistic(np.concatenate(rows), np.concatenate(answers), np.concatenate(weights), smooth=SMOOTH)
    return dict(zip(FIGURES, slopes.round(4).tolist(), strict=True)) | {"intercept": round(intercept - STRICTER, 4)}


def surety(of: Pairs, weigh: dict[str, float]) -> Any:
    """What the weights say of each pair; above 0, or above what its days ask for, it is linked."""
    return of.rows @ np.array([weigh[name] for name in FIGURES]) + weigh["intercept"]


def pairs_of(of: Pairs, some: Any) -> list[tuple[str, str]]:
    """The ids of some of the pairs."""
    return [(of.articles[a][0], of.articles[b][0]) for a, b in of.pairs[some].tolist()]


def precision(of: Pairs, judged: dict[tuple[str, str], bool], sure: Any, linked: Any) -> str:
    """How many links are right, by those of them that were read: each stratum counts as much as it has links."""
    right = every = 0.0
    verdicts: list[bool] = []
    for low, high in pairwise(STRATA):
        inside = linked & (sure > low) & (sure <= high)
        told = [judged[pair] for pair in pairs_of(of, inside) if pair in judged]
        if told:
            right, every = right + inside.sum() * np.mean(told), every + inside.sum()
            verdicts += told
    count = f"{sum(verdicts)} right of {len(verdicts)} that were read"
    return f"{int(linked.sum())} links, precision {right / max(every, 1):.3f} ({count})"


def seeds(path: Path, weigh: dict[str, float]) -> str:
    """How many of the pairs of texts that are all on one event are linked."""
    texts = [(one.stem, one.read_text("utf-8")) for one in sorted(path.glob("*.txt"))]
    articles = cleaned(texts, None, "")
    held = searched(articles, related=True)
    shares = compare.measure([(held.sketches[a], held.sketches[b]) for a, b in held.pairs])
    sure = duplicate_related.log_odds([(held.gists[a], held.gists[b]) for a, b in held.pairs], shares, weigh)
    linked = [pair for pair, one in zip(held.pairs, sure, strict=True) if one > 0]
    group = joined(range(len(articles)), linked)
    count = len(articles)
    return (
        f"{len(linked)} of {count * (count - 1) // 2} pairs linked, {len(set(group.values()))} group(s) through links"
    )


def read(name: str, use: str) -> dict[tuple[str, str], bool]:
    """The verdicts on pairs of one set that are meant for this use, either way round."""
    lines = (json.loads(line) for line in JUDGED.read_text("utf-8").splitlines())
    rows = [row for row in lines if (row["set"], row["use"]) == (name, use)]
    return {pair: row["same"] for row in rows for pair in ((row["a"], row["b"]), (row["b"], row["a"]))}


def main() -> None:
    """Figures of articles left out, then the weights fitted on all that is meant for it."""
    options = parser(__doc__)
    options.add_argument("--seeds", type=Path, help="folder of texts that are all on one event, to be judged as well")
    options.add_argument("--write", action="store_true", help="ship the weights")
    told = options.parse_args()
    data = folder(told)
    fit, report, report_hard = (read(*use) for use in (("n1", "fit"), ("n1", "report"), ("n2hard", "report")))
    real = figured(data, "n1", told.keep, {*fit, *report})
    hard = figured(data, "n2hard", told.keep, set(report_hard))
    for half in (0, 1):
        weigh = taught(real, fit, hard, 1 - half)
        inside = hard.half == half
        said = inside & hard.usable & (surety(hard, weigh) > 0)
        every, right = int((inside & hard.listed).sum()), int((said & hard.listed).sum())
        print(
            f"n2hard, events of half {half} by the other half: {right} of {every} related pairs (recall {right / every:.2f}), "
            f"{int((said & (hard.kind == 'stranger')).sum())} unlisted ones, "
            f"{int((said & np.isin(hard.kind, ('template', 'disclaimer'))).sum())} templates and disclaimers"
        )
    weigh = taught(real, fit, hard)
    said = hard.usable & (surety(hard, weigh) > 0)
    verdicts = [report_hard[pair] for pair in pairs_of(hard, said & (hard.kind == "stranger")) if pair in report_hard]
    listed, unlisted = int((said & hard.listed).sum()), int((said & (hard.kind == "stranger")).sum())
    share = (listed + unlisted * np.mean(verdicts)) / (listed + unlisted)
    print(
        f"n2hard, originals: {listed} listed and {unlisted} unlisted links, of which {sum(verdicts)} of {len(verdicts)} that were "
        f"read are right: precision {share:.3f}"
    )
    sure = surety(real, weigh)
    others = real.half == 1
    for label, linked in (
        ("without their dates", real.usable & others & (sure > 0)),
        ("with their dates", real.usable & others & (sure > needed(real.days))),
    ):
        print(f"n1, odd months, {label}: {precision(real, report, sure, linked)}")
        for what, some in (
            ("listed pairs", real.listed & others),
            ("between publishers", real.listed & others & ~real.same_source),
        ):
            print(
                f"  {int((linked & some).sum())} of {int(some.sum())} {what} (recall {(linked & some).sum() / some.sum():.2f})"
            )
    other = real.listed & (real.kind != "standing")
    linked = real.usable & (sure > 0)
    print(
        f"n1, all months and none, without dates: {int((linked & other).sum())} of {int(other.sum())} listed pairs, and of "
        f"{int((real.listed & ~other).sum())} listed for standing matter {int((linked & real.listed & ~other).sum())}"
    )
    if told.seeds:
        print(f"{told.seeds.name}: {seeds(told.seeds, weigh)}")
    path = Path(str(resources.files("newsclean") / "weights" / "related.json"))
    if told.write:
        about = {
            "made by": "benchmarks/fit_related.py from judged pairs of n1 and listed ones of n2hard",
            "weights": weigh,
        }
        path.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    shipped = json.loads(path.read_text("utf-8"))["weights"]
    print(
        f"largest difference to the weights that ship: {max(abs(weigh[name] - shipped.get(name, 0)) for name in weigh):.4f}"
    )


if __name__ == "__main__":
    main()
