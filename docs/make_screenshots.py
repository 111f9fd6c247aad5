"""Makes the pictures of the docs: the report in Chromium (light, dark, phone), and a terminal session as SVG.

python docs/make_screenshots.py        (needs `pip install newsclean[browser]` and Chromium on the system)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
INBOX = ROOT / "tests/fixtures/inbox"
COMMANDS = ("newsclean run inbox -o out", "newsclean explain inbox/northfield-gazette/electric-buses.txt | tail -n 26")
COLUMNS = 110


def pictures(report: Path) -> None:
    """The report's first screen in three shapes, and one article and one group opened."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium found; `apt-get install chromium` brings one")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width, height, scheme in (
            ("report-light", 1280, 900, "light"),
            ("report-dark", 1280, 900, "dark"),
            ("report-phone", 390, 844, "light"),
        ):
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(report.as_uri())
            page.screenshot(path=IMAGES / f"{name}.png")
        page = browser.new_page(viewport={"width": 1180, "height": 900}, reduced_motion="reduce")
        page.goto(report.as_uri())
        for name, item in (
            # An article in which lines were removed, damage repaired and something flagged, or else the first.
            ("article", _best(page)),
            ("group", "group-1"),
        ):
            page.evaluate("document.querySelectorAll('details.item').forEach(one => { one.open = false; })")
            page.evaluate(f"document.getElementById('{item}').open = true")
            shot = page.locator(f"#{item}")
            box = shot.bounding_box()
            clip = {**box, "height": min(box["height"], 900)} if box else None
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True, clip=clip)
        browser.close()


def _best(page: object) -> str:
    """An article with repairs beside removals, and with many different rules."""
    return str(
        page.evaluate(  # type: ignore[attr-defined]
            "[...document.querySelectorAll('#article-list > details')]"
            ".map(one => [one.dataset.rule.split(' ').length + (one.dataset.kind.includes('flagged') ? 3 : 0)"
            " + (one.querySelector('.sides ins') ? 9 : 0), one.id])"
            ".sort((a, b) => b[0] - a[0])[0][1]"
        )
    )


def terminal(folder: Path) -> None:
    """What the commands print, as a reader sees it: colours, no network font."""
    from rich.console import Console
    from rich.text import Text

    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115, PTH123 -- ends with the script
    for command in COMMANDS:
        console.print(Text(f"$ {command}", style="bold"))
        done = subprocess.run(
            ["bash", "-c", f"exec 2>&1; {command}"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        console.print(Text.from_ansi(done.stdout.rstrip("\n")))
        console.print()
    svg = console.export_svg(title="newsclean", unique_id="newsclean")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")
    (IMAGES / "terminal.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")


def main() -> None:
    """Runs newsclean on the inbox of the fixtures and takes the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(INBOX, folder / "inbox")
        terminal(folder)
        pictures(folder / "out/report.html")
    for image in sorted(IMAGES.iterdir()):
        print(image.relative_to(ROOT), image.stat().st_size)


if __name__ == "__main__":
    main()
