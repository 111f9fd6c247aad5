"""Decides for each line: news or furniture (rules first, then the learned score), by position and neighbours.

Long lines that end like a sentence, away from any short line, cost a glance; the rest are asked of the rules and scored.
Headlines, bylines and credits stay; what would take too much of the prose is flagged instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from newsclean import rulebook
from newsclean.model import Context, Edit, Findings, Flag

if TYPE_CHECKING:
    from newsclean.line_reading import Page, Reading
    from newsclean.line_rules import Marked
    from newsclean.line_score import Model
    from newsclean.rulebook import Rule

# Prose for the safety stop: lines this long that end like a sentence.
PROSE_LENGTH = 100

# A heading takes at most this many short lines with it; the longest block under one on the development pages has 38.
BLOCK_LINES = 40

# An article's first line is its headline when prose follows within this many lines and it has this many words.
HEADLINE_REACH = 4
HEADLINE_WORDS = 3

LEARNED_SCORE = "learned.score"


@dataclass(frozen=True, slots=True)
class _Why:
    """Why a line goes."""

    rule: str
    family: str
    reason: str
    certainty: float


@dataclass(frozen=True, slots=True)
class Margins:
    """How a profile weighs what stands around a line: `margins` in weights/lines.json, chosen on half of the publishers."""

    # A line that would go from its article alone must clear the threshold by this much, and a rule's line the score
    # below which it stays; the more lines go with it, the less, and nothing beyond `few` lines. What a clean text loses
    # is most often its one line that looks like a label.
    alone: float
    alone_by_rule: float
    few: int
    # A rule of ours that is right in this share of its lines, and how much further below that score its lines may fall.
    sure: float
    sure_rule: float
    # A line under a heading stays when its score lies this far below the threshold; with prose behind the block, where a
    # subheading may stand at its end, the second.
    block: float
    block_in_body: float

    def lonely(self, lines: int) -> float:
        """1 for one line that would go alone, 0 beyond `few`."""
        return max(0.0, 1 - (lines - 1) / self.few) if lines else 0.0


@cache
def margins(profile: str) -> Margins:
    """The margins of a profile. Raises KeyError for a profile that the weights do not know."""
    from newsclean.rulebook import WEIGHTS

    return Margins(**json.loads((WEIGHTS / "lines.json").read_text("utf-8"))["margins"][profile])


@dataclass(frozen=True, slots=True)
class _Score:
    """How far a doubtful line's score lies above the threshold of the profile, and why.

    `by_rule`: how far above the score below which the line stays even where a rule finds it.
    """

    margin: float
    by_rule: float
    why: Callable[[], str]


def find_many(texts: Sequence[str], contexts: Sequence[Context]) -> list[Findings]:
    """For each text: edits that delete furniture, flags for what is doubtful, and bylines, agencies and credits.

    Each finding depends on its own text and context alone. Raises RuleError for rules that cannot be used.
    """
    from newsclean import line_reading, line_score  # they need NumPy; importing newsclean does not

    if not texts:
        return []
    reading = line_reading.read(texts, contexts)
    learned = any(_scored(one) for one in contexts) and line_score.present()
    model = line_score.load() if learned else None
    scores = _scores(reading, contexts, model) if model else [{} for _ in texts]
    return [
        _Decision(page, context, marked, plain, of_page, model, margins(context.settings.profile)).findings()
        for page, context, marked, plain, of_page in zip(
            reading.pages, contexts, reading.marked, reading.plain, scores, strict=True
        )
    ]


def _scored(context: Context) -> bool:
    """Whether the article's settings want the learned score."""
    settings = context.settings
    return settings.learned_score and rulebook.wanted(LEARNED_SCORE, "learned", settings, context.source)


def _scores(reading: Reading, contexts: Sequence[Context], model: Model) -> list[dict[int, _Score]]:
    from newsclean import line_features, line_reading, line_score

    grid = reading.grid
    numbers = grid.doubtful.nonzero()[0].tolist()
    words = line_features.word_scores([grid.lines[i] for i in numbers], model.table, model.scale, model.bias)
    _, rows = line_features.describe(grid, words, line_reading.evidence(reading))
    values = model.score(rows).tolist()
    out: list[dict[int, _Score]] = [{} for _ in contexts]
    for row, (number, page, value) in enumerate(zip(numbers, grid.page[numbers].tolist(), values, strict=True)):
        settings = contexts[page].settings
        if _scored(contexts[page]):
            low, veto, per_hundred = model.thresholds[settings.profile]
            bound = low + per_hundred * min(float(grid.width[number]), 600.0) / 100
            why = _Because(line_score.reason, model, rows[row])
            out[page][number - int(grid.first[page])] = _Score(value - bound, value - veto, why)
    return out


@dataclass(frozen=True, slots=True)
class _Because:
    """A reason that is put into words only for lines that go."""

    say: Callable[[Model, Any], str]
    model: Model
    row: Any

    def __call__(self) -> str:
        return self.say(self.model, self.row)


@dataclass(slots=True)
class _Decision:
    """One article's lines on trial."""

    page: Page
    context: Context
    marked: Marked
    plain: list[bool]
    scores: Mapping[int, _Score]
    model: Model | None
    margins: Margins
    lonely: float = field(init=False)

    def __post_init__(self) -> None:
        drops = self.marked.drops
        go = sum(
            one.margin > 0 or (i in drops and drops[i].rule.alone and one.by_rule >= 0)
            for i, one in self.scores.items()
        )
        self.lonely = self.margins.lonely(go)

    def _certainty(self, rule: Rule) -> float:
        return self.model.certainty.get(rule.id, rule.certainty) if self.model else rule.certainty

    def _by_rule_too(self, score: _Score, rule: Rule) -> bool:
        """Whether a line of this score may go by the rule: the score overrules a rule where it is sure of news."""
        trust = self.margins.sure_rule if self._certainty(rule) >= self.margins.sure else 0.0
        return score.by_rule + trust >= self.margins.alone_by_rule * self.lonely

    def _margin(self, score: _Score) -> float:
        return score.margin - self.margins.alone * self.lonely

    def findings(self) -> Findings:
        """Edits, flags and metadata. Quick when no line is marked and no score reaches its threshold."""
        flags = [
            Flag("rule_too_slow", 0, 0, rule.id, "the pattern did not finish on a line and was skipped")
            for rule in self.marked.slow
        ]
        gone = self._gone() if self.marked or any(self._margin(one) > 0 for one in self.scores.values()) else {}
        gone, stop = self._stopped(gone)
        edits = [*_deletions(self.page, gone), *self._cuts(gone)]
        edits.sort(key=lambda edit: edit.start)
        # No `select` names the stop, and it holds all the same; `ignore` silences it.
        everything = replace(self.context.settings, select=("ALL",)) if stop else self.context.settings
        stop = [flag for flag in stop if rulebook.wanted(flag.rule, "lines", everything, self.context.source)]
        return Findings(tuple(edits), tuple(flags + stop), self._metadata(gone))

    def _gone(self) -> dict[int, _Why]:
        """The lines that go, before the safety stop."""
        settings = self.context.settings
        stays = set() if settings.drop_credits else set(self.marked.notes)
        gone: dict[int, _Why] = {}
        for i, mark in self.marked.drops.items():
            score = self.scores.get(i)
            overruled = score is not None and mark.rule.ours and not self._by_rule_too(score, mark.rule)
            if mark.rule.alone and i not in stays and not overruled:
                gone[i] = self._by_rule(mark.rule)
        for i, entry in self.marked.learned.items():
            if i not in stays:
                told = f"repeats in {entry.stories} different stories of {entry.source or 'the collection'}"
                gone.setdefault(i, _Why(entry.id, "learned", told, 0.98))
        if settings.drop_credits:
            for i, mark in self.marked.notes.items():
                gone.setdefault(i, self._by_rule(mark.rule))
        stays |= self._headlines() - gone.keys()
        for i, one in self.scores.items():
            if (margin := self._margin(one)) > 0 and i not in stays and i not in gone:
                assert self.model is not None
                gone[i] = _Why(LEARNED_SCORE, "learned", one.why(), self.model.certainty_of(margin))
        for i, mark in self.marked.drops.items():
            # Half a reason and company: a weak rule decides where no score does, beside a line that goes.
            if not self.scores and not mark.rule.alone and i not in stays and {i - 1, i + 1} & gone.keys():
                gone.setdefault(i, self._by_rule(mark.rule))
        for i in sorted(gone):
            found = self.marked.drops.get(i)
            if found and found.rule.scope in ("block", "tail") and found.rule.id == gone[i].rule:
                self._take_block(i, found.rule, gone, stays)
        return gone

    def _by_rule(self, rule: Rule) -> _Why:
        return _Why(rule.id, rule.family, rule.why, self._certainty(rule))

    def _headlines(self) -> set[int]:
        """Lines that are the headline: equal to the title, or first and soon followed by prose."""
        lines = self.page.lines
        title = "".join(self.context.title.split()).casefold()
        found = {i for i, line in enumerate(lines[:6]) if title and "".join(line.split()).casefold() == title}
        wide = lines and (len(lines[0].split()) >= HEADLINE_WORDS or len(lines[0]) >= 8 * (lines[0][0] > "\u2e80"))
        if not found and wide and len(lines[0]) >= 8 and any(self.plain[1 : 1 + HEADLINE_REACH]):
            found.add(0)
        return found

    def _take_block(self, heading: int, rule: Rule, gone: dict[int, _Why], stays: set[int]) -> None:
        """Add the lines under a heading: to the next prose (block), or all that is no prose (tail)."""
        last = len(self.page.lines)
        prose_ahead = any(self.plain[heading + 1 :])
        told = f"under “{self.page.lines[heading][:40]}”: {rule.why}"
        for i in range(heading + 1, min(last, heading + 1 + BLOCK_LINES) if rule.scope == "block" else last):
            if self.plain[i]:
                if rule.scope == "block":
                    break
                continue
            score = self.scores.get(i)
            bound = self.margins.block_in_body if prose_ahead else self.margins.block
            agreed = score is None or self._margin(score) > -bound
            if i not in stays and agreed and (score or not prose_ahead):
                gone.setdefault(i, _Why(rule.id, rule.family, told, self._by_rule(rule).certainty))

    def _stopped(self, gone: dict[int, _Why]) -> tuple[dict[int, _Why], list[Flag]]:
        """What goes after the safety stop, and the flag that tells of it."""
        if not gone:
            return gone, []
        settings, lines = self.context.settings, self.page.lines
        total = sum(map(len, lines))
        if sum(len(lines[i]) for i in gone) > settings.max_removed * total:
            return {}, [self._too_much(gone, f"more than {settings.max_removed:.0%} of the article would go")]
        prose = {i for i, plain in enumerate(self.plain) if plain and len(lines[i]) >= PROSE_LENGTH}
        lost = prose & gone.keys()
        whole = sum(len(lines[i]) for i in prose)
        if lost and sum(len(lines[i]) for i in lost) > settings.max_prose_removed * whole:
            kept = {i: why for i, why in gone.items() if i not in lost}
            told = f"more than {settings.max_prose_removed:.0%} of the prose would go"
            return kept, [self._too_much(lost, told)]
        if len(gone) == len(lines):
            return {}, [self._too_much(gone, "nothing would remain")]
        return gone, []

    def _too_much(self, lines: Mapping[int, _Why] | set[int], told: str) -> Flag:
        start, end = self.page.starts[min(lines)], self.page.end(max(lines))
        return Flag("too_much_removed", start, end, "lines.safety_stop", f"{told}; these lines stay")

    def _cuts(self, gone: Mapping[int, _Why]) -> list[Edit]:
        """Edits inside lines that stay."""
        edits: list[Edit] = []
        done: dict[int, int] = {}
        for i, start, end, mark in sorted(self.marked.spans, key=lambda span: span[:3]):
            stays = mark.rule.action == "note" and not self.context.settings.drop_credits
            if i in gone or stays or start < done.get(i, 0):
                continue
            line, why = self.page.lines[i], self._by_rule(mark.rule)
            start, end = _with_space(line, start, end)
            if end - start == len(line):
                continue
            done[i] = end
            at = self.page.starts[i] + start
            edits.append(Edit(at, line[start:end], "", why.rule, why.reason, why.certainty, why.family))
        return edits

    def _metadata(self, gone: Mapping[int, _Why]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        told = [(i, mark) for i, mark in self.marked.notes.items()]
        told += [(i, mark) for i, mark in self.marked.drops.items() if i in gone]
        told += [(i, mark) for i, _, _, mark in self.marked.spans]
        for _, mark in sorted(told, key=lambda one: one[0]):
            for key, value in mark.values:
                if value not in found.setdefault(key, []):
                    found[key].append(value)
        return found


def _with_space(line: str, start: int, end: int) -> tuple[int, int]:
    """The span with the white space that only set it off."""
    while end < len(line) and line[end].isspace() and (start == 0 or line[start - 1].isspace()):
        end += 1
    if end == len(line):
        while start > 0 and line[start - 1].isspace():
            start -= 1
    return start, end


def _deletions(page: Page, gone: Mapping[int, _Why]) -> list[Edit]:
    """One edit per line that goes, with the line end and the blank lines that only separated it.

    Between two lines that stay, the wider of the two gaps stays.
    """
    edits: list[Edit] = []
    text, last = page.text, len(page.lines) - 1
    i = 0
    while i <= last:
        if i not in gone:
            i += 1
            continue
        j = i
        while j < last and j + 1 in gone:
            j += 1
        # The gap before the run and the one behind it: one of the two goes with the run.
        before = (page.end(i - 1) if i else 0, page.starts[i])
        behind = (page.end(j), page.starts[j + 1] if j < last else len(text))
        if i == 0:
            cuts = [page.starts[k] for k in range(i, j + 1)] + [behind[1] if j < last else behind[0]]
        elif j == last or _breaks(text, *behind) > _breaks(text, *before):
            cuts = [page.end(k) for k in range(i - 1, j + 1)]
        else:
            cuts = [page.starts[k] for k in range(i, j + 2)]
        for k, start, end in zip(range(i, j + 1), cuts, cuts[1:], strict=False):
            why = gone[k]
            edits.append(Edit(start, text[start:end], "", why.rule, why.reason, why.certainty, why.family))
        i = j + 1
    return edits


def _breaks(text: str, start: int, end: int) -> int:
    return len(text[start:end].splitlines())
