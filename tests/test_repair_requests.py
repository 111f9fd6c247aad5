"""A user's own repairer mends what is flagged, and cannot change what a sentence says."""

from __future__ import annotations

import pytest

from newsclean import facts
from newsclean.cleaner import Cleaner
from newsclean.edits import replay, undo
from newsclean.repair_requests import DamagedSentence

ARTICLE = (
    "Talks in Harrow stalled on Sunday.\n\nIt hardened its terms to ensure that the forces won. do not enter the city, "
    "“for now,” said 2 aides. Ms. Orde denied it."
)


def honest(damaged: DamagedSentence) -> str | None:
    return damaged.text.replace("won. do not", "do not")


def lazy(damaged: DamagedSentence) -> str | None:
    return damaged.text


def silent(damaged: DamagedSentence) -> str | None:
    return None


def hallucinating(damaged: DamagedSentence) -> str | None:
    return "General Tarn said on Monday that 3,000 forces will enter the city."


def test_an_honest_repairer_mends_the_sentence_in_its_own_pass() -> None:
    result = Cleaner(repairers=[honest]).clean(ARTICLE)
    assert result.text == ARTICLE.replace("won. do not", "do not")
    assert [one.name for one in result.passes] == ["repairers"]
    (edit,) = result.passes[0].edits
    assert edit.rule == "repairer"
    assert "honest" in edit.reason
    assert "stray_fragment" in edit.reason
    assert replay(ARTICLE, result.passes) == result.text
    assert undo(result.text, result.passes) == ARTICLE
    assert not [flag for flag in result.flags if flag.kind == "stray_fragment"]


@pytest.mark.parametrize("repairer", [lazy, silent, hallucinating])
def test_what_is_no_repair_changes_nothing(repairer: object) -> None:
    result = Cleaner(repairers=[repairer]).clean(ARTICLE)  # type: ignore[list-item]
    assert result.text == ARTICLE
    assert result.passes == ()
    assert [flag.kind for flag in result.flags] == ["stray_fragment"]


def test_the_next_repairer_is_asked_when_one_fails() -> None:
    assert "won." not in Cleaner(repairers=[hallucinating, lazy, honest]).clean(ARTICLE).text


def test_a_repairer_sees_the_sentence_its_flags_and_its_neighbours() -> None:
    seen: list[DamagedSentence] = []

    def curious(damaged: DamagedSentence) -> None:
        seen.append(damaged)

    Cleaner(repairers=[curious]).clean({"text": ARTICLE, "title": "Talks stall", "language": "en"})
    (damaged,) = seen
    assert damaged.text.startswith("It hardened")
    assert damaged.text.endswith("said 2 aides.")
    (flag,) = damaged.flags
    assert damaged.text[flag.start : flag.end].startswith("won.")
    assert damaged.before == "Talks in Harrow stalled on Sunday."
    assert damaged.after == "Ms. Orde denied it."
    assert (damaged.language, damaged.title) == ("en", "Talks stall")


def test_an_undamaged_article_is_nobodys_business() -> None:
    text = "Talks in Harrow stalled on Sunday, officials said."
    assert Cleaner(repairers=[hallucinating]).clean(text).text == text


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("Some 40 left Harrow.", "Some 50 left Harrow.", "numbers"),
        ("Two of them left Harrow.", "Three of them left Harrow.", "numbers"),
        ("It cost $40 in all.", "It cost 40 in all.", "numbers"),
        ("Ms. Orde left Harrow early.", "Ms. Orde left Tarn early.", "names"),
        ("It met on Monday in town.", "It met on Tuesday in town.", "names"),
        ("They will not enter it.", "They will enter it.", "negations"),
        ("They don't enter it.", "They do enter it.", "negations"),
        ("Prices rose in the valley.", "Prices fell in the valley.", "directions"),
        ("She said “we stay” to them.", "She said “we go” to them.", "quotations"),
        (
            "The old bridge of the town was closed by it.",
            "A new ferry opens here soon for all who wait.",
            "words changed",
        ),
        ("It ended there.", "", "nothing"),
    ],
)
def test_the_guard_refuses_another_fact(before: str, after: str, why: str) -> None:
    found = facts.difference(before, after, language="en")
    assert why in found or (why == "words changed" and found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It longs for their children's freedom Dear.", "It longs for their children's freedom."),
        ("Bruni Bruni left for for Harrow with 3 men.", "Bruni left for Harrow with 3 men."),
        ("They do not not enter it.", "They do not enter it."),
        ("half will go to northern Gaza going, he said.", "half will go to northern Gaza, he said."),
    ],
)
def test_the_guard_admits_mended_damage(before: str, after: str) -> None:
    assert facts.difference(before, after, language="en") == ""


def test_garble_is_the_share_of_text_in_flagged_sentences() -> None:
    whole = "Rain fell on Harrow all of the day, officials said."
    assert Cleaner().clean({"text": whole, "language": "en"}).garble == 0.0
    half = (
        Cleaner()
        .clean({"text": f"{whole} The forces said they won. do not enter the old city.", "language": "en"})
        .garble
    )
    assert 0.4 < half < 0.6
    assert Cleaner().clean("").garble == 0.0
