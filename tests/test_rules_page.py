"""docs/rules.md says what the rules say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

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


def test_the_page_names_every_language_that_has_rules() -> None:
    module = generator()
    folders = {path.parent.name for path in module.LANGUAGES.glob("*/boilerplate.toml")}
    assert folders == module.NAMES.keys()
