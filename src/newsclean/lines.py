"""Decides for each line: news or furniture (rules first, then the learned score), by position and neighbours.

Long lines that end like a sentence, away from any short line, cost a glance; so do most of the others. What is left is
asked of the rules and scored. Headlines, bylines and credits stay (`thorough` may take those of wires and contributors); what
would take too much of the prose is flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newsclean import rulebook
from newsclean.line_decision import LEARNED_SCORE, Decision, Score, margins
from newsclean.line_rules import Memo
from newsclean.model import Context, Findings

if TYPE_CHECKING:
    from newsclean.line_edits import Why
    from newsclean.line_features import Floats
    from newsclean.line_reading import Reading
    from newsclean.line_score import Model

__all__ = ["LEARNED_SCORE", "Memo", "find_many", "margins"]


def find_many(texts: Sequence[str], contexts: Sequence[Context], memo: Memo | None = None) -> list[Findings]:
    """For each text: edits that delete furniture, flags for what is doubtful, and bylines, agencies and credits.

    Each finding depends on its own text and context alone; lines that `memo` knows are only quicker to read again.
    Raises RuleError for rules that cannot be used.
    """
    from newsclean import line_reading, line_score  # they need NumPy; importing newsclean does not

    if not texts:
        return []
    memo = memo or Memo()
    reading = line_reading.read(texts, contexts, memo)
    known = {(one.source, id(one.settings)): one for one in contexts}
    wanted = {key: _scored(one) for key, one in known.items()}
    scored = [wanted[one.source, id(one.settings)] for one in contexts]
    model = line_score.load() if any(scored) and line_score.present() else None
    scores = _scores(reading, contexts, scored, model, memo) if model else _Scores([{}] * len(texts))
    decisions = [
        Decision(page, context, marked, plain, of_page, model, margins(context.settings.profile))
        for page, context, marked, plain, of_page in zip(
            reading.pages, contexts, reading.marked, reading.plain, scores.lines, strict=True
        )
    ]
    trials = [one.gone() for one in decisions]
    scores.give_reasons([gone for gone, _ in trials])
    return [one.findings(*trial) for one, trial in zip(decisions, trials, strict=True)]


def _scored(context: Context) -> bool:
    """Whether the article's settings want the learned score."""
    settings = context.settings
    return settings.learned_score and rulebook.wanted(LEARNED_SCORE, "learned", settings, context.source)


@dataclass(frozen=True, slots=True)
class _Scores:
    """What the score says of each article's lines."""

    lines: Sequence[Mapping[int, Score]]
    row: Sequence[Mapping[int, int]] = ()  # per line: its row of features
    table: tuple[Model, Floats] | None = None

    def give_reasons(self, gone: Sequence[dict[int, Why]]) -> None:
        """Say why lines go by their score, in words: for all articles at once, and for those lines only that do go."""
        from newsclean import line_reasons

        by_score = [(k, i) for k, lines in enumerate(gone) for i, why in lines.items() if why.rule == LEARNED_SCORE]
        if by_score:
            assert self.table is not None
            model, rows = self.table
            reasons = line_reasons.reasons(model, rows[[self.row[k][i] for k, i in by_score]])
            for (k, i), reason in zip(by_score, reasons, strict=True):
                gone[k][i] = replace(gone[k][i], reason=reason)


def _scores(reading: Reading, contexts: Sequence[Context], scored: Sequence[bool], model: Model, memo: Memo) -> _Scores:
    from newsclean import line_reading, line_score

    grid = reading.grid
    profiles = [context.settings.profile for context in contexts]
    numbers, values, rows = line_score.weigh(grid, line_reading.evidence(reading), model, profiles, memo.words)
    lines: list[dict[int, Score]] = [{} for _ in contexts]
    row: list[dict[int, int]] = [{} for _ in contexts]
    first = grid.first.tolist()
    pages, widths = grid.page[numbers].tolist(), grid.width[numbers].tolist()
    for at, (number, page, width, value) in enumerate(
        zip(numbers.tolist(), pages, widths, values.tolist(), strict=True)
    ):
        if scored[page]:
            low, veto, per_hundred = model.thresholds[contexts[page].settings.profile]
            bound = low + per_hundred * min(width, 600.0) / 100
            i = number - first[page]
            lines[page][i] = Score(value - bound, value - veto)
            row[page][i] = at
    return _Scores(lines, row, (model, rows))
