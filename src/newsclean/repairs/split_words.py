"""Words that a scan or a PDF split: `govern ment`. Made only with the setting `split_words`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from newsclean.model import Context, Edit
from newsclean.tokens import Tokens, word_list

PASS = "sentences"
ORDER = 42
FAMILY = "layout"
RULES = MappingProxyType({"split_word": 0.934})
LANGUAGES = frozenset({"en"})
SETTING = "split_words"

_PAIR = re.compile(r"(?<![\w'’-])([A-Za-z][a-z]{0,20})[ \u00a0](?=([a-z]{1,20})(?![\w'’-]))")


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """Two pieces of which one is no word, and which together are one. English only."""
    lexicon = word_list("en", "lexicon") | {"a", "i"}
    for match in _PAIR.finditer(text):
        left, right = match[1].lower(), match[2]
        if left + right in lexicon and len(left + right) > 5 and not (left in lexicon and right in lexicon):
            reason = "two pieces of one word"
            yield Edit(match.end(1), match[0][-1], "", "split_word", reason, RULES["split_word"], FAMILY)
