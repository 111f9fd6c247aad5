"""What several commands share: their options, and the settings that the options amount to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from newsclean.formats import Reading

Command = TypeVar("Command", bound=Callable[..., Any])


def options(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several click options as one decorator, in the order in which --help shows them."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


INPUTS = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")

READING = options(
    click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "jsonl", "csv", "parquet"]),
        help="Format of inputs whose name does not tell, such as -.",
    ),
    click.option("--text-field", metavar="NAME", help="Field that holds the article (default: text)."),
    click.option("--id-field", metavar="NAME", help="Field that holds its id (default: id)."),
    click.option("--title-field", metavar="NAME", help="Field that holds its headline (default: title)."),
    click.option("--source-field", metavar="NAME", help="Field that names its outlet (default: source)."),
    click.option("--published-field", metavar="NAME", help="Field that holds its date (default: published or date)."),
    click.option("--language-field", metavar="NAME", help="Field that holds its language (default: language or lang)."),
    click.option("--url-field", metavar="NAME", help="Field that holds its address (default: url)."),
    click.option("--encoding", metavar="NAME", help="Encoding of the inputs (default: told by the bytes)."),
    click.option("--max-article-size", type=click.IntRange(1), metavar="BYTES", help="Refuse longer articles (5 MB)."),
)

CLEANING = options(
    click.option("--profile", type=click.Choice(["safe", "balanced", "thorough"]), help="How readily lines go."),
    click.option("--language", metavar="CODE", help="Language of every article (default: as it says, else detected)."),
    click.option("--rules", multiple=True, metavar="FILE", help="Rules file of your own, or from `newsclean learn`."),
    click.option("--pack", "packs", multiple=True, metavar="NAME", help="Rule pack, such as nexis."),
    click.option("--select", multiple=True, metavar="RULE", help="Use only these rules, families or id prefixes."),
    click.option("--ignore", multiple=True, metavar="RULE", help="Leave out these rules, families or id prefixes."),
    click.option("--drop-credits/--keep-credits", default=None, help="Also remove bylines and credits."),
    click.option(
        "--max-removed",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="Remove no line where more than this would go.",
    ),
    click.option("--repair-level", type=click.Choice(["certain", "plausible"]), help="Which repairs are made."),
)

CONFIG = click.option(
    "--config", metavar="FILE", help="Settings file (default: the nearest newsclean.toml or pyproject.toml)."
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Only errors on stderr.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
WORKERS = click.option(
    "--workers", type=click.IntRange(0), metavar="N", help="Processes that clean (default: one for each core)."
)
OVERWRITE = click.option("--overwrite", is_flag=True, default=None, help="Write where something is already.")

RESUME = click.option("--resume", is_flag=True, help="Continue an interrupted run in OUT; begin one if there is none.")
KEEP = options(
    click.option("--keep", type=click.Choice(["all", "canonical"]), help="Write all articles, or one of each cluster."),
    click.option(
        "--max-dropped", type=click.FloatRange(0, 1), metavar="SHARE", help="Stop if more would be dropped (0.5)."
    ),
    click.option("--force", is_flag=True, help="Drop copies beyond --max-dropped."),
)
SCOPE = options(
    click.option(
        "--canonical",
        type=click.Choice(["earliest", "latest", "longest", "cleanest", "source_rank"]),
        help="Which article stands for its copies (default: earliest).",
    ),
    click.option("--threshold", type=click.FloatRange(0, 1), metavar="SCORE", help="Least score of one piece (0.5)."),
    click.option("--window", metavar="TIME", help="Time within which copies are published, such as 7d or 36h."),
    click.option("--group-by", type=click.Choice(["source"]), help="Compare only within a source."),
    click.option("--across", type=click.Choice(["source"]), help="Compare only across sources."),
    click.option("--against", metavar="INDEX", help="Compare with what is in this index, not with each other."),
)
LEARN = click.option(
    "--learn/--no-learn", default=None, help="First learn what each source repeats (from 20 articles on)."
)
OUT = click.option("-o", "--output", required=True, metavar="OUT", help="Folder for everything that is written.")

# Options whose names are settings.
_SETTINGS = (
    "encoding",
    "max_article_size",
    "profile",
    "language",
    "rules",
    "packs",
    "select",
    "ignore",
    "drop_credits",
    "max_removed",
    "repair_level",
    "workers",
    "overwrite",
    "keep",
    "max_dropped",
    "learn",
    "repair_from_copies",
    "window",
    "group_by",
    "across",
    "threshold",
    "canonical",
)
_FIELDS = ("text", "id", "title", "source", "published", "language", "url")


class Told:
    """What the command line said, split into settings, field names and the rest."""

    def __init__(self, given: dict[str, Any]) -> None:
        from newsclean import settings

        self.given = given
        path = given.get("config")
        if path:
            from pathlib import Path

            base, self.settings_file = settings.load(path=Path(path))
        else:
            base, self.settings_file = settings.load()
        flags = {name: given[name] for name in _SETTINGS if given.get(name) not in (None, ())}
        self.settings = base.updated(flags, where="command line")
        _check_selectors((*self.settings.clean.select, *self.settings.clean.ignore), self.settings.clean.rules)
        self.fields = {name: given[f"{name}_field"] for name in _FIELDS if given.get(f"{name}_field")}
        self.format: str = given.get("format_") or ""
        self.quiet: bool = given.get("quiet", False)
        self.as_json: bool = given.get("as_json", False)

    @property
    def reading(self) -> Reading:
        """How the inputs are to be read."""
        from newsclean.formats import Reading

        run = self.settings.run
        return Reading(run.encoding, run.max_article_size, self.format, tuple(sorted(self.fields.items())))


def _check_selectors(selectors: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Raise ConfigError for a name in `select` or `ignore` that no rule has: a misspelt one would do nothing, unseen."""
    asked = set(selectors) - {"ALL"}
    if not asked:
        return
    import difflib
    from pathlib import Path

    from newsclean import lines, repairs, rulebook, twins
    from newsclean.errors import ConfigError

    known = {name for rule in rulebook.all_ours() for name in (rule.id, rule.family)}
    known |= {name for path in files for rule in rulebook.read(Path(path)).rules for name in (rule.id, rule.family)}
    for pass_name in ("encoding", "sentences"):
        known |= {name for one in repairs.repairs(pass_name) for name in (*one.rules, one.family)}
    known |= {*twins.RULES, "twins", lines.LEARNED_SCORE, "learned.repeated", "learned"}
    for name in sorted(asked):
        if not any(one == name or one.startswith(name) for one in known):
            near = difflib.get_close_matches(name, known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else "`newsclean rules list` names all"
            raise ConfigError(f"no rule, family or prefix {name!r}; {hint}")


def say(message: str) -> None:
    """A message for the person, on stderr."""
    click.echo(f"newsclean: {message}", err=True)


def full_run(told: Told, **more: Any) -> int:
    """A run with bar, table and exit code."""
    from newsclean import cli_show
    from newsclean.errors import Interrupted
    from newsclean.pipeline import run

    given = told.given
    with cli_show.progress_bar(quiet=told.quiet) as progress:
        try:
            result = run(
                list(given["inputs"]),
                given["output"],
                settings=told.settings,
                resume=given.get("resume", False),
                format=told.format,
                fields=told.fields,
                force=given.get("force", False),
                progress=progress,
                **more,
            )
        except Interrupted as error:
            raise Interrupted(f"{error}: newsclean {' '.join(_again())}") from error
    if told.as_json:
        click.echo(json.dumps(result.to_dict(timed=True), ensure_ascii=False))
    if not told.quiet:
        cli_show.summary(result, dry=bool(given.get("dry_run")))
    elif result.failed:
        say(
            f"{result.failed:,} of {result.records:,} records failed; they are named in {given['output']}/failures.jsonl"
        )
    return result.exit_code


def _again() -> list[str]:
    """The arguments that continue this run."""
    import shlex

    given = [one for one in sys.argv[1:] if one != "--overwrite"]
    return [shlex.quote(one) for one in given] + ([] if "--resume" in given else ["--resume"])
