"""The run for people: one self-contained report.html, made from the files that a run wrote and nothing else.

Everything is read as a stream, once for counting and choosing; then the few articles that were chosen are looked up by
their place in the file. Numbers count every article. What is shown in full is a sample, and the page says so.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsclean import report_text
from newsclean.errors import NewscleanError
from newsclean.report_page import Page

if TYPE_CHECKING:
    import jinja2


def write(out_dir: Path) -> Path:
    """Writes OUT/report.html from OUT/articles.jsonl and the files beside it; the path written.

    Raises NewscleanError if `out_dir` holds no run.
    """
    out_dir = Path(out_dir)
    if not (out_dir / "articles.jsonl").is_file():
        raise NewscleanError(f"{out_dir}: no articles.jsonl; make a run first: newsclean run INPUT -o {out_dir}")
    page = _render(Page(out_dir).facts())
    handle, name = tempfile.mkstemp(dir=out_dir, prefix=".report-", suffix=".html")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
        Path(name).chmod(0o644)
        Path(name).replace(out_dir / "report.html")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return out_dir / "report.html"


def _render(facts: Mapping[str, Any]) -> str:
    """The page. Style and script are allowed by their hashes alone: nothing that came with an article can run."""
    style, script = (_part(name) for name in ("report.css", "report.js"))
    return _template().render(**facts, style=style, script=script, style_hash=_hash(style), script_hash=_hash(script))


def _part(name: str) -> str:
    """One of the files that the page is made of."""
    return (files("newsclean") / "templates" / name).read_text("utf-8")


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = report_text.visible
    environment.filters["visible_change"] = report_text.visible_change
    environment.filters["plain"] = report_text.plain
    environment.filters["short"] = lambda text: report_text.shortened(str(text), 400)
    environment.filters["headline"] = report_text.headline
    environment.filters["count"] = lambda value: f"{value:,}"
    environment.filters["percent"] = _percent
    # A line through full stops and dashes hides them.
    environment.tests["wordless"] = lambda text: not any(map(str.isalnum, text))
    return environment.get_template("report.html.j2")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(sha256(text.encode("utf-8")).digest()).decode()


def _percent(share: float) -> str:
    value = 100 * share
    if value and abs(value) < 0.1:
        return "< 0.1 %" if value > 0 else "> −0.1 %"
    return f"{value:.1f} %".replace("-", "−")
