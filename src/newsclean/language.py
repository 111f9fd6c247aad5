"""Which language a text is in, and how sure that is."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from importlib import resources
from typing import Any

# Letters that one language, or one script of few languages, has to itself.
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e01-\u0e5b]")),
    ("el", re.compile(r"[\u0386-\u03ce]")),
    ("he", re.compile(r"[\u05d0-\u05ea]")),
)
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 1200  # characters; three paragraphs, beyond which no development article changed its language


def base(code: str) -> str:
    """The ISO 639-1 part of a language tag, lower case: `pt-BR` → `pt`.

    >>> base("pt_BR")
    'pt'
    """
    return code.strip().lower().replace("_", "-").partition("-")[0]


def detect(text: str) -> tuple[str, float]:
    """The ISO 639-1 code and a confidence in [0, 1]; ("", 0.0) when there is nothing to go by.

    >>> detect("The mayor said that the bridge would be open by the end of the week.")[0]
    'en'
    """
    # The middle: menus come first and forms last.
    start = max(0, (len(text) - _SAMPLE) // 2)
    sample = text[start : start + _SAMPLE]
    words = _WORD.findall(sample.casefold())
    letters = sum(map(len, words))
    if not letters:
        return "", 0.0
    if not sample.isascii():
        for code, pattern in _SCRIPTS:
            share = len(pattern.findall(sample)) / letters
            if share > (0.05 if code == "ja" else 0.3):
                return code, min(1.0, 0.9 + share / 10)
    hits: Counter[str] = Counter()
    lists = _stop_words()
    for word in words:
        for code in lists.get(word, ()):
            hits[code] += 1
    best = hits.most_common(2)
    if best and best[0][1] >= 5 and best[0][1] >= 0.25 * len(words):
        second = best[1][1] if len(best) > 1 else 0
        if best[0][1] >= 1.5 * second:
            return best[0][0], min(1.0, 0.75 + 0.25 * (1 - second / best[0][1]))
    if letters < 12:
        return "", 0.0
    code, confidence = _identifier().classify(sample.encode("utf-8", "ignore").decode())
    return (base(code), float(confidence)) if confidence >= 0.5 else ("", float(confidence))


@lru_cache(maxsize=1)
def _stop_words() -> dict[str, tuple[str, ...]]:
    """Each stop word with the languages that have it."""
    found: dict[str, list[str]] = {}
    for folder in sorted(resources.files("newsclean").joinpath("languages").iterdir(), key=lambda one: one.name):
        path = folder.joinpath("words.txt")
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                word = line.partition("#")[0].strip().casefold()
                if word:
                    found.setdefault(word, []).append(folder.name)
    return {word: tuple(codes) for word, codes in found.items()}


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
