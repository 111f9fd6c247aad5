"""English contractions and possessives whose apostrophe was lost: `They re late`, `the minister s office`, `isnt`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs, watch_words
from newsclean.tokens import Tokens, is_abbreviation, word_list

PASS = "sentences"
ORDER = 36
FAMILY = "punctuation"
RULES = MappingProxyType({"apostrophe_to_space": 0.984, "apostrophe_lost": 0.985, "possessive_lost": 0.88})
LANGUAGES = frozenset({"en"})

# The lonely end of a contraction, and what may stand before it.
_LONELY = re.compile(
    r"[ \u00a0](?:(t)|(s)|(ve)|(ll)|(re)|(d)|(m))(?=[ \u00a0,.;?!\n”\"—–)]|$)(?!\.[ \u00a0]?[A-Za-z]\.)"
)
_LONELY_LETTERS = watch_signs((" ", "s", ' ,.;?\n”"–)'))
_LONELY_ENDS = watch_words("ve", "ll", "re")
_LEFT = re.compile(r"(?<![\w'’-])[A-Za-z][\w.&-]{0,40}$")
_HEADS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn mustn needn can ain mightn shan",
        "",  # any word of two letters or more may have a possessive
        "i you we they who would could should might must there",
        "i you he she it we they who that there this what",
        "you we they who what there",
        "i you he she it we they who that there",
        "i",
    )
)
# Behind any word but these `s` is a possessive, and its noun follows: `health expert s.` and `tax cut s that` are plurals
# taken apart, which stood in 5.8 million words of news four times, and no possessive once.
_SAYS_IS = frozenset(
    "it he she that this what there here who where how when why let everyone everything someone".split()
)
_NOUN_FOLLOWS = re.compile(
    r"[ \u00a0](?!(?:also|that|which|who|of|to|and|or|but|nor|in|on|at|for|from|with|by|as|than|is|are|was|were|be|been|has|"
    r"have|had|will|would|can|could|may|might|should|must|do|does|did|the|a|an|this|these|those|it|they|he|she|we|you|I|"
    r"not|if|when|while|because|so|then|there|here|said|says|say)\b)[^\W\d_]"
)
# `They re elected him`: a prefix.
_RE_VERB = re.compile(r"[ \u00a0](?:elect|examin|open|enter|start|build|evaluat|consider|think)(?!\w*ing\b)")
# `the Crimes Act s 61`: a section.
_LAWS = frozenset(("Act", "Code", "Constitution", "Ordinance"))
# The letter or the plural ending itself is meant.
_NAMES_THE_LETTER = frozenset(
    "letter letters plural the small capital double or and with an single silent extra final of a to in".split()
)

_CLOSED = MappingProxyType(
    {
        word.replace("'", ""): word
        for word in (
            "don't doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't wouldn't couldn't shouldn't "
            "mustn't ain't needn't they're you're they've you've we've they'll you'll it'll that'll they'd you'd "
            "he's she's that's there's what's where's here's who's would've could've should've might've "
            "women's children's someone's everyone's anyone's today's "
            "can't won't it's let's i'm i've"
        ).split()
    }
)
# Words too, but no contraction where one of these follows: "its a pity", "cant be", "Im not".
_VERBS = (
    "be|been|do|have|get|go|say|see|let|take|make|stop|happen|work|know|come|change|give|allow|help|wait|afford|find|"
    "keep|believe|tell|even|just|always|ever|really|imagine|talk|think"
)
_ONLY_BEFORE = MappingProxyType(
    {
        "cant": re.compile(rf" (?:{_VERBS})\b"),
        "wont": re.compile(rf" (?:{_VERBS})\b"),
        "its": re.compile(  # but `its a la carte menu`
            r" (?:(?:a|an|the|been|because|gonna)|not (?:a|an|the|going|just|only|clear|about|that|like|easy))"
            r"(?= (?!(?:la|cappella|priori|posteriori)\b)[a-z])"
        ),
        "lets": re.compile(r" (?:be|go|get|see|hope|face|not|start|say|talk|look|just|make sure|keep|take a)\b"),
        "im": re.compile(
            r" (?:not|going|sure|sorry|just|trying|glad|afraid|happy|proud|looking|pretty|really|very|a)\b"
        ),
        "ive": re.compile(r" (?:been|got|had|never|always|seen|done|ever|heard|known|made|said|lost|told|come|gone)\b"),
    }
)
# "his wont be damned": a habit, whatever stands behind it.
_HAS_A_WONT = re.compile(r"(?:\b(?:his|her|their|its|my|our|your|whose)|['’]s|s['’]) $", re.IGNORECASE)
_LOST = re.compile(r"(?<![\w'’#@./-])(?:" + "|".join(sorted(_CLOSED)) + r")(?!['’.@/_-]?\w)", re.IGNORECASE)
# A plural in -ies has no -ys: `the countrys president` lost its apostrophe, if its writer can spell.
_STEMS = (
    "country company city family body party industry economy university agency army ministry story county community "
    "century baby lady authority society security military presidency navy"
)
_POSSESSIVES = watch_words(*(f"{stem}s" for stem in _STEMS.split()))
_POSSESSIVE = re.compile(
    r"(?<![\w'’#@./-])[A-Za-z][a-z]+ys(?= [a-z]{2})(?! (?:and|or|of|in|on|at|to|for|are|were|have|that|who)\b)"
)
_LOST_WORDS = watch_words(*_CLOSED)
_MESSAGE = re.compile(r"https?:|t\.co/|(?<!\w)[#@]\w|\btweet|\b(?:u|ur|gon|gonna|lol|smh|omg)\b", re.IGNORECASE)

NEEDS = frozenset((_LONELY_LETTERS, _LONELY_ENDS, _POSSESSIVES, _LOST_WORDS))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The apostrophe in the place of the space; without a space only in words that cannot be others."""
    sign = _apostrophe(text)
    lonely = {*tokens.places(_LONELY_LETTERS), *(place - 1 for place in tokens.places(_LONELY_ENDS) if place)}
    for place in sorted(lonely):
        match = _LONELY.match(text, place)
        if match is None:
            continue
        kind = match.lastindex or 1
        left = _LEFT.search(text, max(0, match.start() - 42), match.start())
        # `doing this s—.`: a letter with a dash behind it is a word that the paper does not print.
        fits = left is not None and _is_head(left[0], kind) and text[match.end() : match.end() + 1] not in ("—", "–")
        if fits and left and kind == 2 and left[0].lower() not in _SAYS_IS:
            # `Variables s represent` and `Georges s`: a plural has no second s.
            plural = (
                left[0].endswith("s") and not left[0].endswith("ss") and left[0].lower() in word_list("en", "lexicon")
            )
            # Jupiter s 79 moons
            counted = (
                left[0][0].isupper() and left[0] not in _LAWS and text[match.end() + 1 : match.end() + 2].isdigit()
            )
            fits = not plural and (counted or _NOUN_FOLLOWS.match(text, match.end()) is not None)
        if fits and not (kind == 5 and _RE_VERB.match(text, match.end())):
            reason = "a space where the apostrophe was"
            yield Edit(
                match.start(),
                match[0][0],
                sign,
                "apostrophe_to_space",
                reason,
                RULES["apostrophe_to_space"],
                FAMILY,
            )
    for place in tokens.places(_POSSESSIVES):
        stem = _POSSESSIVE.match(text, place)
        if stem and stem[0][1:].islower():
            reason = "a plural that English has not: perhaps a possessive without its apostrophe"
            meant = f"{stem[0][:-1]}{sign}s"
            yield Edit(place, stem[0], meant, "possessive_lost", reason, RULES["possessive_lost"], FAMILY)
    lost = [match for place in tokens.places(_LOST_WORDS) if (match := _LOST.match(text, place)) and _is_lost(match)]
    # A long text that writes one `n't` writes them all; what it has without is a quoted message.
    if not lost or (len(text) > 1000 and ("n’t " in text or "n't " in text)):
        return
    names: dict[str, bool] = {}
    for match in lost:
        word = match[0]
        first_person = word in ("Im", "Ive")
        if first_person and word not in names:
            names[word] = _is_surname(word, text)
        if names.get(word):
            continue
        opens = word[0].isupper() and word[1:].islower() and _begins_sentence(text, match.start())
        if not (first_person or (word.islower() and word not in ("im", "ive", "lets")) or opens):
            continue
        if word == "wont" and _HAS_A_WONT.search(text, max(0, match.start() - 8), match.start()):
            continue
        # People write messages without apostrophes, and papers quote them as they are. Dear, so it is looked at last.
        start, end = tokens.line_at(match.start())
        if _MESSAGE.search(text, max(start, match.start() - 300), min(end, match.end() + 300)):
            continue
        at = match.start() + _CLOSED[word.lower()].index("'")
        reason = "a contraction without its apostrophe"
        yield Edit(at, "", sign, "apostrophe_lost", reason, RULES["apostrophe_lost"], FAMILY)


def _is_lost(match: re.Match[str]) -> bool:
    """Whether what follows makes a contraction of a word that can also be another."""
    only_before = _ONLY_BEFORE.get(match[0].lower())
    return only_before is None or only_before.match(match.string, match.end()) is not None


def _is_head(word: str, kind: int) -> bool:
    """Whether the word can stand before this end; `kind` counts the groups of _LONELY."""
    if kind == 2:
        return len(word) > 1 and word[-1].isalpha() and word.lower() not in _NAMES_THE_LETTER
    return word.lower() in _HEADS[kind - 1]


def _is_surname(word: str, text: str) -> bool:
    """Whether the text has a person by that name: `Jony Ive`, `Mr. Im`."""
    for match in re.finditer(rf" {word}\b", text):
        left = _LEFT.search(text, max(0, match.start() - 42), match.start())
        if left is None or not left[0][0].isupper() or left[0] in word_list("en", "openers"):
            continue
        if not left[0].endswith(".") or is_abbreviation(left[0][:-1]):
            return True
    return False


def _apostrophe(text: str) -> str:
    """The sign this text uses: the curly one if it has curly quotes of any kind."""
    return "’" if "’" in text or "“" in text else "'"


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" \u00a0\"“‘'(")
    return not before or before[-1] in ".?!\n:…"
