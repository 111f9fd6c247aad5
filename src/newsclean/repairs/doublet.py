"""Two translations of one thing side by side: `prisoners or prisoners`, `people briefed on the talks have been informed`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from newsclean.model import Context, Flag
from newsclean.token_signs import watch_words
from newsclean.tokens import Tokens

PASS = "sentences"
ORDER = 72
FAMILY = "garble"
RULES = MappingProxyType({"word_or_word": 0.99, "doublet_predicate": 0.5, "scrambled_clause": 0.5})
LANGUAGES = frozenset({"en"})

# "prisoners or prisoners": a noun of some length. "may or may not", "cash or cash flow", "day or day after" go on.
_OR = re.compile(r" (?:or|and) (?P<word>[a-z]{4,})(?![\w'’\-])(?P<next>(?: [a-z]+)?)")
_NO_DOUBLET = frozenset(
    "more less may might could would should will some best good better whether either most does this stress".split()
)
# "millions and millions": said for emphasis, with `and` only.
_EMPHATIC = frozenset(
    "thousands millions billions trillions hundreds dozens lots loads tons gobs scores years months weeks days "
    "hours minutes ages decades centuries "
    "generations pages miles heaps piles stacks times layers rows mountains questions".split()
)
_NOUN_ENDINGS = (
    "s",
    "people",
    "men",
    "women",
    "children",
    "tion",
    "ment",
    "ists",
    "ity",
    "ance",
    "ence",
    "ship",
    "hood",
    "army",
    "police",
)
# "doctors or doctors who have left": what follows tells the two apart.
_TELLS_APART = frozenset(
    "who that which whose whom with of in from like such than where on at for without under whether not".split()
)

# "according to several people briefed on the talks have been informed": a source, what it is said to know, and the
# same predicate again. The source has no verb of its own to give: "according to" has taken it.
_SOURCE = (
    r"(?:people|persons?|officials?|sources?|diplomats?|officers?|aides?|lawyers?|advis[eo]rs?|negotiators|"
    r"mediators|executives?|employees|investigators|"
    r"prosecutors|experts|analysts|witnesses|residents|leaders|ministers|lawmakers|members|workers|men|women|"
    r"doctors|engineers|scientists|bankers|"
    r"traders|insiders|staff|colleagues|relatives|friends|others|persons)"
)
_LEADS = ("according to", "told by", "confirmed by", "citing", "quoting")
_FIRST_LEADS = watch_words(*(lead.split()[0] for lead in _LEADS))
_DOUBLET = re.compile(
    rf"(?:{'|'.join(_LEADS)})(?: [\w'’\-]+){{0,4}}? {_SOURCE}"
    r"(?P<knows> (?:briefed|informed|familiar|involved|close|aware|told|acquainted|knowledgeable|present|working|"
    r"with knowledge|in contact|privy|consulted|"
    r"interviewed|questioned|engaged|participating|taking part)"
    r"(?: (?!who|that|which|have|has|had|was|were|are|is\b)[\w'’\-]+){1,7}?)"
    r" (?P<again>(?:have been|has been|had been|were|was|are|is|have|had) (?:\w+(?:ed|wn|en|ught|ld)|aware|"
    r"familiar|briefed|informed|involved|close|present|told|known))(?=[.,;])"
)

# "officials who they were familiar with interviews": a relative clause with a subject too many. With a verb of saying
# before it, or a preposition at its end, it is good English: "asked who they were", "people who they were working with".
_WHO_THEY = re.compile(
    r" (?P<clause>wh(?:o|ich|om) (?:they|he|she|it|we) (?:"
    r"(?:were|was|are|is|had been|have been|has been) (?:familiar|briefed|aware|close|involved|informed|present|"
    r"responsible|able|unable|authori[sz]ed|"
    r"willing|ready|capable|afraid|concerned|worried|opposed|based|located|acquainted|knowledgeable|part|members?|"
    r"critical|skeptical|loyal)"
    r" (?:with|of|to|in|on|about|for|at|from|by|that) (?:[\w'’\-]+ ){0,4}?[\w'’\-]+"
    r"|(?:spoke|speak|declined|refused|requested|asked|agreed|insisted|attended|participated|requested)"
    r" (?:on (?:the )?condition|anonymity|not to be|to be (?:named|identified|quoted)|to (?:comment|speak)|in the|"
    r"at the|the)(?: [\w'’\-]+)?))"
)
_WHO = watch_words("who", "which", "whom")
_HEAD = re.compile(rf"\b{_SOURCE}$")
_STRANDED = re.compile(r"(?:with|of|to|in|on|about|for|at|from|by)$")

NEEDS = frozenset(("around", _FIRST_LEADS, _WHO))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Flag]:
    """Flags, with a proposal where dropping one of the two leaves a whole sentence. English only."""
    yield from _nouns(text, tokens.said.around)
    yield from _predicates(text, tokens)
    for place in tokens.places(_WHO):
        clause = _WHO_THEY.match(text, place - 1) if place else None
        if (
            clause
            and _HEAD.search(text, max(0, clause.start() - 24), clause.start())
            and not (
                _STRANDED.search(clause["clause"])
                and text[clause.end() : clause.end() + 1] in ("", ".", ",", "?", "!", "\n", ";")
            )
        ):
            start, end = clause.span("clause")
            yield Flag(
                "scrambled_clause",
                start,
                end,
                "scrambled_clause",
                "a relative clause with two subjects",
                RULES["scrambled_clause"],
                None,
            )


def _nouns(text: str, said: Sequence[str]) -> Iterator[Flag]:
    nouns = [word for word in said if word.endswith(_NOUN_ENDINGS) and word not in _NO_DOUBLET]
    if not nouns:
        return
    for twice in _OR.finditer(text):
        word, following, end = twice["word"], (twice["next"] or "").strip(), twice.end("word")
        start = twice.start() - len(word)
        if word not in nouns or start < 0 or not text.startswith(word, start):
            continue
        if text[start - 1 : start] in ("-", "'", "’") or text[max(0, start - 1)].isalnum():
            continue
        conjunction = text[twice.start() + 1 : twice.start("word") - 1]
        if following in _TELLS_APART or text[end : end + 1] in ("-", "”", '"'):
            continue
        if conjunction == "and" and (word in _EMPHATIC or len(word) < 6 or following in ("and", "or", word)):
            continue
        yield Flag(
            "word_or_word",
            start,
            end,
            "word_or_word",
            f"the same noun on both sides of “{conjunction}”: one of two words is lost",
            RULES["word_or_word"],
            word,
        )


def _predicates(text: str, tokens: Tokens) -> Iterator[Flag]:
    for place in tokens.places(_FIRST_LEADS):
        doublet = _DOUBLET.match(text, place)
        if doublet:
            start, end = doublet.span("again")
            begin = doublet.start("knows") + 1
            yield Flag(
                "doublet_predicate",
                begin,
                end,
                "doublet_predicate",
                f"“{doublet['again']}” says again what the source knows, and has no subject",
                RULES["doublet_predicate"],
                text[begin : start - 1],
            )
