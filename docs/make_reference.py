"""Writes docs/reference/*.md from the code: settings from their fields, the Python API from its docstrings.

python docs/make_reference.py
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import newsclean
from newsclean import scoring, settings

HERE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/make_reference.py; edit the code it is made from. -->\n\n"

SETTINGS_INTRO = """# Settings

Every setting can stand in `newsclean.toml` (or in `pyproject.toml` under `[tool.newsclean]`) in the folder you work in or
any above it; the nearest file counts, and nothing is merged. `NEWSCLEAN_CONFIG` or `--config` names a file outright. Flags
on the command line come last. In Python, settings are a mapping with the same names, or a `Settings`.

The tables `[clean]`, `[copies]` and `[run]` may be left out: no two settings share a name. A name that is unknown is an
error that suggests the nearest known one.

```toml
# newsclean.toml
profile = "safe"
ignore = ["caption", "en.related_inline"]

[copies]
window = "7d"

[clean.per_source."eastmere-courier"]
ignore = ["related"]
```
"""

PYTHON_INTRO = """# Python

Everything below is imported from `newsclean`. Offsets are code points, half-open. Records are frozen; an article may be a
string, a mapping with `text`, or an `Article`.
"""


def settings_page() -> str:
    """The settings, table by table, from the metadata of their fields."""
    parts = [NOTE, SETTINGS_INTRO]
    for name, kind in settings.PARTS.items():
        parts.append(f"\n## `[{name}]`\n\n{inspect.getdoc(kind)}\n\n| setting | default | meaning |\n|---|---|---|\n")
        default = kind()
        for field in dataclasses.fields(kind):
            meta = field.metadata
            bounds = ""
            if meta["choices"]:
                bounds = " One of " + ", ".join(f"`{one!r}`".replace("'", '"') for one in meta["choices"]) + "."
            elif meta["low"] is not None and meta["high"] is not None:
                bounds = f" From {meta['low']:g} to {meta['high']:g}."
            elif meta["low"] is not None:
                bounds = f" At least {meta['low']:g}."
            value = getattr(default, field.name)
            shown = "a table" if isinstance(value, dict) else f"`{toml(value)}`"
            parts.append(f"| `{field.name}` | {shown} | {meta['doc']}{bounds} |\n")
    return "".join(parts)


def toml(value: Any) -> str:
    """A default as it would stand in newsclean.toml."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else f"{value:_}" if isinstance(value, int) else f"{value:g}"


GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Clean one text", ("clean", "clean_and_explain", "repair")),
    ("Clean many", ("Cleaner", "map_batch", "run", "RunSummary")),
    ("Find copies", ("find_duplicates", "DuplicateReport", "Index", "Match", "Cluster", "Signature")),
    ("The record of changes", ("CleanResult", "Pass", "Edit", "Flag", "replay", "undo")),
    ("Articles and settings", ("Article", "Settings", "NewscleanError")),
)


def python_page() -> str:
    """The public names, grouped, with signatures and docstrings."""
    parts = [NOTE, PYTHON_INTRO]
    grouped = {name for _, names in GROUPS for name in names}
    rest = tuple(sorted(set(newsclean.__all__) - grouped - {"__version__"}))
    for title, names in (*GROUPS, *((("More", rest),) if rest else ())):
        parts.append(f"\n## {title}\n")
        parts += [entry(f"newsclean.{name}", getattr(newsclean, name)) for name in names if name in newsclean.__all__]
    parts.append("\n## Score your own cases\n")
    names = ("evaluate", "Score", "agreement", "share_left")
    parts += [entry(f"newsclean.scoring.{name}", getattr(scoring, name)) for name in names]
    parts.append(f"\n`newsclean.__version__` is `{newsclean.__version__!r}`.\n")
    return "".join(parts)


def entry(name: str, thing: Any) -> str:
    """One name: heading, signature, docstring, and the public methods of a class."""
    parts = [f"\n### `{name}`\n\n", code(signature(name.rpartition(".")[2], thing)), "\n", prose(thing)]
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        for method, member in methods(thing):
            parts.append(f"\n**`.{method}`** ")
            parts.append(prose(member))
    return "".join(parts)


def methods(kind: type) -> list[tuple[str, Any]]:
    """What a class offers besides its fields, in the order in which it is written."""
    found = []
    for name, raw in vars(kind).items():
        member = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property)):
            continue
        if not inspect.getdoc(member):
            continue
        shown = (
            name if isinstance(member, property) else signature(name, member, method=not isinstance(raw, staticmethod))
        )
        found.append((shown, member))
    return found


def signature(name: str, thing: Any, *, method: bool = False) -> str:
    """A call as one would type it, with defaults and without the noise of annotations that the text explains."""
    if dataclasses.is_dataclass(thing) and isinstance(thing, type):
        fields = [field for field in dataclasses.fields(thing) if field.init and not field.name.startswith("_")]
        return f"{name}({', '.join(field.name for field in fields)})"
    try:
        known = inspect.signature(thing)
    except (TypeError, ValueError):
        return name
    shown = []
    for at, parameter in enumerate(known.parameters.values()):
        if at == 0 and (method or parameter.name in ("self", "cls")):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown and not any(s.startswith("*") for s in shown):
            shown.append("*")
        prefix = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        shown.append(f"{prefix}{parameter.name}{default}")
    told = known.return_annotation
    arrow = f" -> {told}" if isinstance(told, str) and told not in ("None", "") and not method else ""
    return f"{name}({', '.join(shown)}){arrow}"


def code(text: str) -> str:
    """A block that is shown and not run."""
    return f"```text\n{text}\n```\n"


def prose(thing: Any) -> str:
    """A docstring as Markdown; its examples as blocks of Python sessions."""
    doc = inspect.getdoc(thing) or ""
    doc = re.sub(r"(?m)^(>>> .*(?:\n(?!\n).*)*)", r"```pycon\n\1\n```", doc)
    return f"{doc}\n"


PAGES: MappingProxyType[str, Callable[[], str]] = MappingProxyType({"settings": settings_page, "python": python_page})


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for page, make in PAGES.items():
        (HERE / f"{page}.md").write_text(make(), "utf-8")
        print(f"docs/reference/{page}.md")
