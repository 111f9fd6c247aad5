"""Parquet files, through pyarrow: one article per row, every column comes back with its type."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from newsclean.errors import MissingExtra
from newsclean.formats import Raw, Reading

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
def table(target: BinaryIO, like: str, more: Sequence[str]) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Rows with the columns and types of `like`, and the named ones behind them."""
    pyarrow = arrow()
    schema = pyarrow.parquet.read_schema(like) if like else None
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
        rows.append(row)
        if len(rows) == _ROWS:
            flush()

    yield write
    if rows or file is None:
        flush()
    file.close()
