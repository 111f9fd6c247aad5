"""Writes docs/reference/settings.md from the fields of the settings.

python docs/make_reference.py
"""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Any

from newsclean import settings

PAGE = Path(__file__).parent / "reference/settings.md"
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


if __name__ == "__main__":
    PAGE.write_text(settings_page(), "utf-8")
    print("docs/reference/settings.md")
