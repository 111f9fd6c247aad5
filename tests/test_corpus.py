"""Lines that open or close different stories of one source are learned; whatever else repeats is left alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from newsclean import corpus, rulebook
from newsclean.model import Article

WORDS = """harbour council ferry bridge storm winter market school budget river engine captain library orchard tunnel
election hospital museum bakery village festival station quarry lantern meadow parish railway summit teacher union
vessel warden yellow zoning anchor barley copper drought embassy forest glacier hotel island jury""".split()
FOOT = "Write to the harbour desk of the Tidewater Post"
HEAD = "Tidewater Post live desk"


def story(seed: int, paragraphs: int = 5) -> list[str]:
    """Invented paragraphs that no other seed has."""
    pick = random.Random(seed)
    return [
        "The " + " ".join(pick.choice(WORDS) for _ in range(20)) + f" of ward {seed} number {pick.choice(WORDS)}."
        for _ in range(paragraphs)
    ]


def collection(
    count: int = 30, *, head: Sequence[str] = (), foot: Sequence[str] = (), source: str = "Tidewater Post"
) -> list[Article]:
    return [
        Article(f"{source}-{seed}", "\n\n".join([*head, *story(seed), *foot]), source=source) for seed in range(count)
    ]


def learned(articles: list[Article]) -> dict[str, str]:
    return {line.example: line.where for line in corpus.learn(articles).lines}


def test_a_paragraph_that_a_wire_sends_to_all_is_not_furniture() -> None:
    wire = story(4711, 6)
    copies = [
        Article(
            f"copy-{n}", "\n\n".join([f"A first line of paper {'abcdefghijklmnop'[n]}.", *wire]), source="Wire Weekly"
        )
        for n in range(14)
    ]
    assert learned(copies + collection(30, source="Wire Weekly")) == {}


def test_a_background_paragraph_inside_different_stories_stays() -> None:
    background = (
        "The council has argued about the old ferry, which was built in the year of the great flood, for years."
    )
    articles = [
        Article(str(seed), "\n".join([*story(seed)[:3], background, *story(seed)[3:]]), source="Tidewater Post")
        for seed in range(30)
    ]
    assert learned(articles) == {}


@pytest.mark.parametrize("line", ["(APPLAUSE)", "MAYOR BLOOM:", "What happens next", "“Yes,” she said."])
def test_what_repeats_inside_the_text_stays(line: str) -> None:
    articles = [
        Article(str(seed), "\n".join([*story(seed)[:2], line, *story(seed)[2:]]), source="Tidewater Post")
        for seed in range(30)
    ]
    assert learned(articles) == {}


@pytest.mark.parametrize("line", ["“Nobody knew,” he wrote.", "Ann Reader, The Upland Echo", "Why it matters:"])
def test_quotations_attributions_and_what_introduces_stay(line: str) -> None:
    assert learned(collection(30, head=[line])) == {}
    assert learned(collection(30, foot=[line])) == {}


@pytest.mark.parametrize(
    "credit", ["By Ann Reader", "The Associated Press", "Ann Reader contributed reporting from Leeds."]
)
def test_credits_that_repeat_stay(credit: str) -> None:
    assert learned(collection(30, head=[credit])) == {}
    assert learned(collection(30, foot=[credit])) == {}


def test_the_name_of_a_writer_over_one_in_ten_articles_stays() -> None:
    articles = collection(40) + [
        Article(f"ann-{seed}", "\n".join(["Ann Reader", *story(seed)]), source="Tidewater Post")
        for seed in range(100, 105)
    ]
    assert learned(articles) == {}


def test_few_articles_teach_nothing() -> None:
    assert learned(collection(corpus.MIN_ARTICLES - 1, foot=[FOOT])) == {}


def test_the_same_text_again_and_again_teaches_nothing() -> None:
    assert learned([Article(str(n), "\n".join([*story(1), FOOT]), source="Tidewater Post") for n in range(50)]) == {}


def test_a_line_of_one_source_is_not_learned_for_another() -> None:
    found = corpus.learn(collection(foot=[FOOT]) + collection(source="Upland Echo"))
    assert {line.source for line in found.lines} == {"Tidewater Post"}


def test_lines_that_close_different_stories_are_learned_with_all_that_stand_beside_them() -> None:
    foot = [FOOT, "Tidewater Post app for your telephone", "Posted at 14:05"]
    assert learned(collection(foot=foot)) == dict.fromkeys(foot, "tail")


def test_lines_that_open_different_stories_are_learned() -> None:
    assert learned(collection(head=[HEAD])) == {HEAD: "head"}


def test_times_and_numbers_do_not_hide_a_line() -> None:
    articles = [
        Article(
            str(n), "\n".join([*story(n), f"Posted at {n % 12}:{n:02d} by the night desk"]), source="Tidewater Post"
        )
        for n in range(30)
    ]
    (line,) = corpus.learn(articles).lines
    assert (line.where, line.count, line.stories) == ("tail", 30, 30)


def test_a_sentence_at_the_end_needs_more_stories_than_a_button() -> None:
    sentence = "The Tidewater Post is written by neighbours for neighbours and printed on the island twice a week."
    few = [Article(f"few-{n}", "\n".join([*story(n), sentence]), source="Tidewater Post") for n in range(200, 205)]
    many = [Article(f"many-{n}", "\n".join([*story(n), sentence]), source="Tidewater Post") for n in range(200, 212)]
    assert learned(collection(30) + few) == {}
    assert learned(collection(30) + many) == {sentence: "tail"}


def test_the_order_of_the_articles_does_not_matter() -> None:
    articles = collection(40, foot=[FOOT, "Posted at 14:05"]) + collection(25, head=[HEAD], source="Upland Echo")
    expected = corpus.learn(articles).to_toml()
    for seed in range(3):
        random.Random(seed).shuffle(articles)
        assert corpus.learn(articles).to_toml() == expected


def test_many_articles_are_learned_from_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "PER_SOURCE", 32)
    monkeypatch.setattr(corpus, "IN_ALL", 60)
    articles = [one for name in "abcd" for one in collection(50, foot=[f"Foot of paper {name}"], source=name)]
    expected = corpus.learn(articles).to_toml()
    assert expected.count("[[line]]") == 4
    random.Random(7).shuffle(articles)
    assert corpus.learn(articles).to_toml() == expected


def test_the_file_reads_back_and_names_the_lines(tmp_path: Path) -> None:
    odd = "Tidewater \\ app\tnow\x7f"
    long = "Tidewater Post " * 40
    found = corpus.learn(collection(foot=[odd, long.strip()]))
    path = tmp_path / "learned.toml"
    path.write_text(found.to_toml(), "utf-8")
    assert rulebook.check(path) == []
    back = rulebook.read(path)
    assert {line.key for line in back.lines} == {rulebook.line_key(odd), rulebook.line_key(long)}
    assert {(line.source, line.where, line.count) for line in back.lines} == {("Tidewater Post", "tail", 30)}


def test_nothing_learned_is_a_file_that_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "learned.toml"
    path.write_text(corpus.learn([]).to_toml(), "utf-8")
    assert rulebook.read(path).lines == ()
