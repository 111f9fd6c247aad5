"""Bytes → text: the encoding you name, else the BOM, else UTF-8, else what the bytes look like; and which it was."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from newsclean.errors import BadRecord, ConfigError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What a file that is no text begins with, and what to call it.
_BINARIES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip file or an office document"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
)

# Control bytes that text does not have. Above this share the bytes are no text. Text with stray NULs (CMS exports) has
# them in single places; compressed data has 27 of 256 byte values here, so about 10 %.
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09, 0x0A, 0x0C, 0x0D, 0x1A, 0x1B})
_MAX_CONTROLS = 0.03

# Bytes looked at to judge; enough for a newspaper page.
_SAMPLE = 1 << 17

# The letters beyond ASCII of the languages that cp1252 was made for. charset-normalizer alone reads half of English and
# Spanish cp1252 as cp1250 or a Mac code page (18 of 47 right); the alphabets settle it.
_ALPHABETS = tuple(
    frozenset(letters + letters.upper())
    for letters in (
        "àâæçéèêëîïôœùûüÿ",  # French
        "äöüßéèà",  # German
        "áéíóúüñçªº",  # Spanish
        "áâãàçéêíóôõúüªº",  # Portuguese
        "àèéìíîòóùúªº",  # Italian
        "åäöæøéüè",  # Swedish, Danish, Norwegian, Finnish
        "éëïóöüèáêç",  # Dutch
        "áðéíóúýþæö",  # Icelandic
        "àçèéíïòóúü·",  # Catalan
    )
)
_TYPOGRAPHY = frozenset("‘’“”‚„–—…•€£¥¢©®™°§¶«»‹›¿¡\u00a0\u00ad†‡½¼¾²³¹×÷±µ¨´¬·")
_INSIDE_WORD = re.compile(r"(?<=[^\W\d_])[^\w\s\x00-\x7f’‘´·\u00ad–—](?=[^\W\d_])|(?<=[a-zß-ÿ])[À-Þ]")
# MacRoman quotes, dashes and dots; as cp1252 the same bytes would be capitals with accents.
_MAC_TYPOGRAPHY = frozenset(b"\xd0\xd1\xd2\xd3\xd4\xd5\xc9\xca\xa5\xa8\xa9\xaa\xdb\x8e")
_MAC_APOSTROPHE = re.compile(rb"(?<=[a-z])\xd5(?=[a-z])|\xd2(?=[A-Za-z])[^\xd2]*?(?<=[a-z.,?!])\xd3")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the name of the encoding it was read in and why that one."""

    text: str
    encoding: str
    how: str


def decode(data: bytes, *, declared: str = "", where: str = "input") -> Decoded:
    """The text of the bytes. A byte order mark is not part of it; NULs and line ends are left as they are.

    `declared` is the encoding the user or the transport names: it is taken at its word. `where` is for messages.
    Raises BadRecord for bytes that are no text or not in the declared encoding, ConfigError for an unknown encoding.

    >>> decode("Zürich’s vote".encode("cp1252"))
    Decoded(text='Zürich’s vote', encoding='cp1252', how='not UTF-8; the letters are those of a western language')
    """
    if declared:
        return _as_declared(data, declared, where)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(_strict(data[len(mark) :], encoding, where), encoding, "byte order mark")
    for magic, name in _BINARIES:
        if data.startswith(magic):
            raise BadRecord(where, f"this is {name}, not text; extract its text first")
    sample = data[:_SAMPLE]
    if b"\0" in sample and (wide := _wide(sample)):
        return Decoded(_strict(data, wide, where), wide, "every other byte is zero")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > max(8, _MAX_CONTROLS * len(sample)):
        raise BadRecord(where, f"{controls} control bytes in the first {len(sample)}: not text, or name its --encoding")
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "valid UTF-8")
    except UnicodeDecodeError:
        return _foreign(data, sample, where)


def _as_declared(data: bytes, declared: str, where: str) -> Decoded:
    try:
        name = codecs.lookup(declared).name
        if not codecs.lookup(declared)._is_text_encoding:
            raise LookupError(declared)
    except LookupError:
        raise ConfigError(f"unknown encoding {declared!r}; Python's names are meant, such as utf-8 or cp1252") from None
    for mark, encoding in _BOMS:
        if data.startswith(mark) and encoding.startswith(name):
            return Decoded(_strict(data[len(mark) :], encoding, where), encoding, "declared, with byte order mark")
    return Decoded(_strict(data, name, where), name, "declared")


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"byte 0x{data[error.start]:02x} at {error.start}" if error.start < len(data) else "the end"
        raise BadRecord(where, f"not {encoding} ({byte}); leave the encoding out to have it detected") from error


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: in mostly Latin text one byte of each pair is zero and the other is not."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _foreign(data: bytes, sample: bytes, where: str) -> Decoded:
    """Bytes that are not UTF-8, or not wholly."""
    text = data.decode("utf-8", "surrogateescape")
    stray = len(re.findall("[\udc80-\udcff]", text))
    if len(re.findall("[^\x00-\x7f\udc80-\udcff]", text)) > 3 * stray:
        fixed = re.sub("[\udc80-\udcff]", lambda match: _cp1252(bytes([ord(match[0]) - 0xDC00])), text)
        return Decoded(fixed, "utf-8", f"UTF-8 with {stray} byte{'s' * (stray > 1)} of cp1252 in it")
    beyond = set(sample.translate(None, bytes(range(0x80))))
    if beyond <= _MAC_TYPOGRAPHY and _MAC_APOSTROPHE.search(sample):
        return Decoded(data.decode("mac_roman"), "mac_roman", "not UTF-8; the quotes are those of an old Macintosh")
    if _looks_western(_cp1252(sample)):
        return Decoded(_cp1252(data), "cp1252", "not UTF-8; the letters are those of a western language")
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        raise BadRecord(where, "no encoding fits these bytes; name it with --encoding if this is text")
    return Decoded(data.decode(best.encoding, "replace"), best.encoding, "not UTF-8; likeliest encoding")


def _cp1252(data: bytes) -> str:
    """cp1252 as browsers read it: the five bytes it has no character for become control characters."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data)


def _looks_western(text: str) -> bool:
    """Whether the letters beyond ASCII are those of one western alphabet, and the signs do not stand inside words."""
    beyond = [char for char in text if char > "\x7f" and char not in _TYPOGRAPHY]
    if _INSIDE_WORD.search(text):
        return False
    # One foreign name in fifty letters is usual; a wrong code page has a quarter of its letters outside any alphabet.
    return any(sum(char in alphabet for char in beyond) >= 0.95 * len(beyond) for alphabet in _ALPHABETS)
