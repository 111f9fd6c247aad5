"""What a user's own repairer is asked about a flagged sentence, and whether its answer is admitted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from newsclean import facts
from newsclean.edit_hunks import hunks
from newsclean.model import Context, Edit, Flag
from newsclean.tokens import Tokens

# Flags that point at something other than a damaged sentence; no rewriting of it helps.
NOT_ASKED = frozenset({"truncated"})

_PIECE = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DamagedSentence:
    """One flagged sentence with what a repairer may need to know. `flags` count in `text`."""

    text: str
    flags: tuple[Flag, ...]
    before: str
    after: str
    language: str
    title: str


# Takes a flagged sentence, gives its rewrite; None where it knows none. A model, a service or a function of your own.
Repairer = Callable[[DamagedSentence], str | None]


def rewrites(
    text: str, flags: Sequence[Flag], context: Context, repairers: Sequence[Repairer], kinds: frozenset[str]
) -> Iterator[Edit]:
    """The admitted rewrites of the sentences with flags of these kinds, as edits as small as a diff makes them.

    The first repairer whose answer passes the fact guard has its way. An answer that changes a number, a name, a
    quotation or a negation, that changes too much, or that is the sentence as it was, is as good as none.
    """
    tokens = Tokens(text)
    spans: dict[tuple[int, int], list[Flag]] = {}
    for flag in flags:
        if flag.kind in kinds and flag.kind not in NOT_ASKED:
            start, end = tokens.sentence_at(flag.start)
            spans.setdefault((start, max(end, flag.end)), []).append(flag)
    last = 0
    for (start, end), of_one in sorted(spans.items()):
        if start < last:
            continue
        last = end
        damaged = DamagedSentence(
            text[start:end],
            tuple(
                Flag(one.kind, one.start - start, one.end - start, one.rule, one.reason, one.score, one.proposal)
                for one in of_one
            ),
            _neighbour(text, tokens, start, -1),
            _neighbour(text, tokens, end, 1),
            context.language,
            context.title,
        )
        for repairer in repairers:
            answer = repairer(damaged)
            if (
                answer is None
                or answer == damaged.text
                or facts.difference(damaged.text, answer, language=context.language)
            ):
                continue
            name = getattr(repairer, "__name__", type(repairer).__name__)
            seen = ", ".join(sorted({one.kind for one in of_one}))
            yield from word_edits(
                damaged.text,
                answer,
                start=start,
                rule="repairer",
                reason=f"{name} rewrote a sentence flagged as {seen}; numbers, names, quotations and negations are the same",
                # Nobody has measured it but its maker, who may say so.
                certainty=float(getattr(repairer, "certainty", 0.5)),
                family="repairer",
            )
            break


def _neighbour(text: str, tokens: Tokens, position: int, step: int) -> str:
    """The sentence before or behind the one that begins or ends at `position`; empty at the ends of the text."""
    at = bisect_left(tokens.sentence_starts, position) + (0 if step > 0 else -1)
    if not 0 <= at < len(tokens.sentences):
        return ""
    begin, end = tokens.sentences[at]
    return text[begin:end]


def word_edits(
    before: str, after: str, *, start: int, rule: str, reason: str, certainty: float, family: str
) -> Iterator[Edit]:
    """The edits that turn one sentence into another, word by word: no word is changed in its middle.

    >>> made = word_edits("the ships left", "the ferry left", start=9, rule="r", reason="", certainty=1.0, family="f")
    >>> [(one.start, one.before, one.after) for one in made]
    [(13, 'ships', 'ferry')]
    """
    ours, theirs = _PIECE.findall(before), _PIECE.findall(after)
    places = [0]
    for piece in ours:
        places.append(places[-1] + len(piece))
    for i, j, k, m in hunks(ours, theirs):
        was, now = "".join(ours[i:j]), "".join(theirs[k:m])
        yield Edit(start + places[i], was, now, rule, reason, certainty, family)
