"""A full stop inside a sentence: `entered the. city at dawn`; the fragment that came with one: `forces won. do not`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit, Flag
from newsclean.token_signs import watch_signs, watch_words
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 64
FAMILY = "garble"
RULES = MappingProxyType({"stop_inside": 0.99, "stop_before_small_letter": 0.97, "stray_fragment": 0.99})
LANGUAGES = frozenset({"en"})

_STOPS = watch_signs((".", " ", "a"))
_STOP = re.compile(r"\. (?=[a-z]{2})")
_RIGHT_WORD = re.compile(r"[a-z'’]+")

# Names that begin small, addresses and code: `. iPads`, `. pic.twitter.com`, `. https:`, `. al-Qaida`.
_NO_WORD = re.compile(
    r"[a-z]+(?:[A-Z0-9_@/\\]|\.\w|:/|\()|(?:al|el|de|du|da|di|von|van|bin|ibn|ben|der|la|le|bell|del|dos|abu|ter|"
    r"ul)\b[ \-][A-Z]|https?\b|www\b"
)

# Nothing in English ends with these...
_CANNOT_END = frozenset(
    "the a an of and or from into his its their our my your every whose than because although nor via per "
    "between among "
    "if as is be was were are upon toward towards during these".split()
)
# ...and nothing begins with these, if not with a capital.
_CANNOT_BEGIN = frozenset(
    "of than be been were was is are has had or and by with from into for at on in to as that which who whose "
    "until".split()
)

# "won. do not" was "won't": what is left of a contraction, and the small verbs that translation engines leave behind.
_CONTRACTION = frozenset(
    "won don didn isn aren wasn weren couldn wouldn shouldn hasn haven hadn doesn ain mustn needn shan".split()
)
_FRAGMENTS = _CONTRACTION | frozenset(
    "did so would has is had have will could should may might do does can was were are be".split()
)
_VERB_AGAIN = re.compile(
    r"(?:do|does|did|will|would|can|could|should|shall|has|have|had|is|are|was|were|must)(?: not|n['’]t)?\b"
)

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_DATES = watch_words(*(name.lower() for name in (*_MONTHS, *_DAYS)))
# "taken in. October, are alive": what follows is no sentence, for its verb has no subject but the date.
_DATE_CUT = re.compile(
    rf"(\. )(?:{'|'.join((*_MONTHS, *_DAYS))})(?: \d{{1,2}})?(?:, \d{{4}})?,? "
    r"(?:is|are|was|were|has|have|had|will|would)\b"
)
_BEFORE_DATE = re.compile(r"\b(?:in|on|since|until|by|from|during|last|next|this)$")
_LAST_WORD = re.compile(r"[^\s\"“”‘(\[]*$")

NEEDS = frozenset((_STOPS, _DATES))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit | Flag]:
    """A stop goes where the word before it cannot end a sentence; elsewhere it is flagged. English only."""
    for place in tokens.places(_STOPS):
        stop = _STOP.match(text, place)
        if (
            not stop
            or not text[max(0, stop.start() - 2) : stop.start()].isalpha()
            or not text[stop.start() - 1].islower()
            or _NO_WORD.match(text, stop.end())
        ):
            continue
        before = _LAST_WORD.search(text, max(0, stop.start() - 40), stop.start())
        left = before[0] if before else ""
        plain = re.sub(r"^[A-Za-z]{1,2}[-–.]+", "", left).lower()  # (R-Ky. is an abbreviation with its party
        if not left or plain in word_list("en", "abbreviations") or "." in left or "@" in left or "/" in left:
            continue
        following = _RIGHT_WORD.match(text, stop.end())
        right = following[0] if following else ""
        yield _judged(text, stop.start(), stop.end(), left.lower(), right)
    for place in tokens.places(_DATES):
        cut = _DATE_CUT.match(text, place - 2) if place > 1 else None
        if cut and _BEFORE_DATE.search(text, max(0, cut.start() - 8), cut.start()):
            yield _joined(cut.start(), "a sentence cannot end before its date")


def _judged(text: str, start: int, end: int, left: str, right: str) -> Edit | Flag:
    if left in _FRAGMENTS and (left in _CONTRACTION or left not in _CANNOT_END):
        begin = start - len(left)
        deleted = Flag(
            "stray_fragment",
            begin,
            end + len(right),
            "stray_fragment",
            f"“{left}.” belongs to no sentence",
            RULES["stray_fragment"],
            right,
        )
        if left in _CONTRACTION or _VERB_AGAIN.match(text, end) or left == "so":
            return deleted
        return Flag(
            "stray_fragment",
            begin,
            end + len(right),
            "stray_fragment",
            f"“{left}.” may belong to no sentence",
            RULES["stray_fragment"],
            None,
        )
    if (left in _CANNOT_END and left not in _FRAGMENTS) or (
        right in _CANNOT_BEGIN and left not in _FRAGMENTS and right in ("of", "than", "been")
    ):
        return _joined(
            start, f"no sentence ends with “{left}”" if left in _CANNOT_END else f"no sentence begins with “{right}”"
        )
    return Flag(
        "stop_inside",
        start - len(left),
        end + len(right),
        "stop_before_small_letter",
        "a small letter after a full stop: the sentence goes on, or its capital is lost",
        RULES["stop_before_small_letter"],
        None,
    )


def _joined(start: int, reason: str) -> Edit:
    return Edit(start, ". ", " ", "stop_inside", reason, RULES["stop_inside"], FAMILY)
