"""A word left over at the end of a clause: `their children's freedom Dear.`, `half will go to the north going,`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType

from newsclean.model import Context, Flag
from newsclean.token_signs import watch_last_words, watch_signs
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 70
FAMILY = "garble"
RULES = MappingProxyType({"stray_capital": 0.99, "leftover_word": 0.75})
LANGUAGES = frozenset({"en"})

# The patterns of this module begin with plain characters: that is what the matcher finds ten times as fast.
_CAPITAL_LAST = re.compile(r" (?P<word>[A-Z][a-z]+)[.!?](?=[\s”\"]|$)")
_LAST_WORDS = watch_last_words(*word_list("en", "small_words"))
_SMALL_BEFORE = re.compile(r"(?<![\w'’\-])[a-z]+(?:['’][a-z]+)? $")

# Behind these a capital is a title or a label: "the song Let it Be", "voted Present", "a journal called Vaccine".
_BEFORE_A_TITLE = frozenset(
    "the a an of in on to for and with by at from as is was were be been are or but not this that his her their "
    "its my our "
    "your no called titled named into about like over it song book film movie show journal magazine album series "
    "play novel "
    "vote voted voting yelling shouted saying said read reads reading marked word words too very".split()
)

# "-ing," or "-ing." at the end of a clause.
_GERUND_ENDS = watch_signs(("n", "g", ".,;"))
_GERUND = re.compile(r" (?P<word>(?P<stem>go|ly|[a-z]{3,})ing)$")
_CLAUSE_BREAK = re.compile(r"[.,;:!?—–()“”\"\n]")
# Before these a gerund is at home: "kept it going," "by going," "are going," "to the people fleeing," is not.
_GERUND_AT_HOME = frozenset(
    "a an the of in on to for and with by at from as is was were be been are am or but not this that his her "
    "their its my our your it "
    "them him us me you i we they he she keep kept keeps keeping get gets got getting start started starts stop "
    "stopped stops without while "
    "when after before since despite through about like than more most less how what who which where there here "
    "so too very just still "
    "also even only always never again now then up down out off away back go goes went come comes came began "
    "begin begins continue "
    "continues continued of if though although until because such new own all any no one being".split()
)
# Nouns that end like gerunds and stand beside their verb: "he felt that feeling".
_NOUNS = frozenset(
    "inning meeting feeling building funding hearing setting spending voting meaning being evening morning "
    "painting".split()
)
# Base and past of the verbs whose gerund is left over: the verb stands earlier in the same clause.
_IRREGULAR = {
    "go": "went gone",
    "com": "came come",
    "tak": "took taken take",
    "giv": "gave given give",
    "mak": "made make",
    "leav": "left leave",
    "see": "saw seen",
    "say": "said",
    "hold": "held",
    "send": "sent",
    "meet": "met",
    "speak": "spoke spoken",
    "tell": "told",
    "bring": "brought",
    "fall": "fell fallen",
    "ris": "rose risen rise",
    "driv": "drove driven drive",
    "fly": "flew flown flies",
    "liv": "lived live lives",
    "mov": "moved move moves",
    "return": "returned",
    "reach": "reached",
    "arriv": "arrived arrive arrives",
    "enter": "entered",
    "runn": "ran run runs",
    "sitt": "sat sit sits",
    "sett": "set",
    "putt": "put puts",
    "gett": "got get gets",
    "ly": "lie lay lies",
}

NEEDS = frozenset((_LAST_WORDS, _GERUND_ENDS))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Flag]:
    """Flags only: whether the word is too much, or another one is lost, nobody knows. English only."""
    known = word_list("en", "small_words")
    for place in tokens.places(_LAST_WORDS):
        last = _CAPITAL_LAST.match(text, place - 1) if place else None
        if not last or last["word"].lower() not in known:
            continue
        before = _SMALL_BEFORE.search(text, max(0, last.start() - 24), last.start() + 1)
        if before and before[0].rstrip() not in _BEFORE_A_TITLE:
            begin = before.start()
            yield Flag(
                "stray_capital",
                begin,
                last.end(),
                "stray_capital",
                f"“{last['word']}” is no name, and a sentence does not end on a capital",
                RULES["stray_capital"],
                None,
            )
    for place in tokens.places(_GERUND_ENDS):
        end = place + 2
        if text[place - 1] != "i":
            continue
        space = text.rfind(" ", max(0, end - 24), end)
        gerund = _GERUND.match(text, space, end) if space >= 0 else None
        if not gerund or gerund["word"].endswith("thing") or gerund["word"] in _NOUNS:
            continue
        space = text.rfind(" ", 0, gerund.start())
        begin = max(space, text.rfind("\n", space + 1, gerund.start())) + 1
        before_word = text[begin : gerund.start()]
        if before_word.lower() in _GERUND_AT_HOME or not before_word[-1:].isalpha():
            continue
        clause = _CLAUSE_BREAK.split(text[max(0, begin - 90) : begin])[-1].lower().split()
        if _same_verb(gerund["stem"]).intersection(clause[-8:]):
            yield Flag(
                "leftover_word",
                begin,
                end + 1,
                "leftover_word",
                f"“{gerund['word']}” says its verb a second time in the clause",
                RULES["leftover_word"],
                before_word + text[end],
            )


@lru_cache(maxsize=512)
def _same_verb(stem: str) -> frozenset[str]:
    """The finite forms of the verb whose gerund is stem + "ing"."""
    forms = {stem, f"{stem}s", f"{stem}es", f"{stem}ed", f"{stem}e", *_IRREGULAR.get(stem, "").split()}
    if len(stem) > 2 and stem[-1] == stem[-2]:
        forms |= {stem[:-1], f"{stem[:-1]}s", f"{stem}ed"}
    if stem.endswith("e"):
        forms.add(f"{stem}d")
    return frozenset(forms)
