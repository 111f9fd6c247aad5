"""Runs the code blocks of a page of the docs, in order, in a folder of their own, so that no page says what is not so.

- ```python blocks share one namespace; prints are not compared, asserts hold.
- ```console blocks: each line that begins with `$ ` is run by bash, and what follows must be what comes out.
  `…` alone on a line stands for any lines, inside a line for anything; a number for any number.
- ```toml and ```json blocks must be valid; ```toml blocks that begin with `# newsclean.toml` are settings, and are
  written to that file.
- Other languages are not run. A comment before a block says why it is left out, or what it needs:
  `<!-- not run: reason -->`, `<!-- needs: package package -->`.

The folder has the inbox of the fixtures as `inbox/`, the same articles as rows in `news.jsonl`, and one of them as
`page.txt`.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import newsclean
from newsclean import parallel, report
from newsclean.settings import Settings

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<kind>[\w-]*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$", re.M | re.S)
_NOTE = re.compile(r"<!-- (?P<what>not run|needs): (?P<why>.+?) -->\s*$")
SECONDS = 120  # one command of a page, on a busy machine


@dataclass(frozen=True)
class Block:
    """One code block: where it begins, its language, and what the comment before it says."""

    line: int
    kind: str
    code: str
    not_run: str = ""
    needs: tuple[str, ...] = ()


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page."""
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        note = _NOTE.search(text[: found.start()])
        told = {note["what"]: note["why"]} if note else {}
        code = "".join(line.removeprefix(found["indent"]) for line in found["code"].splitlines(keepends=True))
        line = text.count("\n", 0, found.start()) + 1
        yield Block(line, found["kind"], code, told.get("not run", ""), tuple(told.get("needs", "").split()))


def prepare(folder: Path) -> None:
    """What every page finds in its folder."""
    inbox = ROOT / "tests/fixtures/inbox"
    shutil.copytree(inbox, folder / "inbox")
    with (folder / "news.jsonl").open("w", encoding="utf-8") as rows:
        for path in sorted(inbox.rglob("*.txt")):
            name = path.relative_to(inbox).as_posix()
            day = f"2031-03-{1 + len(name) % 9:02}"
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                text = path.read_bytes().decode("cp1252")
            row = {
                "id": name,
                "source": name.split("/")[0],
                "published": day,
                "title": next((line for line in text.split("\n") if len(line) > 25), ""),
                "text": text,
            }
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
    shutil.copy(inbox / "northfield-gazette/electric-buses.txt", folder / "page.txt")


def run(page: Path, folder: Path) -> list[str]:
    """Runs a page in a folder; the packages for want of which blocks were left out. AssertionError says which failed."""
    with _in_this_process():
        return _run(page, folder)


def _run(page: Path, folder: Path) -> list[str]:
    namespace: dict[str, Any] = {"__name__": "__docs__"}
    missing: list[str] = []
    for block in blocks(page):
        if block.not_run:
            continue
        lacking = [name for name in block.needs if importlib.util.find_spec(name) is None]
        if lacking:
            missing += lacking
            continue
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.kind == "python":
            python(block, where, namespace, folder)
        elif block.kind == "console":
            _console(block.code, where, folder)
        elif block.kind == "toml":
            _toml(block.code, where, folder)
        elif block.kind == "json":
            json.loads(block.code)
    return missing


def python(block: Block, where: str, namespace: dict[str, Any], folder: Path) -> None:
    """Runs one block of Python in a folder, as a reader would."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        tree = ast.parse(block.code, where)
        ast.increment_lineno(tree, block.line)
        exec(compile(tree, where, "exec"), namespace)
    finally:
        os.chdir(before)


def _console(code: str, where: str, folder: Path) -> None:
    command = ""
    expected: list[str] = []
    for line in [*code.splitlines(), "$ "]:
        if line.startswith("$ "):
            if command:
                _one_command(command, expected, where, folder)
            command, expected = line[2:], []
        elif command.endswith("\\"):
            command = command[:-1] + line.strip()
        else:
            expected.append(line)


def _one_command(command: str, expected: list[str], where: str, folder: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NEWSCLEAN_", "PYTEST_"))}
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "100"}
    given = re.match(r"cat (\S+) \| (?=newsclean )", command)
    ours, then, rest = re.fullmatch(r"(.*?)(?: (\||>) (.*))?", command[given.end() :] if given else command).groups("")
    said = b""
    command_left = command
    if _PLAIN.fullmatch(ours):
        stdin = folder / given[1] if given else Path(os.devnull)
        said = _newsclean(shlex.split(ours)[1:], environment, folder, stdin)
        command_left = f"cat > {rest}" if then == ">" else rest or "cat"
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command_left}"],
        cwd=folder,
        env=environment,
        input=said,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    output = done.stdout.decode()
    found = [line.rstrip() for line in output.rstrip("\n").split("\n")]
    wanted = "\n".join(line.rstrip() for line in expected).strip("\n")
    shown = "\n".join(found).strip("\n")
    if len(shown) > 3_000:
        told = f"{shown[:1_500]}\n[…]\n{shown[-1_500:]}"
    else:
        told = shown
    assert re.fullmatch(_pattern(wanted), f"{shown}\n"), (
        f"{where}: {command}\nthe page says:\n{wanted}\nit says:\n{told}"
    )


@cache
def _read_once() -> None:
    """What a first command takes its time for: rules of each language, weights, tables, the template. A copy of this
    process has them."""
    texts = [path.read_bytes().decode("utf-8", "replace") for path in (ROOT / "tests/fixtures/inbox").rglob("*.txt")]
    newsclean.find_duplicates([{"id": str(number), "text": text} for number, text in enumerate(texts)])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "articles.jsonl").touch()
        report.write(Path(folder))


_PLAIN = re.compile(r"newsclean [^|;&<>$`]+")


def _newsclean(arguments: list[str], environment: dict[str, str], folder: Path, stdin: Path) -> bytes:
    """What a newsclean command prints, from a copy of this process: the rules are read once, not for each command."""
    from newsclean import cli

    _read_once()
    with tempfile.TemporaryFile() as output, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from Python 3.12 on, of forks beside threads
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            try:
                os.dup2(os.open(stdin, os.O_RDONLY), 0)
                sys.stdin = open(0, closefd=False)  # noqa: SIM115 -- as long as the child lives
                for number in (1, 2):
                    os.dup2(output.fileno(), number)
                sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115 -- as long as the child lives
                os.chdir(folder)
                os.environ.clear()
                os.environ.update(environment)
                cli.main(arguments)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
        os.waitpid(child, 0)
        output.seek(0)
        return output.read()


@contextmanager
def _in_this_process() -> Iterator[None]:
    """No workers: for thirty articles, starting them is all that they would cost."""
    in_order = parallel.ordered_map

    def alone(*given: Any, **named: Any) -> Any:
        return in_order(*given, **{**named, "workers": 1, "apart": False})

    parallel.ordered_map = alone  # type: ignore[assignment]
    try:
        yield
    finally:
        parallel.ordered_map = in_order  # type: ignore[assignment]


def _pattern(wanted: str) -> str:
    """What a page says as a pattern for what comes out."""
    lines = []
    for line in wanted.split("\n"):
        if line == "…":
            lines.append("(?:.*\n)*")
        else:
            # Numbers are those of the day the page was written; that they are numbers is what is held.
            parts = (re.sub(r"(\d+(?:(?:,|\\\.)\d+)*)", r"\\d[\\d.,]*", re.escape(part)) for part in line.split("…"))
            lines.append(re.sub(r"(?:\\ ){2,}", " +", ".*".join(parts)) + "\n")
    return "".join(lines)


def _toml(code: str, where: str, folder: Path) -> None:
    table = tomllib.loads(code)
    if code.startswith("# newsclean.toml"):
        Settings().updated(table, where=where)
        (folder / "newsclean.toml").write_text(code, "utf-8")
