"""Writes docs/cli.md from the commands themselves: `python -m newsclean.cli_reference > docs/cli.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from newsclean.cli import cli

_INTRODUCTION = """\
# Command line

`newsclean COMMAND [OPTIONS] INPUT...`; every command explains itself with `--help`. Data goes to stdout, everything
else to stderr; a progress bar is shown on a terminal only, and `NO_COLOR` is honoured.

Any option that is a setting (`--profile`, `--workers`, …) can stand in `newsclean.toml` or under `[tool.newsclean]` in
pyproject.toml; the command line wins. `newsclean config show` prints what is in force.

Completion: `eval "$(_NEWSCLEAN_COMPLETE=bash_source newsclean)"` in bash, `zsh_source` in zsh, and in fish
`_NEWSCLEAN_COMPLETE=fish_source newsclean | source`.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a check found differences, or a score is below what was asked for |
| 2 | usage or configuration error |
| 3 | some records failed, or the disk refused; what could be written is written |
| 130 | interrupted; what is done is kept, and `--resume` continues |
"""


def _commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{prefix} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix} {name}")


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for path, command in _commands(cli, "newsclean"):
        context = click.Context(command, info_name=path, terminal_width=100, help_option_names=["-h", "--help"])
        lines = (line.rstrip() for line in command.get_help(context).splitlines())
        parts.append(f"## {path}\n\n```text\n" + "\n".join(lines) + "\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
