"""Reads languages/, packs and rules files of your own, checks them, and hands out the rules for one language and source.

A rules file is TOML: `[[rule]]` entries (see languages/en/boilerplate.toml) and, where `newsclean learn` wrote it,
`[[line]]` entries: lines that repeat across different stories of one source.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import regex

from newsclean.errors import RuleError
from newsclean.settings import CleanSettings

LANGUAGES = Path(__file__).parent / "languages"
WEIGHTS = Path(__file__).parent / "weights"

WHERES = ("head", "tail", "anywhere")
SCOPES = ("line", "block", "tail", "span")
ACTIONS = ("drop", "note")
METADATA = ("author", "agency", "place", "credits")
FAMILIES = (
    "comments", "share", "newsletter", "related", "navigation", "advertisement", "cookie", "paywall", "copyright",
    "date", "tags", "bio", "caption", "credit",
)  # fmt: skip

# Seconds that a user's pattern may spend on one line. Ours take microseconds; only backtracking without end gets here.
PATTERN_SECONDS = 0.25

_FIELDS = {
    "id": str, "family": str, "why": str, "match": str, "where": str, "scope": str, "action": str, "metadata": str,
    "weight": float, "certainty": float, "seen": str, "drops": list, "keeps": list, "source": str,
}  # fmt: skip
_LINE_FIELDS = {
    "source": str, "hash": str, "text": str, "where": str, "count": int, "stories": int, "example": str, "id": str,
}  # fmt: skip


class PatternTooSlow(Exception):
    """A user's pattern did not finish on a line."""


@dataclass(frozen=True, slots=True, eq=False)  # known by identity: hashing twenty fields costs more than matching
class Rule:
    """One entry of a rules file. `match` is searched in the stripped line, ignoring case."""

    id: str
    family: str
    why: str
    match: str
    where: str = "anywhere"
    scope: str = "line"
    action: str = "drop"
    metadata: str = ""
    weight: float = 1.0
    certainty: float = 0.98  # the measured one is in weights/lines.json; this holds for a rule never seen to fire there
    seen: str = ""
    drops: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    source: str = ""
    file: str = ""
    ours: bool = True

    def search(self, line: str) -> regex.Match[str] | None:
        """The match in a stripped line. Raises PatternTooSlow if a user's pattern does not finish."""
        pattern = _compiled(self.match)
        if self.ours:
            return pattern.search(line)
        try:
            return pattern.search(line, timeout=PATTERN_SECONDS)
        except TimeoutError:
            raise PatternTooSlow(self.id) from None

    def every(self, line: str) -> list[regex.Match[str]]:
        """All matches in a stripped line. Raises PatternTooSlow like `search`."""
        pattern = _compiled(self.match)
        try:
            return list(pattern.finditer(line) if self.ours else pattern.finditer(line, timeout=PATTERN_SECONDS))
        except TimeoutError:
            raise PatternTooSlow(self.id) from None

    @property
    def alone(self) -> bool:
        """Decides without company."""
        return self.weight >= 1.0


@dataclass(frozen=True, slots=True)
class LearnedLine:
    """A line that repeats across `stories` different stories of one source, as `newsclean learn` found it."""

    source: str
    key: str
    where: str = "anywhere"
    count: int = 0
    stories: int = 0
    example: str = ""
    id: str = "learned.repeated"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one rules file says."""

    rules: tuple[Rule, ...] = ()
    lines: tuple[LearnedLine, ...] = ()


@dataclass(frozen=True, eq=False)
class Book:
    """The rules in use for one language and source, ready to be asked about lines."""

    rules: tuple[Rule, ...]
    lines: Mapping[str, LearnedLine] = field(default_factory=dict)

    def learned(self, line: str) -> LearnedLine | None:
        """The entry of a learned rules file for this stripped line."""
        return self.lines.get(line_key(line)) if self.lines else None


def line_key(line: str) -> str:
    """What a line is known by in learned files: 16 hex digits of its folded form, with each number or time as one `0`.

    >>> line_key("  Updated 14:05  ") == line_key("updated 9:30")
    True
    """
    folded = " ".join(_DIGITS.sub("0", unicodedata.normalize("NFKC", line).casefold()).split())
    return hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_DIGITS = regex.compile(r"\p{Nd}+(?:[.,:]\p{Nd}+)*")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.IGNORECASE)


def for_context(language: str, source: str, settings: CleanSettings) -> Book:
    """The rules for an article in `language` ("" = unknown: only `any`) from `source`.

    Raises RuleError for a rules file that cannot be used, or a pack that does not exist.
    """
    own = settings.per_source.get(source, {}) if source else {}
    files = tuple((path, *_stamp(path)) for path in settings.rules)
    return _book(
        language,
        source if files or own else "",
        settings.packs,
        files,
        settings.select + _names(own, "select", source),
        settings.ignore + _names(own, "ignore", source),
    )


def _names(table: Any, key: str, source: str) -> tuple[str, ...]:
    value = table.get(key, ()) if isinstance(table, Mapping) else None
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise RuleError(f"per_source[{source!r}]: `{key}` must be a list of rule ids, families or prefixes")
    return tuple(value)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 -- asked once per batch; Path would double the cost
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror}); check `rules` in the settings") from error
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=512)
def _book(
    language: str,
    source: str,
    packs: tuple[str, ...],
    files: tuple[tuple[str, int, int], ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> Book:
    parts = [_language(code) for code in dict.fromkeys(("any", language)) if code]
    parts += [_pack(name) for name in packs]
    parts += [_users(*one) for one in files]
    rules = [
        rule
        for part in parts
        for rule in part.rules
        if (not rule.source or rule.source == source) and in_use(rule.id, rule.family, select, ignore)
    ]
    lines = {
        line.key: line
        for part in parts
        for line in part.lines
        if (not line.source or line.source == source) and in_use(line.id, "learned", select, ignore)
    }
    return Book(tuple(rules), lines)


def wanted(rule_id: str, family: str, settings: CleanSettings, source: str = "") -> bool:
    """Whether the settings want this rule or repair for an article of `source`.

    >>> from newsclean.settings import CleanSettings
    >>> wanted("doubled_stop", "punctuation", CleanSettings(ignore=("punctuation",)))
    False
    """
    own = settings.per_source.get(source, {}) if source else {}
    select = settings.select + _names(own, "select", source)
    return in_use(rule_id, family, select, settings.ignore + _names(own, "ignore", source))


def in_use(rule_id: str, family: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    """Whether a rule is selected: the longest name that fits it wins, and `ignore` wins a draw.

    >>> in_use("en.share_bar", "share", ("ALL",), ("share",)), in_use("en.share_bar", "share", ("en.share_bar",), ("en.",))
    (False, True)
    """

    def strength(names: Sequence[str]) -> int:
        best = 0
        for name in names:
            if name == "ALL":
                best = max(best, 1)
            elif name == family:
                best = max(best, 2)
            elif name == rule_id or (name and rule_id.startswith(name) and (name[-1] in "._" or name == rule_id)):
                best = max(best, 3 + len(name))
        return best

    chosen = strength(select)
    return chosen > 0 and chosen > strength(ignore)


def languages() -> list[str]:
    """Codes of the languages that have rules, `any` first."""
    codes = sorted(path.parent.name for path in LANGUAGES.glob("*/boilerplate.toml"))
    return sorted(codes, key=lambda code: code != "any")


def packs() -> list[str]:
    """Names of the rule packs that come with newsclean."""
    return sorted(path.stem for path in (LANGUAGES / "packs").glob("*.toml"))


@cache
def _language(code: str) -> Rules:
    path = LANGUAGES / code / "boilerplate.toml"
    return read(path, ours=True) if path.is_file() else Rules()


@cache
def _pack(name: str) -> Rules:
    path = LANGUAGES / "packs" / f"{name}.toml"
    if not path.is_file():
        raise RuleError(f"no rule pack {name!r}; there are {', '.join(packs()) or 'none'}. A file goes into `rules`")
    return read(path, ours=True)


@lru_cache(maxsize=64)
def _users(path: str, changed_ns: int, size: int) -> Rules:
    return read(Path(path), ours=False)


def all_ours() -> Iterator[Rule]:
    """Every rule that comes with newsclean, packs last."""
    for code in languages():
        yield from _language(code).rules
    for name in packs():
        yield from _pack(name).rules


def read(path: Path, *, ours: bool = False) -> Rules:
    """The rules and learned lines of a file. Raises RuleError at the first entry that cannot be used."""
    found, problems = _read(path, ours=ours)
    if problems:
        raise RuleError(problems[0])
    return found


def check(path: str | Path) -> list[str]:
    """What is wrong with a rules file, in sentences: entries that cannot be used, `drops` that do not match, `keeps` that do."""
    path = Path(path)
    try:
        found, problems = _read(path, ours=False)
    except RuleError as error:
        return [str(error)]
    seen: set[str] = set()
    for rule in found.rules:
        if rule.id in seen:
            problems.append(f"{path}: rule {rule.id!r} is there twice; give the second another id")
        seen.add(rule.id)
        problems += (f"{path}: {problem}" for problem in disagreements(rule))
    return problems


def disagreements(rule: Rule) -> list[str]:
    """Where a rule and its own examples disagree."""
    found = [] if rule.drops else [f"rule {rule.id!r} has no `drops`; add a line that it should find"]
    for wanted, lines in ((True, rule.drops), (False, rule.keeps)):
        for line in lines:
            try:
                hit = rule.search(line.strip()) is not None
            except PatternTooSlow:
                found.append(f"rule {rule.id!r}: `match` does not finish on {line!r}; make its repeats unambiguous")
                continue
            if hit != wanted:
                says = "does not match its own `drops`" if wanted else "matches its own `keeps`"
                found.append(f"rule {rule.id!r}: `match` {says} {line!r}")
    return found


def _read(path: Path, *, ours: bool) -> tuple[Rules, list[str]]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: not valid TOML: {error}") from error
    problems: list[str] = []
    rules: list[Rule] = []
    lines: list[LearnedLine] = []
    known = ("rule", "line")
    for key, value in table.items():
        if key in known and (not isinstance(value, list) or not all(isinstance(one, dict) for one in value)):
            problems.append(f"{path}: write {key} entries as [[{key}]]")
        elif isinstance(value, list) and key not in known:
            problems.append(f"{path}: unknown table [[{key}]]; entries are [[rule]] or [[line]]")
    if problems:
        return Rules(), problems
    for number, entry in enumerate(table.get("rule", ()), 1):
        rule, wrong = _rule(entry, f"{path}: rule {entry.get('id', number)!r}", str(path), ours=ours)
        problems += wrong
        rules += [rule] if rule else []
    for number, entry in enumerate(table.get("line", ()), 1):
        line, wrong = _line(entry, f"{path}: line {number}")
        problems += wrong
        lines += [line] if line else []
    return Rules(tuple(rules), tuple(lines)), problems


def _rule(entry: Mapping[str, Any], at: str, file: str, *, ours: bool) -> tuple[Rule | None, list[str]]:
    wrong = _types(entry, _FIELDS, at)
    wrong += [f"{at}: no `{key}`; add one" for key in ("id", "match", "why") if not entry.get(key)]
    if wrong:
        return None, wrong
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    for key in ("weight", "certainty"):
        values[key] = float(values.get(key, getattr(_DEFAULTS, key)))
        if not 0.0 <= values[key] <= 1.0:
            wrong.append(f"{at}: `{key}` must be between 0 and 1")
    values.setdefault("family", "own")
    rule = Rule(**values, file=file, ours=ours)
    choices = {"where": WHERES, "scope": SCOPES, "action": ACTIONS, "metadata": ("", *METADATA)}
    if ours:
        choices["family"] = FAMILIES
    for key, allowed in choices.items():
        if getattr(rule, key) not in allowed:
            shown = ", ".join(one for one in allowed if one)
            wrong.append(f"{at}: `{key}` is {getattr(rule, key)!r}; it must be one of {shown}")
    try:
        # Ours are valid: tests search with each. They are made ready when a line is first worth asking about.
        _ = ours or _compiled(rule.match)
    except regex.error as error:
        wrong.append(f"{at}: `match` is no valid pattern: {error}")
    return (None if wrong else rule), wrong


_DEFAULTS = Rule(id="", family="own", why="", match="")


def _line(entry: Mapping[str, Any], at: str) -> tuple[LearnedLine | None, list[str]]:
    wrong = _types(entry, _LINE_FIELDS, at)
    if not entry.get("hash") and not entry.get("text"):
        wrong.append(f"{at}: no `text` or `hash`; one of them says which line")
    if entry.get("where", "anywhere") not in WHERES:
        wrong.append(f"{at}: `where` is {entry['where']!r}; it must be one of {', '.join(WHERES)}")
    if wrong:
        return None, wrong
    key = entry.get("hash") or line_key(entry["text"])
    given = {name: entry[name] for name in ("where", "count", "stories", "id") if name in entry}
    return LearnedLine(entry.get("source", ""), key, example=entry.get("example") or entry.get("text", ""), **given), []


def _types(entry: Mapping[str, Any], fields: Mapping[str, type], at: str) -> list[str]:
    wrong = []
    for key, value in entry.items():
        kind = fields.get(key)
        if kind is None:
            wrong.append(f"{at}: unknown key {key!r}; known are {', '.join(fields)}")
        elif kind is list and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            wrong.append(f"{at}: `{key}` must be a list of lines")
        elif kind is float and (isinstance(value, bool) or not isinstance(value, (int, float))):
            wrong.append(f"{at}: `{key}` must be a number")
        elif kind in (str, int) and (not isinstance(value, kind) or isinstance(value, bool)):
            wrong.append(f"{at}: `{key}` must be {'a string' if kind is str else 'a whole number'}")
    return wrong


@cache
def version() -> str:
    """Twelve hex digits that change when any rule, word list or weight that comes with newsclean changes."""
    digest = hashlib.blake2b(digest_size=6)
    files = sorted(
        (path.relative_to(root.parent).as_posix(), path)
        for root in (LANGUAGES, WEIGHTS)
        for path in root.rglob("*")
        if path.suffix in (".toml", ".txt", ".json", ".npz")
    )
    for name, path in files:
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
