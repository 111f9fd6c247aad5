"""A word said twice by accident: `to the the capital`, `officials said said that`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit, Flag
from newsclean.token_repeats import SPEAKER, Repeat
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 56
FAMILY = "doubling"
RULES = MappingProxyType({"doubled_function_word": 0.99, "doubled_content_word": 0.99})
LANGUAGES = frozenset({"en"})

# English words that no sentence says twice in a row. `that that`, `had had`, `her her` and `do do` are good English.
_NEVER_TWICE = frozenset(
    "the a an of to and with from at by as has have been would the he she we they its his their which not but or "
    "than "
    "into be my our your were was are who if because when while about between under after before during".split()
)

# Good English behind some words: "sworn in in May", "what it is is", "going on on the other side". Group 1 decides.
_UNLESS_AFTER = {
    "in": re.compile(
        r"\b(?:all|any|back|be|been|are|is|was|were|it|them|him|her|us|you|me|everyone|people)\W(?:\w+\W)?$|"
        r"\b(?:(?:weigh|swear|kick|turn|check|step|chim|rol|live"
        r"|mov|log|sign|break|barg|bring|buy|call|cash|cav|com|danc|dial|dig|driv|drop|fill|fit|fly|giv|get|go|"
        r"grow|hand|jump|kick|let"
        r"|lock|plug|pour|pull|put|rush|set|settl|sink|sneak|squeez|start|stay|tak|tun|usher|walk|work|writ|zero|"
        r"believ|engag|involv"
        r"|invest|interest|mir|liv|rein|factor|hem|phas|haul|pack|pil|crowd|opt|join|stop|pitch|dropp|pop)(?:e|ed|"
        r"s|es|ing|ning|ting|ping|ling|ged|ging)?"
        r"|sworn|swore|came|gave|grew|lived|born|brought|let|held|went|gone|took|taken|got|gotten|put|ran|run|"
        r"drawn|drew|threw"
        r"|thrown|broke|broken|fell|fallen|flew|flown|fed|sat|stood|written|wrote|caved|won|lost|"
        r"fought)\W(?:\w+\W){0,3}$"
    ),
    "on": re.compile(
        r"\b(?:go|going|goes|gone|went|carry|carried|carrying|hold|held|holding|holds|mov\w+|pass\w*|early|later|"
        r"take|took"
        r"|taken|taking|takes|put|puts|putting|turn\w*|log\w*|sign\w*|hang\w*|built|build|based|bas\w+|focus\w*|"
        r"work\w*|count\w*"
        r"|depend\w*|rel\w+|sit\w*|sat|play\w*|hit|add\w*|catch\w*|caught|from|far|so|drag\w*|keep\w*|kept|"
        r"press\w*|push\w*|read"
        r"|run\w*|stay\w*|vot\w*|switch\w*|tack\w*|is|are|was|were|be|been|try\w*|tried|bring\w*|brought|call\w*|"
        r"com\w+|came|get\w*|got"
        r"|insist\w*|liv\w*|look\w*|pil\w*|spent|spend\w*|stand\w*|stood|step\w*|agree\w*|mark\w*)\W(?:\w+\W){0,2}$"
    ),
    "for": re.compile(
        r"\b(?:what\w*|who\w*|which|that|all|\w+thing)\W(?:[\w’']+\W){0,7}$"
        r"|\b(?:was|were|is|are|be|been|being|get|gets|got)\W(?:[\w’']+\W)?$"
    ),
    "is": re.compile(
        r"(?:\b(?:what\w*|who|where|how|why|when|all|it|here|there|that|this|thing|issue|problem|fact|truth|"
        r"reality|point|question"
        r"|answer|idea|trouble|reason|news|key|line|difference|concern|fear|hope)\W(?:[\w’']+\W){0,3}|[^\w\s]\s*)$"
    ),
    "this": re.compile(r"(?:like|did|do|of|about|does|with|to|for|all)\W$"),
    # Behind a preposition the second one has nothing to be: "with her her mother", but "gave her her first job".
    "her": re.compile(
        r"(?<!\bof)(?<!\bto)(?<!\bin)(?<!\bon)(?<!\bby)(?<!\bfor)(?<!\bfrom)(?<!\bwith)(?<!\band)(?<!\bat)(?<!\bthat)\W$"
    ),
    "will": re.compile(
        r"(?:\b(?:free|god.s|good|ill|own|the|their|his|her|political|a|at|his|my|who|what|that|which|and)\W|"
        r"[^\w\s]\s*)$"
    ),
}

# "if you want it it is yours" is good English; these follow no second subject, and these take only one.
_IT_NOT_SUBJECT = re.compile(
    r"[.,;!?]| (?:from|in|on|to|for|with|at|and|or|into|up|out|off|a|an|the|his|her|their|this|back|all)\b"
)
_IT_SUBJECT = re.compile(r"\b(?:if|and|but|because|when|while|although|so|said|where|why|than|whether)\W$")

# Content words double by accident too, but people also double them for emphasis: the words of said_twice.txt, everything
# in quotation marks, verbs behind another verb ("those who can't teach teach"), and what is called by its name.
_CONTENT = re.compile(r"[a-z]{4,}(?:['’][a-z]{1,2})?|said|not|told|came|took|made|get|got")
_MEANT_BEHIND = re.compile(
    r"\b(?:can|can['’]?t|cannot|could|couldn['’]t|do|don['’]t|does|did|to|who|that|will|would|should|must|may|might|call|calls|called|calling|a"
    r"|of|between|from)\W$|[\"“‘'’\-]$",
    re.IGNORECASE,
)

NEEDS = frozenset(("repeats",))


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit | Flag]:
    """The second of two equal words, with the space before it. English only: German says `die die` on purpose."""
    previous_end = -1
    for repeat in tokens.said.repeats:
        if len(repeat.words) > 1:
            continue
        word = repeat.words[0]
        chained = repeat.first < previous_end
        previous_end = repeat.end
        # "would would. be": which of the two has the fragment's stop cannot be told.
        if text[repeat.end : repeat.end + 2] == ". " and text[repeat.end + 2 : repeat.end + 3].islower():
            continue
        # Three times in a row is stammer, chant or a sound.
        if chained or tokens.lower.startswith((f" {word}", " [sic]", " (sic"), repeat.end):
            continue
        rule = _rule(text, repeat, tokens)
        if rule and not SPEAKER.match(text, tokens.line_at(repeat.first)[0]):
            yield Edit(
                repeat.second - 1,
                text[repeat.second - 1 : repeat.end],
                "",
                rule,
                f"“{word}” twice in a row",
                RULES[rule],
                FAMILY,
            )


def _rule(text: str, repeat: Repeat, tokens: Tokens) -> str:
    """The rule by which the second word goes; empty when the double may be meant."""
    word = repeat.words[0]
    first, second = text[repeat.first : repeat.second - 1], text[repeat.second : repeat.end]
    if word in _NEVER_TWICE or word in _UNLESS_AFTER or word == "it":
        # "the The Sims 4" and "The The" are names; "The The army" opens a sentence, and a name would go on in capitals.
        if first != word and not _opens_sentence(text, repeat):
            return ""
        if second != word and not (first == second and len(word) > 1 and _goes_on_small(text, repeat)):
            return ""
        if first not in (word, word.capitalize()):
            return ""
        unless = _UNLESS_AFTER.get(word)
        clause = tokens.lower[max(0, repeat.first - 90) : repeat.first].rpartition("\n")[2]
        if word == "it":
            certain = _IT_NOT_SUBJECT.match(text, repeat.end) or _IT_SUBJECT.search(clause)
            return "doubled_function_word" if certain else ""
        return "" if unless and unless.search(clause) else "doubled_function_word"
    if not (second == first == word and _CONTENT.fullmatch(word)) or word in word_list("en", "said_twice"):
        return ""
    before = text[max(0, repeat.first - 12) : repeat.first]
    if before[-2:-1].isdigit():
        return ""  # a player's clock and its buttons
    base_verb = not word.endswith(("s", "ed", "ion", "ment", "ity"))
    if (base_verb and _MEANT_BEHIND.search(before)) or text[repeat.end : repeat.end + 1] in tuple("!\"”’'"):
        return ""
    return "" if _in_quotation(text, tokens.line_at(repeat.first)[0], repeat.first) else "doubled_content_word"


def _in_quotation(text: str, line: int, position: int) -> bool:
    line = max(line, position - 4000)  # no paragraph of the development articles is half as long
    return text.count("“", line, position) > text.count("”", line, position) or text.count('"', line, position) % 2 == 1


def _opens_sentence(text: str, repeat: Repeat) -> bool:
    before = text[: repeat.first][-4:].rstrip(" \"“‘'")
    return not before or before[-1] in ".?!\n"


def _goes_on_small(text: str, repeat: Repeat) -> bool:
    return bool(re.compile(r" (?!were|was|is|are|have|has|will|had|played|and\b)[a-z]").match(text, repeat.end))
