"""Writes what follows from the rules: docs/rules.md, every entry with its reason, where it fires, what it finds and what it
leaves; and rulebook_table.json, what its pattern asks of a line.

python docs/generate_rules.py
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from newsclean import rulebook, rulebook_literals, rulebook_table

ROOT = Path(__file__).parent.parent
LANGUAGES = ROOT / "src/newsclean/languages"
PAGE = ROOT / "docs/rules.md"

NAMES = {
    "any": "Every language", "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip

INTRO = """<!-- Written by docs/generate_rules.py from src/newsclean/languages; edit the rules there. -->

# Rules

Each rule finds one kind of leftover line, or cuts one kind of leftover from inside a line. An entry in
`src/newsclean/languages/<code>/boilerplate.toml` is the rule, its reason, its tests and this page: every line under
*finds* and *leaves* runs as a test. `newsclean rules show ID` prints an entry, `newsclean rules check FILE` tests a file of
your own, and `select` and `ignore` in the settings choose rules by id, by family, or by the beginning of an id.

- *head*, *tail*: the rule fires only before, or only after, most of the text.
- *block*: the list under the line goes with it. *to the end*: what follows goes too, unless it is prose. *inside*: only the
  words go, and the sentence stays whole.
- *told*: the line stays, and what it says is in the metadata; it goes only with `drop_credits`, or, if it
  names no author, by its score in `thorough`.
- *needs company*: the rule is one piece of evidence; alone it removes nothing.
"""
SCOPES = {"block": "block", "tail": "to the end", "span": "inside"}


def page() -> str:
    """docs/rules.md as it should be."""
    tables = {code: _rules(LANGUAGES / code / "boilerplate.toml") for code in NAMES}
    packs = {path.stem: _rules(path) for path in sorted((LANGUAGES / "packs").glob("*.toml"))}
    families = Counter(rule["family"] for rules in tables.values() for rule in rules)
    parts = [INTRO, "\n| family | rules |\n|---|---|\n"]
    parts += [f"| {family} | {count} |\n" for family, count in sorted(families.items())]
    for code, rules in tables.items():
        parts.append(f"\n## {NAMES[code]} (`{code}`)\n")
        parts += [_entry(rule) for rule in rules]
    for name, rules in packs.items():
        parts.append(f"\n## Pack `{name}`\n\nIn use with `--pack {name}`.\n")
        parts += [_entry(rule) for rule in rules]
    return "".join(parts)


def _rules(path: Path) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["rule"]
    return rules


def _entry(rule: dict[str, Any]) -> str:
    notes = [rule["family"]]
    notes += [rule["where"]] if rule["where"] != "anywhere" else []
    notes += [SCOPES[rule["scope"]]] if rule.get("scope", "line") in SCOPES else []
    notes += ["told"] if rule.get("action") == "note" else []
    notes += ["needs company"] if rule.get("weight", 1.0) < 1 else []
    finds = "".join(f"- finds {_code(line)}\n" for line in rule["drops"])
    leaves = "".join(f"- leaves {_code(line)}\n" for line in rule["keeps"])
    return f"\n### {rule['id']}\n\n{rule['why']} Seen: {rule['seen']}. ({', '.join(notes)})\n\n{finds}{leaves}"


def _code(line: str) -> str:
    """A line of text as inline code, whatever is in it."""
    fence = "``" if "`" in line else "`"
    return f"{fence}{line}{fence}"


def needs() -> str:
    """rulebook_table.json as it should be."""
    return rulebook_table.written(
        {rule.match: rulebook_literals.worked_out(rule.match) for rule in rulebook.all_ours()}
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    rulebook_table.TABLE.write_text(needs(), "utf-8")
