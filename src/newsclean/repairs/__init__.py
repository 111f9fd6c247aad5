"""One module per kind of damage, found by its name: put a file in, and its cases beside it.

`encoding` and `sentences` are the two readings that the cleaner makes of a text.
"""

from __future__ import annotations

from newsclean.model import Context, Findings


def encoding(text: str, context: Context) -> Findings:
    """Broken encodings: the edits that make the text what the author's keyboard produced."""
    return Findings()


def sentences(text: str, context: Context) -> Findings:
    """Damaged sentences: edits where the repair is certain, flags where it is not."""
    return Findings()
