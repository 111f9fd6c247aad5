"""The fact guard: whether two versions of a sentence say the same numbers, names, quotations and negations."""

from __future__ import annotations

import re
from collections import Counter

from newsclean.edit_hunks import hunks
from newsclean.tokens import word_list

# Most of a sentence stays as it is when damage is mended: at most four words or two fifths of them change.
MOST_WORDS_CHANGED = 0.4
FEW_WORDS = 4

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
# No quotation inside a sentence is longer; without a bound, many opening quotes take time that grows with their square.
_QUOTED = re.compile(r"[“„«「『]([^”“»」』]{0,1000})[”“»」』]|\"([^\"]*)\"")
_SIGNS = re.compile(r"[%$€£¥°#@]")
_BEFORE_A_WORD = 20  # characters that tell whether a word begins a sentence: a stop, spaces, quotes, brackets
_SENTENCE_START = re.compile(r"(?:^|[.?!…:]\s+|\n)[\"'“‘«„(\[]*$")
_WIDE_NEGATIONS = re.compile("[不没沒無无未非别別莫勿]|ない|ません|않|없|못")

_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion trillion dozen dozens "
    "hundreds thousands millions billions first second third fourth fifth half quarter once twice double triple "
    "eins zwei drei vier fünf sechs sieben acht neun zehn hundert tausend millionen milliarden "
    "deux trois quatre cinq sept huit neuf dix cent mille "
    "dos tres cuatro cinco seis siete ocho nueve diez cien mil due tre quattro sei sette otto nove dieci cento "
    "dois três quatro oito dez twee drie vijf zes zeven negen tien dwa trzy cztery pięć два три четыре пять".split()
)
_NEGATIONS = frozenset(
    "not no never none nobody nothing nowhere neither nor without cannot hardly barely scarcely deny denies denied denying "
    "refuse refuses refused refusing fail fails failed unless except "
    "nicht kein keine keinen keinem keiner keines nie niemals ohne weder noch nichts niemand "
    "ne pas jamais sans aucun aucune rien ni nunca sin ningún ninguna nada jamás tampoco non mai senza né nessuno nessuna niente "
    "não sem nem nenhum nenhuma ninguém niet geen nooit zonder niemand nie bez nigdy żaden żadna ani не нет ни без никогда".split()
)
# Words that turn a report round when one takes the place of the other.
_DIRECTIONS = frozenset(
    "up down more less fewer most least above below over under before after rise rises rose risen fall falls fell fallen "
    "increase increased increases decrease decreased decreases gain gained lose lost loss losses win wins beat beaten "
    "higher lower high low best worst better worse for against support supported supports oppose opposed opposes all some any "
    "accept accepted accepts reject rejected rejects guilty innocent alive dead killed injured wounded arrested charged "
    "acquitted convicted".split()
)


def difference(before: str, after: str, *, language: str = "", strict: bool = True) -> str:
    """Why `after` does not say what `before` says; empty when both agree in all that is guarded.

    Compared are numbers, names (words with a capital) and negations; a word said twice in a row counts once. `strict`
    compares words such as more and less and what stands in quotation marks, too, and limits how many words may change:
    for rewrites whose origin is unknown.

    >>> difference("It won. do not enter.", "It does not enter.", language="en")
    ''
    >>> difference("Some 40 of them left Harrow.", "Some 50 of them left Harrow.", language="en")
    'numbers: 40 / 50'
    """
    if not after.strip():
        return "nothing is left"
    guarded = (("numbers", _numbers), ("names", _names), ("negations", _negations), ("directions", _directions))
    for what, read in guarded if strict else guarded[:3]:
        ours, theirs = read(before, language), read(after, language)
        if ours != theirs:
            return f"{what}: {_shown(ours - theirs)} / {_shown(theirs - ours)}"
    if before.count("\n") != after.count("\n"):
        return "line breaks"
    if not strict:
        return ""
    return "quotations" if _quotations(before) != _quotations(after) else _too_far(before, after)


def _shown(counted: Counter[str]) -> str:
    return ", ".join(sorted(counted)) or "none"


def _words(text: str) -> list[str]:
    """The words in small letters, a word said twice in a row once."""
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    return [word for at, word in enumerate(words) if not at or words[at - 1] != word]


def _numbers(text: str, language: str) -> Counter[str]:
    del language
    return Counter(
        _NUMBER.findall(text) + _SIGNS.findall(text) + [word for word in _words(text) if word in _NUMBER_WORDS]
    )


def _negations(text: str, language: str) -> Counter[str]:
    del language
    found = [
        "not" if word.endswith("n't") else word for word in _words(text) if word in _NEGATIONS or word.endswith("n't")
    ]
    return Counter(found + _WIDE_NEGATIONS.findall(text))


def _directions(text: str, language: str) -> Counter[str]:
    return Counter(word for word in _words(text) if word in _DIRECTIONS) if language == "en" else Counter()


def _names(text: str, language: str) -> Counter[str]:
    """Words with a capital, each counted once: a name said twice by accident is no second name."""
    found = set()
    for match in _WORD.finditer(text):
        word = match[0]
        if not word[0].isupper() or word == "I":
            continue
        bare = re.sub(r"['’]s?$", "", word)
        if language == "en":
            if bare.lower() in word_list("en", "small_words") or (not word.isupper() and bare.lower() in _PRONOUNS):
                continue
        elif _SENTENCE_START.search(text, max(0, match.start() - _BEFORE_A_WORD), match.start()):
            continue
        found.add(bare)
    return Counter(found)


_PRONOUNS = frozenset(
    "i he she it we they you the a an this that in on at by for and but or if as when i'm i've it's he's".split()
)


def _quotations(text: str) -> list[str]:
    return [" ".join((one or other).replace("’", "'").split()).strip(" .,") for one, other in _QUOTED.findall(text)]


def _too_far(before: str, after: str) -> str:
    ours, theirs = _words(before), _words(after)
    changed = sum(max(j - i, m - k) for i, j, k, m in hunks(ours, theirs))
    allowed = max(FEW_WORDS, int(MOST_WORDS_CHANGED * len(ours)))
    return f"{changed} of {len(ours)} words changed" if changed > allowed else ""
