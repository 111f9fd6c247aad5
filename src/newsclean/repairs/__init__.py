"""One module per kind of damage, found by its name: put a file in, and its cases beside it.

A repair module has a docstring whose first line says what damage it mends, and

- `PASS`: "encoding" or "sentences", the reading it belongs to;
- `ORDER`: where it stands among the others. Encoding repairs run one after the other, each on the text the earlier
  ones left. Sentence repairs all read the same text; where two overlap the lower ORDER wins, then the earlier start,
  and the other comes again in the cleaner's next round;
- `FAMILY`: encoding, layout, punctuation, doubling or garble;
- `RULES`: rule id → certainty, the rule's precision measured on development data by benchmarks/certainty.py;
- `find(text, context, tokens)`: yields edits and flags. A module yields what it would change; whether that becomes
  an edit or a flag with a proposal is decided here, by the rule's certainty and `repair_level`.

A sentence repair may say when it is not to be asked:

- `LANGUAGES`, if it mends texts in these languages only;
- `NEEDS`, if it has work only where something is watched for or said twice: the numbers of token_signs and the names in
  token_repeats.Said of which one must be in the text;
- `SETTING`, if users must ask for it: the name of the setting that switches it on, and makes its edits whatever their
  certainty.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from newsclean import edits, rulebook
from newsclean.model import Context, Edit, Findings, Flag, Pass
from newsclean.tokens import Tokens, read_together, sheets

# A repair below this certainty is made only with repair_level = "plausible", and is else a flag that proposes it.
CERTAIN = 0.98

# Signs that no broken encoding is made of; letters with accents may be.
_TYPOGRAPHY = frozenset("«»–—‘’“”„…‹›")

Finder = Callable[[str, Context, Tokens], Iterable[Edit | Flag]]


@dataclass(frozen=True, slots=True)
class Repair:
    """One repair module, read."""

    name: str
    pass_name: str
    order: int
    family: str
    rules: Mapping[str, float]
    find: Finder
    about: str
    setting: str
    languages: frozenset[str]
    needs: frozenset[int | str]


# What a reading finds in most texts.
NOTHING = Findings(metadata=MappingProxyType({}))


def is_plain(tokens: Tokens) -> bool:
    """Whether a text has but ASCII and typography, and no sign of an entity: a test holds that nothing in such is broken."""
    return tokens.beyond <= _TYPOGRAPHY and "&" not in tokens.text and "#" not in tokens.text


def encoding(text: str, context: Context, tokens: Tokens | None = None) -> Findings:
    """Broken encodings: the edits that make the text what the author's keyboard produced.

    `tokens` are those of the text, if it has been read.
    """
    tokens = tokens or Tokens(text)
    if is_plain(tokens):
        return NOTHING
    made: tuple[Edit, ...] = ()
    flags: list[Flag] = []
    now = text
    for repair in repairs("encoding"):
        proposed = list(repair.find(now, context, tokens))
        if not proposed:
            continue
        wanted, seen = _sorted(repair, proposed, context)
        behind = edits.SourceMap([Pass("", made)])
        for flag in seen:
            start, end = behind.span(flag.start, flag.end)
            flags.append(Flag(flag.kind, start, end, flag.rule, flag.reason, flag.score, flag.proposal))
        found = _settle([wanted])
        if found:
            now = edits.apply(now, found)
            tokens = Tokens(now)
            made = composed(made, found)
    return Findings(made, tuple(sorted(flags, key=_flag_key)))


def sentences(text: str, context: Context) -> Findings:
    """Damaged sentences: edits where the repair is certain, flags where it is not."""
    return sentences_of([(Tokens(text), context)])[0]


def sentences_of(texts: Sequence[tuple[Tokens, Context]]) -> list[Findings]:
    """What `sentences` finds in each of several texts.

    They are read together, and each repair has its say on all of them before the next one: a processor runs the same
    code on other text faster than other code on the same text.
    """
    asked = repairs("sentences")  # what they watch for must be known before a text is read
    for sheet in sheets(tokens.text for tokens, _ in texts):
        read_together([tokens for tokens, _ in texts[sheet]])
    found = [tokens.found for tokens, _ in texts]
    wanted: list[list[list[Edit]]] = [[] for _ in texts]
    flags: list[list[Flag]] = [[] for _ in texts]
    for repair in asked:
        for at, (tokens, context) in enumerate(texts):
            if repair.needs and repair.needs.isdisjoint(found[at]):
                continue
            if repair.languages and context.language not in repair.languages:
                continue
            if repair.setting and not getattr(context.settings, repair.setting):
                continue
            proposed = list(repair.find(tokens.text, context, tokens))
            if proposed:
                edits_made, seen = _sorted(repair, proposed, context)
                wanted[at].append(edits_made)
                flags[at] += seen
    return [
        Findings(_settle(groups), tuple(sorted(seen, key=_flag_key))) if groups else NOTHING
        for groups, seen in zip(wanted, flags, strict=True)
    ]


@lru_cache(maxsize=4)
def repairs(pass_name: str = "") -> tuple[Repair, ...]:
    """The repair modules of one pass, or of both, in the order in which they have their say."""
    found = []
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        about = (module.__doc__ or "").strip().partition("\n")[0]
        found.append(
            Repair(
                info.name,
                module.PASS,
                module.ORDER,
                module.FAMILY,
                dict(module.RULES),
                module.find,
                about,
                getattr(module, "SETTING", ""),
                getattr(module, "LANGUAGES", frozenset()),
                getattr(module, "NEEDS", frozenset()),
            )
        )
    found.sort(key=lambda repair: (repair.order, repair.name))
    return tuple(repair for repair in found if pass_name in ("", repair.pass_name))


def _sorted(repair: Repair, proposed: Iterable[Edit | Flag], context: Context) -> tuple[list[Edit], list[Flag]]:
    """What one module may change, and what it only points at, under these settings."""
    wanted: list[Edit] = []
    flags: list[Flag] = []
    settings = context.settings
    asked_for = bool(repair.setting) or settings.repair_level == "plausible"
    for one in proposed:
        if not rulebook.wanted(one.rule, repair.family, settings, context.source):
            continue
        if isinstance(one, Flag):
            flags.append(one)
        elif one.certainty < CERTAIN and not asked_for:
            flags.append(Flag(one.rule, one.start, one.end, one.rule, one.reason, one.certainty, one.after))
        else:
            wanted.append(one)
    wanted.sort(key=lambda edit: edit.start)
    return wanted, flags


def _settle(groups: Iterable[Sequence[Edit]]) -> tuple[Edit, ...]:
    """The edits that can be made together, first come first served: none touches another. Each group is sorted."""
    taken: list[Edit] = []
    for group in groups:
        merged: list[Edit] = []
        at = 0
        for edit in group:
            while at < len(taken) and taken[at].end < edit.start:
                merged.append(taken[at])
                at += 1
            behind = at < len(taken) and taken[at].start <= edit.end
            if not behind and not (merged and merged[-1].end >= edit.start):
                merged.append(edit)
        taken = merged + taken[at:]
    return tuple(taken)


def composed(first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits that do at once what `first` and then `second` do.

    An edit of `second` that changes or touches what `first` wrote is merged with it: the rule is that of `first`, the
    reasons are joined, the certainty is the lower one. What ends up as it began is left out.

    >>> one = [Edit(3, "â€™", "’", "mojibake", "UTF-8 read as cp1252")]
    >>> [(e.start, e.before, e.after) for e in composed(one, [Edit(0, "sh", "S", "x", "y")])]
    [(0, 'sh', 'S'), (3, 'â€™', '’')]
    """
    if not first or not second:
        return tuple(first or second)
    return tuple(_woven(first, second))


def small_edits(
    before: str, after: str, *, start: int, rule: str, reason: str, certainty: float, family: str
) -> list[Edit]:
    """The edits that turn one line into another, piece by piece between spaces, so that a long line costs little.

    `start` is where `before` begins in the whole text.
    """
    if before == after:
        return []
    made: list[Edit] = []
    old, new = before.split(" "), after.split(" ")
    if len(old) != len(new):
        old, new = [before], [after]
    at = start
    for one, other in zip(old, new, strict=True):
        if one != other:
            if len(one) + len(other) <= _DIFFED:
                made += edits.from_texts(
                    one, other, start=at, rule=rule, reason=reason, certainty=certainty, family=family
                )
            else:
                head = _common(one, other)
                tail = _common(one[head:][::-1], other[head:][::-1])
                changed = one[head : len(one) - tail], other[head : len(other) - tail]
                made.append(Edit(at + head, *changed, rule, reason, certainty, family))
        at += len(one) + 1
    return made


# Characters in two texts that difflib may compare: its time grows with the square of them, 2,000 take 20 ms.
_DIFFED = 2000


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same


def _woven(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[Edit]:
    # Both lists in the coordinates of the text between them: (start, end, edit, is it of the first).
    marks: list[tuple[int, int, bool, Edit]] = []
    shift = 0
    for edit in first:
        marks.append((edit.start + shift, edit.start + shift + len(edit.after), True, edit))
        shift += len(edit.after) - len(edit.before)
    marks += [(edit.start, edit.end, False, edit) for edit in second]
    marks.sort(key=lambda mark: mark[:2])
    shift = 0  # from the middle text back to the first
    group: list[tuple[int, int, bool, Edit]] = []
    reach = 0  # where the group ends
    for mark in [*marks, None]:
        if group and (mark is None or mark[0] > reach):
            merged = _merged(group, shift)
            if merged is not None:
                yield merged
            shift += sum(len(one.before) - len(one.after) for _, _, is_first, one in group if is_first)
            group = []
        if mark is not None:
            reach = max(reach, mark[1])
            group.append(mark)


def _merged(group: Sequence[tuple[int, int, bool, Edit]], shift: int) -> Edit | None:
    """One edit for a run of edits that touch, or None if they cancel out. `shift`: middle text → first text."""
    if len(group) == 1:
        start, _, _, edit = group[0]
        return Edit(start + shift, edit.before, edit.after, edit.rule, edit.reason, edit.certainty, edit.family)
    low, high = min(mark[0] for mark in group), max(mark[1] for mark in group)
    middle: list[str] = [""] * (high - low)
    ours = sorted((mark for mark in group if mark[2]), key=lambda mark: mark[0])
    theirs = sorted((mark for mark in group if not mark[2]), key=lambda mark: mark[0])
    for start, end, _, edit in ours:
        middle[start - low : end - low] = edit.after
    for start, end, _, edit in theirs:
        middle[start - low : end - low] = edit.before
    text = "".join(middle)
    before = _patched(text, low, [(start, end, edit.before) for start, end, _, edit in ours])
    after = _patched(text, low, [(start, end, edit.after) for start, end, _, edit in theirs])
    if before == after:
        return None
    lead = (ours or theirs)[0][3]
    reasons = list(dict.fromkeys(mark[3].reason for mark in (*ours, *theirs)))
    certainty = min(mark[3].certainty for mark in group)
    return Edit(low + shift, before, after, lead.rule, "; ".join(reasons), certainty, lead.family)


def _patched(text: str, low: int, spans: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    at = low
    for start, end, put in spans:
        pieces += (text[at - low : start - low], put)
        at = end
    pieces.append(text[at - low :])
    return "".join(pieces)


def _flag_key(flag: Flag) -> tuple[int, int, str]:
    return (flag.start, flag.end, flag.kind)
