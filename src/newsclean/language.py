"""Which language a text is in, and how sure that is."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from itertools import repeat
from typing import Any

# Letters that one language, or one script of few languages, has to itself; the first that fits wins, so that Japanese
# (kana among Han signs) comes before Chinese.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]"), 0.05),
    ("ko", re.compile(r"[\uac00-\ud7a3]"), 0.3),
    ("zh", re.compile(r"[\u4e00-\u9fff]"), 0.3),
    ("el", re.compile(r"[\u0386-\u03ce]"), 0.3),
    ("th", re.compile(r"[\u0e01-\u0e5b]"), 0.3),
    ("he", re.compile(r"[\u05d0-\u05ea]"), 0.3),
)
# A text without any of these is in none of the scripts above.
_FAR = re.compile(r"[\u0386-\u03ce\u05d0-\u05ea\u0e01-\u0e5b\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W\d_]+")
_NO_LETTER = re.compile(r"[\W\d_]")
_ASCII = bytes(range(0x80))
# What leaves the letters of ASCII as they are, and all bytes of other characters, and makes spaces of the rest.
_LETTERS = bytes(code if code > 0x7F or chr(code).isalpha() else 0x20 for code in range(0x100))
# What makes small letters of those of ASCII, and spaces of all else.
_SMALL_LETTERS = bytes(code if code < 0x80 and chr(code).isalpha() else 0x20 for code in range(0x100)).lower()

# Characters looked at. Of 2,062 development pages (light and full) 600 tell 99.2 % right, 1,200 99.6 %, 2,400 99.9 %;
# 1,200 cost 3 % of what ftfy takes for the article.
_SAMPLE = 1200

# Stop words that must be there, as a number and as a share of the words, and how far the second language must be behind.
# Set so that menus of every language on the development pages stay unknown here and go to py3langid.
_ENOUGH, _SHARE, _LEAD = 5, 0.2, 1.4

# Fewest letters that py3langid is asked about: below, it names a language for any pair of words.
_ASKABLE = 12


def base(code: str) -> str:
    """The ISO 639-1 part of a language tag, lower case: `pt-BR` → `pt`.

    >>> base("pt_BR")
    'pt'
    """
    return code.strip().lower().replace("_", "-").partition("-")[0]


def detect(text: str) -> tuple[str, float]:
    """The ISO 639-1 code and a confidence in [0, 1]; ("", …) when there is nothing to go by.

    Script first, then stop words, and py3langid only where these leave doubt: menus, tables, very short texts.

    >>> detect("The mayor said that the bridge would be open by the end of the week.")[0]
    'en'
    >>> detect("12:30")
    ('', 0.0)
    """
    # The middle: menus come first and forms last.
    start = max(0, (len(text) - _SAMPLE) // 2)
    sample = text[start : start + _SAMPLE]
    beyond = _beyond_ascii(sample)
    if _FAR.search(beyond) and (letters := len("".join(_WORD.findall(sample)))):  # `฿100` has none
        for code, pattern, least in _SCRIPTS:
            share = len(pattern.findall(sample)) / letters
            if share > least:
                return code, min(1.0, 0.9 + share / 10)
    words = _words(sample.lower()) if _WORD.search(beyond) else _plain_words(sample)
    hits = _hits(words)
    *_, second, best = sorted(hits)
    if best >= _ENOUGH and best >= _SHARE * len(words) and best >= _LEAD * second:
        return [*_languages()][hits.index(best)], min(1.0, 0.75 + 0.25 * (1 - second / best))
    if len(b"".join(words).decode()) < _ASKABLE:
        return "", 0.0
    code, confidence = _identifier().classify(sample.encode("utf-8", "ignore").decode())
    code = {"nb": "no", "nn": "no"}.get(code, code)
    return (base(code), round(float(confidence), 6)) if confidence >= 0.5 else ("", round(float(confidence), 6))


def _beyond_ascii(text: str) -> str:
    """The other characters of a text, in order: a pattern of rare ones is looked for in a few instead of in all."""
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def _plain_words(text: str) -> list[bytes]:
    """Every run of letters in small letters, of a text whose letters are those of ASCII."""
    return text.encode("utf-8", "surrogatepass").translate(_SMALL_LETTERS).split()


def _words(text: str) -> list[bytes]:
    """Every run of letters, as UTF-8: bytes are taken apart in half the time of a pattern."""
    for sign in set(_NO_LETTER.findall(_beyond_ascii(text))):
        text = text.replace(sign, " ")
    return text.encode().translate(_LETTERS).split()


def _hits(words: Iterable[bytes]) -> tuple[int, ...]:
    """How many of the words are stop words of each of _languages().

    Each stop word is a number with a 1 in the 16 bits of each language that has it, and a sample has fewer words than
    would fill them: so one sum of numbers counts for all languages.
    """
    count = len(_languages())
    total = sum(map(_stop_words().get, words, repeat(0)))
    return struct.unpack(f"<{count}H", total.to_bytes(2 * count, "little"))


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, tuple[str, ...]]:
    """The stop words of each language, in the order of their codes."""
    found = {}
    for folder in sorted(resources.files("newsclean").joinpath("languages").iterdir(), key=lambda one: one.name):
        path = folder.joinpath("words.txt")
        if path.is_file():
            lines = path.read_text("utf-8").splitlines()
            found[folder.name] = tuple(filter(None, (line.partition("#")[0].strip().lower() for line in lines)))
    return found


@lru_cache(maxsize=1)
def _stop_words() -> dict[bytes, int]:
    """Each stop word, as UTF-8, with its number for _hits."""
    found: dict[bytes, int] = {}
    for place, words in enumerate(_languages().values()):
        for word in words:
            found[word.encode()] = found.get(word.encode(), 0) + (1 << 16 * place)
    return found


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
