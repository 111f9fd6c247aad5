"""Scores cleaning, repairs and copies on a user's own cases: `evaluate()`, and the same figures for lists in memory.

What a case looks like, and what is scored:

- cleaning: a folder of `name.in.txt` and `name.out.txt`, with phrases in an optional `name.toml` (`must_remove`,
  `must_keep`, and `language, source, title` of the article); or JSONL with `text` and `expected`
- repairs: JSONL with `before` and `after`; a row with `must_not_change` (true, or the text itself) is a trap
- copies: JSONL with `text` and `cluster`; articles without a label are pieces of their own
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from newsclean.cleaner import Cleaner
from newsclean.errors import BadRecord, ConfigError
from newsclean.model import Article, CleanResult
from newsclean.settings import Settings

# A line of which less than half is left counts as removed; one that lost a tenth of its characters as damaged. Both
# are the bounds of the benchmark whose levels docs/benchmarks.md gives, so that figures can be laid side by side.
REMOVED_BELOW = 0.5
DAMAGED_BELOW = 0.9

# Worst cases named in a score: what fits on a screen.
WORST = 10


@dataclass(frozen=True, slots=True)
class Worst:
    """One case that went wrong, and how. `cost` orders the cases: characters of article lost count ten times."""

    name: str
    why: str
    cost: float


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of one kind of case. Shares are in [0, 1]; counts are whole numbers."""

    kind: str
    cases: int
    f1: float
    figures: Mapping[str, float | int]
    worst: tuple[Worst, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """What `evaluate` found: one part for each kind of case. `f1`, for a bound in CI, is that of the weakest part."""

    parts: tuple[Part, ...]

    @property
    def f1(self) -> float:
        """The lowest F1 of the parts: of lines for cleaning, of changes for repairs, of pairs for copies."""
        return min((part.f1 for part in self.parts), default=0.0)

    def lines(self) -> list[tuple[str, str]]:
        """Rows (what, figure) of a table for people, worst cases last."""
        rows: list[tuple[str, str]] = []
        for part in self.parts:
            rows.append((part.kind, _counted(part.cases, "case")))
            rows += [(f"  {name}", _shown(value)) for name, value in part.figures.items()]
            rows += [(f"  worst: {one.name}", one.why) for one in part.worst]
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "f1": round(self.f1, 4),
            "parts": [
                {
                    "kind": part.kind,
                    "cases": part.cases,
                    "f1": round(part.f1, 4),
                    "figures": {name: round(value, 4) for name, value in part.figures.items()},
                    "worst": [{"name": one.name, "why": one.why} for one in part.worst],
                }
                for part in self.parts
            ],
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One cleaning case. `expected` is None when only phrases are asked for."""

    name: str
    article: Article
    expected: str | None
    must_remove: tuple[str, ...] = ()
    must_keep: tuple[str, ...] = ()


def evaluate(path: str | Path, settings: Settings | Mapping[str, Any] | None = None) -> Score:
    """The score of these settings on the cases at `path`: a folder (pairs, and any .jsonl in it) or a .jsonl file.

    Raises ConfigError if there is no case, BadRecord for one that cannot be read.
    """
    path = Path(path)
    settings = Settings.of(settings)
    if not path.exists():
        raise ConfigError(f"{path}: no such file or folder")
    parts: list[Part] = []
    if path.is_dir():
        cases = list(read_pairs(path))
        if cases:
            parts.append(score_cleaning(cases, settings))
    for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
        rows = list(_rows(file))
        if not rows:
            continue
        where, first = rows[0]
        if "expected" in first:
            parts.append(score_cleaning([_case(row, place) for place, row in rows], settings))
        elif "before" in first or "must_not_change" in first:
            parts.append(score_repairs(rows, settings))
        elif "cluster" in first:
            parts.append(score_copies(rows, settings))
        else:
            raise BadRecord(where, "a case needs `text` and `expected`, `before` and `after`, or `text` and `cluster`")
    if not parts:
        raise ConfigError(
            f"{path}: no cases; write name.in.txt and name.out.txt, or a .jsonl file with `text, expected`"
        )
    return Score(tuple(parts))


# — cleaning —


def read_pairs(folder: Path) -> Iterator[Case]:
    """The cases of a folder and its subfolders, by name. Raises BadRecord for one that is not whole."""
    for source in sorted(folder.rglob("*.in.txt")):
        yield read_pair(source, name=source.relative_to(folder).as_posix().removesuffix(".in.txt"))


def read_pair(source: Path, *, name: str = "") -> Case:
    """The case whose input is `source` (name.in.txt): beside it name.out.txt, name.toml, or both."""
    stem = source.name.removesuffix(".in.txt")
    wanted, told = source.with_name(f"{stem}.out.txt"), source.with_name(f"{stem}.toml")
    facts: dict[str, Any] = {}
    if told.is_file():
        try:
            facts = tomllib.loads(told.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadRecord(str(told), f"not valid TOML: {error}") from error
    unknown = set(facts) - {"must_remove", "must_keep", "language", "source", "title"}
    if unknown:
        raise BadRecord(
            str(told), f"unknown key {min(unknown)!r}; known: must_remove, must_keep, language, source, title"
        )
    if not wanted.is_file() and not facts.get("must_remove") and not facts.get("must_keep"):
        raise BadRecord(str(source), f"no {wanted.name} beside it, nor phrases in {told.name}")
    article = Article(
        id=name or stem,
        text=source.read_text("utf-8"),
        title=facts.get("title", ""),
        language=facts.get("language", ""),
        source=facts.get("source", ""),
    )
    return Case(
        name or stem,
        article,
        wanted.read_text("utf-8") if wanted.is_file() else None,
        tuple(facts.get("must_remove", ())),
        tuple(facts.get("must_keep", ())),
    )


def _case(row: Mapping[str, Any], where: str) -> Case:
    if not isinstance(row.get("expected"), str):
        raise BadRecord(where, "`expected` is missing or no string")
    rest = {key: value for key, value in row.items() if key not in ("expected", "must_remove", "must_keep")}
    article = Article.of(rest, id=where.rpartition("/")[2], where=where)
    phrases = (tuple(row.get(key, ())) for key in ("must_remove", "must_keep"))
    return Case(article.id, article, row["expected"], *phrases)


@dataclass(slots=True)
class _Tally:
    right: int = 0
    wrong: int = 0
    missed: int = 0
    kept_chars: float = 0.0
    lost_chars: float = 0.0
    exact: int = 0
    damaged: int = 0
    phrases: int = 0
    phrases_wrong: int = 0
    document_f1: list[float] = field(default_factory=list)


def score_cleaning(cases: Sequence[Case], settings: Settings | Mapping[str, Any] | None = None) -> Part:
    """Precision and recall of removed lines, the article lost, and how many articles came out exactly as expected."""
    results = Cleaner(settings).clean_batch([case.article for case in cases])
    tally, worst = _Tally(), []
    for case, result in zip(cases, results, strict=True):
        wrong = _score_case(case, result, tally)
        if wrong is not None:
            worst.append(wrong)
    precision, recall, f1 = _prf(tally.right, tally.wrong, tally.missed)
    with_expected = sum(case.expected is not None for case in cases)
    figures: dict[str, float | int] = {
        "line precision": precision,
        "line recall": recall,
        "line F1": f1,
        "line F1, mean of articles": _mean(tally.document_f1),
        "body loss": tally.lost_chars / tally.kept_chars if tally.kept_chars else 0.0,
        "articles damaged": tally.damaged / len(cases) if cases else 0.0,
        "exact match": tally.exact / with_expected if with_expected else 0.0,
    }
    if tally.phrases:
        figures["phrases as asked"] = 1 - tally.phrases_wrong / tally.phrases
    return Part("cleaning", len(cases), f1, figures, _worst(worst))


def _score_case(case: Case, result: CleanResult, tally: _Tally) -> Worst | None:
    """Adds one case to the tally; what went wrong with it, if anything did."""
    lines = [line for line in case.article.text.splitlines() if line.strip()]
    left = share_left(lines, result.text)
    if case.expected is None:
        wanted = [_asked(line, case) for line in lines]
    else:
        wanted = list(share_left(lines, case.expected))
    right = wrong = missed = 0
    lost, first_lost, first_left, damaged = 0.0, "", "", False
    for line, want, have in zip(lines, wanted, left, strict=True):
        if want is None:
            continue
        if want < REMOVED_BELOW:
            right += have < REMOVED_BELOW
            if have >= REMOVED_BELOW:
                missed += 1
                first_left = first_left or line
            continue
        tally.kept_chars += want * len(line)
        if have < want:
            lost += (want - have) * len(line)
            first_lost = first_lost or line
            damaged |= have < DAMAGED_BELOW * want
        wrong += have < REMOVED_BELOW
    said = [f"still there: {phrase!r}" for phrase in case.must_remove if phrase in result.text]
    said += [f"gone: {phrase!r}" for phrase in case.must_keep if phrase not in result.text]
    tally.right += right
    tally.wrong += wrong
    tally.missed += missed
    tally.lost_chars += lost
    tally.damaged += damaged
    tally.phrases += len(case.must_remove) + len(case.must_keep)
    tally.phrases_wrong += len(said)
    if right + wrong + missed:
        tally.document_f1.append(_prf(right, wrong, missed)[2])
    exact = case.expected is not None and same_text(result.text, case.expected)
    tally.exact += exact
    if exact and not said:
        return None
    if lost:
        said.append(f"{lost:.0f} characters of the article lost: {_short(first_lost)}")
    if missed:
        said.append(f"{_counted(missed, 'line')} left: {_short(first_left)}")
    if not said and case.expected is not None:
        said.append("other characters than expected: " + _first_difference(case.expected, result.text))
    if not said:
        return None
    return Worst(case.name, "; ".join(said), lost * 10 + 100 * missed + len(said))


def same_text(one: str, other: str) -> bool:
    """Whether two texts are equal but for newlines at the end, which editors add."""
    return one.rstrip("\n") == other.rstrip("\n")


def _asked(line: str, case: Case) -> float | None:
    """What the phrases of a case want of a line: 1 stay, 0 go, None nothing."""
    if any(phrase in line for phrase in case.must_keep):
        return 1.0
    return 0.0 if any(phrase in line for phrase in case.must_remove) else None


def share_left(lines: Sequence[str], text: str) -> tuple[float, ...]:
    """The share of each line's characters that is still there in `text`, in order, in [0, 1].

    Lines that are there unchanged are found first; the rest is aligned word by word, so that a line that was trimmed,
    mended or joined with the next is measured by what is left of it.

    >>> share_left(["The bridge opens.", "Share this", "It rained. Read more."], "The bridge opens.\\nIt rained.")
    (1.0, 0.0, 0.5)
    """
    share = [0.0] * len(lines)
    mine = [" ".join(line.split()) for line in lines]
    theirs = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    for tag, i, j, k, m in difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            share[i:j] = [1.0] * (j - i)
        elif tag == "replace":
            words = [(word, at) for at in range(i, j) for word in mine[at].split()]
            theirs_words = " ".join(theirs[k:m]).split()
            there = [0] * (j - i)
            matcher = difflib.SequenceMatcher(None, [word for word, _ in words], theirs_words, autojunk=False)
            for block in matcher.get_matching_blocks():
                for word, at in words[block.a : block.a + block.size]:
                    there[at - i] += len(word)
            for at in range(i, j):
                size = sum(map(len, mine[at].split()))
                share[at] = there[at - i] / size if size else 1.0
    return tuple(share)


# — repairs —


def score_repairs(rows: Sequence[tuple[str, Mapping[str, Any]]], settings: Settings | Mapping[str, Any] | None) -> Part:
    """How many damaged texts were mended exactly, and how many that had to stay were changed."""
    articles, wanted, traps = [], [], []
    for where, row in rows:
        trap = row.get("must_not_change", False)
        before = trap if isinstance(trap, str) else row.get("before")
        after = before if trap else row.get("after")
        if not isinstance(before, str) or not isinstance(after, str):
            raise BadRecord(where, "a repair case needs `before` and `after`, or `must_not_change`")
        name = str(row.get("name") or row.get("id") or where.rpartition("/")[2])
        articles.append(Article(name, before, language=str(row.get("language") or "")))
        wanted.append(after)
        traps.append(before == after)
    results = Cleaner(settings).repair_batch(articles)
    mended = left = wrong = sprung = 0
    worst = []
    for result, after, trap in zip(results, wanted, traps, strict=True):
        same, untouched = same_text(result.text, after), result.text == result.article.text
        mended += same and not trap
        left += untouched and not same
        wrong += not same and not untouched and not trap
        sprung += not same and trap
        if not same:
            said = "changed, had to stay" if trap else "not repaired" if untouched else "repaired into something else"
            cost = 1000.0 if trap else 1.0 if untouched else 100.0
            found = _first_difference(after, result.text)
            worst.append(Worst(result.article.id, f"{said}: {found}", cost))
    damaged = len(traps) - sum(traps)
    precision, recall, f1 = _prf(mended, wrong + sprung, damaged - mended)
    figures = {
        "precision of repairs": precision,
        "recall of repairs": recall,
        "F1 of repairs": f1,
        "damaged": damaged,
        "mended exactly": mended,
        "left as they were": left,
        "repaired into something else": wrong,
        "had to stay": sum(traps),
        "had to stay, changed": sprung,
    }
    return Part("repairs", len(rows), f1, figures, _worst(worst))


# — copies —


def score_copies(rows: Sequence[tuple[str, Mapping[str, Any]]], settings: Settings | Mapping[str, Any] | None) -> Part:
    """How well the clusters found agree with the labels: pairs, B-cubed, adjusted Rand index."""
    from newsclean import duplicates

    articles, truth = [], {}
    for where, row in rows:
        given = {key: value for key, value in row.items() if key != "cluster"}
        article = Article.of(given, id=where.rpartition("/")[2], where=where)
        if article.id in truth:
            raise BadRecord(where, f"a second article with the id {article.id!r}")
        articles.append(article)
        label = row.get("cluster")
        truth[article.id] = ("single", article.id) if label in (None, "") else ("label", str(label))
    cleaned = Cleaner(settings).clean_batch(articles)
    report = duplicates.find([_cleaned(result) for result in cleaned], settings)
    found = {article.id: article.id for article in articles}
    for cluster in report.clusters:
        for member in cluster.members:
            found[member] = cluster.id
    figures = agreement(truth, found)
    return Part("copies", len(rows), figures["pair F1"], figures, _worst(_wrong_clusters(truth, found)))


def _cleaned(result: CleanResult) -> Article:
    """A cleaned article as copies are looked for among them."""
    language = str(result.metadata.get("language") or result.article.language)
    return replace(result.article, text=result.text, language=language)


def agreement(truth: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, float | int]:
    """Pairwise and B-cubed precision, recall and F1, and the adjusted Rand index, of clusters against labels.

    Both map ids to clusters. B-cubed is the mean over articles of the share of its found cluster that belongs there,
    and of its labelled cluster that was found. Source: Bagga and Baldwin 1998; Hubert and Arabie 1985.

    >>> agreement({"a": 1, "b": 1, "c": 2}, {"a": 1, "b": 1, "c": 1})["pair precision"]
    0.3333333333333333
    """
    ids = list(truth)
    in_truth = Counter(truth[one] for one in ids)
    in_found = Counter(found[one] for one in ids)
    in_both = Counter((truth[one], found[one]) for one in ids)
    together = sum(map(_pairs, in_both.values()))
    pairs_truth, pairs_found = sum(map(_pairs, in_truth.values())), sum(map(_pairs, in_found.values()))
    precision, recall, f1 = _prf(together, pairs_found - together, pairs_truth - together)
    b_precision = sum(in_both[truth[one], found[one]] / in_found[found[one]] for one in ids) / len(ids)
    b_recall = sum(in_both[truth[one], found[one]] / in_truth[truth[one]] for one in ids) / len(ids)
    chance = pairs_truth * pairs_found / _pairs(len(ids)) if len(ids) > 1 else 0.0
    best = (pairs_truth + pairs_found) / 2
    return {
        "pair precision": precision,
        "pair recall": recall,
        "pair F1": f1,
        "B-cubed precision": b_precision,
        "B-cubed recall": b_recall,
        "B-cubed F1": 2 * b_precision * b_recall / (b_precision + b_recall),
        "adjusted Rand index": (together - chance) / (best - chance) if best != chance else 1.0,
        "clusters labelled": sum(size > 1 for size in in_truth.values()),
        "clusters found": sum(size > 1 for size in in_found.values()),
    }


def _wrong_clusters(truth: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Worst]:
    """Clusters that mix labels (costly), and labels that fell apart."""
    members: dict[Any, list[str]] = defaultdict(list)
    labelled: dict[Any, list[str]] = defaultdict(list)
    for one in truth:
        members[found[one]].append(one)
        labelled[truth[one]].append(one)
    for ids in members.values():
        if len({truth[one] for one in ids}) > 1:
            a, b = next((a, b) for a, b in combinations(ids, 2) if truth[a] != truth[b])
            yield Worst(f"{a} + {b}", f"joined, and labelled apart (cluster of {len(ids)})", 100.0 * len(ids))
    for ids in labelled.values():
        if len({found[one] for one in ids}) > 1:
            a, b = next((a, b) for a, b in combinations(ids, 2) if found[a] != found[b])
            yield Worst(f"{a} | {b}", f"labelled as one, and not joined (label of {len(ids)})", float(len(ids)))


# — shared —


def _rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows of a JSONL file with the place of each."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{file}:{number}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise BadRecord(where, f"not valid JSON: {error}") from error
            if not isinstance(row, dict):
                raise BadRecord(where, "not a JSON object")
            yield where, row


def _prf(right: int, wrong: int, missed: int) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean; 1 where there was nothing to get wrong."""
    precision = right / (right + wrong) if right + wrong else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0


def _worst(found: Iterable[Worst]) -> tuple[Worst, ...]:
    return tuple(sorted(found, key=lambda one: (-one.cost, one.name))[:WORST])


def _shown(value: float | int) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _short(line: str) -> str:
    line = " ".join(line.split())
    return repr(line if len(line) <= 60 else line[:59] + "…")


def _first_difference(expected: str, found: str) -> str:
    """The first place where two texts part, with a little context from both."""
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found))
    )
    start = max(0, at - 20)
    return f"expected {expected[start : at + 30]!r}, got {found[start : at + 30]!r}"
