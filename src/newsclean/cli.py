"""Arguments in, exit code out; every command is one call into the modules below."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from newsclean import cli_articles, cli_collection, cli_rules, errors
from newsclean.cli_options import say

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = """\b
Exit codes:
  0    done
  1    a check found differences, or a score is below what was asked for
  2    usage or configuration error
  3    some records failed; the rest is written
  130  interrupted; what is done is kept"""


class _Group(click.Group):
    """Commands in the order of a day's work, not of the alphabet; a misspelt one gets a suggestion."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.commands, 1)
            if near:
                raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from error
            raise


def _print_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from newsclean import __version__, rulebook, signature

    click.echo(f"newsclean {__version__}\nrules     {rulebook.version()}\nrecipe    {signature.recipe()}")
    ctx.exit()


@click.group(cls=_Group, context_settings=CONTEXT, epilog=EXIT_CODES)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the versions of the package, the rules and the signature recipe.",
)
def cli() -> None:
    """Clean extracted news text, say why each character was changed, and find the copies.

    \b
    newsclean run articles/ -o out       a folder in, a folder out, with a report
    newsclean clean page.txt             the cleaned text on stdout
    newsclean explain page.txt           the article with its edits, and why
    newsclean dedup a.jsonl -o out       which articles are copies of which
    """


# In the order in which --help lists them.
for _command in (*cli_articles.COMMANDS, *cli_collection.COMMANDS, *cli_rules.COMMANDS):
    cli.add_command(_command)

# What each error means to a script.
_CODES = {errors.Interrupted: 130, errors.BadRecord: 3, errors.OutputFailed: 3}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line. Ends with one of the exit codes that --help lists."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = cli.main(arguments, prog_name="newsclean", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return 130
    except errors.NewscleanError as error:
        say(str(error))
        return next((code for kind, code in _CODES.items() if isinstance(error, kind)), 2)
    except BrokenPipeError:
        # The reader has seen enough (head, less). Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
