"""Damage put into clean sentences on purpose, with what the sentence was: what the certainties of the repairs are measured on."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple


class Damaged(NamedTuple):
    """A sentence with one kind of damage; `expected` is None where nobody could know it."""

    kind: str
    language: str
    text: str
    expected: str | None


def corruptor(folder: Path) -> ModuleType:
    """The corruptor of the development sets."""
    spec = importlib.util.spec_from_file_location("corruptor", folder / "corruptor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a packed JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def held_out(folder: Path) -> list[dict[str, Any]]:
    """English articles that no rule was written on: the reference texts of the boilerplate set that are not in clean_dev."""
    known = {row["text"][:200] for row in rows(folder / "clean_dev.jsonl.gz")}
    return [
        {"id": row["page"], "text": row["text"]}
        for row in rows(folder.parent / "boilerplate" / "dev_refs.jsonl.gz")
        if row["lang"] == "en" and row["text"][:200] not in known
    ]


# Kinds of the corruptor that mean the same in any language with Latin letters.
ANY_LANGUAGE = (
    "moji_cp1252 moji_latin1 moji_cp1252_x2 moji_macroman c1_controls html_entity html_entity_x2 zero_width soft_hyphen "
    "ligature nbsp double_space double_stop double_comma glue_sentences glue_comma hyphen_newline hard_wrap dup_sentence "
    "dup_paragraph"
).split()


def _replaced(pattern: str, *put: str) -> Callable[[str, random.Random], str]:
    compiled = re.compile(pattern)

    def make(text: str, draw: random.Random) -> str:
        found = list(compiled.finditer(text))
        if not found:
            return text
        one = draw.choice(found)
        return text[: one.start()] + one.expand(draw.choice(put)) + text[one.end() :]

    return make


def _dropped_byte(text: str, draw: random.Random) -> str:
    """The bytes of UTF-8 read as cp1252 by a program that drops 9D."""
    del draw
    broken = "".join(
        bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
        for byte in text.encode()
    )
    return broken.replace("\x9d", "") if "\x9d" in broken else text


# For rules of which the corruptor makes no case, or few: kind, and what it does to a clean sentence.
OWN: dict[str, Callable[[str, random.Random], str]] = {
    "own_controls": _replaced(r"(?<=[a-z])(?=[a-z])", "\x00", "\x01", "\x08", "\x1b[0m"),
    "own_lost_byte": _dropped_byte,
    "own_broken_entity": _replaced(r"[’'](?=s\b)", " #39;"),
    "own_lost_open_quote": _replaced("“", "\ufffd"),
    "own_lost_close_quote": _replaced("”", "\ufffd"),
    "own_lost_dash": _replaced("[—–]", "\ufffd"),
    "own_form": lambda text, _: unicodedata.normalize("NFD", text),
    "own_glued_words": _replaced(r"(?<= )(of|on|in|at|from|by|with|for|to) (?=[A-Z][a-z]{2})", r"\1"),
    "own_glued_small_words": _replaced(r"(?<= )(of|in|on|to|for|from|with) (the|a|his|their)(?= )", r"\1\2"),
    "own_lost_apostrophe": _replaced(r"(?<=[a-z])['’](?=(?:s|t|re|ve|ll|d|m)\b)", ""),
    "own_stop_inside": _replaced(r"(?<=[a-z]{2}) (?=[a-z]{2})", ". "),
    "own_spaced_quotes": lambda text, _: re.sub("(?<=“)(?=[A-Za-z])|(?<=[a-z.,])(?=”)", " ", text),
    "own_brackets": _replaced(r"(?<=[a-z,]) (?=[a-z])", " () ", " [] "),
    "own_fixed_phrase": _replaced(r"(?<= )on(?= (?:the )?condition of anonymity)", "to", "in", "at", "of"),
    "own_fixed_request": _replaced(r"(?<=request )for(?= comment)", "of", "in"),
    "own_fixed_according": _replaced(r"(?<=according )to(?= (?:a|the|two) )", "of", "at"),
    "own_byline": _replaced(r"(?<=[a-z] )and(?= [A-Z][a-z]+ [A-Z][a-z]+ contributed)", "AND"),
    "own_line_end": _replaced(r"(?<=[,;]) (?=[a-z])", "\r\n", "\u2028"),
    "own_surrogates": lambda text, _: f"{text} \ud83d\ude00",
}
# Kinds that the repairs mend in few sentences only: more of them, so that there is something to count.
_MANY = {"own_lost_apostrophe": 4, "own_glued_words": 8, "own_glued_small_words": 2, "own_stop_inside": 4}
# What the sentence is where it is not as it was: a line end stays one, and the emoji is put in whole.
_MEANT: dict[str, Callable[[str, str], str]] = {
    "own_line_end": lambda clean, text: text.replace("\r\n", "\n").replace("\u2028", "\n"),
    "own_surrogates": lambda clean, text: f"{clean} 😀",
    "own_lost_byte": lambda clean, text: clean,
}
# These damages are rare in a sentence of news: all sentences of all articles are looked through for them.
RARE = ("own_fixed_phrase", "own_fixed_request", "own_fixed_according", "own_byline")


def damaged(folder: Path, per_kind: int, seed: int) -> Iterator[Damaged]:
    """Sentences of held-out English articles with each kind of damage, and of other languages with most."""
    module = corruptor(folder)
    made, pool = module.build(held_out(folder), per_kind, seed)
    for row in made:
        yield Damaged(row["kind"], "en", row["input"], row["expected"])
    yield from _own([sentence for _, sentence, _ in pool], "en", per_kind, seed)
    for language in ("de", "es", "fr", "it", "pl", "cs"):
        docs = [row for row in rows(folder / "clean_dev.jsonl.gz") if row["lang"] == language]
        sentences: list[str] = []
        followed: list[tuple[str, str]] = []
        for doc in docs:
            for paragraph in doc["text"].split("\n"):
                said = [re.sub(r"\s+", " ", one) for one in module.sentences(paragraph)]
                said = [one for one in said if 45 <= len(one) <= 320 and one[-1] in '.?!”“»"']
                sentences += said
                followed += zip(said, [*said, ""][1:], strict=True)
        for kind in ANY_LANGUAGE:
            draw = random.Random(f"{seed}:{language}:{kind}")
            draw.shuffle(followed)
            count = 0
            for sentence, after in followed:
                done = module.corrupt(kind, sentence, draw, {"words": [], "next": after})
                if done and count < per_kind // 5:
                    count += 1
                    yield Damaged(kind, language, *done)
        for one in _own(sentences, language, per_kind // 5, seed):
            if one.kind in ("own_controls", "own_form", "own_line_end", "own_surrogates", "own_lost_byte"):
                yield one


def own_rare(text: str, draw: random.Random) -> Iterator[Damaged]:
    """The rare damages in a whole article, in those of its lines that are short enough to be read quickly."""
    for line in text.split("\n"):
        for kind in RARE if len(line) < 1000 else ():
            broken = OWN[kind](line, draw)
            if broken != line:
                yield Damaged(kind, "en", broken, line)


def _own(sentences: list[str], language: str, per_kind: int, seed: int) -> Iterator[Damaged]:
    for kind, make in OWN.items():
        if kind in RARE:
            continue
        draw = random.Random(f"{seed}:{language}:{kind}")
        order = list(sentences)
        draw.shuffle(order)
        count = 0
        for sentence in order:
            clean = unicodedata.normalize("NFC", sentence)
            broken = make(clean, draw)
            if broken != clean:
                meant = _MEANT[kind](clean, broken) if kind in _MEANT else clean
                yield Damaged(kind, language, broken, meant)
                count += 1
                if count == per_kind * _MANY.get(kind, 1):
                    break
