"""Space before punctuation, and text taken apart into tokens: `The ceasefire , which`, `Boeing 's`, `“ We are ready , ”`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.token_signs import watch_signs
from newsclean.tokens import Tokens, is_abbreviation, looks_like_code, word_list

PASS = "sentences"
ORDER = 22
FAMILY = "punctuation"
RULES = MappingProxyType({"spaced_punctuation": 0.99, "spaced_clitic": 0.99, "spaced_quote": 0.99})

_SPACE = "[ \u00a0]"
# `. . .` and ` :)` are no damage; neither is `2 : 1`. A sign that stands before a letter is a name (.NET) or a price.
_SIGN = re.compile(r" ([,.;:?!])(?=\s|$|[\"”’»)\]])(?![ \u00a0]?[.)(])")
_SIGNS = watch_signs((" ", ".,;?"))
_CLITICS = watch_signs((" ", "'’", "a"), (" ", "'’", "A"), (" ", "n", "'’"), (" ", "A", "'’"))
_CURLIES = watch_signs(("“", " "), (" ", "”"))
_NO_LEFT = frozenset(" \t\n\u00a0.([{*+=/|<>\\~^&#@_$-")
# French sets a space before these; where the language is unknown it may be French.
_FRENCH = frozenset(";:?!")
_CLITIC = re.compile(r" (?:['’](?:[sdmSDM]|re|ve|ll|RE|VE|LL)(?![\w'’-])|([nN]['’][tT]\b))")
_BEFORE_NT = re.compile(
    r"\b(?:do|does|did|is|are|was|were|has|have|had|ca|wo|ai|would|could|should|must|might|need)$", re.IGNORECASE
)
_CURLY = re.compile("[“”]")
_STRAIGHT = re.compile(r'"(?<!\S")(?!\S)')
_INSIDE = re.compile(rf"{_SPACE}(?:(?<=\(.){_SPACE}*(?=\w)|(?<=[\w.%].){_SPACE}*(?=\)(?:\s|$|[.,;])))")
_BRACKETS = ("( ", "(\u00a0", " )", "\u00a0)")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_NEEDS_MORE = frozenset("the a an of to from by with at for into our their his its my your".split())
# `withdraw .Residents`, `enthalten ,weitere`: the space stands on the wrong side.
_WRONG_SIDE = re.compile(r" ([,.?!])(?<=[^\W\d_]{2}..)(?=([^\W\d_]{2,})(?![.@\w/]\w))")
# Languages that open with “ and close with ”. German closes with “, Swedish opens with ”.
_CURLY_PAIRS = frozenset({"en", "es", "pt", "it", "nl", "fr", "zh"})

NEEDS = frozenset((_SIGNS, _CLITICS, _CURLIES))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """The spaces that no typesetter puts there."""
    language = context.language
    # Where the lines begin in which a sign stands by itself; False for program code.
    tokenised: dict[int, bool] = {}
    for place in tokens.places(_SIGNS):
        match = _SIGN.match(text, place)
        wrong_side = _WRONG_SIDE.match(text, place)
        if match:
            at = place
            while at and text[at - 1] in " \u00a0":
                at -= 1
            if not at or text[at - 1] in _NO_LEFT or not _is_damage(text, at, match, language):
                continue
            start, end = tokens.line_at(at)
            if start not in tokenised:
                tokenised[start] = not looks_like_code(text[start:end])
            if tokenised[start]:
                yield _edit(at, text[at : match.start(1)], "spaced_punctuation", "space before")
        elif wrong_side and _is_wrong_side(text, wrong_side, language):
            reason = "space before punctuation, none behind"
            put = wrong_side[1] + " "
            yield Edit(place, wrong_side[0], put, "spaced_punctuation", reason, RULES["spaced_punctuation"], FAMILY)
    if language == "en":
        for at in tokens.places(_CLITICS):
            clitic = _CLITIC.match(text, at)
            if clitic is None:
                continue
            if clitic[1]:
                fits = _BEFORE_NT.search(text, max(0, at - 8), at) is not None
            else:
                fits = at > 0 and text[at - 1].isalpha() and text[at - 1].isascii()
            if fits:
                yield _edit(at, clitic[0][0], "spaced_clitic", "space inside a contraction or possessive")
    if language in _CURLY_PAIRS and tokens.places(_CURLIES) and "„" not in text:
        yield from _inside_curly(text)
    for start in [start for start, prose in tokenised.items() if prose]:
        yield from _of_tokenised_line(text, *tokens.line_at(start))


def _is_damage(text: str, start: int, match: re.Match[str], language: str) -> bool:
    """Whether the space from `start` to the sign is one too many."""
    sign, end = match[1], match.end()
    # `According to the , which`: a word is missing; `evtl . und`: whoever sets it so does it on purpose or everywhere.
    left = _LAST_WORD.search(text, max(0, start - 30), start)
    if left and (left[0] in _NEEDS_MORE if sign != "." else language != "en" and is_abbreviation(left[0])):
        return False
    if sign in _FRENCH and language in ("fr", ""):
        return False
    if sign == ":" and text[start - 1].isdigit() and text[end : end + 2].strip()[:1].isdigit():
        return False
    if sign == "." and text[start - 1] == "…":
        return False
    # `Home . News . Sport`: a stop after every word or two parts the items of a menu.
    if sign == ".":
        before = text[max(0, start - 40) : start]
        after = text[end : end + 40]
        words_before = len(before.rsplit(" . ", 1)[-1].split()) if " . " in before else 9
        words_after = len(after.split(" . ", 1)[0].split()) if " . " in after else 9
        return words_before > 2 and words_after > 2
    return True


def _is_wrong_side(text: str, match: re.Match[str], language: str) -> bool:
    sign, word = match[1], match[2]
    if sign == ",":
        return word.islower()
    if not (word[0].isupper() and word[1:].islower()):
        return False  # .NET, .com
    left = _LAST_WORD.search(text, max(0, match.start() - 30), match.start())
    if left is None or word in word_list(language, "openers"):
        return left is not None
    lexicon = word_list(language, "lexicon")
    # The rapper .Paak has a name that no list knows.
    return left[0].islower() and (word.lower() in lexicon if lexicon else bool(language))


def _inside_curly(text: str) -> Iterator[Edit]:
    """Spaces behind “ and before ”, where the two stand as a pair in one line: `ourselves? “ she wrote` is none."""
    opening = -1
    for match in _CURLY.finditer(text):
        at = match.start()
        if match[0] == "“":
            opening = at if opening < 0 else -1  # a second “ before any ” : one of them looks the wrong way
            continue
        if opening >= 0 and at - opening < 1000 and "\n" not in text[opening:at]:
            inner = text[opening + 1 : at]
            head, tail = len(inner) - len(inner.lstrip(" \u00a0")), len(inner) - len(inner.rstrip(" \u00a0"))
            if inner.strip():
                # Typesetters part a quote from the quote inside it: `“ ‘No,’ ”`.
                head, tail = head * (inner.strip()[0] not in "‘'"), tail * (inner.strip()[-1] not in "’'")
                if head and (opening == 0 or text[opening - 1].isspace() or text[opening - 1] == "("):
                    yield _edit(opening + 1, inner[:head], "spaced_quote", "space inside quotes")
                if tail and not text[at + 1 : at + 2].isalnum():
                    yield _edit(at - tail, inner[-tail:], "spaced_quote", "space inside quotes")
        opening = -1


def _of_tokenised_line(text: str, start: int, end: int) -> Iterator[Edit]:
    """Spaced straight quotes and brackets, in a line whose commas and stops stand by themselves."""
    line = text[start:end]
    quotes = '"' in line and [match.start() for match in _STRAIGHT.finditer(line)]
    if quotes and len(quotes) % 2 == 0 and line.count('"') == len(quotes):
        for opening, closing in zip(quotes[::2], quotes[1::2], strict=True):
            if line[opening + 1 : opening + 2] == " ":
                yield _edit(start + opening + 1, " ", "spaced_quote", "space inside quotes")
            if line[closing - 1 : closing] == " ":
                yield _edit(start + closing - 1, " ", "spaced_quote", "space inside quotes")
    for match in _INSIDE.finditer(line) if any(pair in line for pair in _BRACKETS) else ():
        yield _edit(start + match.start(), match[0], "spaced_punctuation", "space inside brackets")


def _edit(start: int, spaces: str, rule: str, reason: str) -> Edit:
    full = f"{reason} punctuation" if reason == "space before" else reason
    return Edit(start, spaces, "", rule, full, RULES[rule], FAMILY)
