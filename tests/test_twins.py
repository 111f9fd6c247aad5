"""A damaged sentence is restored from its copies, and nothing that says something else is ever taken over."""

from __future__ import annotations

import random

import pytest

from newsclean.edits import apply
from newsclean.model import Flag
from newsclean.twins import RULES, repair_from_copies

LEAD = "The harbour of Harrow was closed on Sunday after the storm, officials said."
BODY = (
    "The government said that it would pay for the repairs of the old bridge in the spring. "
    "Ms. Orde told reporters that the ferries would not sail before Friday at noon."
)
CLEAN = f"{LEAD}\n\n{BODY}"


def repaired(text: str, *copies: str, flags: tuple[Flag, ...] = ()) -> str:
    named = [(f"c{number + 1}", copy) for number, copy in enumerate(copies)]
    return apply(text, repair_from_copies(text, "en", named, flags).edits)


@pytest.mark.parametrize(
    ("right", "damaged"),
    [
        ("the repairs of", "the the repairs of"),
        ("pay for the repairs", "pay for the repairs for the repairs"),
        ("in the spring.", "in the spring in the spring."),
        ("would pay", "would. pay"),
        ("would pay", "would so. pay"),
        ("in the spring.", "in the spring Expensive."),
        ("the repairs of", "the repairs or repairs of"),
        ("government", "govern ment"),
        ("the old", "theold"),
        ("officials", "offici als"),
        ("the storm", "THE storm"),
        ("government", "governm"),
        ("told reporters", "told rep orters"),
    ],
)
def test_mechanical_damage_is_undone_from_one_copy(right: str, damaged: str) -> None:
    text = CLEAN.replace(right, damaged, 1)
    assert text != CLEAN
    assert repaired(text, CLEAN) == CLEAN
    assert repaired(CLEAN, text) == CLEAN, "damage of the copy must not come in"


@pytest.mark.parametrize(
    ("right", "damaged"),
    [("would pay for", "would going pay for"), ("it would pay for the", "it pay for would the")],
)
def test_a_stray_or_moved_word_needs_two_copies_that_agree(right: str, damaged: str) -> None:
    text = CLEAN.replace(right, damaged, 1)
    assert repaired(text, CLEAN) == text
    assert repaired(text, CLEAN, CLEAN) == CLEAN
    assert repaired(text, CLEAN, text) == text, "a copy that has the word too speaks for it"


def test_a_flag_on_a_stray_word_makes_one_copy_enough() -> None:
    text = CLEAN.replace("would pay for", "would going pay for", 1)
    at = text.index("going")
    flag = Flag("stray_word", at, at + 5, "stray_word", "does not fit")
    assert repaired(text, CLEAN, flags=(flag,)) == CLEAN


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Sunday", "Monday"),
        ("said that", "stated that"),
        ("would not sail", "would sail"),
        ("Ms. Orde", "Ms. Tarn"),
        ("the old bridge", "bridge number 3"),
        ("before Friday", "before 3 p.m. on Friday"),
        ("the spring.", "the spring, she said."),
    ],
)
def test_a_version_that_says_something_else_is_never_taken_over(ours: str, theirs: str) -> None:
    other = CLEAN.replace(ours, theirs, 1)
    assert other != CLEAN
    assert repaired(CLEAN, other) == CLEAN
    assert repaired(CLEAN, other, other, other) == CLEAN


def test_a_newer_number_stays_beside_damage_that_goes() -> None:
    newer = CLEAN.replace("the repairs of", "3 repairs of")
    text = newer.replace("in the spring.", "in the the spring.")
    assert repaired(text, CLEAN) == newer


def test_quotes_stay_as_the_article_sets_them() -> None:
    ours = 'Ms. Orde said: "The bridge is is safe for all of us, and it won’t be closed."'
    theirs = "Ms. Orde said: “The bridge is safe for all of us, and it won't be closed.”"
    assert repaired(ours, theirs) == ours.replace("is is", "is")


def test_another_story_is_no_copy() -> None:
    other = (
        "The market of Tarn was opened on Monday after the parade. Mr. Lisk told visitors that the trains would run."
    )
    text = CLEAN.replace("the repairs", "the the repairs")
    assert repaired(text, other) == text


def test_the_reason_names_the_copy_and_the_place_in_it() -> None:
    text = CLEAN.replace("the repairs", "the the repairs")
    (edit,) = repair_from_copies(text, "en", [("tarn-gazette/17", CLEAN)]).edits
    start = CLEAN.index("The government")
    end = CLEAN.index(" Ms. Orde")
    assert f"copy tarn-gazette/17 [{start}:{end}]" in edit.reason
    assert edit.rule == "twin.doubled"
    assert edit.certainty == RULES["twin.doubled"]
    assert edit.family == "twins"


def test_without_copies_or_with_equal_ones_nothing_happens() -> None:
    assert repair_from_copies(CLEAN, "en", []).edits == ()
    assert repair_from_copies(CLEAN, "en", [("a", CLEAN), ("b", "")]).edits == ()
    assert repair_from_copies("", "en", [("a", CLEAN)]).edits == ()


def test_the_order_of_the_copies_does_not_matter() -> None:
    text = CLEAN.replace("the repairs", "the the repairs").replace("would pay", "would going pay")
    spun = CLEAN.replace("said", "stated").replace("reporters", "journalists")
    for copies in ((CLEAN, spun), (spun, CLEAN)):
        assert repaired(text, *copies) == CLEAN


def test_a_sentence_as_long_as_a_book_is_mended_too() -> None:
    draw = random.Random(3)
    names = "ferry keeper lamp harbour winter market school train honey tide parish quay field bridge roof".split()
    clauses = [
        f"the {draw.choice(names)} of the {draw.choice(names)} {draw.choice(names)} would open the {draw.choice(names)}"
        for _ in range(1000)
    ]
    whole = "It was said that " + ", ".join(clauses) + "."
    damaged = "It was said that " + ", ".join(
        clause.replace("would open", "would would open", 1) if number % 40 == 7 else clause
        for number, clause in enumerate(clauses)
    )
    found = repair_from_copies(f"{damaged}.", "en", [("c", whole)])
    assert len(whole) > 40_000
    assert apply(f"{damaged}.", found.edits) == whole
    assert len(found.edits) == 25


def test_damage_at_the_end_of_a_repetitive_article_is_found_in_its_place() -> None:
    rows = [
        f"The keeper of lamp {number} said that the old lamp was lit at dusk by the keeper." for number in range(200)
    ]
    text = "\n".join(rows)
    damaged = text.replace("lamp 170 said that the", "lamp 170 said that the the")
    assert repaired(damaged, text) == text


def test_without_a_word_list_a_glued_word_of_the_copy_stays_outside() -> None:
    ours = "Die Behörde will im Frühjahr sämtliche Brücken der alten Stadt neu bauen lassen."
    glued = ours.replace("sämtliche Brücken", "sämtlicheBrücken")
    for copies in ([glued], [glued, ours]):
        assert not repair_from_copies(ours, "de", [(str(n), copy) for n, copy in enumerate(copies)]).edits
    assert repair_from_copies(glued, "de", [("a", ours)]).edits == ()
    doubled = ours.replace("der alten", "der der alten")
    assert apply(doubled, repair_from_copies(doubled, "de", [("a", ours), ("b", ours)]).edits) == ours


@pytest.mark.parametrize(
    ("language", "right", "dull"),
    [
        ("en", "The town had had enough of the ferry by then.", "The town had enough of the ferry by then."),
        ("en", "It was a very very long winter for the islands.", "It was a very long winter for the islands."),
        ("en", "She knew that that bridge would have to close.", "She knew that bridge would have to close."),
        ("de", "Die Frauen, die die Brücke bauten, kamen im Mai.", "Die Frauen, die Brücke bauten, kamen im Mai."),
        ("fr", "Les élus que nous nous rappelons sont partis hier.", "Les élus que nous rappelons sont partis hier."),
    ],
)
def test_one_copy_does_not_take_a_word_that_may_be_meant_twice(language: str, right: str, dull: str) -> None:
    assert repair_from_copies(right, language, [("a", dull)]).edits == ()
    assert repair_from_copies(right, language, [("a", dull), ("b", right)]).edits == ()
    assert repair_from_copies(dull, language, [("a", right), ("b", right)]).edits == ()
    agreed = repair_from_copies(right, language, [("a", dull), ("b", dull)])
    assert apply(right, agreed.edits) == dull


def test_versions_that_differ_in_spaces_alone_are_no_moved_word() -> None:
    assert repaired(
        CLEAN.replace("pay for", "pay  for"), CLEAN.replace("the repairs", "the  repairs")
    ) == CLEAN.replace("pay for", "pay  for")
    repair_from_copies(
        "It cost 1 000 or so in all, they said .", "en", [("a", "It cost 1000 or so in all,  they said.")]
    )


def test_a_word_that_moved_far_is_not_taken_out() -> None:
    right = "The council could talk for hours about what it called the good old days of the harbour, they said."
    moved = right.replace("could talk", "talk").replace("good old", "good could old")
    spun = right.replace("about", "around")
    assert repaired(moved, spun, spun) == moved
