"""Bytes become text in the encoding they were written in, and bytes that are no text are refused with a reason."""

from __future__ import annotations

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean.decoding import decode
from newsclean.errors import BadRecord, ConfigError

ENGLISH = "“It’s over,” the minister’s office said — twice. The café will not reopen."


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        (ENGLISH, "utf-8", "utf-8"),
        (ENGLISH, "utf-8-sig", "utf-8"),
        (ENGLISH, "utf-16", "utf-16-le"),
        (ENGLISH, "utf-16-le", "utf-16-le"),
        (ENGLISH, "utf-16-be", "utf-16-be"),
        (ENGLISH, "utf-32", "utf-32-le"),
        (ENGLISH, "cp1252", "cp1252"),
        (ENGLISH, "mac_roman", "mac_roman"),
        ("Die Straße am Fluß wird für drei Tage gesperrt, sagte der Bürgermeister.", "latin-1", "cp1252"),
        ("El año pasado la inflación creció según el Gobierno. ¿Qué pasó?", "cp1252", "cp1252"),
        ("Правительство заявило, что переговоры продолжатся в среду утром.", "cp1251", "cp1251"),
        ("Więcej osób wróciło do pracy, wynika z najnowszych badań urzędu.", "cp1250", "cp1250"),
        ("", "utf-8", "utf-8"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written_in(text: str, written: str, read: str) -> None:
    decoded = decode(text.encode(written))
    assert (decoded.text, decoded.encoding) == (text, read)
    assert decoded.how


def test_a_declared_encoding_is_taken_at_its_word() -> None:
    assert decode("Jörg".encode("cp437"), declared="cp437").text == "Jörg"
    assert decode(ENGLISH.encode("utf-8-sig"), declared="UTF8").text == ENGLISH
    assert decode(ENGLISH.encode("utf-16"), declared="utf-16").text == ENGLISH
    with pytest.raises(BadRecord, match=r"a\.txt: not utf-8 \(byte 0xf6 at 1\)"):
        decode("Jörg".encode("cp1252"), declared="utf-8", where="a.txt")
    for unknown in ("utf-9", "rot13"):
        with pytest.raises(ConfigError, match="unknown encoding"):
            decode(b"text", declared=unknown)


def test_stray_cp1252_bytes_in_utf8_keep_the_rest_utf8() -> None:
    data = "„Für die Bürger“, sagte er, „ist es über“".encode() + b" \x96 sp\xe4ter."
    decoded = decode(data)
    assert decoded.text == "„Für die Bürger“, sagte er, „ist es über“ – später."
    assert decoded.how == "UTF-8 with 2 bytes of cp1252 in it"


def test_stray_nul_bytes_are_text() -> None:
    assert decode(b"The vote\x00 was delayed, the office said on Sunday.").text.count("\0") == 1


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n", zlib.compress(ENGLISH.encode() * 20) * 3, bytes(range(256)) * 40],
)
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(BadRecord, match=r"page\.txt: "):
        decode(data, where="page.txt")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadRecord):
        assert isinstance(decode(data).text, str)


@given(st.text(max_size=200))
def test_utf8_comes_back_whatever_it_says(text: str) -> None:
    data = b"\xef\xbb\xbf" + text.encode("utf-8", "replace")
    assert decode(data).text == data[3:].decode()
