"""Two to eight words said twice by accident: `the release of the release of the men`, `to sign the deal to sign the deal.`"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_repeats import SPEAKER, Repeat
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 54
FAMILY = "doubling"
RULES = MappingProxyType({"doubled_phrase": 0.985, "echo_tail": 0.985})
LANGUAGES = frozenset({"en"})

_PRONOUNS = frozenset("i you he she it we they that what who which there".split())

# "drop by drop by", "day after day after", "over and over and": pairs that end so come from a chain.
_LINKS_LAST = frozenset("and or nor but after upon over against plus versus".split())
_LINKS_FIRST = frozenset("or nor but so very plus thank no yes not never".split())

# What is said twice with `by`, `to`, `for`, `on`, `in`, `from` or `than` between: "time to time", "one by one".
_REDUPLICATED = frozenset(
    "time door coast wall face back side head shore house state day person hand cheek eye end city place one "
    "town block "
    "year week month generation country school job room table point bar peer business ground air sea step little "
    "drop bit "
    "brick case line page inch word pound dollar tit like layer more less man woman mile piece child frame shot "
    "minute "
    "hour player team race election island village street town two three four ten hundred thousand arm shoulder bumper "
    "toe nose mouth heart blow cover pole knee neck finger heel seat stone thread cell floor vote game season".split()
)
_LINKS_BETWEEN = frozenset("by to for on in from than as with".split())

# "going to have to have", "what I want to do to do it": an infinitive may follow its own twin.
_INFINITIVE = frozenset("have be do get use go make help see say know win keep".split())

_SAYINGS = frozenset([("same", "old"), ("after", "another"), ("upon", "another"), ("way", "way"), ("far", "far")])

# The nouns of "a majority of the majority", "friends of friends of friends".
_RECURSIVE = frozenset(
    "majority minority friend friends best worst rest end coverup cover-up thousands millions billions hundreds tons".split()
)

# What may stand where a doubled phrase meets itself: "the edge of the edge of the city".
_SMALL = frozenset(
    "the a an of to in on for at by with from as is was were are has have had be been it its he his their".split()
)

_AUXILIARIES = frozenset(
    "is are was were am has have had do does did will would can could may might must shall should".split()
)
# "all that was done was done by them", "a senator who would serve would serve until May"
_RELATIVE = re.compile(
    r"\b(?:who\w*|that|which|what\w*|where\w*|how\w*|all|those|people|every\w*|any\w*)\b[^.;:?!]*$", re.IGNORECASE
)
# "as much as much as we like"
_COMPARED = frozenset(
    "much many long well far soon good bad big fast hard high low little few often close early late easy simple strong old new "
    "young possible usual ever such if though it".split()
)

# "call a spade a spade", "from one day to the next day to the next"
_NAMING = re.compile(r"\b(?:call|name|label|consider|deem|brand|keep|kept|make|made|mak|let)\w*\s+$")

# "when you know you know", "it is what it is it is"
_ASKING = re.compile(
    r"\b(?:when|if|once|what\w*|wh\w+|how\w*|as|because|and|think|know|that|say|says|said|is|was)\W+$|"
    r"[^\w\s,”\"]\s*$",
    re.IGNORECASE,
)

_LETTERS = re.compile(r"[^\W\d_]+(?:['’‑-][^\W\d_]+)*['’]?")

_KEEPS_GOING = re.compile(r"['’]?s? (?:own )?sakes?\b")
_SENTENCE_END = re.compile(r"[.?!…][\"'”’)\]]*\s*$")

# A line of verse or a chant has no stop and is short. Shortest prose line in which a double was seen: 31 characters.
_SHORTEST_PROSE = 30
_SHORTEST_UNSTOPPED = 80

# Quotation marks are counted this far back; no paragraph of the development articles is half as long.
_FAR_BACK = 4000

NEEDS = frozenset(("repeats",))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The second saying of the phrase, with the space before it. English only."""
    done = -1
    found = [repeat for repeat in tokens.said.repeats if len(repeat.words) > 1]
    starts = [repeat.first for repeat in found]
    for repeat in found:
        if repeat.first < done:
            continue
        near = found[bisect_left(starts, 2 * repeat.first - repeat.second) : bisect_left(starts, repeat.second)]
        overlapping = [other for other in near if other is not repeat and len(other.words) == len(repeat.words)]
        if (overlapping and _is_chain(repeat, overlapping)) or not _is_accident(text, repeat, tokens):
            continue
        done = repeat.end
        ends = text[repeat.end : repeat.end + 1] in (".", "?", "!")
        rule = "echo_tail" if ends else "doubled_phrase"
        said = text[repeat.second : repeat.end]
        reason = f"“{said}” {'again before the stop' if ends else 'twice in a row'}"
        yield Edit(repeat.second - 1, text[repeat.second - 1 : repeat.end], "", rule, reason, RULES[rule], FAMILY)


def _is_chain(repeat: Repeat, overlapping: list[Repeat]) -> bool:
    """Whether the words go round on purpose: "drop by drop by drop", "meetings to prepare for meetings to "
    "prepare for meetings".

    "the edge of the edge of the city" goes round by one small word only, and is an accident.
    """
    if len(repeat.words) == 2 or len(overlapping) > 1 or not {"and", "or"}.isdisjoint(repeat.words):
        return True
    later = max(repeat, overlapping[0], key=lambda one: one.first)
    return later.words[-1] not in _SMALL


def _is_accident(text: str, repeat: Repeat, tokens: Tokens) -> bool:
    first, second = text[repeat.first : repeat.second - 1], text[repeat.second : repeat.end]
    if not all(_LETTERS.fullmatch(word) for word in repeat.words):
        return False  # figures in a row are a table
    begin, end = tokens.line_at(repeat.first)
    if end - begin < _SHORTEST_PROSE or SPEAKER.match(text, begin):
        return False
    if not _is_prose_case(text, first, second, repeat, begin):
        return False
    # A credit or a link doubled by its page is furniture, and a line of verse is a refrain.
    if (second[0].isupper() or end - begin < _SHORTEST_UNSTOPPED) and not _SENTENCE_END.search(
        text, max(begin, end - 12), end
    ):
        return False
    # Three times is a chant or a sound, and so is what stands alone in quotation marks.
    said = " ".join(repeat.words)
    if tokens.lower.startswith(said, repeat.end + 1) or tokens.lower.endswith(said, 0, repeat.first - 1):
        return False
    if text[repeat.first - 1 : repeat.first] in tuple("“\"‘'«„") and text[repeat.end : repeat.end + 2].strip()[
        :1
    ] in tuple("”\"’'».,!"):
        return False
    if text[repeat.end : repeat.end + 1] == "!":
        return False
    if (repeat.words[0] == "of" and repeat.words[-1] in _RECURSIVE) or (
        repeat.words[-1] == "of" and repeat.words[0] in _RECURSIVE
    ):
        return False
    before = text[max(begin, repeat.first - 60) : repeat.first]
    if _NAMING.search(before) or _KEEPS_GOING.match(text, repeat.end):
        return False  # "keep the main thing the main thing", "choice for choice for choice's sake"
    # Speakers add up: "we were rolled and held off and held off", "this one or the one before or the one before".
    if repeat.words[0] in ("or", "nor") or (
        repeat.words[0] == "and" and ("more" in repeat.words or _in_quotation(text, begin, repeat.first))
    ):
        return False
    if repeat.words[-1] == "to" and re.search(r"\bfrom\W$", before):
        return False  # "from category to category to keep up"
    return len(repeat.words) > 2 or _is_accidental_pair(text, repeat)


_SAYING = frozenset("said says told asked added wrote".split())
_SMALL_FIRST = frozenset(
    "the a an he she it they we who what when in on at for to and but if as this these those his her their".split()
)
# "the hotel New York New York"
_DOUBLE_NAMES = frozenset([("new", "york"), ("walla", "walla"), ("duran", "duran"), ("baden", "baden")])


def _is_prose_case(text: str, first: str, second: str, repeat: Repeat, line: int) -> bool:
    """Whether the capitals are those of running text: a doubled name or headline is no accident of the sentence."""
    if second[0].islower():
        # The first saying may open the sentence: "The army the army said".
        return first == second or (first[0].isupper() and first[1:] == second[1:])
    if first != second or text[repeat.end : repeat.end + 2] in (" –", " —", " -"):
        return False
    words = second.split()
    before = text[line : repeat.first].rstrip("\"“‘'")
    said = len(words) == 2 and words[1] in _SAYING
    if not before or before[-2:] in (". ", "? ", "! "):
        # "The army said The army said": a headline doubled has more capitals.
        opening = len(words) > 2 or said or words[0].lower() in _SMALL_FIRST
        return opening and sum(word[0].islower() for word in words) >= len(words) - 1
    # Inside a sentence: "from Indian airspace Indian airspace". Two capitals alone are a name, and only a stop behind
    # them says that the name was meant once.
    inside = before[-1] == " " and (before[-2:-1].isalnum() or before[-2:-1] in tuple(",.\"”’'"))
    stopped = text[repeat.end : repeat.end + 1] in (".", "?")
    if (
        all(word[0].isupper() for word in words)
        and not stopped
        and text[repeat.end : repeat.end + 1] not in tuple(",;:")
    ):
        return False  # "Introducing Harbour Plan Two Harbour Plan Two is": a heading, and the sentence below it
    return inside and (len(words) > 2 or words[1][0].islower() or (stopped and repeat.words not in _DOUBLE_NAMES))


def _in_quotation(text: str, line: int, position: int) -> bool:
    """Whether a quotation that opened in this line is still open."""
    line = max(line, position - _FAR_BACK)
    return text.count("“", line, position) > text.count("”", line, position) or text.count('"', line, position) % 2 == 1


def _is_accidental_pair(text: str, repeat: Repeat) -> bool:
    one, two = repeat.words
    ends = text[repeat.end : repeat.end + 1] in (".", "?", "!")
    before = text[max(0, repeat.first - 60) : repeat.first]
    if one == two or one in _LINKS_FIRST or two in _LINKS_LAST or two in ("he", "she", "i") or (one, two) in _SAYINGS:
        return False
    if two in _LINKS_BETWEEN and one in _REDUPLICATED:
        return False
    if one in _AUXILIARIES and _RELATIVE.search(before):
        return False
    if one == "as" and two in _COMPARED:
        return False
    if one == "and":
        # "cried and cried", "fewer and fewer" are meant; "editors and writers and writers" is not.
        return len(two) > 5 and not two.endswith(("ed", "ing", "er"))
    if one in _PRONOUNS:
        # "say it is it is", "when you know you know"; but ” he said he said. and "the house they own they own."
        return ends and (before.endswith(("” ", '" ')) or not _ASKING.search(before))
    return not (one == "to" and two in _INFINITIVE)
