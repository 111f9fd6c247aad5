"""No text makes a repair, a rule or a whole cleaning slow: four times the text takes about four times as long."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterable

import pytest

import adversarial
from newsclean import facts, line_index, line_rules, repairs, rulebook
from newsclean.cleaner import Cleaner
from newsclean.model import Context
from newsclean.repair_requests import word_edits
from newsclean.repairs import Repair
from newsclean.settings import CleanSettings
from newsclean.tokens import Tokens
from newsclean.twins import repair_from_copies

# What takes less than this for a long text is not asked how it grows: time that grows with the square would be above it
# at 32,000 characters, at a thousand million steps.
NO_TIME_SECONDS = 0.2

# Four times the text: 4 if time grows in proportion, 16 with the square. Busy machines and small numbers blur it.
LINEAR_BELOW = 10

# The quickest of these counts: other work on the machine only ever makes a try slower.
TRIES = 6


def slow(
    work: Callable[[str], object], texts: Iterable[tuple[str, str, str]], no_time_seconds: float = NO_TIME_SECONDS
) -> list[str]:
    """The names of those (name, text, a quarter of it) for which the work grows faster than the text, with the seconds."""
    found = []
    for name, whole, quarter in texts:
        long, short = math.inf, math.inf
        for _ in range(TRIES):
            long = min(long, spent(work, whole))
            if long < no_time_seconds:
                break
            short = min(short, spent(work, quarter))
            if long < LINEAR_BELOW * short:
                break
        else:
            found.append(f"{name}: {short:.3f} s, four times the text {long:.3f} s")
    return found


def spent(work: Callable[[str], object], text: str) -> float:
    """CPU seconds, without those of the garbage collector: it looks through whatever other tests have left behind."""
    gc.disable()
    try:
        began = time.process_time()
        work(text)
        return time.process_time() - began
    finally:
        gc.enable()


def texts(size: int) -> list[tuple[str, str, str]]:
    return [
        (f"{name}, {head!r}", adversarial.text(unit, size, head, tail), adversarial.text(unit, size // 4, head, tail))
        for number, (name, unit) in enumerate(adversarial.UNITS.items())
        # Each unit with one of the ends: the tables of benchmarks/linear_time.py are made with all of them.
        for head, tail in [adversarial.ENDS[number % len(adversarial.ENDS)]]
    ]


def test_the_measure_tells_a_square_from_a_line() -> None:
    def square(text: str) -> int:
        return sum(text.count("ba", at) for at in range(len(text)))

    (found,) = slow(square, [("a square", "a" * 32_000, "a" * 8_000)])
    assert found.startswith("a square: ")

    def line(text: str) -> int:
        return sum(text.count("x") for _ in range(20_000))

    assert slow(line, [("a line", "a" * 32_000, "a" * 8_000)]) == []


@pytest.mark.parametrize("repair", repairs.repairs(), ids=lambda repair: repair.name)
def test_a_repair_takes_time_in_proportion(repair: Repair) -> None:
    context = Context("en", "", "", CleanSettings(repair_level="plausible"))

    def work(text: str) -> None:
        for _ in repair.find(text, context, Tokens(text)):
            pass

    work("Warm up.")
    assert slow(work, texts(32_000)) == []


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_so_do_all_of_them_together_in_other_languages(language: str) -> None:
    context = Context(language, "", "", CleanSettings())
    assert slow(lambda text: (repairs.encoding(text, context), repairs.sentences(text, context)), texts(8_000)) == []


def test_so_do_the_copies_of_a_repetitive_article() -> None:
    """Every 700 characters the article is damaged, and the copy is not."""

    def work(text: str) -> None:
        pieces = [text[at : at + 700] for at in range(0, len(text), 700)]
        damaged = " would. pay ".join(pieces)
        copy = " would pay ".join(pieces)
        repair_from_copies(damaged, "de", [("one", copy), ("two", text)])

    assert slow(work, texts(8_000)[::2]) == []


def test_so_do_the_fact_guard_and_the_edits_of_a_rewritten_sentence() -> None:
    def work(text: str) -> None:
        third = len(text) // 3
        rewritten = f"{text[:third]} x {text[third : 2 * third]} would pay {text[2 * third :]}"
        facts.difference(text, rewritten, language="de")
        list(word_edits(text, rewritten, start=0, rule="r", reason="", certainty=1.0, family="f"))

    assert slow(work, texts(16_000)[::2]) == []


def test_a_rule_takes_time_in_proportion() -> None:
    """Each rule meets what it looks for, again and again, and what begins like it and goes on for ever."""
    found = []
    for rule in rulebook.all_ours():
        book = rulebook.Book((rule,))
        words = rule.drops[0].split()
        near = (
            (rule.drops[0] + " ", ""),
            (" ", words[0]),
            (" \u00a0\t", " ".join(words[:2])),
            ("Ada ", words[0] + " "),
            ("1 ", words[0] + " "),
        )

        def work(line: str, book: rulebook.Book = book) -> None:
            line_rules.mark([line], [True], {0: list(book.rules)}, book)

        lines = [
            (f"{rule.id}: {head!r} {unit!r}", *(adversarial.text(unit, size, head, "\x02") for size in (16_000, 4_000)))
            for unit, head in near
        ]
        found += slow(work, lines)  # type: ignore[arg-type]
    assert found == []


@pytest.mark.parametrize("unit", ["and so by submitting a ", "join thought-provoking ", "in the comments of "])
def test_so_does_telling_which_rules_to_ask(unit: str) -> None:
    """A line may have a word thousands of times, and is tried for it once."""
    index = line_index.of(rulebook.for_context("en", "", CleanSettings()))
    index.ask([unit], 1, [3])

    def work(line: str) -> None:
        index.ask([line], 0, [3])
        index.ask([line], 1, [3])

    assert slow(work, [(unit, adversarial.text(unit, 64_000), adversarial.text(unit, 16_000))]) == []


@pytest.mark.parametrize("part", range(3))
def test_a_whole_cleaning_takes_time_in_proportion(part: int) -> None:
    cleaner = Cleaner()
    cleaner.clean("Warm up.\n\nShare\n")

    def work(text: str) -> None:
        result = cleaner.clean({"text": text, "language": "en"})
        assert result.garble >= 0

    # A square of 8,000 in Python takes several seconds; what is made ready once for a language takes half of one.
    assert slow(work, texts(8_000)[part::3], no_time_seconds=1.0) == []


def test_a_wide_gap_in_a_line_hides_nothing_from_the_rules() -> None:
    rule = next(one for one in rulebook.all_ours() if one.id == "any.page_numbers")
    book = rulebook.Book((rule,))
    line = "1 2" + " " * 1000 + "3 next"
    assert 0 in line_rules.mark([line], [False], {0: [rule]}, book).drops
