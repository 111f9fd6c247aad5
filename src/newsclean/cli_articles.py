"""Commands on articles: run, clean, repair, check, explain, undo."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from newsclean.cli_options import (
    AS_JSON,
    CLEANING,
    CONFIG,
    INPUTS,
    KEEP,
    LEARN,
    OUT,
    OVERWRITE,
    QUIET,
    READING,
    RESUME,
    SCOPE,
    WORKERS,
    Told,
    full_run,
    options,
    say,
)


@click.command()
@INPUTS
@OUT
@RESUME
@OVERWRITE
@KEEP
@SCOPE
@LEARN
@click.option(
    "--repair-from-copies",
    is_flag=True,
    default=None,
    help="Also restore damaged sentences from the article's copies; the record names the copy.",
)
@click.option("--report/--no-report", default=True, help="Write report.html.")
@click.option("--dry-run", is_flag=True, help="Do everything and write nothing.")
@WORKERS
@READING
@CLEANING
@CONFIG
@QUIET
@AS_JSON
def run(**given: Any) -> int:
    """Clean every article, find the copies, and write both with a record of every change and a report.

    INPUT is a folder of .txt and .jsonl files, a .txt, .jsonl, .csv or .parquet file (also .gz, .xz, .zst), or - for stdin.

    \b
    newsclean run articles/ -o out
    newsclean run monday.jsonl tuesday.jsonl.gz -o out --text-field body
    newsclean run articles/ -o out --resume
    """
    told = Told(given)
    with contextlib.ExitStack() as stack:
        if given["dry_run"]:
            given["output"] = str(Path(stack.enter_context(tempfile.TemporaryDirectory())) / "dry-run")
        return full_run(told, report=given["report"], against=given["against"] or "")


@click.command()
@click.argument("output", metavar="OUT")
@click.option("--to", metavar="FOLDER", help="Where to write (default: OUT/undone).")
@QUIET
def undo(output: str, to: str | None, quiet: bool) -> int:
    """Write the inputs of a run back, from its cleaned texts and its record of edits alone.

    \b
    newsclean undo out
    newsclean undo out --to originals/
    """
    from newsclean.pipeline_undo import undo_run

    target = Path(to) if to else Path(output) / "undone"
    count, failed = undo_run(Path(output), target)
    for where, why in failed:
        say(f"{where}: {why}")
    if not quiet:
        say(f"{count:,} {'article' if count == 1 else 'articles'} written back to {target}")
    return 3 if failed else 0


OUTPUT = click.option("-o", "--output", metavar="PATH", help="Folder for the cleaned tree, or file for one input.")
SHOW = options(
    click.option("--diff", is_flag=True, help="Show what would change, as a unified diff; write nothing."),
    click.option("--dry-run", is_flag=True, help="Name the articles that would change; write nothing."),
)
STREAM_INPUTS = click.argument("inputs", nargs=-1, metavar="[INPUT]...")
ON_A_STREAM = options(
    STREAM_INPUTS, OUTPUT, SHOW, RESUME, OVERWRITE, WORKERS, READING, CLEANING, CONFIG, QUIET, AS_JSON
)


@click.command()
@ON_A_STREAM
def clean(**given: Any) -> int:
    """Clean files, a folder or stdin; the result goes to stdout, or to -o.

    stdin is one text unless it holds one JSON object per line or --format says what it is. Several texts at once need
    -o FOLDER or --format jsonl. A JSONL row keeps its fields and gets one more, `newsclean`, with every edit.

    \b
    newsclean clean page.txt > clean.txt
    newsclean clean articles/ -o cleaned/
    zcat news.jsonl.gz | newsclean clean - --format jsonl | head
    """
    return _clean(given, "clean")


@click.command()
@ON_A_STREAM
def repair(**given: Any) -> int:
    """Repair broken encodings and damaged sentences; no line is removed.

    \b
    newsclean repair page.txt
    newsclean repair articles/ -o repaired/ --repair-level plausible
    """
    return _clean(given, "repair")


def _told(given: dict[str, Any]) -> Told:
    """What the command line says; without an INPUT it is stdin, whose first line tells whether it is JSON lines."""
    from newsclean import formats

    given["inputs"] = given["inputs"] or ("-",)
    told = Told(given)
    if not told.format and "-" in given["inputs"] and formats.looks_like_jsonl(sys.stdin.buffer):
        told.format = "jsonl"
    return told


def _clean(given: dict[str, Any], mode: str) -> int:
    from newsclean import formats
    from newsclean.pipeline_stream import stream

    told = _told(given)
    inputs = list(given["inputs"])
    if given["diff"] or given["dry_run"]:
        return _would_change(told, mode, diff=given["diff"], code=0)
    output = given["output"]
    if output and (len(inputs) > 1 or Path(inputs[0]).is_dir() or _means_folder(output)):
        return full_run(told, mode=mode, copies=False, report=False, learn=False, articles_folder="")
    if given["resume"]:
        raise click.UsageError("--resume needs -o FOLDER")
    formats.check_inputs(inputs, told.reading)
    wanted = _output_format(told, inputs, output)
    failed = 0
    with contextlib.ExitStack() as stack:
        if output:
            target = stack.enter_context(_file_output(Path(output), inputs, overwrite=told.settings.run.overwrite))
        else:
            target = sys.stdout.buffer
        like = next((one for one in inputs if formats.format_of(one) == wanted), "")
        write = stack.enter_context(formats.writer(wanted, target, like if wanted != "text" else output or ""))
        for one in stream(inputs, told.settings, told.reading, mode=mode, stdin=sys.stdin.buffer):
            if one.result is None:
                failed += 1
                say(f"{one.raw.where}: {one.failure}")
            else:
                assert one.record
                write(one.record, one.result)
    return 3 if failed else 0


def _means_folder(output: str) -> bool:
    return output.endswith(("/", os.sep)) or Path(output).is_dir()


def _output_format(told: Told, inputs: list[str], output: str | None) -> str:
    """The format that goes out: as told, as the output's name says, else that of the input."""
    from newsclean.formats import format_of

    coming = {format_of(one) or told.format or "text" for one in inputs if not Path(one).is_dir()}
    coming |= {"text" for one in inputs if Path(one).is_dir()}
    wanted = (told.format if "-" not in inputs else "") or format_of(output or "")
    if not wanted:
        wanted = coming.pop() if len(coming) == 1 else "jsonl"
    if wanted == "text" and (len(inputs) > 1 or Path(inputs[0]).is_dir() or coming - {"text"}):
        raise click.UsageError("several articles cannot share one stream of text: add -o FOLDER or --format jsonl")
    if wanted == "parquet" and not output:
        raise click.UsageError("Parquet cannot be written to a pipe: add -o FILE.parquet or --format jsonl")
    return wanted


@contextlib.contextmanager
def _file_output(path: Path, inputs: list[str], *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that appears whole when everything is written."""
    from newsclean.errors import OutputRefused
    from newsclean.pipeline_parts import refused, whole_file

    if path.exists() and any(one != "-" and Path(one).exists() and path.samefile(one) for one in inputs):
        raise OutputRefused(f"{path}: is the input; name another -o")
    if path.exists() and not overwrite:
        raise OutputRefused(f"{path}: exists; --overwrite replaces it")
    try:
        with whole_file(path) as stream:
            yield stream
    except OSError as error:
        raise refused(path, error) from error


@click.command()
@STREAM_INPUTS
@click.option("--diff", is_flag=True, help="Show what would change, as a unified diff.")
@WORKERS
@READING
@CLEANING
@CONFIG
@QUIET
def check(**given: Any) -> int:
    """Tell which articles would change, and write nothing. Exit code 1 if any would.

    \b
    newsclean check cleaned/ --diff
    """
    return _would_change(_told(given), "clean", diff=given["diff"], code=1)


def _would_change(told: Told, mode: str, *, diff: bool, code: int) -> int:
    from newsclean.pipeline_stream import stream
    from newsclean.report_text import plain

    total = changed = failed = 0
    inputs = list(told.given["inputs"])
    for one in stream(inputs, told.settings, told.reading, mode=mode, stdin=sys.stdin.buffer):
        total += 1
        if one.result is None:
            failed += 1
            say(f"{one.raw.where}: {one.failure}")
        elif one.result.edits:
            changed += 1
            if diff:
                text = one.result.diff()
                click.echo(plain(text.replace("\r\n", "\n")) if sys.stdout.isatty() else text, nl=False)
            else:
                edits = one.result.edits
                families: dict[str, int] = {}
                for edit in edits:
                    name = edit.edit.family or edit.pass_name
                    families[name] = families.get(name, 0) + 1
                shown = ", ".join(f"{name} {count}" for name, count in sorted(families.items()))
                count = "1 edit" if len(edits) == 1 else f"{len(edits):,} edits"
                click.echo(f"{plain(one.result.article.id)}: {count} ({shown})")
    if not told.quiet:
        articles = "article" if total == 1 else "articles"
        say(f"{changed:,} of {total:,} {articles} would change" + (f", {failed:,} failed" if failed else ""))
    if failed:
        return 3
    return code if changed else 0


@click.command()
@STREAM_INPUTS
@READING
@CLEANING
@CONFIG
@AS_JSON
def explain(**given: Any) -> int:
    """Show articles with their edits and flags in colour, and each with its rule, reason and certainty.

    \b
    newsclean explain page.txt
    newsclean explain page.txt --json
    """
    from newsclean import cli_show, formats
    from newsclean.pipeline_stream import stream

    told = _told(given)
    inputs = list(given["inputs"])
    failed = 0
    for number, one in enumerate(stream(inputs, told.settings, told.reading, stdin=sys.stdin.buffer)):
        if one.result is None:
            failed += 1
            say(f"{one.raw.where}: {one.failure}")
        elif told.as_json:
            click.echo(formats.to_json(one.result.to_dict()))
        else:
            if number:
                click.echo()
            cli_show.article(one.result)
    return 3 if failed else 0


COMMANDS = (run, clean, repair, check, explain, undo)
