"""What is asked of a run: its inputs, output and settings, and the hashes that tell whether two runs were asked the same."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO

from newsclean.formats import Reading
from newsclean.formats.text_folder import safe_path
from newsclean.pipeline_parts import WORK
from newsclean.settings import Settings

Progress = Callable[[str, int, int], None]
"""Called with the stage, the bytes or articles done, and how many there are (0: not known)."""


class Stop:
    """Set by Ctrl-C: the files in hand are finished, no new one is begun. A second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take Ctrl-C as a wish; only the main thread may."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(number: int, frame: Any) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


@dataclass(frozen=True, slots=True)
class Job:
    """A run as it was asked for. Where lines were learned first, `settings` name their file among the rules."""

    inputs: tuple[str, ...]
    output: Path
    settings: Settings
    resume: bool = False
    mode: str = "clean"
    copies: bool = True
    report: bool = True
    articles_folder: str = "articles"
    format: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    stdin: BinaryIO | None = None
    force: bool = False
    learn: bool = True
    against: str = ""
    progress: Progress = lambda stage, done, total: None
    stop: Stop = field(default_factory=Stop)

    @property
    def work(self) -> Path:
        """Where the unfinished lies."""
        return self.output / WORK

    @property
    def spooled(self) -> tuple[str, ...]:
        """The inputs as files: standard input as the copy that is kept of it."""
        return tuple(str(self.work / "stdin") if one == "-" else one for one in self.inputs)

    @property
    def writes_texts(self) -> bool:
        """Whether files of text come out as files of text."""
        return self.mode in ("clean", "repair")

    @property
    def reading(self) -> Reading:
        """How the inputs are read."""
        run = self.settings.run
        fields = tuple(sorted(self.fields.items()))
        return Reading(run.encoding, run.max_article_size, self.format, fields, (str(self.output),))

    def with_rules(self, path: Path) -> Job:
        """The same with one more rules file."""
        rules = (*self.settings.clean.rules, str(path))
        return replace(self, settings=replace(self.settings, clean=replace(self.settings.clean, rules=rules)))

    def file_name(self, label: str) -> str:
        """Where the cleaned text of a file goes, below the output folder."""
        # A name from the disk can only be unsafe on another system than this one.
        name = safe_path(label) if os.name == "nt" else label
        return f"{self.articles_folder}/{name}" if self.articles_folder else name

    def cleaned_by(self) -> str:
        """Names all that decides what a part holds, besides the records."""
        from newsclean import __version__, rulebook

        # What the rules files say, not where they lie: OUT/learned.toml lies elsewhere in every run.
        rules = [blake2b(Path(path).read_bytes()).hexdigest() for path in self.settings.clean.rules]
        told = repr(replace(self.settings.clean, rules=()))
        deciding = [__version__, _code(), rulebook.version(), rules, self.mode, told]
        deciding += [repr(replace(self.reading, exclude=())), self.articles_folder]
        return _hash(deciding)

    def learned_by(self) -> str:
        """Names all that decides what is learned, besides the inputs."""
        from newsclean import rulebook

        return _hash([_code(), rulebook.version(), repr(replace(self.reading, exclude=()))])

    def joined_by(self) -> str:
        """Names all that decides what becomes of the parts: which are copies, and what is done about it."""
        run = self.settings.run
        index = [self.against, *(_told_apart(self.against + ending) for ending in ("", "-wal") if self.against)]
        return _hash([repr(self.settings.copies), self.copies, index, run.keep, run.repair_from_copies])


@cache
def _code() -> str:
    """A hash of newsclean itself: an interrupted run is not continued half by one and half by another."""
    digest = blake2b(digest_size=16)
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _told_apart(path: str) -> tuple[int, int]:
    """Size and time of a file; zeros where there is none, or nothing in it, as SQLite leaves it after reading."""
    try:
        found = Path(path).stat()
    except OSError:
        return 0, 0
    return (found.st_size, found.st_mtime_ns) if found.st_size else (0, 0)


def _hash(deciding: list[Any]) -> str:
    return blake2b(json.dumps(deciding).encode(), digest_size=16).hexdigest()
