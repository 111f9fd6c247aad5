"""The nouns: Article, Edit, Flag, Pass, CleanResult, Signature, Match, Cluster. What everything else talks about.

All frozen. Offsets are code points, half-open. An Article is never altered; there is no "cleaned Article".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from newsclean.errors import BadRecord

if TYPE_CHECKING:
    import numpy as np

    from newsclean.settings import CleanSettings

# What a mapping may call a field, first name first; the others are the habits of other tools.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id",),
        "text": ("text",),
        "title": ("title",),
        "language": ("language", "lang"),
        "source": ("source",),
        "published": ("published", "date"),
        "url": ("url",),
    }
)

# The flags that point at a damaged sentence: what CleanResult.garble counts.
DAMAGE_FLAGS = frozenset(
    {
        "stop_inside",
        "stray_fragment",
        "stray_capital",
        "leftover_word",
        "word_or_word",
        "doublet_predicate",
        "scrambled_clause",
        "lost_character",
    }
)
_SENTENCE_BREAK = re.compile(r"(?<=[.?!])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])|\n+|[。！？]")

# What str.splitlines, and so a diff, takes for the end of a line.
_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it came in. `published` is ISO 8601 or empty; `extra` holds the fields newsclean does not read."""

    id: str
    text: str
    title: str = ""
    language: str = ""
    source: str = ""
    published: str = ""
    url: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: str | Article | Mapping[str, Any], *, id: str = "", where: str = "") -> Article:  # noqa: A002 -- the field is called so
        """The article that a str, a mapping or an Article stands for.

        A mapping needs `text`; `id, title, source, published (or date), url, language (or lang)` are read where
        they are there, every other key goes to `extra`. `id` is used when the article brings none; an id that
        is no str is kept in `extra` as it came in.
        Raises BadRecord if `text` is missing or no string, or if something else is given.
        """
        if isinstance(given, Article):
            return given
        if isinstance(given, str):
            return cls(id=id, text=given)
        if not isinstance(given, Mapping):
            raise BadRecord(where or "article", f"{type(given).__name__}, where str, Article or mapping is needed")
        where = where or (f"article {given.get('id', id)!r}" if given.get("id", id) else "article")
        read: dict[str, Any] = {}
        used: set[str] = set()
        for name, spellings in FIELD_NAMES.items():
            for spelling in spellings:
                if given.get(spelling) is not None:
                    read[name] = given[spelling]
                    used.add(spelling)
                    break
        if "text" not in read:
            raise BadRecord(where, "no `text`; name the field that holds the article with --text-field")
        if not isinstance(read["text"], str):
            raise BadRecord(where, f"`text` is {type(read['text']).__name__}, not a string")
        values = {name: value if isinstance(value, str) else str(value) for name, value in read.items()}
        values.setdefault("id", id)
        extra = {key: value for key, value in given.items() if key not in used}
        if not isinstance(read.get("id", ""), str):
            extra["id"] = read["id"]
        return cls(**values, extra=extra)

    @property
    def given_id(self) -> Any:
        """The id as it came in: `Article.of({"id": 7, "text": ""}).given_id` is 7, where `id` is "7"."""
        given = self.extra.get("id")
        return self.id if given is None else given


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: at `start` of the text entering the pass, `before` became `after`.

    `certainty` is the rule's measured precision on development data, in [0, 1]; `family` groups rules for counting.
    """

    start: int
    before: str
    after: str
    rule: str
    reason: str
    certainty: float = 1.0
    family: str = ""

    @property
    def end(self) -> int:
        """One past the last code point that was changed, in the text entering the pass."""
        return self.start + len(self.before)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something seen and not changed. `proposal` is the text that text[start:end] could become, if there is a good one.

    In CleanResult the span counts in the input; what a pass returns counts in the text that entered it.
    """

    kind: str
    start: int
    end: int
    rule: str
    reason: str
    score: float = 1.0
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """The edits of one reading of the text: sorted by start, not overlapping, counted in the text entering the pass."""

    name: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one reading of one text found: edits to make, flags to raise, and facts for the metadata."""

    edits: tuple[Edit, ...] = ()
    flags: tuple[Flag, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a pass may know besides the text. `language` is empty when it is unknown or doubtful."""

    language: str
    source: str
    title: str
    settings: CleanSettings


@dataclass(frozen=True, slots=True)
class InputEdit:
    """An Edit as a user wants to see it: with its pass and the span of the *input* that it changed."""

    pass_name: str
    edit: Edit
    input_start: int
    input_end: int

    def to_dict(self) -> dict[str, Any]:
        """One row of edits.jsonl. `start` counts in the text entering the pass, `input_start, input_end` in the input."""
        edit = self.edit
        return {
            "pass": self.pass_name,
            "start": edit.start,
            "input_start": self.input_start,
            "input_end": self.input_end,
            "before": edit.before,
            "after": edit.after,
            "rule": edit.rule,
            "family": edit.family,
            "reason": edit.reason,
            "certainty": edit.certainty,
        }


@dataclass(frozen=True, slots=True)
class CleanResult:
    """A cleaned article: its text, every change with its reason, and what was seen and left alone.

    `passes` replay the input to `text`; `edits` and `flags` are the same record with spans in the input.
    `metadata` has `language` and, where found, lists under `author`, `agency`, `place` and `credits`.
    """

    article: Article
    text: str
    passes: tuple[Pass, ...] = ()
    edits: tuple[InputEdit, ...] = ()
    flags: tuple[Flag, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def removed_chars(self) -> int:
        """Code points taken out of the article, less those put in: how much shorter it is."""
        return len(self.article.text) - len(self.text)

    @property
    def garble(self) -> float:
        """Share of the cleaned text, in [0, 1], that stands in sentences flagged as damaged and not repaired.

        To filter or route articles by: most have 0.0, and one sentence of ten is .1 or so.

        >>> CleanResult(Article("", "It won. do not go. Rain."), "It won. do not go. Rain.").garble
        0.0
        """
        source = self.article.text
        covered = last = 0
        for flag in sorted(self.flags, key=lambda one: one.start):
            if flag.kind not in DAMAGE_FLAGS:
                continue
            begin = max(
                (stop.end() for stop in _SENTENCE_BREAK.finditer(source, max(0, flag.start - 2000), flag.start)),
                default=0,
            )
            ahead = _SENTENCE_BREAK.search(source, max(flag.start, flag.end - 1))
            begin, end = max(begin, last), ahead.start() if ahead else len(source)
            if end > begin:
                covered += end - begin
                last = end
        return min(1.0, covered / max(1, len(self.text)))

    def diff(self) -> str:
        """Every edit in its sentence, with rule, reason and certainty, then a unified diff; empty when nothing changed.

        What went stands in [-…-], what came in {+…+}. The lines in front of the diff begin with #; `patch` skips them.

        >>> edit = Edit(8, ". .", ".", "doubled_stop", "a full stop twice", 0.99)
        >>> result = CleanResult(Article("", "She said. . It rains."), "She said. It rains.", (Pass("sentences", (edit,)),))
        >>> print(result.diff().partition("---")[0], end="")
        # [1] doubled_stop: a full stop twice (certainty 0.99)
        #     She said[-. .-]{+.+} It rains.
        """
        name = self.article.id or "article"
        shown: list[str] = []
        now = self.article.text
        for one in self.passes:
            after: list[str] = []
            at = 0
            for edit in one.edits:
                reason = " ".join(edit.reason.split())
                shown.append(f"# [{len(shown) + 1}] {edit.rule}: {reason} (certainty {edit.certainty:.3g})\n")
                shown[-1] += f"#     {_in_its_sentence(now, edit)}\n"
                after += (now[at : edit.start], edit.after)
                at = edit.end
            now = "".join((*after, now[at:]))
        lines = difflib.unified_diff(
            self.article.text.splitlines(keepends=True),
            self.text.splitlines(keepends=True),
            name,
            f"{name} (cleaned)",
        )
        return "".join(
            (*shown, *(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines))
        )

    def flag_dicts(self) -> list[dict[str, Any]]:
        """The flags as rows of edits.jsonl, each with the input text it stands on."""
        source = self.article.text
        return [
            {
                "kind": flag.kind,
                "start": flag.start,
                "end": flag.end,
                "text": source[flag.start : flag.end],
                "rule": flag.rule,
                "reason": flag.reason,
                "score": flag.score,
                "proposal": flag.proposal,
            }
            for flag in self.flags
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: id, text, metadata, edits and flags."""
        return {
            "id": self.article.given_id,
            "text": self.text,
            "metadata": dict(self.metadata),
            "edits": [edit.to_dict() for edit in self.edits],
            "flags": self.flag_dicts(),
        }


# Characters of a sentence that are shown on either side of an edit, and of what an edit takes out or puts in.
_SHOWN = 120


def marked(before: str, after: str) -> str:
    """A change as text, for pipes and files.

    >>> marked("the the", "the"), marked("Leave a Comment", "")
    ('[-the the-]{+the+}', '[-Leave a Comment-]')
    """
    return (f"[-{before}-]" if before else "") + (f"{{+{after}+}}" if after else "")


def _in_its_sentence(text: str, edit: Edit) -> str:
    """The sentence that the edit changes, in one line; `text` is what entered its pass."""
    floor, roof = max(0, edit.start - _SHOWN), edit.end + _SHOWN
    begin = max((stop.end() for stop in _SENTENCE_BREAK.finditer(text, floor, edit.start)), default=floor)
    ahead = _SENTENCE_BREAK.search(text, edit.end + 1, roof)  # what follows tells where a sentence was mended
    end = ahead.start() if ahead else min(roof, len(text))
    lead = "…" if begin == floor > 0 else ""
    trail = "…" if not ahead and end < len(text) else ""
    cut = [one if len(one) <= 2 * _SHOWN else f"{one[:_SHOWN]}…{one[-_SHOWN:]}" for one in (edit.before, edit.after)]
    line = f"{lead}{text[begin : edit.start]}{marked(*cut)}{text[edit.end : end]}{trail}"
    return _LINE_END.sub("⏎", line)


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """MinHash values of one article; `recipe` names everything that went into them. Two recipes never compare."""

    article_id: str
    recipe: str
    values: np.ndarray[Any, np.dtype[np.uint32]]  # shape (num_perm,)


@dataclass(frozen=True, slots=True)
class Match:
    """Two articles that share text. `containment_a` is the share of a's shingles that are found in b, in [0, 1].

    `relation`: exact, copy, updated, excerpt (these join a cluster), roundup, related (these link and never join).
    For excerpt and roundup, `a` is the shorter (the part) and `b` the longer (the whole).
    """

    a: str
    b: str
    relation: str
    jaccard: float
    containment_a: float
    containment_b: float
    reason: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Articles that are one piece. `members` are sorted and include `canonical`; `reason` says why that one stands for all.

    `unique_sources` counts outlets, `reprints` the members besides the canonical; `earliest`/`latest` are `published`.
    """

    id: str
    canonical: str
    members: tuple[str, ...]
    reason: str
    unique_sources: int = 0
    reprints: int = 0
    earliest: str = ""
    latest: str = ""


def rows(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Matches as rows of matches.jsonl."""
    return [
        {
            "a": match.a,
            "b": match.b,
            "relation": match.relation,
            "jaccard": round(match.jaccard, 4),
            "containment_a": round(match.containment_a, 4),
            "containment_b": round(match.containment_b, 4),
            "reason": match.reason,
        }
        for match in matches
    ]
