"""Parquet files, through pyarrow: one article per row, every column comes back with its type."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from newsclean.errors import MissingExtra
from newsclean.formats import Raw, Reading, to_json
from newsclean.packing import open_bytes

SUFFIXES = (".parquet",)

_ROWS = 256  # rows held at a time


def arrow() -> Any:
    """The package, or an error that says how to get it."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("for Parquet files, pip install 'newsclean[parquet]'") from None
    return pyarrow


def read(stream: BinaryIO, label: str, reading: Reading) -> Iterator[Raw]:
    """Each row. A file that is no Parquet is one fault."""
    pyarrow = arrow()
    number = 0
    try:
        with contextlib.closing(pyarrow.parquet.ParquetFile(stream)) as file:
            for batch in file.iter_batches(_ROWS):
                for row in batch.to_pylist():
                    number += 1
                    where = f"{label}:{number}"
                    yield Raw(where, where, "parquet", row)
    except (pyarrow.ArrowException, OSError) as error:
        where = f"{label}:{number + 1}" if number else label
        yield Raw(where, where, "parquet", fault=f"not readable as Parquet: {error}")


@contextlib.contextmanager
def table(
    target: BinaryIO, like: Sequence[str], more: Sequence[str], reading: Reading | None
) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Rows with the columns of all files of `like` in order of first appearance, and the named ones behind them.

    A column keeps its type; one that has types in these files which do not go together is written as text.
    """
    pyarrow = arrow()
    schema, as_text = _united([found for path in like if (found := _schema(path)) is not None])
    if schema and more:
        kinds = {"is_canonical": pyarrow.bool_(), "removed_chars": pyarrow.int64()}
        for name in more:
            at = schema.get_field_index(name)
            schema = schema.remove(at) if at >= 0 else schema
            schema = schema.append(pyarrow.field(name, kinds.get(name, pyarrow.string())))
    rows: list[dict[str, Any]] = []
    file: Any = None

    def flush() -> None:
        nonlocal file
        made = pyarrow.Table.from_pylist(rows, schema=file.schema if file else schema)
        if file is None:
            file = pyarrow.parquet.ParquetWriter(target, made.schema)
        file.write_table(made)
        rows.clear()

    def write(row: dict[str, Any]) -> None:
        rows.append({**row, **{name: _text(row[name]) for name in as_text if row.get(name) is not None}})
        if len(rows) == _ROWS:
            flush()

    try:
        yield write
        if rows or file is None:
            flush()
    finally:
        if file is not None:
            file.close()


def _schema(path: str) -> Any:
    """The columns of a file; None if it cannot be read, which is told where its rows are read."""
    pyarrow = arrow()
    try:
        with open_bytes(path) as stream, contextlib.closing(pyarrow.parquet.ParquetFile(stream)) as file:
            return file.schema_arrow
    except (pyarrow.ArrowException, OSError):
        return None


def _united(schemas: Sequence[Any]) -> tuple[Any, list[str]]:
    """One schema for the rows of all, None without any, and the columns of it that are text for want of a common type."""
    pyarrow = arrow()
    if all(one == schemas[0] for one in schemas):
        return next(iter(schemas), None), []
    fields: dict[str, Any] = {}
    as_text: list[str] = []
    for one in (field.with_nullable(True) for schema in schemas for field in schema):
        before = fields.setdefault(one.name, one)
        try:
            both = [pyarrow.schema([before]), pyarrow.schema([one])]
            fields[one.name] = pyarrow.unify_schemas(both, promote_options="permissive").field(0)
        except (ValueError, TypeError, NotImplementedError):  # what the errors of Arrow are underneath
            fields[one.name] = pyarrow.field(one.name, pyarrow.string())
            as_text.append(one.name)
    for name in as_text:
        fields[name] = pyarrow.field(name, pyarrow.string())
    return pyarrow.schema(fields.values()), list(dict.fromkeys(as_text))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value) if isinstance(value, list | dict) else str(value)
