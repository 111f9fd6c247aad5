"""Collects a user's own cleaning cases as tests: `name.in.txt` beside `name.out.txt`, a readable diff when one fails.

In pytest.ini, pyproject.toml or tox.ini:

    newsclean_cases = tests/articles
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from newsclean.errors import NewscleanError

# pytest loads this module in every project on the machine: what only a case needs is imported when there is one.
if TYPE_CHECKING:
    from newsclean.model import CleanResult
    from newsclean.scoring import Case

OPTION = "newsclean_cases"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Registers the setting that names the folders."""
    parser.addini(
        OPTION, "Folders of newsclean cases (name.in.txt, name.out.txt, name.toml).", type="paths", default=[]
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A test for each name.in.txt in the folders named in `newsclean_cases`."""
    if not file_path.name.endswith(".in.txt"):
        return None
    folders: list[Path] = parent.config.getini(OPTION)
    if not any(file_path.is_relative_to(folder) for folder in folders):
        return None
    found: pytest.Collector = CaseFile.from_parent(parent, path=file_path)
    return found


class CaseFile(pytest.File):
    """One name.in.txt; it holds one test."""

    def collect(self) -> Iterator[pytest.Item]:
        """The test of this case, named like the case."""
        yield CaseItem.from_parent(self, name=self.path.name.removesuffix(".in.txt"))


class CaseFailed(Exception):
    """What came out is not what was expected; the message is the report."""


class CaseItem(pytest.Item):
    """Cleans one article with the nearest newsclean.toml and compares it with what was expected."""

    def runtest(self) -> None:
        """Raises CaseFailed with the report, or the error of a case that cannot be read."""
        from newsclean import scoring, settings
        from newsclean.cleaner import Cleaner

        case = scoring.read_pair(self.path, name=self.name)
        chosen, _ = settings.load(self.path.parent)
        result = Cleaner(chosen).clean(case.article)
        said = list(complaints(case, result))
        if said:
            raise CaseFailed("\n".join(said))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The report alone: a traceback through newsclean would tell the user nothing."""
        if isinstance(excinfo.value, CaseFailed | NewscleanError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where pytest says the test is."""
        return self.path, 0, f"newsclean case {self.name}"


def complaints(case: Case, result: CleanResult) -> Iterator[str]:
    """What is wrong with a result, for people: phrases first, then a diff, then the edits behind the differences."""
    from newsclean.scoring import same_text

    for phrase in case.must_remove:
        if phrase in result.text:
            yield f"must_remove: {phrase!r} is still there"
    for phrase in case.must_keep:
        if phrase not in result.text:
            by = next((one.edit for one in result.edits if phrase in one.edit.before), None)
            yield f"must_keep: {phrase!r} is gone" + (f", by {by.rule} ({by.reason})" if by else "")
    if case.expected is None or same_text(result.text, case.expected):
        return
    yield f"{case.name}: the cleaned text is not {case.name}.out.txt"
    lost = []
    for line in difflib.unified_diff(
        case.expected.splitlines(), result.text.splitlines(), "expected", "cleaned", lineterm="", n=1
    ):
        if line.startswith("-") and not line.startswith("---"):
            lost.append(line[1:])
        yield line
    for one in result.edits:
        gone = next((line for line in lost if line.strip() and line in one.edit.before), None)
        if gone is not None:
            yield f"{one.edit.rule} removed {gone.strip()[:60]!r}: {one.edit.reason}"
            yield f'  to switch it off, in newsclean.toml: ignore = ["{one.edit.rule}"]'
