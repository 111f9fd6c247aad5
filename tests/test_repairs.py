"""Every repair does what its fixtures say, leaves alone what they say must stay, and keeps the framework's promises."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from newsclean import edits, repairs
from newsclean.cleaner import Cleaner
from newsclean.model import Context, Edit, Pass
from newsclean.settings import CleanSettings, Settings

FIXTURES = Path(__file__).parent / "fixtures" / "repairs"


def _cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in sorted(FIXTURES.glob("*.toml"))
        for case in tomllib.loads(path.read_text("utf-8"))["case"]
    ]


def _settings(case: Mapping[str, Any]) -> Settings:
    return Settings.of(case.get("settings", {}))


@pytest.mark.parametrize(("name", "case"), _cases())
def test_the_fixture_comes_out_as_written(name: str, case: Mapping[str, Any]) -> None:
    article = {"text": case["before"], "language": case.get("language", "en")}
    result = Cleaner(_settings(case)).repair_batch([article])[0]
    assert result.text == case["after"]
    assert {one.edit.rule for one in result.edits} <= {r for one in repairs.repairs() for r in one.rules}
    for kind in case.get("flags", ()):
        assert kind in {flag.kind for flag in result.flags}
    for kind in case.get("no_flags", ()):
        assert kind not in {flag.kind for flag in result.flags}


def test_every_case_has_a_name_and_an_origin() -> None:
    for path in FIXTURES.glob("*.toml"):
        assert all(case["name"] and case["from"] for case in tomllib.loads(path.read_text("utf-8"))["case"])


def test_every_rule_belongs_to_one_repair_and_has_a_certainty() -> None:
    rules = [rule for one in repairs.repairs() for rule in one.rules]
    assert len(rules) == len(set(rules))
    assert all(0 < certainty <= 1 for one in repairs.repairs() for certainty in one.rules.values())
    assert all(one.about for one in repairs.repairs())


def test_composed_edits_do_what_both_lists_do() -> None:
    text = "abcdefgh"
    first = (Edit(0, "ab", "XYZ", "one", "r1"), Edit(5, "f", "", "one", "r1"))
    middle = edits.apply(text, first)
    assert middle == "XYZcdegh"
    second = (Edit(2, "Zc", "", "two", "r2", 0.9), Edit(6, "g", "f!", "two", "r2", 0.9))
    both = repairs.composed(first, second)
    assert edits.replay(text, [Pass("", both)]) == edits.apply(middle, second) == "XYdef!h"
    assert [edit.rule for edit in both] == ["one", "one"]
    assert both[0].certainty == 0.9


def test_a_rule_switched_off_leaves_nothing() -> None:
    text = "It ended.. Both left."
    for ignore in ("doubled_stop", "punctuation", "doubled_"):
        context = Context("en", "", "", CleanSettings(ignore=(ignore,)))
        found = repairs.sentences(text, context)
        assert not any(edit.rule == "doubled_stop" for edit in found.edits)
