"""Sentences with no space between them: `said.The talks`, `he said.“This is`, `at dawn,officials said`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 30
FAMILY = "punctuation"
RULES = MappingProxyType({"glued_sentence": 0.99, "glued_comma": 0.99})

_STOPS = watch_signs((".?", "A", "aA'’ "), (".?", '"”’“(', "A"), (".?", '"”’)', '"“('))
_COMMAS = watch_signs((",", "aA"), (",", '"“”', "aA"))
# A stop, perhaps a quote or bracket, and a letter that is not a small Latin one.
_STOP = re.compile(r"[.?!][\"”“’»«)]?[\"“(«]?(?=[^\W\d_a-z])")
# Look-behinds stand behind the sign: a pattern that begins with a plain sign is searched for ten times as fast.
_COMMA = re.compile(r",(?<=[^\W_][^\W\d_],)[\"”“»]?(?=[^\W\d_]{2}|[aI] )")
_LEFT = re.compile(r"[^\W\d_]+$")
_RIGHT = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TOKEN_LEFT = re.compile(r"\S*$")
_TOKEN_RIGHT = re.compile(r"\S*")

# Ends of addresses and of brand names, as people write them with a capital.
_ADDRESS_ENDS = frozenset(
    "com org net gov edu info biz eu uk tv fm js io ai app dev blog news online pdf doc docx jpg jpeg png gif "
    "html php txt csv xml "
    "zip exe mp3 mp4 la md py asp aspx".split()
)
_TITLES = frozenset("mr mrs ms dr prof gen lt col sgt capt gov sen sens rep reps brig adm rev".split())
_INNER_CAPITAL = re.compile(r"(?:Mc|Mac|De|Di|La|Le|Van|Von|Fitz|O['’])[A-Z]")
# How far back to look for the straight quote before: two long paragraphs.
_LONGEST_QUOTE = 2_000
_OPENING = {"“": "en es pt it nl fr ru pl zh", "«": "fr es it pt ru pl", "»": "de da"}
_CLOSING = {"“": "de cs sk bg hr sl pl", "«": "de da", "»": "fr es it pt ru pl"}

NEEDS = frozenset((_STOPS, _COMMAS))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """A space behind the stop or comma, unless the dot belongs to a name, an address, a file or a number."""
    for place in tokens.places(_STOPS):
        match = _STOP.match(text, place)
        if match is None:
            continue
        at = _break(text, match, context.language, tokens)
        if at is not None:
            reason = "no space between two sentences"
            yield Edit(at, "", " ", "glued_sentence", reason, RULES["glued_sentence"], FAMILY)
    for place in tokens.places(_COMMAS):
        match = _COMMA.match(text, place)
        at = _after_comma(text, match, context.language, tokens) if match else None
        if at is not None:
            yield Edit(at, "", " ", "glued_comma", "no space behind a comma", RULES["glued_comma"], FAMILY)


def _break(text: str, match: re.Match[str], language: str, tokens: Tokens) -> int | None:
    """Where the space belongs, or None if no sentence ends here."""
    start, end = match.span()
    right = _RIGHT.match(text, end)
    if right is None or not text[end].isupper():
        return None
    before = text[max(0, start - 60) : start]
    quoted = match[0][1:]
    left = _LEFT.search(before)
    word = right[0]
    if not _can_open(text, right):
        return None
    sign = match[0][0]
    if not quoted:
        if left is None:
            # Behind a bracket, a percent sign or a quote there is no name to spoil; behind a number there may be.
            fits = before[-1:] in tuple(')]%”’"') or (before[-1:].isdigit() and word in word_list(language, "openers"))
            if not fits or (before[-1:].isdigit() and before[-2:-1] in tuple(".,")):
                return None
        elif not _can_close(text, left[0], word, before, language, sign):
            return None
        if _is_address(text, start, right, before):
            return None
        return start + 1
    if left is None and before[-1:] not in tuple(')]%”’"…') and not before[-1:].isdigit():
        return None
    if left is not None and (len(left[0]) < 2 or _is_address(text, start, right, before)):
        return None
    return _beside_quote(text, start, quoted, language, tokens)


def _can_open(text: str, right: re.Match[str]) -> bool:
    """Whether the word behind the stop looks like the first of a sentence."""
    word = right[0]
    following = text[right.end() : right.end() + 2]
    if following[:1] in tuple("(_=@/\\") or (following[:1] == "." and following[1:].isalnum() and len(word) > 1):
        return False
    if word.lower() in _ADDRESS_ENDS:
        return False
    if len(word) == 1:
        return following[:1] in (" ", "\u00a0") and word in "IAOEÀÉYВИКОСУЯАЕ"
    inner = word[1:]
    return inner.islower() or word.isupper() or "'" in word or "’" in word or _INNER_CAPITAL.match(word) is not None


def _can_close(text: str, left: str, word: str, before: str, language: str, sign: str) -> bool:
    """Whether the word before the stop can end a sentence that `word` follows."""
    if len(left) == 1:
        # U.S.The: only a word that is small elsewhere can follow an abbreviation without a space by mistake.
        return (
            bool(re.search(r"(?:\b[A-Z]\.)+[A-Z]$", before))
            and word in word_list(language, "openers")
            and len(word) > 1
        )
    if left.islower():
        return not (word.isupper() and len(word) > 1) or len(left) > 3 or left in word_list(language, "lexicon")
    if left.lower() in _TITLES:
        return True
    if sign == "?":
        return True
    if not left[1:].islower() and not left.isupper():
        return word in word_list(language, "openers")  # iPhone.Das, McKinsey.The
    # Table.Briefings, Booking.Holdings: two capitals and a dot are a name, unless the second is small elsewhere.
    return word in word_list(language, "openers")


def _is_address(text: str, start: int, right: re.Match[str], before: str) -> bool:
    """Whether the stop stands inside a web or mail address, a file name, a tag or a path."""
    head = _TOKEN_LEFT.search(before)
    tail = _TOKEN_RIGHT.match(text, start)
    left = head[0] if head else ""
    whole = left + (tail[0][:80] if tail else "")
    if any(sign in whole for sign in ("://", "www.", "@", "_", "\\", ".com", ".org", ".net")):
        return True
    return left[:1] in ("#", ".", "/", "~") or ("/" in left and "." in left)


def _beside_quote(text: str, start: int, quoted: str, language: str, tokens: Tokens) -> int | None:
    """Before an opening quote or bracket, behind a closing one."""
    sign = quoted[0]
    if len(quoted) == 2:
        return start + 2 if sign in '"”’»)' and quoted[1] in '"“(«' else None
    if sign in ")”’":
        return start + 2
    if sign == "(":
        return start + 1
    if sign == '"':
        # The quote before this one tells: if that one opened, this one closes.
        line_start, _ = tokens.line_at(start)
        other = text.rfind('"', max(line_start, start - _LONGEST_QUOTE), start)
        if other < 0:
            return start + 1 if start - line_start < _LONGEST_QUOTE else None
        opened = other == line_start or text[other - 1] in " (\u00a0"
        closed = text[other + 1] in " ,.;:)" and not opened
        return start + 2 if opened and text[other + 1] != " " else start + 1 if closed else None
    german = sign == "“" and "„" in text
    if language in _OPENING.get(sign, "").split() and not german:
        return start + 1
    if language in _CLOSING.get(sign, "").split() or german:
        return start + 2
    return None


def _after_comma(text: str, match: re.Match[str], language: str, tokens: Tokens) -> int | None:
    start = match.start()
    if text[start - 1] > "\u2e7f" or text[match.end()] > "\u2e7f":
        return None  # East Asian text has no space behind any comma
    head = _TOKEN_LEFT.search(text, max(0, start - 60), start)
    tail = _TOKEN_RIGHT.match(text, start, min(len(text), start + 80))
    whole = ((head[0] if head else "") + (tail[0] if tail else "")).rstrip(',.;:!?"”’)')
    # word,word,word is a list of tags or a column of data; so is anything with an address in it.
    if whole.count(",") > 2 or any(sign in whole for sign in "@/\\=_#{}<>|()[];:"):
        return None
    if whole.count(",") == 2 or any(sign in whole.lower() for sign in ("www", ".com", ".org", ".net")):
        return None
    quoted = match[0][1:]
    if not quoted:
        return start + 1
    return _beside_quote(text, start, quoted, language, tokens)
