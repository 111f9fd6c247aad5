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
@click.option("--no-clean", is_flag=True, help="Compare the texts as they are.")
@SCOPE
@LEARN
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
    return full_run(told, mode="none" if given["no_clean"] else "compare", against=given["against"] or "")


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@READING
@CLEANING
@CONFIG
@click.option("--no-clean", is_flag=True, help="Compare the texts as they are.")
@AS_JSON
def compare(first: str, second: str, **given: Any) -> int:
    """Show two articles side by side: what they share, and which numbers and names differ.

    \b
    newsclean compare monday.txt tuesday.txt
    """
    import json
    from dataclasses import asdict

    from newsclean import cli_show, compare_texts
    from newsclean.errors import BadRecord
    from newsclean.pipeline_stream import stream

    told = Told({**given, "inputs": (first, second)})
    results = []
    for path in (first, second):
        mode = "none" if given["no_clean"] else "clean"
        one = next(stream([path], told.settings, told.reading, mode=mode), None)
        if one is None or one.result is None:
            raise BadRecord(path, one.failure if one else "holds no article")
        results.append(one.result)
    language = str(results[0].metadata.get("language", ""))
    found = compare_texts.explain(results[0].text, results[1].text, language=language)
    if told.as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        cli_show.comparison(results[0], results[1], found)
    return 0


@click.command()
@INPUTS
@click.option("-o", "--output", metavar="FILE", help="Rules file to write (default: stdout).")
@OVERWRITE
@READING
@CONFIG
@QUIET
def learn(**given: Any) -> int:
    """Learn which lines a source repeats across different stories, as a rules file to read, edit and commit.

    \b
    newsclean learn articles/ -o rules.toml
    newsclean run articles/ -o out --rules rules.toml
    """
    from pathlib import Path

    from newsclean import cli_show, corpus, formats
    from newsclean.errors import OutputRefused
    from newsclean.pipeline import readable
    from newsclean.pipeline_parts import refused, write_whole

    told = Told(given)
    inputs = list(given["inputs"])
    formats.check_inputs(inputs, told.reading)
    path = Path(given["output"]) if given["output"] else None
    if path and path.exists() and not told.settings.run.overwrite:
        raise OutputRefused(f"{path}: exists; --overwrite replaces it")
    failed: list[tuple[str, str]] = []
    with cli_show.progress_bar(quiet=told.quiet) as progress:
        found = corpus.learn(readable(inputs, told.reading, failed, progress))
    for where, why in failed:
        say(f"{where}: {why}")
    if path:
        try:
            write_whole(path, found.to_toml().encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise refused(path, error) from error
    else:
        click.echo(found.to_toml(), nl=False)
    if not told.quiet:
        say(f"{len(found.lines):,} lines learned from {found.articles:,} articles of {found.sources:,} sources")
    return 3 if failed else 0


@click.command("eval")
@click.argument("cases", metavar="FOLDER|JSONL")
@click.option("--min-f1", type=click.FloatRange(0, 1), metavar="F1", help="Exit code 1 below this, for CI.")
@CLEANING
@CONFIG
@AS_JSON
def evaluate(cases: str, min_f1: float | None, **given: Any) -> int:
    """Score the settings on cases of your own: name.in.txt beside name.out.txt, or rows of JSONL.

    \b
    newsclean eval cases/ --min-f1 0.9
    """
    import json

    from newsclean import scoring
    from newsclean.report_text import plain

    told = Told(given)
    score = scoring.evaluate(cases, told.settings)
    if told.as_json:
        click.echo(json.dumps(score.to_dict(), ensure_ascii=False))
    else:
        shown = score.lines()
        width = max((len(what) for what, _ in shown), default=0)
        for what, figure in shown:
            click.echo(f"{plain(what):{width}}  {plain(figure)}")
    if min_f1 is not None and score.f1 < min_f1:
        say(f"F1 {score.f1:.3f} is below {min_f1:g}")
        return 1
    return 0


@click.group()
def index() -> None:
    """Keep a collection that grows from day to day in one file, and ask it for copies."""


INDEX = click.argument("path", metavar="INDEX")
INDEX_OPTIONS = options(
    click.option("--no-clean", is_flag=True, help="Take the texts as they are."),
    WORKERS,
    READING,
    CLEANING,
    CONFIG,
    QUIET,
)


@index.command("add")
@INDEX
@INPUTS
@INDEX_OPTIONS
def add(**given: Any) -> int:
    """Take articles in; a line of JSON for each that has copies, excerpts or round-ups among those before it.

    \b
    newsclean index add news.idx articles/
    """
    return _into_index(given, taken_in=True)


@index.command("query")
@INDEX
@INPUTS
@INDEX_OPTIONS
def query(**given: Any) -> int:
    """Ask for the copies of articles; nothing is taken in.

    \b
    newsclean index query news.idx new.jsonl
    """
    return _into_index(given, taken_in=False)


def _into_index(given: dict[str, Any], *, taken_in: bool) -> int:
    from newsclean.duplicates import Index, Piece
    from newsclean.formats import to_json
    from newsclean.model import rows
    from newsclean.pipeline_stream import stream

    told = Told(given)
    if not told.format and "-" in given["inputs"]:
        told.format = "jsonl"
    failed = total = met = 0

    def flush(batch: list[Piece]) -> None:
        nonlocal met
        for piece, found in zip(batch, kept.add(batch) if taken_in else kept.query(batch), strict=True):
            if found:
                met += 1
                click.echo(to_json({"id": piece.id, "matches": rows(found)}))
        batch.clear()

    with Index.open(given["path"], told.settings, mode="write" if taken_in else "read") as kept:
        batch: list[Piece] = []
        mode = "none" if given["no_clean"] else "clean"
        for one in stream(list(given["inputs"]), told.settings, told.reading, mode=mode):
            if one.result is None:
                failed += 1
                say(f"{one.raw.where}: {one.failure}")
                continue
            article, metadata = one.result.article, one.result.metadata
            batch.append(
                Piece(
                    article.id,
                    one.result.text,
                    article.source,
                    article.published,
                    article.title,
                    article.url,
                    metadata.get("language") or article.language,
                    tuple(metadata.get("agency") or ()),
                    len(one.result.edits) + len(one.result.flags),
                )
            )
            total += 1
            if len(batch) == 256:  # acknowledged together: after a crash, those before are there
                flush(batch)
        flush(batch)
        if not told.quiet:
            articles = "article" if total == 1 else "articles"
            done = "added" if taken_in else "asked for"
            say(f"{total:,} {articles} {done}, {met:,} with matches; {len(kept):,} in the index")
    return 3 if failed else 0


@index.command("remove")
@INDEX
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def remove(path: str, ids: tuple[str, ...]) -> int:
    """Take articles out by their ids.

    \b
    newsclean index remove news.idx monday.txt
    """
    from newsclean.duplicates import Index

    with Index.open(_existing(path)) as kept:
        say(f"{kept.remove(ids):,} of {len(ids):,} removed; {len(kept):,} in the index")
    return 0


@index.command("expire")
@INDEX
@click.option("--before", required=True, metavar="DATE", help="Day or time, ISO 8601.")
def expire(path: str, before: str) -> int:
    """Take out what was published before a date; what has no readable date stays.

    \b
    newsclean index expire news.idx --before 2031-01-01
    """
    from newsclean.duplicates import Index

    with Index.open(_existing(path)) as kept:
        say(f"{kept.expire(before=before):,} expired; {len(kept):,} in the index")
    return 0


@index.command("info")
@INDEX
@AS_JSON
def info(path: str, as_json: bool) -> int:
    """Tell what the file holds: articles, dates, size and recipe.

    \b
    newsclean index info news.idx
    """
    import json

    from newsclean.duplicates import Index

    with Index.open(_existing(path), mode="read") as kept:
        told = kept.info()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        width = max(map(len, told))
        for key, value in told.items():
            click.echo(f"{key:{width}}  {value}")
    return 0


@index.command("compact")
@INDEX
def compact(path: str) -> int:
    """Give back the space of removed articles.

    \b
    newsclean index compact news.idx
    """
    from pathlib import Path

    from newsclean.duplicates import Index

    before = Path(_existing(path)).stat().st_size
    with Index.open(path) as kept:
        kept.compact()
    say(f"{before:,} bytes before, {Path(path).stat().st_size:,} now")
    return 0


def _existing(path: str) -> str:
    from pathlib import Path

    from newsclean.errors import ConfigError

    if not Path(path).exists():
        raise ConfigError(f"{path}: no such index; `newsclean index add {path} INPUT` makes it")
    return path


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


COMMANDS = (dedup, compare, learn, index, evaluate, report)
