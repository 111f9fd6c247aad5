"""Every page of the docs says what is so: its code runs, its links lead somewhere, what is generated is current."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import click
import pytest

import doc_blocks
import newsclean
from newsclean import cli, settings

ROOT = Path(__file__).parents[1]
PAGES = [*(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name[0] != "_"), ROOT / "README.md"]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem != "recipes"], ids=named)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    if any(doc_blocks.blocks(page)):
        doc_blocks.prepare(tmp_path)
        doc_blocks.run(page, tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_exist_with_their_options(page: Path) -> None:
    """Also of those that are not run: they need a file or a network that only the reader has."""
    for block in doc_blocks.blocks(page):
        if block.kind not in ("console", "text"):
            continue
        for line in re.split(r"\n| \| | && |; ", block.code):
            told = re.match(r"(?:\$ )?(?:\S+/)?newsclean (?P<rest>[a-z].*)", line)
            if told:
                known(told["rest"].split("#")[0].split("  ")[0].split("…")[0].split(), f"{named(page)}: {line}")


def known(words: list[str], where: str) -> None:
    """Raises AssertionError for a command or an option that newsclean does not have."""
    command: click.Command = cli.cli
    while isinstance(command, click.Group):
        assert words, where
        assert words[0] in command.commands, where
        command = command.commands[words.pop(0)]
    options = {
        name for one in command.params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)
    }
    used = {word.partition("=")[0] for word in words if word[0] == "-" and word != "-"}
    assert used <= options | {"--help", "-h"}, where


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{named(page)}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{named(page)}: no heading for {target}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs/make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_settings_is_current() -> None:
    page = ROOT / "docs/reference/settings.md"
    assert page.read_text("utf-8") == reference().settings_page(), "run: python docs/make_reference.py"


def test_every_setting_has_its_meaning_in_the_docs() -> None:
    page = (ROOT / "docs/reference/settings.md").read_text("utf-8")
    for kind in settings.PARTS.values():
        for field in kind.__dataclass_fields__.values():
            assert f"`{field.name}`" in page
            assert field.metadata["doc"] in page


def described() -> list[str]:
    """The names that the Python reference asks mkdocstrings to describe."""
    return re.findall(r"(?m)^::: (\S+)$", (ROOT / "docs/reference/python.md").read_text("utf-8"))


def test_every_public_name_is_in_the_docs() -> None:
    names = described()
    assert {f"newsclean.{name}" for name in newsclean.__all__} - {"newsclean.__version__"} <= set(names)
    assert len(names) == len(set(names))


def test_every_page_is_in_the_menu_and_every_entry_a_page() -> None:
    menu = (ROOT / "zensical.toml").read_text("utf-8")
    entries = set(re.findall(r'"([\w/-]+\.md)"', menu))
    assert entries == {page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.name != "README.md"}
    assert tomllib.loads(menu)["project"]["site_name"] == "newsclean"


def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="zensical builds the site: pip install newsclean[docs]")
    pytest.importorskip("mkdocstrings_handlers.python", reason="it reads the docstrings: pip install newsclean[docs]")
    for name in ("zensical.toml", "docs", "src"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search("warning", done.stdout + done.stderr, flags=re.I), done.stdout + done.stderr
    assert (tmp_path / "site/index.html").is_file()
    page = (tmp_path / "site/reference/python/index.html").read_text("utf-8")
    for name in described():
        assert re.search(rf'<h3 id="{re.escape(name)}"', page), name
    assert "&gt;&gt;&gt;" in page
    assert "<blockquote>" not in page
