"""Repairs a damaged sentence from its undamaged copy: takes over what undoes the damage, and nothing that says something else."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from newsclean import facts
from newsclean.edit_hunks import hunks
from newsclean.model import Edit, Findings, Flag
from newsclean.tokens import Tokens, word_list

# Two sentences are versions of one when so much of their words is the same (Dice). A sentence with an echo of four words
# and a synonym or two still reaches .6; two sentences of one story about the same people stay below .45.
SAME_SENTENCE = 0.55

# Fewer words say too little to be found again in a copy.
_FEWEST_WORDS = 4

_PIECE = re.compile(r"\s+|[^\W_]+(?:['’][^\W_]+)*|.", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORD_OR_MARK = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]")
_PLAIN_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})
_FRAGMENTS = frozenset(
    "won don didn isn aren wasn weren couldn wouldn shouldn hasn haven hadn doesn did so would has is had have will could "
    "should may might do does can was were are be".split()
)
_SHOUTED = frozenset("AND OR BUT THE OF IN WITH TO FOR AT FROM BY ON AS A AN".split())
_LONGEST_MOVE = 5  # words between the place a word left and the place it went to
_WORDS_TRIED = 8  # of a sentence, the rarest: where to look for its copies
_PLACES_TRIED = 24  # for each of them, those nearest to where the sentence stands in the article
_AROUND = 200  # characters around a difference that tell what explains it: no word, echo or move is longer

# How often each explanation was right on development articles with damaged and spun copies (benchmarks/twins.py).
RULES = {
    "twin.doubled": 0.995,
    "twin.stop": 0.995,
    "twin.fragment": 0.99,
    "twin.stray_capital": 0.99,
    "twin.word_or_word": 0.99,
    "twin.split_word": 0.99,
    "twin.glued_words": 0.99,
    "twin.apostrophe": 0.99,
    "twin.capitals": 0.99,
    "twin.cut_word": 0.98,
    "twin.stray_word": 0.98,
    "twin.moved_word": 0.98,
}
_SAYS = {
    "doubled": "the article says words twice",
    "stop": "the article has a full stop inside the sentence",
    "fragment": "the article has a fragment with a full stop inside the sentence",
    "stray_capital": "the article has a stray capitalised word before the stop",
    "word_or_word": "the article has one noun on both sides of a conjunction",
    "split_word": "a word is split in the article",
    "glued_words": "two words are glued in the article",
    "apostrophe": "an apostrophe is lost in the article",
    "capitals": "a small word stands in capitals in the article",
    "cut_word": "a word is cut off in the article",
    "stray_word": "the article has a word that no copy has",
    "moved_word": "a word stands elsewhere in every copy",
}
# These say the same words; the fact guard has nothing to compare in them.
_SAME_WORDS = frozenset(
    {"doubled", "stop", "fragment", "word_or_word", "split_word", "glued_words", "apostrophe", "capitals"}
)
# These need the agreement of two copies, or of the one there is with a judge of word order; so does a word said twice
# that may be meant.
_DOUBTFUL = frozenset({"stray_word", "moved_word"})

_STRAY = frozenset({"stray_word", "stray_capital"})


@dataclass(frozen=True, slots=True)
class _Version:
    """A sentence of a copy that says what a sentence of the article says."""

    copy: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Difference:
    """Where a version differs: sentence[start:end] is `put` there; `kind` is the damage that explains it.

    What is too much may be cut out at several places with one result; `start` is the first of them, and `reach` the end
    of the last. `doubtful`: one copy alone does not tell which version is damaged.
    """

    start: int
    end: int
    put: str
    kind: str
    reach: int
    doubtful: bool


def repair_from_copies(
    text: str, language: str, copies: Sequence[tuple[str, str]], flags: Iterable[Flag] = ()
) -> Findings:
    """The edits that undo damage of `text` which its copies do not have; each names the copy and the span in it.

    `copies` are (id, cleaned text) of articles in the same cluster. A difference is taken over where mechanical damage
    explains how the copy's words became the article's; a stray or moved word, where two copies agree. What a copy shares
    with the article stays, and so does every difference in numbers, names, negations and choice of words.
    `flags` count in `text`; where one stands on a stray word, one copy is enough.
    """
    flagged = _Spans((flag.start, flag.end) for flag in flags)
    tokens = Tokens(text)
    known = _Known(language, (text, *(copy for _, copy in copies)))
    books = [_Book(identity, copy) for identity, copy in copies]
    found: list[Edit] = []
    for start, end in tokens.sentences:
        sentence = text[start:end]
        if any(book.says(sentence) for book in books):
            continue
        versions = [version for book in books if (version := book.version_of(sentence, start / len(text)))]
        if not versions:
            continue
        for difference, version, voices in _agreed(sentence, versions, known, flagged, start):
            rule = f"twin.{difference.kind}"
            agreed = f"; {voices} copies agree" if voices > 1 else ""
            found.append(
                Edit(
                    start + difference.start,
                    sentence[difference.start : difference.end],
                    difference.put,
                    rule,
                    f"{_SAYS[difference.kind]}; copy {version.copy} [{version.start}:{version.end}]{agreed}",
                    RULES[rule],
                    "twins",
                )
            )
    return Findings(tuple(found))


def _agreed(
    sentence: str, versions: Sequence[_Version], known: _Known, flagged: _Spans, offset: int
) -> list[tuple[_Difference, _Version, int]]:
    """The differences to take over: explained, contradicted by no copy, and doubtful ones by two copies at least.

    `flagged` counts in the text, in which the sentence begins at `offset`.
    """
    votes: dict[tuple[int, int, str], list[tuple[_Difference, _Version]]] = defaultdict(list)
    touched: list[_Spans] = []
    for version in versions:
        spans = []
        for difference in _differences(sentence, version.text, known):
            spans.append((difference.start, difference.reach))
            if difference.kind:
                votes[(difference.start, difference.end, _plain(difference.put))].append((difference, version))
        touched.append(_Spans(spans))
    taken: list[tuple[_Difference, _Version, int]] = []
    ends: list[int] = []  # of those taken, which stay in order and apart
    # Most voices first, then the smaller change.
    for (start, end, _), voices in sorted(
        votes.items(), key=lambda item: (-len(item[1]), item[0][1] - item[0][0], item[0])
    ):
        difference, version = voices[0]
        at = bisect_left(ends, start)
        if at < len(taken) and taken[at][0].start <= end:
            continue
        if not all(spans.touch(start, difference.reach) for spans in touched):
            continue  # a copy has it as the article has it
        if difference.doubtful and len(voices) < 2 and not flagged.touch(offset + start + 1, offset + end - 1):
            continue
        low, high = max(0, start - _AROUND), end + _AROUND
        changed = sentence[low:start] + difference.put + sentence[end:high]
        if difference.kind not in _SAME_WORDS and facts.difference(
            sentence[low:high], changed, language=known.language, strict=False
        ):
            continue
        taken.insert(at, (difference, version, len(voices)))
        ends.insert(at, end)
    return taken


class _Spans:
    """Spans that can be asked whether one of them touches another."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))

    def touch(self, start: int, end: int) -> bool:
        """Whether one of them begins at `end` or before and ends at `start` or behind."""
        before = bisect_right(self._starts, end)
        return before > 0 and self._reach[before - 1] >= start


def _differences(sentence: str, other: str, known: _Known) -> list[_Difference]:
    """Where the other version differs from the sentence, each with the damage that explains it, if one does."""
    ours, theirs = _PIECE.findall(sentence), _PIECE.findall(other)
    places = [0]
    for piece in ours:
        places.append(places[-1] + len(piece))
    differing = [
        (places[i], places[j], "".join(theirs[k:m]))
        for i, j, k, m in hunks([_plain(one) for one in ours], [_plain(one) for one in theirs])
    ]
    found: list[tuple[_Difference, list[str]]] = []  # with the words that stand there
    at = 0
    while at < len(differing):
        # One damage may show as several hunks near each other: a moved word as two, a split word as three.
        for count in (1, 2, 3):
            group = differing[at : at + count]
            start, end = group[0][0], group[-1][1]
            if len(group) < count or (count > 1 and not _is_near(sentence, start, end)):
                continue
            put = _joined(sentence, group)
            around = _AROUND + 2 * (end - start + len(put))
            low, high = max(0, start - around), end + around
            kind = _explained(sentence[low:start] + put + sentence[end:high], sentence[low:high], known)
            if kind:
                words = _WORD.findall(sentence[start:end].lower())
                found.append((_difference(sentence, start, end, put, kind), words))
                at += count
                break
        else:
            found.append((_difference(sentence, *differing[at], ""), []))
            at += 1
    # A word that the other version has elsewhere is neither stray nor doubled: it moved further than can be judged.
    elsewhere = {word.lower() for one, _ in found if not one.kind for word in _WORD.findall(one.put)}
    put_in = {one.put.strip().lower() for one, _ in found if not one.kind and one.start == one.end}
    return [
        replace(one, kind="")
        if len(words) == 1
        and words[0] in (put_in if one.kind == "doubled" else elsewhere if one.kind in _STRAY else ())
        else one
        for one, words in found
    ]


def _is_near(sentence: str, start: int, end: int) -> bool:
    return end - start <= _AROUND and len(_WORD.findall(sentence[start:end])) <= _LONGEST_MOVE + 1


def _difference(sentence: str, start: int, end: int, put: str, kind: str) -> _Difference:
    doubtful = kind in _DOUBTFUL or kind.endswith("?")
    kind = kind.rstrip("?")
    reach = end
    if not put:
        size = end - start
        first, last = max(0, start - _AROUND), min(len(sentence), end + _AROUND)
        while reach < last and sentence[reach] == sentence[reach - size]:
            reach += 1
        while start > first and sentence[start - 1] == sentence[start - 1 + size]:
            start -= 1
        end = start + size
    return _Difference(start, end, put, kind, reach, doubtful)


def _joined(sentence: str, group: Sequence[tuple[int, int, str]]) -> str:
    put = group[0][2]
    for (_, before, _), (start, _, text) in pairwise(group):
        put += sentence[before:start] + text
    return put


def _explained(good: str, bad: str, known: _Known) -> str:
    """The kind of damage that makes `bad` out of `good`; empty when none does."""
    good, bad = _plain(good), _plain(bad)
    start = 0
    while start < min(len(good), len(bad)) and good[start] == bad[start]:
        start += 1
    rest = 0
    while rest < min(len(good), len(bad)) - start and good[-1 - rest] == bad[-1 - rest]:
        rest += 1
    lost, added = good[start : len(good) - rest], bad[start : len(bad) - rest]
    if not lost:
        return _added(good, bad, start, added, known)
    if not added:
        return _lost(good, bad, start, lost, known)
    if added.lower() == lost and _whole_word(bad, start, start + len(added)) in _SHOUTED:
        return "capitals"
    return "moved_word" if _is_moved(good, bad) else ""


def _added(good: str, bad: str, start: int, added: str, known: _Known) -> str:
    words = added.split()
    if not words:
        left, right = _halves(bad, start, start + len(added))
        halves = known(left) + known(right)
        if not left or not right:
            return ""
        whole = known(left + right)
        sure = (halves == 0 or (halves == 1 and whole)) if known.has_list else (halves < 2 and whole)
        return "split_word" if sure else "split_word?"
    # The same text may be added a few characters earlier or later: all rotations are one.
    size = len(added)
    loose = added.replace("-", " ")
    if loose in (good[max(0, start - size) : start].replace("-", " "), good[start : start + size].replace("-", " ")):
        if not _WORD.search(added) or re.search(r"\d", added) or " " not in added:
            return ""
        return "doubled?" if known.may_be_said_twice(loose) else "doubled"
    text = added
    while start and not text[0].isspace() and bad[start - 1] == text[-1]:
        text = text[-1] + text[:-1]
        start -= 1
    following = bad[start + size :].lstrip()[:1]
    if text.strip() == "." and following.islower():
        return "stop"
    words = text.split()
    if len(words) == 1:
        word = words[0]
        if word.endswith(".") and word[:-1] in _FRAGMENTS and following.islower():
            return "fragment"
        if word.istitle() and following in ".!?" and following and word.lower() in word_list("en", "small_words"):
            return "stray_capital"
        if word.isalpha() and word.islower() and known(word):
            return "stray_word"
    if len(words) == 2 and words[0] in ("or", "and"):
        before = _WORD.findall(bad[:start])
        return "word_or_word" if before and before[-1] == words[1] else ""
    return ""


def _lost(good: str, bad: str, start: int, lost: str, known: _Known) -> str:
    if lost.isspace():
        left, right = _halves(good, start, start + len(lost))
        unglued = known(left) and known(right) and not known(left + right)
        return "glued_words" if left and right and unglued else ""
    if lost == "'" and bad[start - 1 : start].isalpha() and bad[start : start + 1].isalpha():
        return "apostrophe"
    if lost == "'t" and _word_around(bad, start) in _FRAGMENTS:
        return "cut_word"
    if lost.isalpha() and lost.islower() and 1 < len(lost) < 4:
        # "governme" for "government": nothing stands behind the cut, and what is left is no word.
        cut = _word_around(bad, start)
        whole = _word_around(good, start)
        if whole.startswith(cut) and len(whole) > 6:
            return "cut_word" if known.has_list and not known(cut) else "cut_word?"
    return ""


def _is_moved(good: str, bad: str) -> bool:
    """Whether one word stands up to five words away from where it was, and all else is the same."""
    ours, theirs = _WORD_OR_MARK.findall(bad), _WORD_OR_MARK.findall(good)
    if ours == theirs or len(ours) != len(theirs) or Counter(ours) != Counter(theirs):
        return False
    first = next(at for at, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
    last = len(ours) - 1 - next(at for at, (a, b) in enumerate(zip(ours[::-1], theirs[::-1], strict=True)) if a != b)
    mine, other = ours[first : last + 1], theirs[first : last + 1]
    return last - first <= _LONGEST_MOVE and (mine[1:] + mine[:1] == other or mine[-1:] + mine[:-1] == other)


def _whole_word(text: str, start: int, end: int) -> str:
    """text[start:end] if it is a word of its own, or the word it is the end of; else empty."""
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]


def _word_around(text: str, position: int) -> str:
    return _whole_word(text, position, position)


def _halves(text: str, start: int, end: int) -> tuple[str, str]:
    """The words that end at `start` and begin at `end`."""
    before, behind = start, end
    while before and text[before - 1].isalnum():
        before -= 1
    while behind < len(text) and text[behind].isalnum():
        behind += 1
    return text[before:start], text[end:behind]


def _plain(text: str) -> str:
    return text.translate(_PLAIN_QUOTES)


class _Known:
    """Whether a word is one: the language's lists have it, or the texts at hand say it twice.

    Without a list (`has_list`), that a word is not known says little: it may be a word that is said once.
    """

    def __init__(self, language: str, texts: Iterable[str]) -> None:
        self.language = language
        self.has_list = language == "en"
        self._said: Counter[str] = Counter()
        for text in texts:
            self._said.update(set(re.findall(r"[^\W_]+", text.lower())))

    def __call__(self, word: str) -> bool:
        small = word.lower()
        return self._said[small] > 1 or (self.has_list and small in _lexicon())

    def may_be_said_twice(self, text: str) -> bool:
        """Whether the text is a word that good prose of the language says twice: `had had`, `very very`, `die die`.

        Without a list of such words, any word may be one.
        """
        words = {word.lower() for word in _WORD.findall(text)}
        twice = word_list(self.language, "said_twice")
        return words <= twice if twice else len(words) == 1


class _Book:
    """A copy, ready to be asked for its version of a sentence."""

    def __init__(self, identity: str, text: str) -> None:
        self.identity = identity
        self.text = text
        spans = list(Tokens(text).sentences)
        # A stop lost or won splits otherwise than in the article: two neighbours in one line count as a sentence too.
        spans += [(a, d) for (a, b), (c, d) in pairwise(spans) if "\n" not in text[b:c]]
        spans.sort()
        self._spans = spans
        self._said = {_plain(text[start:end]) for start, end in spans}
        self._bags = [_bag(text[start:end]) for start, end in spans]
        self._sizes = [bag.total() for bag in self._bags]
        self._where: dict[str, list[int]] = defaultdict(list)
        for number, bag in enumerate(self._bags):
            for word in bag:
                self._where[word].append(number)

    def says(self, sentence: str) -> bool:
        """Whether the copy has this very sentence, but for the form of its quotes."""
        return _plain(sentence) in self._said

    def version_of(self, sentence: str, place: float) -> _Version | None:
        """The sentence that says the same, if one does. `place`: where the sentence stands in its article, in [0, 1]."""
        bag = _bag(sentence)
        size = bag.total()
        if size < _FEWEST_WORDS:
            return None
        rare = sorted((word for word in bag if word in self._where), key=lambda word: (len(self._where[word]), word))
        tried = {number for word in rare[:_WORDS_TRIED] for number in self._near(self._where[word], place)}
        best, best_score = -1, 0.0
        for number in sorted(tried):
            most = min(size, self._sizes[number])
            if 2 * most < SAME_SENTENCE * (size + self._sizes[number]):
                continue
            score = 2 * (bag & self._bags[number]).total() / (size + self._sizes[number])
            if score > best_score:
                best, best_score = number, score
        if best_score < SAME_SENTENCE:
            return None
        start, end = self._spans[best]
        return _Version(self.identity, start, end, self.text[start:end])

    def _near(self, numbers: Sequence[int], place: float) -> Sequence[int]:
        """Those of the numbered spans that stand nearest to the place: all of them, unless a text repeats itself."""
        if len(numbers) <= _PLACES_TRIED:
            return numbers
        at = bisect_left(numbers, place * len(self._spans))
        first = max(0, min(at - _PLACES_TRIED // 2, len(numbers) - _PLACES_TRIED))
        return numbers[first : first + _PLACES_TRIED]


def _bag(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text.lower()))


@lru_cache(maxsize=1)
def _lexicon() -> frozenset[str]:
    return word_list("en", "lexicon") | word_list("en", "small_words")
