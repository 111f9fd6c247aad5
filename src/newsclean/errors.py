"""The error tree: each says what was found, where, and what to do.

NewscleanError
├── ConfigError           a setting, flag or newsclean.toml that cannot be used (exit code 2)
│   └── RuleError         an entry of a rules file that cannot be used
├── BadRecord             one article that cannot be read or cleaned; counted, the rest goes on (exit code 3)
├── RecordMismatch        an edit record that does not belong to the text it is applied to
├── OutputRefused         an output that would overwrite something (exit code 2)
├── OutputFailed          an output that cannot be written: disk full, read-only, no permission (exit code 3)
├── Interrupted           a run that was asked to stop, and can be continued (exit code 130)
├── TooManyDropped        a run that would drop more copies than the cap allows (exit code 2)
├── MissingExtra          a format or engine whose package is not installed (exit code 2)
├── EmptyText             nothing left to sign
└── IndexFileError        an index file that cannot be used
    └── RecipeMismatch    signatures made by another recipe: they would compare to 0.0 in silence
"""

from __future__ import annotations


class NewscleanError(Exception):
    """Every error newsclean raises on purpose."""


class ConfigError(NewscleanError):
    """A setting, flag or newsclean.toml that cannot be used."""


class RuleError(ConfigError):
    """An entry of a rules file that cannot be used."""


class BadRecord(NewscleanError):
    """One article that cannot be read or cleaned. `where` names the file and line, `why` what is wrong."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why

    def __reduce__(self) -> tuple[type[BadRecord], tuple[str, str]]:
        return (type(self), (self.where, self.why))


class RecordMismatch(NewscleanError):
    """An edit record that does not belong to the text it is applied to."""


class OutputRefused(NewscleanError):
    """An output that would overwrite something."""


class OutputFailed(NewscleanError):
    """An output that cannot be written: disk full, read-only folder, no permission."""


class Interrupted(NewscleanError):
    """A run that was asked to stop. What is finished is kept, and --resume continues from there."""


class TooManyDropped(NewscleanError):
    """A run that would drop more copies than the cap allows."""


class MissingExtra(NewscleanError):
    """A format or engine whose package is not installed."""


class EmptyText(NewscleanError):
    """Nothing left to sign."""


class IndexFileError(NewscleanError):
    """An index file that cannot be used."""


class RecipeMismatch(IndexFileError):
    """Signatures made by another recipe: they would compare to 0.0 in silence."""
