"""One frozen tree of settings; each field has its unit and where its default came from. TOML in, TOML out.

`Settings.of(profile="safe", num_perm=256)` takes any field by its own name; no two parts of the tree share a name.
"""

from __future__ import annotations

import difflib
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from newsclean.errors import ConfigError

PROFILES = ("safe", "balanced", "thorough")
REPAIR_LEVELS = ("certain", "plausible")


def _setting(
    default: Any, doc: str, *, choices: tuple[str, ...] = (), low: float | None = None, high: float | None = None
) -> Any:
    """A field with its meaning, unit and origin in one sentence, and its bounds."""
    metadata = {"doc": doc, "choices": choices, "low": low, "high": high}
    if isinstance(default, dict):
        return field(default_factory=lambda: default.copy(), metadata=metadata)
    return field(default=default, metadata=metadata)


# ruff: noqa: RUF009 -- _setting() returns a dataclass field, which is what the check wants to see


@dataclass(frozen=True, slots=True)
class CleanSettings:
    """How an article is cleaned."""

    language: str = _setting("", "ISO 639-1 code of every article; empty: as the article says, else detected.")
    profile: str = _setting(
        "balanced",
        "How sure a line must be furniture before it goes. Levels of each: docs/benchmarks.md.",
        choices=PROFILES,
    )
    drop_credits: bool = _setting(
        False,
        "Also remove bylines, contributor credits and wire credits. They stay by default; only `thorough` leaves it to the "
        "score whether those go that name no author.",
    )
    max_prose_removed: float = _setting(
        0.2,
        "Share of the article's prose (lines of 100 or more characters that end like a sentence) above which the prose "
        "lines stay and the article is flagged.",
        low=0.0,
        high=1.0,
    )
    max_removed: float = _setting(
        1.0,
        "Share of the article's characters above which no line is removed and the article is flagged.",
        low=0.0,
        high=1.0,
    )
    learned_score: bool = _setting(True, "Use the learned line score beside the rules.")
    select: tuple[str, ...] = _setting(
        ("ALL",), "Rules in use: ids, families, or prefixes of ids such as `en.`; `ALL`."
    )
    ignore: tuple[str, ...] = _setting((), "Rules not in use: ids, families, or prefixes of ids.")
    per_source: dict[str, Any] = _setting(
        {}, "Per source: a table with `ignore` and `select`, added to the general ones."
    )
    packs: tuple[str, ...] = _setting((), "Names of rule packs that come with newsclean, such as `nexis`.")
    rules: tuple[str, ...] = _setting((), "Paths of rules files of your own, or written by `newsclean learn`.")
    repair_level: str = _setting(
        "certain",
        "`certain`: only repairs measured at 98 % precision or more; `plausible`: also those that are likely right.",
        choices=REPAIR_LEVELS,
    )
    split_words: bool = _setting(
        False, "Join words that a scan split (`govern ment`); 96 % precision, so off by default."
    )


@dataclass(frozen=True, slots=True)
class CopySettings:
    """How copies are found."""

    num_perm: int = _setting(128, "Permutations in a MinHash signature; the field's usual number.", low=16, high=1024)
    seed: int = _setting(1, "Seed of the permutations; datasketch's default.", low=0)
    ngram_size: int = _setting(5, "Words in a shingle (characters in Chinese, Japanese and Thai).", low=1, high=20)
    lookup_jaccard: float = _setting(
        0.55,
        "Jaccard similarity of word shingles at which MinHash bands find a pair with the chance `lookup_recall`; "
        "0.55 is the lowest at which 32 bands of 4 rows, all of 128 permutations, still do.",
        low=0.05,
        high=1.0,
    )
    lookup_recall: float = _setting(
        0.95, "Chance with which bands find a pair at `lookup_jaccard`; sets bands and rows.", low=0.5, high=0.9999
    )
    measure: str = _setting(
        "score",
        "What `threshold` is held against: `score` (how surely two articles are one piece, from all that they share), "
        "`containment` (of the part that is better contained) or `jaccard`; both of content word pairs.",
        choices=("score", "containment", "jaccard"),
    )
    threshold: float = _setting(
        0.5,
        "Least `measure` at which two articles are one piece; 0.5 of `score` is as likely as not.",
        low=0.0,
        high=1.0,
    )
    canonical: str = _setting(
        "earliest",
        "Which article stands for its copies; equal or missing dates fall to the longest text, then the smallest id.",
        choices=("earliest", "latest", "longest", "cleanest", "source_rank"),
    )
    source_rank: tuple[str, ...] = _setting(
        (), "Sources in the order in which they stand for a cluster; sets `canonical` to `source_rank`."
    )
    window: str = _setting(
        "",
        "Time within which copies must be published, such as `7d` or `36h`; empty: any. No date: not held against it.",
    )
    group_by: str = _setting("", "`source`: only articles of one source are compared.", choices=("", "source"))
    across: str = _setting("", "`source`: only articles of different sources are compared.", choices=("", "source"))
    related: bool = _setting(False, "Also link independent articles on the same event; they never join a cluster.")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run reads and writes."""

    workers: int = _setting(0, "Processes that clean; 0: one for each core.", low=0)
    encoding: str = _setting("", "Encoding of the input files; empty: BOM, UTF-8, then detected.")
    max_article_size: int = _setting(5_000_000, "Bytes above which one article is refused as a failure.", low=1)
    overwrite: bool = _setting(False, "Write into an output folder that is not empty.")
    learn: bool = _setting(
        True, "From 20 articles on, first learn which lines a source repeats across different stories."
    )
    repair_from_copies: bool = _setting(
        False, "Also restore damaged sentences from the article's copies in its cluster; the record names the copy."
    )
    keep: str = _setting(
        "all",
        "`all`: every article is written, with its cluster; `canonical`: only the one that stands for its cluster.",
        choices=("all", "canonical"),
    )
    max_dropped: float = _setting(
        0.5,
        "Share of articles above which `keep = canonical` stops with an error; a wrong setting drops most of a corpus.",
        low=0.0,
        high=1.0,
    )
    article_seconds: float = _setting(
        600.0, "Seconds after which a process that gives no answer is ended and its article counted as failed.", low=1.0
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything newsclean can be told. Frozen, hashable by its TOML, picklable."""

    clean: CleanSettings = field(default_factory=CleanSettings)
    copies: CopySettings = field(default_factory=CopySettings)
    run: RunSettings = field(default_factory=RunSettings)

    @classmethod
    def of(cls, given: Settings | Mapping[str, Any] | None = None, **values: Any) -> Settings:
        """Settings from settings, a mapping or names. Raises ConfigError for an unknown name or a wrong value.

        >>> Settings.of(profile="safe").clean.profile
        'safe'
        """
        settings = given if isinstance(given, Settings) else cls()
        if given is not None and not isinstance(given, Settings):
            settings = settings.updated(given, where="settings")
        return settings.updated(values, where="settings") if values else settings

    def updated(self, values: Mapping[str, Any], *, where: str) -> Settings:
        """These settings with some changed. Keys are field names, `-` for `_` allowed, or the tables clean, copies, run."""
        changed: dict[str, dict[str, Any]] = {}
        for key, value in values.items():
            name = key.replace("-", "_")
            if name in PARTS and isinstance(value, Mapping):
                for inner, inner_value in value.items():
                    part, known = _find(inner, where=f"{where} [{key}]", within=name)
                    changed.setdefault(part, {})[known] = inner_value
            else:
                part, known = _find(key, where=where)
                changed.setdefault(part, {})[known] = value
        new = {}
        for part, given in changed.items():
            kind = PARTS[part]
            checked = {name: _checked(kind, name, value, where=where) for name, value in given.items()}
            new[part] = replace(getattr(self, part), **checked)
        return replace(self, **new) if new else self

    def to_toml(self) -> str:
        """The settings as a newsclean.toml that reads back to the same settings."""
        lines: list[str] = []
        tables: list[str] = []
        for part in PARTS:
            lines.append(f"[{part}]")
            for one in fields(PARTS[part]):
                value = getattr(getattr(self, part), one.name)
                if isinstance(value, Mapping):
                    for key, table in value.items():
                        tables.append(f"\n[{part}.{one.name}.{_toml(key)}]")
                        tables += [f"{inner} = {_toml(inner_value)}" for inner, inner_value in table.items()]
                else:
                    lines.append(f"{one.name} = {_toml(value)}")
            lines += tables
            lines.append("")
            tables = []
        return "\n".join(lines)


PARTS: Mapping[str, type] = types.MappingProxyType({"clean": CleanSettings, "copies": CopySettings, "run": RunSettings})
CONFIG_NAME = "newsclean.toml"


def load(start: Path | None = None, *, path: Path | None = None) -> tuple[Settings, str]:
    """The settings of the nearest newsclean.toml or [tool.newsclean] at or above `start`, and the file they came from.

    `path` (or the variable NEWSCLEAN_CONFIG) names a file outright. Without any file: the defaults and "".
    Raises ConfigError if a file cannot be read, has an unknown key, or a value that does not fit.
    """
    named = path or (Path(os.environ["NEWSCLEAN_CONFIG"]) if os.environ.get("NEWSCLEAN_CONFIG") else None)
    if named:
        return Settings().updated(_table(named), where=str(named)), str(named)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        own = folder / CONFIG_NAME
        if own.is_file():
            return Settings().updated(_table(own), where=str(own)), str(own)
        project = folder / "pyproject.toml"
        if project.is_file():
            table = _table(project).get("tool", {}).get("newsclean")
            if table is not None:
                return Settings().updated(table, where=f"{project} [tool.newsclean]"), str(project)
    return Settings(), ""


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name another file with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _find(key: str, *, where: str, within: str = "") -> tuple[str, str]:
    """The part of the tree and the field that a key names."""
    name = key.replace("-", "_")
    known = {one.name: part for part, kind in PARTS.items() if not within or part == within for one in fields(kind)}
    if name in known:
        return known[name], name
    everything = {one.name for kind in PARTS.values() for one in fields(kind)}
    near = difflib.get_close_matches(name, known, 1, 0.5) or difflib.get_close_matches(name, everything, 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "; `newsclean config show` lists every setting"
    raise ConfigError(f"{where}: unknown setting {key!r}{hint}")


def _checked(kind: type, name: str, value: Any, *, where: str) -> Any:
    """The value in the field's type. Raises ConfigError if it does not fit."""
    one = next(f for f in fields(kind) if f.name == name)
    wanted = typing.get_type_hints(kind)[name]
    origin = typing.get_origin(wanted) or wanted
    if origin is tuple and isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        value = tuple(value)
    elif origin is tuple and isinstance(value, str):
        value = (value,)
    elif origin is dict and isinstance(value, Mapping):
        value = dict(value)
    elif origin is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = float(value)
    elif not isinstance(value, origin) or (origin is int and isinstance(value, bool)):
        shown = {tuple: "a list of strings", dict: "a table", bool: "true or false"}.get(origin, origin.__name__)
        raise ConfigError(f"{where}: {name} must be {shown}, not {value!r}")
    choices, low, high = one.metadata["choices"], one.metadata["low"], one.metadata["high"]
    if choices and value not in choices:
        near = difflib.get_close_matches(value, choices, 1, 0.4)
        raise ConfigError(
            f"{where}: {name} must be one of {', '.join(choices)}, not {value!r}"
            + (f"; did you mean {near[0]!r}?" if near else "")
        )
    if (low is not None and value < low) or (high is not None and value > high):
        bounds = f"{low} or more" if high is None else f"between {low} and {high}"
        raise ConfigError(f"{where}: {name} must be {bounds}, not {value!r}")
    return value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return repr(value)
