"""What a whole collection knows: lines that repeat at the edge of different stories of one source; `learn`.

A line is furniture when it opens or closes articles that have little else in common. A paragraph that a wire sends to
many papers repeats as well, but in articles that share most of their text: those count as one story. Lines inside the
text (speakers, subheadings, background paragraphs) and credits are never learned.
"""

from __future__ import annotations

import json
import math
import zlib
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import regex

from newsclean import language, rulebook
from newsclean.model import Article
from newsclean.rulebook import LearnedLine
from newsclean.settings import CleanSettings

# Fewest articles of one source from which anything is learned: below, three stories may be all there is of a series.
MIN_ARTICLES = 5

# Articles kept of one source, and of all: those with the smallest hash of their text, so that the order in which they
# come does not matter. A line in 1 % of a source's articles is seen ten times in a thousand. 50,000 articles take about
# 100 MB, since the first and last EDGE lines are kept compressed.
PER_SOURCE = 1000
IN_ALL = 50_000
EDGE = 25

# Different stories that must have the line: a short line, and one as long as a sentence. With 3 and 5 the 110 MB of
# development articles (369 sources) teach six lines of article text, all of them quotations or names (`_QUOTED`,
# `_ATTRIBUTION`); with 3 and 6 and those left out, none.
STORIES = 3
STORIES_LONG = 6

# Share of the articles with the line that have it at its place (nothing before, or nothing after, but furniture), and
# share of the source's articles that have it. Column titles stay below the second, and are often at the head.
AT_PLACE = 0.9
SHARE = 0.005
SHARE_HEAD = 0.05
SHARE_NAME = 0.5

# Two articles are one story when they share this much of the long lines of the shorter one.
SAME_STORY = 0.3
LONG = 80

# Longer lines are paragraphs, and not looked at.
LONGEST = 1000

# Articles with the line that are compared with each other; more than this many stories need not be told apart.
COMPARED = 40

_QUOTED = regex.compile(r"[“”«»„「」『』\"]")
_NAME = regex.compile(r"^(?:(?:\p{Lu}[\p{L}'’.-]*+|of|the|and|for|in|on|de|la|der|die|das)(?:[\s,&]++|$)){1,5}$")
_ATTRIBUTION = regex.compile(
    r"^[—–-]?\s*(?:\p{Lu}[\p{L}'’.-]*+\s+){1,3}\p{Lu}[\p{L}'’.-]*+,\s+(?:(?:the|of|and|for|\p{Lu}[\p{L}'’.-]*+)(?:\s+|$))+$"
)
_LETTER = regex.compile(r"\p{L}{2}|\p{Han}")


@dataclass(frozen=True, slots=True)
class LearnedRules:
    """Lines that repeat, sorted by source, place and text; `articles` of `sources` were read for them."""

    lines: tuple[LearnedLine, ...]
    articles: int = 0
    sources: int = 0

    def to_toml(self) -> str:
        """A rules file: readable, and read back by the `rules` setting."""
        head = (
            f"# Learned from {self.articles} articles of {self.sources} sources: lines that open or close different stories.\n"
            "# Delete an entry to keep its line; `count` is articles of those compared, `stories` of them different ones.\n"
        )
        return head + "".join(_entry(line) for line in self.lines)


def learn(articles: Iterable[Article]) -> LearnedRules:
    """What repeats at the edges of different stories, per source (articles without a source are one source, "").

    One reading, in bounded memory; the order of the articles does not matter.
    """
    kept = _Sample()
    for article in articles:
        kept.add(article)
    lines = [line for source, pages in kept.sources() for line in _of_source(source, pages)]
    lines.sort(key=lambda line: (line.source, line.where, line.example, line.key))
    return LearnedRules(tuple(lines), kept.seen, kept.source_count)


class _Sample:
    """Of every source the articles with the smallest hashes, compressed; fewer of each when there are many sources."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
        self._each = PER_SOURCE
        self._total = 0
        self.seen = 0

    @property
    def source_count(self) -> int:
        return len(self._kept)

    def add(self, article: Article) -> None:
        self.seen += 1
        text = article.text.encode("utf-8", "surrogatepass")
        name = blake2b(text, digest_size=16).digest()
        mine = self._kept[article.source]
        if len(mine) >= self._each and name >= mine[-1][0]:
            return
        entry = (name, zlib.compress(text, 1))
        if any(one[0] == name for one in mine[max(0, _at(mine, name) - 1) : _at(mine, name) + 1]):
            return  # the same text again
        insort(mine, entry)
        self._total += 1
        if len(mine) > self._each:
            mine.pop()
            self._total -= 1
        while self._total > IN_ALL and self._each > MIN_ARTICLES:
            # Never order-dependent: at the end each source has its `_each` smallest, and `_each` is the largest
            # halving of PER_SOURCE with which all of them fit.
            self._each = max(MIN_ARTICLES, self._each // 2)
            for one in self._kept.values():
                del one[self._each :]
            self._total = sum(map(len, self._kept.values()))

    def sources(self) -> Iterator[tuple[str, list[str]]]:
        for source in sorted(self._kept):
            mine = self._kept[source]
            if len(mine) >= MIN_ARTICLES:
                yield source, [zlib.decompress(packed).decode("utf-8", "surrogatepass") for _, packed in mine]


def _at(entries: Sequence[tuple[bytes, bytes]], name: bytes) -> int:
    low, high = 0, len(entries)
    while low < high:
        middle = (low + high) // 2
        if entries[middle][0] <= name:
            low = middle + 1
        else:
            high = middle
    return low


def _of_source(source: str, texts: Sequence[str]) -> Iterator[LearnedLine]:
    """The lines to learn from the articles of one source, all of them different texts."""
    articles = [[line for line in map(str.strip, text.splitlines()) if line] for text in texts]
    keys = [[rulebook.line_key(line) for line in lines] for lines in articles]
    edges: Counter[str] = Counter()
    for own, lines in zip(keys, articles, strict=True):
        near = (i for i in range(len(lines)) if i < EDGE or i >= len(lines) - EDGE)
        edges.update({own[i] for i in near if _can_be_learned(lines[i])})
    repeated = {key for key, count in edges.items() if count >= STORIES}
    placed, spelled = _places(articles, keys, repeated)
    long_lines = [
        frozenset(key for key, line in zip(own, lines, strict=True) if len(line) >= LONG)
        for own, lines in zip(keys, articles, strict=True)
    ]
    noted = _Credits(texts)
    for key in sorted(repeated):
        line = min(spelled[key].items(), key=lambda item: (-item[1], item[0]))[0]
        where = _where(placed[key])
        if not where or not _often(line, where, len(placed[key]), len(texts)) or noted.holds(line):
            continue
        stories = _stories([number for number, _, _ in placed[key]], long_lines, key)
        if stories >= (STORIES_LONG if len(line) >= LONG else STORIES):
            yield LearnedLine(source, key, where, len(placed[key]), stories, line)


def _places(
    articles: Sequence[Sequence[str]], keys: Sequence[Sequence[str]], repeated: set[str]
) -> tuple[dict[str, list[tuple[int, bool, bool]]], dict[str, Counter[str]]]:
    """For each repeated line: the articles with it, each with whether it stands before, and after, all that does not
    repeat (furniture hides the furniture beside it); and how it is spelled."""
    placed: dict[str, list[tuple[int, bool, bool]]] = defaultdict(list)
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    for number, (own, lines) in enumerate(zip(keys, articles, strict=True)):
        text = [i for i, key in enumerate(own) if key not in repeated] or [len(own), -1]
        done: set[str] = set()
        for i, key in enumerate(own):
            if key in repeated and key not in done:
                done.add(key)
                placed[key].append((number, i < text[0], i > text[-1]))
                spelled[key][lines[i]] += 1
    return placed, spelled


def _where(placed: Sequence[tuple[int, bool, bool]]) -> str:
    """`tail` or `head` if the line is nearly always there, else nothing: inside the text nothing is learned."""
    if sum(last for _, _, last in placed) >= AT_PLACE * len(placed):
        return "tail"
    if sum(first for _, first, _ in placed) >= AT_PLACE * len(placed):
        return "head"
    return ""


def _can_be_learned(line: str) -> bool:
    # Quotations, and names with an outlet or office behind them, are attributions; a colon introduces what follows.
    return (
        bool(_LETTER.search(line))
        and len(line) <= LONGEST
        and not _QUOTED.search(line)
        and not _ATTRIBUTION.match(line)
        and line[-1] not in ":："
    )


def _often(line: str, where: str, count: int, articles: int) -> bool:
    """Whether enough of the source's articles have the line.

    What is written like a name or title must be in most of them, and at the head it is never learned: “From the Left”
    opens the text of a digest.
    """
    share = SHARE_HEAD if where == "head" else SHARE
    if _NAME.match(line):
        if where == "head" and not line.isupper():
            return False
        share = SHARE_NAME
    return count >= max(STORIES, math.ceil(share * articles))


class _Credits:
    """Bylines and credits, which stay: what the notes of the rules find in the source's language."""

    def __init__(self, texts: Sequence[str]) -> None:
        code, confidence = language.detect("\n".join(text[:400] for text in texts[:5]))
        book = rulebook.for_context(code if confidence >= 0.5 else "", "", CleanSettings())
        self._notes = [rule for rule in book.rules if rule.action == "note" and rule.scope != "span"]

    def holds(self, line: str) -> bool:
        return any(rule.search(line) is not None for rule in self._notes)


def _stories(articles: Sequence[int], long_lines: Sequence[frozenset[str]], key: str) -> int:
    """How many different stories the articles are, up to COMPARED: those that share much text are one."""
    kept: list[frozenset[str]] = []
    for number in articles[:COMPARED]:
        own = long_lines[number] - {key}
        if all(len(own & other) < max(1, SAME_STORY * min(len(own), len(other))) for other in kept):
            kept.append(own)
    return len(kept)


def _entry(line: LearnedLine) -> str:
    # A line is named by its text where the text says it all; very long ones by their hash, with the beginning to read.
    named = f"text = {_string(line.example)}" if len(line.example) <= 300 else f'hash = "{line.key}"'
    example = "" if len(line.example) <= 300 else f"example = {_string(line.example[:200])}\n"
    return (
        f"\n[[line]]\nsource = {_string(line.source)}\n{named}\n"
        f'where = "{line.where}"\ncount = {line.count}\nstories = {line.stories}\n{example}'
    )


def _string(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, all but DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
