"""Commands on a collection: dedup, compare, learn, index, eval, report."""

from __future__ import annotations

from typing import Any

import click

from newsclean.cli_options import (
    AS_JSON,
    CLEANING,
    CONFIG,
    INPUTS,
    KEEP,
    OUT,
    OVERWRITE,
    QUIET,
    READING,
    RESUME,
    WORKERS,
    Told,
    full_run,
    say,
)


@click.command()
@INPUTS
@OUT
@RESUME
@OVERWRITE
@KEEP
@click.option("--no-clean", is_flag=True, help="Compare the texts as they are.")
@WORKERS
@READING
@CLEANING
@CONFIG
@QUIET
@AS_JSON
def dedup(**given: Any) -> int:
    """Find out which articles are copies of which; the texts stay as they are.

    Each article is cleaned before it is compared, because shared leftovers make strangers look alike; --no-clean
    leaves that out. Records are read from -, one JSON object per line, unless --format says otherwise.

    \b
    newsclean dedup articles/ -o out
    newsclean clean - --format jsonl < a.jsonl | newsclean dedup - -o out
    """
    told = Told(given)
    if not told.format and "-" in given["inputs"]:
        told.format = "jsonl"
    return full_run(told, mode="none" if given["no_clean"] else "compare")


@click.command()
@click.argument("output", metavar="OUT")
@QUIET
def report(output: str, quiet: bool) -> int:
    """Write OUT/report.html again, from the files that a run left in OUT.

    \b
    newsclean report out
    """
    from pathlib import Path

    from newsclean import report as pages

    path = pages.write(Path(output))
    if not quiet:
        say(f"written: {path}")
    return 0


COMMANDS = (dedup, report)
