"""docs/rules.md and rulebook_table.json say what the rules say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from newsclean import rulebook, rulebook_literals, rulebook_table

ROOT = Path(__file__).parent.parent


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_rules", ROOT / "docs/generate_rules.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_rules_is_current() -> None:
    module = generator()
    assert module.PAGE.read_text("utf-8") == module.page(), "run: python docs/generate_rules.py"


# Patterns are taken apart with the parser of `re`, of which each version of Python may tell a little more or less.
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the table was written with Python 3.11")
def test_what_is_known_of_our_patterns_is_what_they_ask_for() -> None:
    assert rulebook_table.TABLE.read_text("utf-8") == generator().needs(), "run: python docs/generate_rules.py"


def test_a_pattern_of_ours_is_known_and_another_is_taken_apart() -> None:
    ours = next(rule.match for rule in rulebook.all_ours() if rule.id == "en.comment_link")
    assert rulebook_table.of(ours) == rulebook_literals.worked_out(ours)
    other = ours + r"(?:\s+now)?"
    assert rulebook_table.of(other) is None
    assert rulebook_literals.keys(other)


def test_the_page_names_every_language_that_has_rules() -> None:
    module = generator()
    folders = {path.parent.name for path in module.LANGUAGES.glob("*/boilerplate.toml")}
    assert folders == module.NAMES.keys()
