"""The house: who may import whom, which names are public, and that nothing is added without its cases and its page."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import newsclean

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "newsclean"

# From the ground up. A module may import from lower floors and, in the first floor, from its own.
FLOORS = [
    {"model", "settings", "errors", "arrays"},
    {
        "edits",
        "language",
        "tokens",
        "rulebook",
        "parallel",
        "decoding",
        "packing",
        "shingles",
        "cluster",
        "report",
        "formats",
        "facts",
    },
    {"lines", "corpus", "repairs", "signature", "anchors", "gist", "compare", "index"},
    {"cleaner", "twins", "duplicates"},
    {"pipeline", "scoring", "batches"},
    {"cli", "pytest_plugin", "integrations"},
    {"__main__", "__init__"},
]
CLEANING = {"lines", "corpus", "repairs", "cleaner"}
SAMENESS = {"shingles", "signature", "anchors", "gist", "compare", "index", "cluster", "duplicates"}


def modules() -> dict[str, list[Path]]:
    """Each module or folder of modules with its files."""
    found: dict[str, list[Path]] = {}
    for path in sorted(SRC.rglob("*.py")):
        found.setdefault(path.relative_to(SRC).parts[0].removesuffix(".py"), []).append(path)
    return found


def imports(path: Path) -> set[str]:
    """The newsclean modules that a file imports, but for type checking only."""
    tree = ast.parse(path.read_text("utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("newsclean"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("newsclean.")}
    return found


def floor(name: str) -> int:
    """Helper modules of one owner (line_features, …) live on the owner's floor."""
    for number, names in enumerate(FLOORS):
        if name in names or any(name.startswith(f"{owner.rstrip('s')}_") for owner in names):
            return number
    raise AssertionError(f"{name} has no place in the house: give it one in FLOORS and in docs/architecture.md")


@pytest.mark.parametrize("name", sorted(set(modules()) - {"__init__", "__main__"}))
def test_modules_import_downwards_only(name: str) -> None:
    for path in modules()[name]:
        for other in imports(path) - {name, "__version__"}:
            assert floor(other) <= floor(name), f"{path.name} imports {other}, which lives above it"


def test_cleaning_and_sameness_never_import_each_other() -> None:
    for name, paths in modules().items():
        for path in paths:
            if name in CLEANING:
                assert not imports(path) & SAMENESS, path
            if name in SAMENESS:
                assert not imports(path) & CLEANING, path


def test_every_public_name_is_there_and_documented() -> None:
    for name in newsclean.__all__:
        thing = getattr(newsclean, name)
        assert name == "__version__" or thing.__doc__, f"newsclean.{name} says nothing about itself"
    with pytest.raises(AttributeError, match="no attribute 'cleen'"):
        _ = newsclean.cleen


def test_every_module_says_in_one_line_what_it_is() -> None:
    for path in SRC.rglob("*.py"):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert doc, f"{path} has no docstring"


def test_every_public_function_is_annotated_and_documented() -> None:
    for path in SRC.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name} has no docstring"


@pytest.mark.parametrize(
    "command", ["import newsclean", "import sys; sys.argv = ['newsclean', '--help']; import newsclean.cli"]
)
def test_heavy_packages_are_not_imported_before_they_are_used(command: str) -> None:
    code = f"{command}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


HEAVY = ["datasketch", "scipy", "numpy", "rich", "py3langid", "jinja2", "pyarrow"]


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    for requirement in tomllib.loads(text)["project"]["dependencies"]:
        line = next(line for line in text.splitlines() if f'"{requirement}"' in line)
        assert "# " in line, requirement


def test_every_repair_has_cases_and_every_cases_file_a_repair() -> None:
    repairs = {path.stem for path in (SRC / "repairs").glob("*.py")} - {"__init__"}
    cases = {path.stem for path in (ROOT / "tests/fixtures/repairs").glob("*.toml")}
    assert repairs == cases


def test_every_repair_keeps_at_least_as_many_cases_as_it_changes() -> None:
    for path in sorted((ROOT / "tests/fixtures/repairs").glob("*.toml")):
        cases = tomllib.loads(path.read_text("utf-8"))["case"]
        stay = sum(case["before"] == case["after"] for case in cases)
        assert stay >= len(cases) - stay, f"{path.name}: {stay} must stay, {len(cases) - stay} must change"


def test_every_format_has_fixtures() -> None:
    formats = {path.stem for path in (SRC / "formats").glob("*.py")} - {"__init__"}
    assert {path.name for path in (ROOT / "tests/fixtures/formats").iterdir() if path.is_dir()} == formats


def test_every_rule_is_in_the_docs() -> None:
    page = (ROOT / "docs/rules.md").read_text("utf-8")
    for path in sorted((SRC / "languages").rglob("*.toml")):
        for rule in tomllib.loads(path.read_text("utf-8")).get("rule", []):
            assert rule["id"] in page, f"{rule['id']} is missing in docs/rules.md: generate it again"
    for path in (SRC / "repairs").glob("*.py"):
        assert path.stem == "__init__" or path.stem in (ROOT / "docs/repairs.md").read_text("utf-8")


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == newsclean.__version__
    assert f"## {newsclean.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
