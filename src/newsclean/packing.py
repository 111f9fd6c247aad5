"""Files packed with gzip, xz or zstd: opened with a guard against bombs and damage, and packed the same way each time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

from newsclean.errors import BadRecord, MissingExtra

PACKED = (".gz", ".xz", ".zst")

# A packed file may unpack to this many times its size before it is taken for a bomb. News as JSONL packs 3 to 8 times,
# the most repetitive real file we met 60 times; a bomb reaches 1,000 (gzip) and more. Small files are let through:
# unpacking 16 MB does no harm, even if all of it is line ends (10 s).
MAX_UNPACKED_RATIO = 200
UNPACKED_WITHOUT_QUESTION = 16_000_000


class _Unpacked(io.RawIOBase):
    """An unpacking stream that stops at damage and at what must be a bomb, with a BadRecord."""

    def __init__(self, stream: Any, path: str, packed_size: int, errors: tuple[type[Exception], ...]) -> None:
        self._stream = stream
        self._path = path
        self._left = max(UNPACKED_WITHOUT_QUESTION, MAX_UNPACKED_RATIO * packed_size)
        self._packed_size = packed_size
        self._errors: tuple[type[Exception], ...] = (EOFError, *errors)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except self._errors as error:
            raise BadRecord(self._path, f"the packed data is damaged ({error})") from error
        self._left -= len(data)
        if self._left < 0:
            raise BadRecord(
                self._path,
                f"unpacks to more than {MAX_UNPACKED_RATIO} times its {self._packed_size:,} bytes; "
                f"unpack it yourself if you trust it",
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_bytes(path: str) -> BinaryIO:
    """A file's bytes, unpacked if its name says that it is packed. Opened for reading only."""
    packing = next((ending for ending in PACKED if path.lower().endswith(ending)), "")
    if not packing:
        return Path(path).open("rb")
    unpacked: Any
    errors: tuple[type[Exception], ...]
    size = Path(path).stat().st_size
    if packing == ".gz":
        import gzip
        import zlib

        unpacked, errors = gzip.open(path), (zlib.error, gzip.BadGzipFile)  # noqa: SIM115 -- closed with its reader
    elif packing == ".xz":
        import lzma

        unpacked, errors = lzma.open(path), (lzma.LZMAError,)  # noqa: SIM115 -- likewise
    else:
        zstandard = _zstandard(path)
        stream = Path(path).open("rb")  # noqa: SIM115 -- closefd
        unpacked, errors = (
            zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True, closefd=True),
            (zstandard.ZstdError,),
        )
    return io.BufferedReader(_Unpacked(unpacked, path, size, errors), 1 << 18)


def _zstandard(path: str) -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingExtra(f"{path}: for .zst files, pip install 'newsclean[zstd]'") from None
    return zstandard


def packed(data: bytes, path: str) -> bytes:
    """The bytes as the ending of the path wants them; the same bytes at any time of day."""
    if path.lower().endswith(".gz"):
        import gzip

        return gzip.compress(data, 6, mtime=0)
    if path.lower().endswith(".xz"):
        import lzma

        return lzma.compress(data)
    if path.lower().endswith(".zst"):
        compressed: bytes = _zstandard(path).ZstdCompressor().compress(data)
        return compressed
    return data
