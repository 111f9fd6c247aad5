"""One article's lines on trial: what rules and score say of each is weighed with its company, and a stop protects prose."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from newsclean import line_edits, line_lists, rulebook
from newsclean.line_edits import Why
from newsclean.model import Context, Edit, Findings, Flag

if TYPE_CHECKING:
    from newsclean.line_reading import Page
    from newsclean.line_rules import Marked
    from newsclean.line_score import Model
    from newsclean.rulebook import Rule

# Prose for the safety stop: lines this long that end like a sentence.
PROSE_LENGTH = 100

# A heading takes at most this many short lines with it; the longest block under one on the development pages has 38.
BLOCK_LINES = 40

# An article's first line is its headline when prose follows within this many lines and it has this many signs.
HEADLINE_REACH = 4
HEADLINE_SIGNS = 8

LEARNED_SCORE = "learned.score"

# A short line of Chinese or Japanese that ends with a full stop, 居民们说：“好的。”: furniture seldom has one, and the score
# has learned that what is short is a label. Not for `thorough`.
_SHORT_SENTENCE = re.compile(r".{1,38}。[”’」』）]?")

# A line that ends like a sentence and is no single word with a stop.
_SENTENCE = re.compile(r"(?:\S+\s+\S+\s+\S.*|[^\x00-\u2e7f].{6,})(?:(?<!\.)[.?!]|[。！？؟।])[\"'”’»」』）]?")


@dataclass(frozen=True, slots=True)
class Margins:
    """How a profile weighs what stands around a line: `margins` in weights/lines.json, chosen on half of the publishers."""

    # A line that would go from its article alone must clear the threshold by this much, and a rule's line the score
    # below which it stays; the more lines go with it, the less, and nothing beyond `few` lines. What a clean text loses
    # is most often its one line that looks like a label.
    alone: float
    alone_by_rule: float
    few: int
    # From a page that loses `many` lines or more each must clear the threshold by `crowd`: less from one that loses fewer.
    # That is a whole page, nearly all of its furniture scores far above the threshold, and what does not is often news.
    crowd: float
    many: int
    # A rule of ours that is right in this share of its lines, and how much further below that score its lines may fall.
    sure: float
    sure_rule: float
    # What an article's first line must clear the threshold by where a headline is expected. benchmarks/headlines.py counts
    # the real headlines that go.
    headline: float
    # A line under a heading stays when its score lies this far below the threshold; with prose behind the block, where a
    # subheading may stand at its end, the second.
    block: float
    block_in_body: float

    def lonely(self, lines: int) -> float:
        """1 for one line that would go alone, 0 beyond `few`."""
        return max(0.0, 1 - (lines - 1) / self.few) if lines else 0.0

    def crowded(self, lines: int) -> float:
        """0 for an article that loses nothing, 1 from `many` lines on."""
        return min(1.0, lines / self.many)


@cache
def margins(profile: str) -> Margins:
    """The margins of a profile. Raises KeyError for a profile that the weights do not know."""
    from newsclean.rulebook import WEIGHTS

    return Margins(**json.loads((WEIGHTS / "lines.json").read_text("utf-8"))["margins"][profile])


@dataclass(frozen=True, slots=True)
class Score:
    """How far a doubtful line's score lies above the threshold of the profile.

    `by_rule`: how far above the score below which the line stays even where a rule finds it.
    """

    margin: float
    by_rule: float


@dataclass(slots=True)
class Decision:
    """One article's lines on trial."""

    page: Page
    context: Context
    marked: Marked
    plain: list[bool]
    scores: Mapping[int, Score]
    model: Model | None
    margins: Margins
    lonely: float = field(init=False)
    surcharge: float = field(init=False)  # what a score must clear its threshold by

    def __post_init__(self) -> None:
        drops = self.marked.drops
        go = sum(
            one.margin > 0 or (i in drops and drops[i].rule.alone and one.by_rule >= 0)
            for i, one in self.scores.items()
        )
        self.lonely = self.margins.lonely(go)
        self.surcharge = self.margins.alone * self.lonely + self.margins.crowd * self.margins.crowded(go)

    def _certainty(self, rule: Rule) -> float:
        return self.model.certainty.get(rule.id, rule.certainty) if self.model else rule.certainty

    def _by_rule_too(self, score: Score, rule: Rule, headline: bool) -> bool:
        """Whether a line of this score may go by the rule: the score overrules a rule where it is sure of news.

        Where a headline is expected, no rule is trusted more than others: “Video: The ferry sails”.
        """
        trust = self.margins.sure_rule if self._certainty(rule) >= self.margins.sure and not headline else 0.0
        return score.by_rule + trust >= self.margins.alone_by_rule * self.lonely

    def margin(self, score: Score) -> float:
        """How far the score lies above what this line must reach."""
        return score.margin - self.surcharge

    def findings(self, gone: dict[int, Why], stop: list[Flag]) -> Findings:
        """Edits, flags and metadata, of what `gone` found, with the reasons in words."""
        if not (gone or stop or self.marked):
            return Findings()
        flags = [
            Flag("rule_too_slow", 0, 0, rule.id, "the pattern did not finish on a line and was skipped")
            for rule in self.marked.slow
        ]
        edits = [*line_edits.deletions(self.page, gone), *self._cuts(gone)]
        edits.sort(key=lambda edit: edit.start)
        # No `select` names the stop, and it holds all the same; `ignore` silences it.
        everything = replace(self.context.settings, select=("ALL",)) if stop else self.context.settings
        stop = [flag for flag in stop if rulebook.wanted(flag.rule, "lines", everything, self.context.source)]
        return Findings(tuple(edits), tuple(flags + stop), self._metadata(gone))

    def gone(self) -> tuple[dict[int, Why], list[Flag]]:
        """The lines that go, and the safety stop's flags. Why a line goes by its score is not yet put into words.

        Quick when no line is marked and no score reaches its threshold.
        """
        quiet = not self.marked and all(self.margin(one) <= 0 for one in self.scores.values())
        return ({}, []) if quiet else self._stopped(self._before_stop())

    def _before_stop(self) -> dict[int, Why]:
        settings = self.context.settings
        stays = set() if settings.drop_credits else self._credits()
        titles = self._titles()
        # A column may be called “Letters to the editor”: no rule takes the headline of the article.
        title = set(titles[:1])
        stays |= title
        expected = {0} if not titles and self._headline_expected() else set()
        gone: dict[int, Why] = {}
        for i, mark in self.marked.drops.items():
            score = self.scores.get(i)
            overruled = mark.rule.ours and score is not None and not self._by_rule_too(score, mark.rule, i in expected)
            if mark.rule.alone and i not in stays and not overruled and not self._heads_news(i, mark.rule):
                gone[i] = self._by_rule(mark.rule)
        for i, entry in self.marked.learned.items():
            if i not in stays:
                told = f"repeats in {entry.stories} different stories of {entry.source or 'the collection'}"
                gone.setdefault(i, Why(entry.id, "learned", told, 0.98))
        if settings.drop_credits:
            for i, mark in self.marked.notes.items():
                if i not in title:
                    gone.setdefault(i, self._by_rule(mark.rule))
        stays |= {*titles, *(i for i in expected if not self._is_furniture(i))} - gone.keys()
        stays |= self._under_related(gone)
        brief = self.context.settings.profile != "thorough"
        for i, one in self.scores.items():
            if (margin := self.margin(one)) > 0 and i not in stays and i not in gone:
                if brief and _SHORT_SENTENCE.fullmatch(self.page.lines[i]):
                    continue
                assert self.model is not None
                gone[i] = Why(LEARNED_SCORE, "learned", "", self.model.certainty_of(margin))
        for i, mark in self.marked.drops.items():
            # Half a reason and company: a weak rule decides where no score does, beside a line that goes.
            if not self.scores and not mark.rule.alone and i not in stays and {i - 1, i + 1} & gone.keys():
                gone.setdefault(i, self._by_rule(mark.rule))
        for i in sorted(gone):
            found = self.marked.drops.get(i)
            if found and found.rule.scope in ("block", "tail") and found.rule.id == gone[i].rule:
                self._take_block(i, found.rule, gone, stays)
        self._spare_lists(gone)
        return gone

    def _heads_news(self, i: int, rule: Rule) -> bool:
        """Whether a heading that is furniture only at the end of an article (“Next up”) has more of the article behind it."""
        if rule.scope != "block" or rule.where != "tail" or not rule.ours:
            return False
        return any(plain and k not in self.marked.drops for k, plain in enumerate(self.plain[i + 1 :], start=i + 1))

    def _spare_lists(self, gone: dict[int, Why]) -> None:
        """A list of which one line stays keeps those, too, that nothing but their score would take."""
        lines, by_score = self.page.lines, {i for i, why in gone.items() if why.rule == LEARNED_SCORE}
        if by_score:
            for run in list(line_lists.broken(lines, gone, len(gone))):
                for i in by_score.intersection(run):
                    del gone[i]
            for whole in (line_lists.woven, line_lists.numbered):
                for i in list(whole(lines, gone, by_score & gone.keys())):
                    del gone[i]

    def _credits(self) -> set[int]:
        """Bylines and credits, which stay. `thorough` leaves it to the score whether those that name no author do."""
        thorough = self.context.settings.profile == "thorough"
        return {i for i, mark in self.marked.notes.items() if not thorough or "author" in dict(mark.values)}

    def _by_rule(self, rule: Rule) -> Why:
        return Why(rule.id, rule.family, rule.why, self._certainty(rule))

    def _titles(self) -> list[int]:
        """The lines near the top that say the given title."""
        title = "".join(self.context.title.split()).casefold()
        if not title:
            return []
        return [i for i, line in enumerate(self.page.lines[:6]) if "".join(line.split()).casefold() == title]

    def _headline_expected(self) -> bool:
        """Whether the first line stands where a headline does: soon followed by prose."""
        return any(self.plain[1 : 1 + HEADLINE_REACH]) and len(self.page.lines[0]) >= HEADLINE_SIGNS

    def _is_furniture(self, i: int) -> bool:
        """Whether the line scores so clearly as furniture that it is no headline."""
        score = self.scores.get(i)
        return score is not None and self.margin(score) > self.margins.headline

    def _under_related(self, gone: Mapping[int, Why]) -> set[int]:
        """Sentences that stand under “related articles” with no headline between or beside them: the article goes on."""
        found: set[int] = set()
        for heading in gone:
            mark = self.marked.drops.get(heading)
            if mark is None or mark.rule.scope != "block" or mark.rule.family != "related":
                continue
            end = heading + 1
            while end < len(self.plain) and not self.plain[end] and end <= heading + BLOCK_LINES:
                end += 1
            block = range(heading + 1, end)
            if not any(i in self.marked.drops for i in block) and all(
                _SENTENCE.fullmatch(self.page.lines[i]) for i in block
            ):
                found.update(block)
        return found

    def _take_block(self, heading: int, rule: Rule, gone: dict[int, Why], stays: set[int]) -> None:
        """Add the lines under a heading: to the next prose (block), or all that is no prose (tail)."""
        last = len(self.page.lines)
        # Furniture that reads like prose is none.
        prose_ahead = any(self.plain[i] for i in range(heading + 1, last) if i not in gone)
        told = f"under “{self.page.lines[heading][:40]}”: {rule.why}"
        for i in range(heading + 1, min(last, heading + 1 + BLOCK_LINES) if rule.scope == "block" else last):
            if self.plain[i]:
                if rule.scope == "block":
                    break
                continue
            score = self.scores.get(i)
            bound = self.margins.block_in_body if prose_ahead else self.margins.block
            agreed = score is None or self.margin(score) > -bound
            if i not in stays and agreed and (score or not prose_ahead):
                gone.setdefault(i, Why(rule.id, rule.family, told, self._by_rule(rule).certainty))

    def _stopped(self, gone: dict[int, Why]) -> tuple[dict[int, Why], list[Flag]]:
        """What goes after the safety stop, and the flag that tells of it."""
        if not gone:
            return gone, []
        settings, lines = self.context.settings, self.page.lines
        total = sum(map(len, lines))
        if sum(len(lines[i]) for i in gone) > settings.max_removed * total:
            return {}, [self._too_much(gone, f"more than {settings.max_removed:.0%} of the article would go")]
        prose = {i for i, plain in enumerate(self.plain) if plain and len(lines[i]) >= PROSE_LENGTH}
        prose -= self._notices(prose)
        lost = prose & gone.keys()
        whole = sum(len(lines[i]) for i in prose)
        if lost and sum(len(lines[i]) for i in lost) > settings.max_prose_removed * whole:
            kept = {i: why for i, why in gone.items() if i not in lost}
            told = f"more than {settings.max_prose_removed:.0%} of the prose would go"
            return kept, [self._too_much(lost, told)]
        if len(gone) == len(lines):
            return {}, [self._too_much(gone, "nothing would remain")]
        return gone, []

    def _notices(self, prose: Collection[int]) -> set[int]:
        """Notices are written like prose, and are none: of copyright, or what else a rule of ours and the score agree on.

        Not where they are half of the prose: that is an article about them.
        """
        ours = {i: mark.rule.family for i, mark in self.marked.drops.items() if mark.rule.ours}
        found = {i for i in ours if i in self.scores and self.margin(self.scores[i]) > 0}
        length = {i: len(self.page.lines[i]) for i in prose}
        if 2 * sum(length.get(i, 0) for i in found) > sum(length.values()):
            found = set()
        return found | {i for i, family in ours.items() if family == "copyright"}

    def _too_much(self, lines: Mapping[int, Why] | set[int], told: str) -> Flag:
        start, end = self.page.starts[min(lines)], self.page.end(max(lines))
        return Flag("too_much_removed", start, end, "lines.safety_stop", f"{told}; these lines stay")

    def _cuts(self, gone: Mapping[int, Why]) -> list[Edit]:
        """Edits inside lines that stay."""
        credits_too = self.context.settings.drop_credits
        spans = (span for span in sorted(self.marked.spans, key=lambda span: span[:3]) if span[0] not in gone)
        parts = (
            (i, start, end, self._by_rule(mark.rule))
            for i, start, end, mark in spans
            if mark.rule.action != "note" or credits_too
        )
        return line_edits.cuts(self.page, parts)

    def _metadata(self, gone: Mapping[int, Why]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        told = [(i, mark) for i, mark in self.marked.notes.items()]
        told += [(i, mark) for i, mark in self.marked.drops.items() if i in gone]
        told += [(i, mark) for i, _, _, mark in self.marked.spans]
        for _, mark in sorted(told, key=lambda one: one[0]):
            for key, value in mark.values:
                if value not in found.setdefault(key, []):
                    found[key].append(value)
        return found
