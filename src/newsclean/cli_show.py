"""What people see in a terminal: the progress bar, the table at the end, an article with its edits in colour."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from newsclean.compare_texts import Comparison
    from newsclean.model import CleanResult
    from newsclean.pipeline import Progress, RunSummary


def console(*, err: bool = False) -> Console:
    """Where to print. Colour only on a terminal, and never with NO_COLOR."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress | None]:
    """A bar with rate and time left on stderr if that is a terminal; else nothing."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    import time

    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = [
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(None),
        TextColumn("{task.fields[shown]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=console(err=True), transient=True, expand=True) as bar:
        tasks: dict[str, Any] = {}
        began: dict[str, float] = {}

        def update(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                for known in tasks.values():
                    bar.remove_task(known)
                tasks.clear()
                tasks[stage] = bar.add_task(stage, total=total or None, shown="")
                began[stage] = time.monotonic()
            shown = _done(stage, done, total, time.monotonic() - began[stage])
            bar.update(tasks[stage], completed=done, total=total or None, shown=shown)

        yield update


def _done(stage: str, done: int, total: int, seconds: float) -> str:
    """How far a stage is, and how fast: in bytes where bytes are read, else in articles."""
    if stage not in ("learning", "cleaning"):
        return f"{done:,} articles" if done else ""
    far = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
    return f"{far}, {done / 1e6 / seconds:.1f} MB/s" if seconds > 0.5 else far


def _counts(counts: Mapping[str, int], *, most: int = 8) -> str:
    shown = [f"{name} {count:,}" for name, count in list(counts.items())[:most]]
    rest = sum(list(counts.values())[most:])
    return ", ".join(shown) + (f", others {rest:,}" if rest else "")


def summary(result: RunSummary, *, dry: bool = False) -> None:
    """The short table of a finished run, on stderr. `dry`: of one whose output is thrown away."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("articles", f"{result.articles:,}", f"{result.changed:,} changed" + _and(result.empty, "empty"))
    if result.failed:
        table.add_row("failed", f"{result.failed:,}", "named in failures.jsonl", style="red")
    if result.dropped:
        table.add_row("dropped", f"{result.dropped:,}", "copies, named in dropped.jsonl")
    if result.skipped:
        table.add_row("not read", f"{sum(result.skipped.values()):,}", _counts(result.skipped))
    if result.learned_lines:
        table.add_row("learned", f"{result.learned_lines:,}", "lines that a source repeats, in learned.toml")
    counted = {"lines removed": result.lines_removed, "repairs": result.repairs, "flags": result.flags}
    for name, counts in counted.items():
        if counts:
            table.add_row(name, f"{sum(counts.values()):,}", _counts(counts))
    if result.recipe:
        groups = _and(result.clusters_with_copies, "group", "groups").removeprefix(", ")
        table.add_row(
            "copies", f"{sum(result.copies.values()):,}", "; ".join(filter(None, (_counts(result.copies), groups)))
        )
    speed = f"{result.mb_per_second:.1f} MB/s" if result.mb_per_second >= 0.05 else ""
    table.add_row("time", _duration(result.seconds), speed)
    to = console(err=True)
    to.print(table)
    if not result.records:
        to.print("no articles were found; of a folder, .txt and .jsonl files are read")
    for note in result.notes:
        to.print(note)
    if dry:
        to.print("a dry run: nothing was written")
        return
    report = Path(result.output) / "report.html"
    to.print(f"written to {result.output}" + (f"; open {report} in a browser" if report.exists() else ""))


def _and(count: int, what: str, several: str = "") -> str:
    return f", {count:,} {several if several and count != 1 else what}" if count else ""


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s"


def article(result: CleanResult) -> None:
    """The article with its edits and flags, then each of them with rule, reason and certainty.

    In colour on a terminal; elsewhere, and with NO_COLOR, `[-what went-]{+what came+}` and `[?what is flagged?]`, and
    no line is broken.
    """
    from rich.text import Text

    from newsclean.report_text import pieces, plain, with_flags

    out = console()
    coloured = out.is_terminal and not out.no_color and out.color_system is not None
    text = Text()
    for piece in with_flags(pieces(result.article.text, result.passes), result.flag_dicts()):
        if piece.edits:
            text.append_text(_change(plain(piece.before), plain(piece.after), coloured=coloured))
            text.append(f"[{','.join(map(str, piece.edits))}]", style="bold cyan")
        elif piece.flags:
            flagged = plain(piece.before)
            text.append(flagged if coloured else f"[?{flagged}?]", style="yellow underline" if coloured else "")
            text.append(f"[{','.join(letters(one) for one in piece.flags)}]", style="bold yellow")
        else:
            text.append(plain(piece.before))
    wrap = not out.is_terminal
    out.print(text, soft_wrap=wrap)
    out.print()
    for number, one in enumerate(result.edits, 1):
        edit = one.edit
        line = Text(f"[{number}] ", style="bold cyan")
        line.append(f"{edit.family or one.pass_name}  ", style="bold")
        line.append_text(_change(_short(plain(edit.before)), _short(plain(edit.after)), coloured=coloured))
        out.print(line, soft_wrap=wrap)
        said = f"    {plain(edit.rule)}: {plain(edit.reason)} (certainty {edit.certainty:.3g})"
        out.print(Text(said, style="dim"), soft_wrap=wrap)
    for number, flag in enumerate(result.flags, 1):
        line = Text(f"[{letters(number)}] ", style="bold yellow")
        line.append(f"{flag.kind}  ", style="bold")
        line.append(_short(plain(result.article.text[flag.start : flag.end])), style="yellow")
        if flag.proposal is not None:
            line.append(f" → {_short(plain(flag.proposal))}?")
        out.print(line, soft_wrap=wrap)
        said = f"    {plain(flag.rule)}: {plain(flag.reason)} (score {flag.score:.3g})"
        out.print(Text(said, style="dim"), soft_wrap=wrap)
    facts = {key: value for key, value in result.metadata.items() if value and key != "language_confidence"}
    if facts:
        shown = "; ".join(
            f"{key}: {', '.join(map(str, value)) if isinstance(value, (list, tuple)) else value}"
            for key, value in facts.items()
        )
        out.print(Text(plain(shown), style="dim"), soft_wrap=wrap)
    if not result.edits and not result.flags:
        out.print("nothing to change")


def _change(before: str, after: str, *, coloured: bool) -> Text:
    """What went and what came: in colour, or marked by brackets."""
    from rich.text import Text

    from newsclean.model import marked

    if not coloured:
        return Text(marked(before, after))
    change = Text()
    if before:
        change.append(before, style="red strike")
    if after:
        change.append(after, style="green")
    return change


def _short(text: str, most: int = 160) -> str:
    inner = " ⏎ ".join(part.strip() for part in text.strip("\n").split("\n") if part.strip())
    text = inner or text.replace("\n", "⏎")
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def letters(number: int) -> str:
    """a, b, … z, aa: flags are lettered where edits are numbered.

    >>> letters(1), letters(28)
    ('a', 'ab')
    """
    found = ""
    while number:
        number, digit = divmod(number - 1, 26)
        found = chr(ord("a") + digit) + found
    return found


def comparison(first: CleanResult, second: CleanResult, found: Comparison) -> None:
    """Two texts, first what is shared in them and what is not, then what differs."""
    from rich.text import Text

    from newsclean.report_text import plain

    out = console()
    for block in found.blocks:
        one = plain(first.text[block.a_start : block.a_end]).strip("\n")
        other = plain(second.text[block.b_start : block.b_end]).strip("\n")
        if block.shared:
            if one.strip():
                out.print(Text(f"  {one}", style="dim"))
            continue
        if one.strip():
            out.print(Text(f"- {one}", style="red"))
        if other.strip():
            out.print(Text(f"+ {other}", style="green"))
    out.print()
    share = f"{found.containment_a:.0%} of A in B, {found.containment_b:.0%} of B in A, Jaccard {found.jaccard:.2f}"
    out.print(Text(f"{plain(found.reason)}; score {found.score:.2f}; {share}", style="bold"))
    for name, of_a, of_b in (
        ("numbers", found.numbers_only_a, found.numbers_only_b),
        ("names", found.names_only_a, found.names_only_b),
    ):
        if of_a or of_b:
            shown = (plain(", ".join(of)) or "none" for of in (of_a, of_b))
            out.print(Text(f"{name} only in A: {next(shown)}; only in B: {next(shown)}"))
