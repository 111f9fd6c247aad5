"""Text read in the wrong encoding, once or several times: `lâ€™Ã©tÃ©`, `company‚Äôs`, `Senate\x92s`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from newsclean.model import Context, Edit
from newsclean.repairs import small_edits
from newsclean.tokens import Tokens

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

PASS = "encoding"
ORDER = 10
FAMILY = "encoding"
RULES = MappingProxyType({"mojibake": 0.999, "mojibake_cp437": 0.995})

# ftfy repairs a text only if its badness pattern finds something, and that pattern is slow (3 MB/s on English news).
# Every one of its alternatives needs one of the signs in _SUSPECT: a C1 control, Â, Ã, Œ or œ; or, side by side, two
# characters beyond ASCII that are not both plain typography, nor both plain Greek or Cyrillic, nor one of them East
# Asian. tests/test_encoding.py holds this against ftfy's own pattern.
_TYPOGRAPHY = r"\u00a0\u00ab\u00ad\u00bb\u2013\u2014\u2018-\u201a\u201c-\u201e\u2026\u2039\u203a"
_GREEK_CYRILLIC = r"\u0391-\u03a1\u03a3-\u03a9\u03ac-\u03ae\u03b1-\u03c9\u03cc-\u03ce\u0401\u0410-\u044f\u0451"
_EAST_ASIAN = r"\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffee"
_OTHER = rf"[^\x00-\x7f{_TYPOGRAPHY}{_GREEK_CYRILLIC}{_EAST_ASIAN}]"
_SUSPECT = re.compile(
    rf"[\x80-\x9fÂÃŒœ]|{_OTHER}[^\x00-\x7f{_EAST_ASIAN}]|[{_TYPOGRAPHY}{_GREEK_CYRILLIC}]{_OTHER}"
    rf"|[ВГРСΒΓΞΟ][{_TYPOGRAPHY}]|тА[ЩЬЭШУФж]"
)

# No pair of these is suspect.
_HARMLESS = frozenset("\u00a0«\u00ad»–—‘’‚“”„…‹›")

# UTF-8 read as one of these, which ftfy leaves alone in short Latin text: ’ became ΓÇÖ (DOS), ÔÇÖ (DOS, Western), тАЩ (DOS,
# Cyrillic) or Б─≥ (KOI8-R), é became ├⌐, ├®, ├й or ц╘. The second pattern is what a line must hold of each: Russian
# has words such as `её` whose letters alone would do.
_BOXES = "─-╿▀-▟⌐⌠⌡■√≈≤≥°·÷²"
_READ_AS = tuple(
    (encoding, re.compile(pattern), re.compile(sign))
    for encoding, pattern, sign in (
        ("cp437", r"Γ[\u0080-\uffff]{2}|[├┬┼─][\u0080-\uffff]", r"[Γ├┬┼─]"),
        ("cp850", r"Ô[\u0080-\uffff]{2}|[├┬┼─][\u0080-\uffff]", r"ÔÇ[\u0080-\uffff]|Ôé¼|├[\u0080-\uffff]"),
        ("cp866", r"т[\u0080-\uffff]{2}|[├┬┼─][\u0080-\uffff]", r"(?<![Ѐ-ӿ])тА[ЩЬЭШУФж]|├[а-пА-Я]"),
        ("koi8_r", rf"Б[{_BOXES}]{{2}}|[бцде][{_BOXES}]", "Б─"),
    )
)
_DOS_LEADS = frozenset("Γ├┬┼─ÔтБ")
_DOS_SIGNS = re.compile(r"[─-╿▀-▟⌐⌠⌡Γ]")
_DOS_MEANT = re.compile(r"[\u00a0-\u00ff\u0100-\u017e\u2010-\u203a\u20ac\u2122]")


@lru_cache(maxsize=1)
def _config() -> TextFixerConfig:
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        uncurl_quotes=False,
        fix_character_width=False,
        fix_latin_ligatures=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_terminal_escapes=False,
        remove_control_chars=False,
        normalization=None,
    )


def find(text: str, context: Context, tokens: Tokens) -> Iterator[Edit]:
    """What ftfy changes in each line that can need it, with ftfy's explanation; then what was read as cp437."""
    if tokens.beyond <= _HARMLESS or not _SUSPECT.search(tokens.beyond_ascii):
        return
    for start, end in tokens.lines:
        line = text[start:end]
        if not line.isascii() and _SUSPECT.search(line):
            yield from of_line(line, start)


def of_line(line: str, start: int = 0) -> list[Edit]:
    """The edits of one line that begins at `start`, whether or not it looks suspect."""
    from ftfy import fix_and_explain

    if "ÔÇ" in line:  # before ftfy, which takes `Çª` for a letter of its own
        made = _misread(line, start, *_READ_AS[1][:2])
        if made:
            return made
    fixed, steps = fix_and_explain(line, _config())
    if fixed != line:
        reason = "ftfy: " + ", ".join(f"{action} {how}" for action, how in steps or ())
        return small_edits(
            line, fixed, start=start, rule="mojibake", reason=reason, certainty=RULES["mojibake"], family=FAMILY
        )
    if not _DOS_LEADS.isdisjoint(line):
        for encoding, pattern, sign in _READ_AS:
            made = _misread(line, start, encoding, pattern) if sign.search(line) else []
            if made:
                return made
    return []


def _misread(line: str, start: int, encoding: str, pattern: re.Pattern[str]) -> list[Edit]:
    """The sequences of a line that UTF-8 read as `encoding` gives, if all its box-drawing signs belong to such sequences."""
    made = []
    covered = 0
    for match in pattern.finditer(line):
        try:
            meant = match[0].encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if len(meant) == 1 and _DOS_MEANT.match(meant):
            covered += len(_DOS_SIGNS.findall(match[0]))
            reason = f"UTF-8 read as {encoding.replace('_', '-')}"
            made.append(
                Edit(start + match.start(), match[0], meant, "mojibake_cp437", reason, RULES["mojibake_cp437"], FAMILY)
            )
    return made if covered == len(_DOS_SIGNS.findall(line)) else []
