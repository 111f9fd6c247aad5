"""One reading of a text as lines, words and sentences, shared by every repair that asks; nothing is read before it is asked for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple

from newsclean import token_signs, token_units
from newsclean.token_repeats import Said, said_twice

# A word keeps its inner apostrophes; a hyphen ends it. `re`, because the `regex` module is half as fast here.
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# What may stand behind a sentence: a stop, closing quotes or brackets, space, and something that can open the next.
_STOP = re.compile(r"[.!?…][\"'”’»)\]]*[ \t\u00a0]+(?=[\"'“‘«¿¡(\[]*[^\W_])")
_WIDE_STOP = re.compile(r"[。！？]+[」』”’）]*")

# Of ASCII, what can be printed, and line ends and tabulators; and a table that makes spaces of all ASCII.
_PLAIN = bytes((9, 10, *range(0x20, 0x7F)))
_SPACED = bytes(code if code > 0x7F else 0x20 for code in range(0x100))

# Words that end with a stop inside a sentence. Titles and months of the languages newsclean has rules for.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof gen lt col sgt capt cmdr gov sen rep rev st jr sr hon vs etc inc ltd co corp no nos jan feb mar "
    "apr jun jul aug sept sep oct nov dec fig vol pp ed al approx dept est ave blvd mt ft sra sres sig dott ing bzw usw "
    "ca evtl ggf inkl nr str tel abs art bd hrsg jh mio mrd u.a z.b d.h m mm mme mlle av cf ex n.º núm pág ul godz tzw "
    "np prof. im. r w itd itp im sz str. тыс млн млрд руб ул г гг др т.е т.д т.п см им".split()
)


class Word(NamedTuple):
    """One word and where it stands."""

    start: int
    end: int
    text: str
    lower: str


class Tokens:
    """A text and its parts. Each part is read once, when a repair first asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._line = 0, -1  # the last one that was asked for; there is none yet
        self._found: _Found | None = None

    @cached_property
    def beyond(self) -> frozenset[str]:
        r"""The characters of the text other than printable ASCII, `\n` and `\t`: the cheapest test of what it can hold."""
        return frozenset(self._utf8.translate(None, _PLAIN).decode("utf-8", "surrogatepass"))

    @cached_property
    def beyond_ascii(self) -> str:
        """Every different run of characters other than ASCII, with spaces between: what side by side they can mean."""
        return b" ".join({*self._utf8.translate(_SPACED).split()}).decode("utf-8", "surrogatepass")

    @cached_property
    def _utf8(self) -> bytes:
        return self.text.encode("utf-8", "surrogatepass")

    def places(self, number: int) -> Sequence[int]:
        """Where that stands for which token_signs gave this number; what begins there is to be looked at."""
        return self._read.places.get(number, ())

    @property
    def found(self) -> Set[int | str]:
        """The numbers that have places, and the names of what is said twice: a test of who has work here."""
        return self._read.found

    @property
    def said(self) -> Said:
        """What the text says twice in a row."""
        return self._read.said

    @property
    def _read(self) -> _Found:
        if self._found is None:
            read_together([self])
        assert self._found is not None
        return self._found

    @cached_property
    def lower(self) -> str:
        """The text in small letters, character for character: positions in it are positions in the text."""
        return small_letters(self.text)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Every word in order. The dearest reading of all: ask for it only after a cheap test has said yes."""
        lower = self.lower
        return tuple(Word(m.start(), m.end(), m[0], lower[m.start() : m.end()]) for m in _WORD.finditer(self.text))

    @cached_property
    def word_starts(self) -> tuple[int, ...]:
        """Where each of `words` begins, for bisect."""
        return tuple(word.start for word in self.words)

    def word_at(self, position: int) -> int:
        """The index in `words` of the last word that begins at or before `position`; -1 if there is none."""
        return bisect_right(self.word_starts, position) - 1

    @cached_property
    def lines(self) -> tuple[tuple[int, int], ...]:
        r"""Start and end of each line, without its `\n`. An empty text has one empty line."""
        spans = []
        start = 0
        for line in self.text.split("\n"):
            spans.append((start, start + len(line)))
            start += len(line) + 1
        return tuple(spans)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Where each of `lines` begins, for bisect."""
        return tuple(start for start, _ in self.lines)

    def line_at(self, position: int) -> tuple[int, int]:
        """The line that holds `position`. Those who ask for one place after the other ask for the same line again."""
        start, end = self._line
        if not start <= position <= end:
            start, end = self.text.rfind("\n", 0, position) + 1, self.text.find("\n", position)
            self._line = start, end if end >= 0 else len(self.text)
        return self._line

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each sentence, closing quotes included and space left out; a line break always ends one."""
        spans: list[tuple[int, int]] = []
        for start, end in self.lines:
            spans += sentence_spans(self.text, start, end)
        return tuple(spans)

    @cached_property
    def sentence_starts(self) -> tuple[int, ...]:
        """Where each of `sentences` begins, for bisect."""
        return tuple(start for start, _ in self.sentences)

    def sentence_at(self, position: int) -> tuple[int, int]:
        """The sentence that holds `position`; its line, if that holds none."""
        index = bisect_right(self.sentence_starts, position) - 1
        if index >= 0 and position <= self.sentences[index][1]:
            return self.sentences[index]
        return self.line_at(position)


@dataclass(frozen=True, slots=True)
class _Found:
    """What arrays tell of a text."""

    places: token_signs.Places
    said: Said
    found: Set[int | str]


def read_together(sheet: Sequence[Tokens]) -> None:
    """Read the arrays of several texts at once, which is faster; each is read as if it were alone.

    They fit into one sheet, as sheets() cuts them.
    """
    units = token_units.units_of([one.text for one in sheet])
    windows = list(token_units.words_of(units))
    for one, places, said in zip(sheet, token_signs.places(units, windows), said_twice(units, windows), strict=True):
        one._found = _Found(places, said, {*places, *said.names()})


def sheets(texts: Iterable[str]) -> Iterator[slice]:
    """Which texts next to each other can be read together; a text that is too long for a sheet is read alone."""
    begin = end = size = 0
    for end, text in enumerate(texts):
        own = len(text) + 2
        own = own if own <= token_units.WINDOW else token_units.SHEET
        size += own
        if size > token_units.SHEET and end > begin:
            yield slice(begin, end)
            begin, size = end, own
    if size:
        yield slice(begin, end + 1)


def small_letters(text: str) -> str:
    """The text in small letters, character for character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # İ and a few others grow when lowered; they stay as they are.
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def sentence_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of one line, text[start:end].

    >>> line = "Mr. Ade met the U.S. envoy. “Well?” he said."
    >>> [line[a:b] for a, b in sentence_spans(line, 0, len(line))]
    ['Mr. Ade met the U.S. envoy.', '“Well?” he said.']
    """
    spans = []
    begin = start
    for stop in _STOP.finditer(text, start, end):
        if text[stop.start()] == "." and _is_abbreviation(text, begin, stop.start()):
            continue
        following = text[stop.end() : stop.end() + 2].lstrip("\"'“‘«¿¡([")[:1]
        if following.islower():
            continue
        spans.append((begin, begin + len(text[begin : stop.end()].rstrip())))
        begin = stop.end()
    if text.find("。", begin, end) >= 0:
        for stop in _WIDE_STOP.finditer(text, begin, end):
            spans.append((begin, stop.end()))
            begin = stop.end()
    while begin < end and text[begin].isspace():
        begin += 1
    tail = text[begin:end].rstrip()
    if tail:
        spans.append((begin, begin + len(tail)))
    return spans


def _is_abbreviation(text: str, floor: int, stop: int) -> bool:
    """Whether the stop at `stop` belongs to the word before it: a title, a month, an initial, U.S."""
    begin = stop
    while begin > floor and stop - begin < 12 and (text[begin - 1].isalnum() or text[begin - 1] == "."):
        begin -= 1
    word = text[begin:stop]
    if len(word) == 1:
        return word.isalpha() and word.isupper()
    return word.lower() in _ABBREVIATIONS or ("." in word and all(len(part) == 1 for part in word.split(".")))


def is_abbreviation(word: str) -> bool:
    """Whether a word without its stop is one that brings a stop: a title, a month, a unit.

    >>> is_abbreviation("Gen"), is_abbreviation("general")
    (True, False)
    """
    return word.lower() in _ABBREVIATIONS


@lru_cache(maxsize=64)
def word_list(language: str, name: str) -> frozenset[str]:
    """The words of languages/<language>/<name>.txt; empty if there is no such file."""
    file = files("newsclean") / "languages" / language / f"{name}.txt"
    if not language or not file.is_file():
        return frozenset()
    lines = file.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


# Signs of program code, markup and drawn trees in a line; spacing means something there.
_CODE_SIGNS = (*"{}\\`│├└", "=>", "==", "&&", "||", "</", "/>")
_ASSIGNED = re.compile(r"\s*[A-Za-z_][\w.]*[ ]+= ")
_CALL = re.compile(r"\((?<=\w\()\w*\)")
# A line that is one call with arguments, and no sentence with brackets at its end.
_WHOLE_CALL = re.compile(
    r"\s*(?:(?:if|elif|while|return|await|yield) )?[A-Za-z_][A-Za-z0-9_.]*\((?:[^.!?]|[.!?](?!\s))*\)[;:]?\s?$"
)
_ENDED = re.compile(r"\)\s*;\s*$")
_STATEMENT = re.compile(r"\s*(?:[$#>] |//|def |import |var |let )")


def looks_like_code(line: str) -> bool:
    """Whether a line may be program code, a formula or markup rather than prose.

    >>> looks_like_code("let total = sum(prices);"), looks_like_code("The deal (signed in May) has collapsed.")
    (True, False)
    >>> looks_like_code("x = a[i] if a else []"), looks_like_code('print(i , end=" ")'), looks_like_code("│   ├── harbour")
    (True, True, True)
    """
    if _STATEMENT.match(line) or _ASSIGNED.match(line) or any(sign in line for sign in _CODE_SIGNS):
        return True
    return ")" in line and bool(_CALL.search(line) or _ENDED.search(line) or _WHOLE_CALL.match(line))
