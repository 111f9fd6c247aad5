"""The judged list of repairs is well formed and is what the pages say; the measure of certainty measures what it says."""

from __future__ import annotations

import collections
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from newsclean import repairs
from newsclean.model import Edit

ROOT = Path(__file__).parents[1]
JUDGED = ROOT / "benchmarks" / "judged_repairs.jsonl"


@pytest.fixture(scope="module")
def certainty() -> ModuleType:
    """benchmarks/certainty.py, which is no part of the package."""
    folder = str(ROOT / "benchmarks")
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location("certainty", ROOT / "benchmarks" / "certainty.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(folder)


def test_each_line_of_the_judged_list_is_one_verdict() -> None:
    rules = {rule for one in repairs.repairs() for rule in one.rules}
    seen = set()
    for line in JUDGED.read_text("utf-8").splitlines():
        row = json.loads(line)
        assert set(row) == {"hash", "rule", "language", "before", "after", "right"}, line
        assert re.fullmatch("[0-9a-f]{12}", row["hash"]), line
        assert row["rule"] in rules, line
        assert re.fullmatch("[a-z]{2,3}", row["language"]), line
        assert row["before"] != row["after"], line
        assert isinstance(row["right"], bool), line
        assert len(row["before"]) <= 300, f"a short quotation, not an article: {line}"
        seen.add(row["hash"])
    assert len(seen) == len(JUDGED.read_text("utf-8").splitlines()), "an edit is judged twice"


def test_the_page_claims_no_more_than_the_judged_list_holds() -> None:
    verdicts = collections.Counter(json.loads(line)["right"] for line in JUDGED.read_text("utf-8").splitlines())
    page = " ".join((ROOT / "docs" / "benchmarks.md").read_text("utf-8").split())
    said = re.search(r"([\d,]+) edits judged by a reader, (\d+) of them wrong", page)
    assert said, "docs/benchmarks.md says how many edits were judged"
    assert int(said[1].replace(",", "")) <= verdicts.total()
    assert int(said[2]) == verdicts[False]


@pytest.mark.parametrize(
    ("text", "edit", "expected", "right"),
    [
        ("in the the bay", Edit(3, "the ", "", "r", ""), "in the bay", True),
        ("“It was” so", Edit(1, "It", "it", "r", ""), '"It was" so', False),
        ("she said.The ferry", Edit(9, "", " ", "r", ""), "she said. The ferry", True),
        ("a b c d", Edit(1, " b c", "", "r", ""), "a b d", False),  # one word too many
        ("the cafe\u0301", Edit(7, "e\u0301", "é", "r", ""), "the café", True),
        ("isn t", Edit(3, " ", "’", "r", ""), "isn't", True),
    ],
)
def test_an_edit_is_right_when_it_restores_every_character(
    certainty: ModuleType, text: str, edit: Edit, expected: str, right: bool
) -> None:
    assert certainty.is_right(text, edit, expected) is right


def test_few_cases_make_a_careful_number(certainty: ModuleType) -> None:
    assert certainty.certainty(0, 0) == 0.5
    assert certainty.certainty(10, 10) == pytest.approx(11 / 12)
    assert certainty.certainty(60, 60) == 0.999
    assert certainty.bound(98, 100) < 0.98 < certainty.bound(1000, 1000)


def test_the_check_sees_a_claim_that_is_not_measured(certainty: ModuleType) -> None:
    assert certainty.misfit(0.99, 0.97)
    assert certainty.misfit(0.979, 0.985)
    assert certainty.misfit(0.9, 0.97)
    assert not certainty.misfit(0.985, 0.999)
    assert not certainty.misfit(0.99, 0.985)
