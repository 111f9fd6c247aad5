"""Lists of facts: neighbouring lines of one form ("Length: 84 metres", "4 Holm 2339 1 1 8") stay or go together."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import groupby

# A name, a colon, a value. 28 characters before the colon: "Opening hours on public holidays:" is past it already.
_LABELLED = re.compile(r"[^\W\d_][^:.!?：]{0,28}\s?[:：]\s?\S")

_WORDS = re.compile(r"[^\W\d_]+(?:[ '’-]+[^\W\d_]+)*")
_NUMBER = re.compile(r"\d+")

# Where more lines than this go, lines that are alike but for their numbers are mostly dates and counts in lists of links:
# on the development pages the bound saves what no bound saves, at a sixth of the leftovers.
FEW_GO = 12


def broken(lines: Sequence[str], gone: Container[int], going: int) -> Iterator[range]:
    """The runs of at least two lines of one form of which some are in `gone` and some are not.

    `going` is how many lines of the article go in all.
    """
    forms = (_form(line, numbers=going <= FEW_GO) for line in lines)
    for form, run in groupby(enumerate(forms), key=lambda one: one[1]):
        if form is None:
            continue
        numbers = [i for i, _ in run]
        if len({i in gone for i in numbers}) == 2:
            yield range(numbers[0], numbers[-1] + 1)


def _form(line: str, *, numbers: bool) -> str | None:
    """What the lines of a list have in common; None for a line without a form of its own."""
    if _LABELLED.match(line):
        return ":"
    if not numbers or not any(map(str.isdigit, line)):
        return None
    shape = " ".join(_NUMBER.sub("0", _WORDS.sub("a", line)).split())
    return None if shape == "0" else shape
