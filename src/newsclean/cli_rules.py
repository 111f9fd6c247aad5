"""Commands on what newsclean knows: rules, config."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from newsclean.cli_options import AS_JSON, CLEANING, CONFIG, Told, say


@click.group()
def rules() -> None:
    """List, show and check the rules that remove lines, and the repairs."""


def _repairs() -> Iterator[dict[str, Any]]:
    from newsclean import repairs

    for pass_name in ("encoding", "sentences"):
        for repair in repairs.repairs(pass_name):
            for rule, certainty in repair.rules.items():
                yield {"id": rule, "family": repair.family, "why": repair.about, "certainty": certainty}


def _matches(words: tuple[str, ...], row: dict[str, Any]) -> bool:
    text = f"{row['id']} {row['family']}".lower()
    return all(word.lower() in text for word in words)


@rules.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@AS_JSON
def list_rules(words: tuple[str, ...], as_json: bool) -> int:
    """One line for each rule and repair whose id or family has all the words.

    \b
    newsclean rules list
    newsclean rules list en. newsletter
    """
    from newsclean import rulebook
    from newsclean.report_text import plain

    found = [{"id": rule.id, "family": rule.family, "why": rule.why} for rule in rulebook.all_ours()]
    found += [{key: row[key] for key in ("id", "family", "why")} for row in _repairs()]
    found = [row for row in found if _matches(words, row)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    width = max((len(row["id"]) for row in found), default=0)
    family = max((len(row["family"]) for row in found), default=0)
    for row in found:
        click.echo(f"{row['id']:{width}}  {row['family']:{family}}  {plain(row['why'])}")
    if not found:
        say(f"no rule is called like {' '.join(words)!r}")
    return 0


@rules.command("show")
@click.argument("rule_id", metavar="ID")
def show_rule(rule_id: str) -> int:
    """Everything about one rule: what it matches, why, where it was seen, and its examples."""
    import difflib
    from dataclasses import asdict

    from newsclean import rulebook
    from newsclean.errors import ConfigError

    for rule in rulebook.all_ours():
        if rule.id == rule_id:
            for key, value in asdict(rule).items():
                _field(key, value)
            return 0
    repairs = list(_repairs())
    for row in repairs:
        if row["id"] == rule_id:
            for key, value in row.items():
                _field(key, value)
            return 0
    known = [rule.id for rule in rulebook.all_ours()] + [row["id"] for row in repairs]
    near = difflib.get_close_matches(rule_id, known, 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "`newsclean rules list` names all"
    raise ConfigError(f"no rule {rule_id!r}; {hint}")


def _field(key: str, value: Any) -> None:
    from newsclean.report_text import plain

    if isinstance(value, (list, tuple)):
        for one in value:
            click.echo(f"{key:10} {plain(one)}")
    elif value not in ("", None):
        click.echo(f"{key:10} {plain(value)}")


@rules.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check_rules(files: tuple[str, ...]) -> int:
    """Check rules files of your own: keys, patterns, and that every example does what it says.

    Exit code 1 if any does not.
    """
    from newsclean import rulebook

    wrong = 0
    for file in files:
        found = rulebook.check(file)
        for one in found:
            click.echo(one)
        wrong += len(found)
        if not found:
            say(f"{file}: good")
    return 1 if wrong else 0


@click.group()
def config() -> None:
    """Show the settings in force."""


@config.command("show")
@CLEANING
@CONFIG
def show_config(**given: Any) -> int:
    """The settings in force as a newsclean.toml, and what the lookup of copies finds with them."""
    from newsclean import signature

    told = Told(given)
    click.echo(f"# from {told.settings_file or 'the defaults: no newsclean.toml or [tool.newsclean] found'}")
    click.echo(told.settings.to_toml())
    bands, rows = signature.bands_for(told.settings.copies)
    click.echo(f"# MinHash lookup: {bands} bands of {rows} rows find a pair of Jaccard similarity")
    for similarity, chance in signature.s_curve(bands, rows):
        click.echo(f"#   {similarity:.2f}  with a chance of {chance:6.1%}")
    return 0


COMMANDS = (rules, config)
