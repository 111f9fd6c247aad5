"""Which articles are copies of which: invented stories, the laws of clusters, policies, scope and the index."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import newsclean
from newsclean import find_duplicates
from newsclean.duplicates import DuplicateReport, Finder, Index, Piece, find, piece
from newsclean.errors import BadRecord, ConfigError, RecipeMismatch

FIXTURES = Path(__file__).parent / "fixtures"
STORIES = sorted((FIXTURES / "stories").glob("*.toml"))


def story(name: str) -> tuple[list[Piece], dict[str, Any]]:
    read = tomllib.loads((FIXTURES / "stories" / name).read_text("utf-8"))
    pieces = [
        Piece(
            one["id"],
            one["text"],
            one.get("source", ""),
            one.get("published", ""),
            agency=tuple(one.get("agency", ())),
        )
        for one in read["article"]
    ]
    return pieces, read["expect"]


def seeds() -> list[Piece]:
    """The sample articles: five on one war, by different outlets."""
    files = sorted(path for path in FIXTURES.rglob("*.txt") if path.name[:3].isdecimal() and path.name[3] == "_")
    assert len(files) == 5
    return [Piece(path.name, path.read_text("utf-8")) for path in files]


def clusters(report: DuplicateReport) -> list[tuple[str, ...]]:
    return [one.members for one in report.clusters if len(one.members) > 1]


def checked(report: DuplicateReport, ids: Sequence[str]) -> DuplicateReport:
    """The laws that hold for every report."""
    assert sorted(member for one in report.clusters for member in one.members) == sorted(ids)
    matched = {frozenset((match.a, match.b)): match.relation for match in report.matches}
    for one in report.clusters:
        assert one.canonical in one.members
        assert one.reason
        for member in one.members:
            if member != one.canonical:
                relation = matched[frozenset((member, one.canonical))]
                assert relation in ("exact", "copy", "updated", "excerpt")
                assert report.relations[member] == relation
    assert all(match.reason and 0 <= match.jaccard <= 1 for match in report.matches)
    assert [row["id"] for row in report.to_records()] == sorted(ids)
    return report


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_invented_stories_are_told_apart(path: Path) -> None:
    pieces, expect = story(path.name)
    report = checked(find(pieces), [one.id for one in pieces])
    of = {member: one for one in report.clusters for member in one.members}
    for alone in expect["alone"]:
        assert of[alone].members == (alone,)
    if "cluster" in expect:
        whole = of[expect["canonical"]]
        assert whole.members == tuple(sorted(expect["cluster"]))
        assert whole.canonical == expect["canonical"]
        assert whole.reprints == len(whole.members) - 1
        assert "earliest published" in whole.reason
    for member, relation in expect.get("relations", {}).items():
        assert report.relations[member] == relation, member
    roundups = {(match.a, match.b) for match in report.matches if match.relation == "roundup"}
    for outer, parts in expect.get("roundup", {}).items():
        assert {(part, outer) for part in parts} <= roundups
        assert all(b == outer for _, b in roundups)


def test_a_wire_copy_is_told_in_the_reason_and_its_outlets_are_counted() -> None:
    report = find(story("harbour_ferry.toml")[0])
    whole = max(report.clusters, key=lambda one: len(one.members))
    assert "wire copy of Coast Wire" in whole.reason
    assert (whole.unique_sources, whole.reprints) == (4, 4)
    assert (whole.earliest, whole.latest) == ("2024-03-04T06:10", "2024-03-06")


def test_five_articles_on_one_war_are_five_stories() -> None:
    assert clusters(find(seeds())) == []


def test_a_story_told_nearly_whole_in_a_corner_of_a_round_up_does_not_draw_it_into_its_cluster() -> None:
    inbox = FIXTURES / "inbox"
    names = [
        "eastmere-courier/2031-03-03-library.txt",
        "eastmere-courier/2031-03-05-electric-buses.txt",
        "valley-post/ferry-fire.txt",
        "valley-post/honey.txt",
        "valley-post/night-train.txt",
        "valley-post/week-in-review.txt",
    ]
    report = find_duplicates({"id": name, "text": (inbox / name).read_text("utf-8"), "lang": "en"} for name in names)
    assert clusters(report) == []
    assert {(match.a, match.b, match.relation) for match in report.matches} == {
        (name, names[-1], "roundup") for name in names[:-1]
    }


def test_order_of_arrival_and_batches_do_not_matter() -> None:
    pieces = story("harbour_ferry.toml")[0] + story("same_form.toml")[0]
    expected = find(pieces)
    for turn in range(3):
        mixed = random.Random(turn).sample(pieces, len(pieces))
        finder = Finder()
        for one in mixed:
            finder.add([one])
        assert finder.report() == expected


WORDS = "ferry harbour captain rudder council bridge orchard frost minister budget inspector 46 2009 Tolve".split()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), max_size=12), st.randoms())
def test_any_texts_make_clusters_that_keep_the_laws(texts: list[str], chance: random.Random) -> None:
    pieces = [Piece(f"é{number:02}/\n", text) for number, text in enumerate(texts)]
    report = checked(find(pieces), [one.id for one in pieces])
    chance.shuffle(pieces)
    assert find(pieces) == report


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=6, unique=True))
def test_any_characters_can_be_compared(texts: list[str]) -> None:
    checked(find(Piece(str(number), text) for number, text in enumerate(texts)), [str(n) for n in range(len(texts))])


def test_a_second_article_with_an_id_is_refused() -> None:
    with pytest.raises(BadRecord, match="a second article"):
        find([{"id": "a", "text": "One."}, {"id": "a", "text": "Two."}])


@pytest.mark.parametrize(
    ("given_settings", "canonical", "reason"),
    [
        ({}, "coast-wire", "earliest published of 5"),
        ({"canonical": "latest"}, "mirror-site", "latest published of 5"),
        ({"canonical": "longest"}, "coast-wire-update", "longest text of 5"),
        ({"canonical": "cleanest"}, "coast-wire-update", "fewest edits and flags of 5"),
        ({"source_rank": ["Nobody", "Island Post"]}, "island-post", "first in source_rank of 5"),
    ],
)
def test_policies_choose_who_stands_for_the_rest(
    given_settings: Mapping[str, Any], canonical: str, reason: str
) -> None:
    pieces = story("harbour_ferry.toml")[0]
    report = checked(find(pieces, given_settings), [one.id for one in pieces])
    whole = max(report.clusters, key=lambda one: len(one.members))
    assert whole.canonical == canonical
    assert reason in whole.reason


def test_a_rule_of_your_own_may_choose() -> None:
    pieces = story("harbour_ferry.toml")[0]
    report = find(pieces, canonical=lambda members: next(one for one in members if one.source == "Coast Mirror"))
    assert max(report.clusters, key=lambda one: len(one.members)).canonical == "mirror-site"


# One report of 12 sentences; papers that print a part of it share nothing with those that print another.
REPORT = (
    "The harbour ferry Aldwina ran aground off Brenholm at dawn with forty passengers aboard, the coast guard said.",
    "Two tugs pulled it free before noon and nobody was hurt.",
    "The captain told reporters that fog had come in within minutes, "
    "and that the radar showed nothing unusual until the keel touched sand.",
    "Passengers drank coffee on the upper deck and sang while they waited.",
    "An inquiry will now look at the buoys, which fishermen had called badly lit since the storms of last winter.",
    "The company that runs the line, Nordhavn Rederi, promised refunds and a second vessel for the weekend market.",
    "Mayor Ida Brandt said the island could not live without its ferry and asked the county for a deeper channel.",
    "Dredging was put off twice because of nesting terns.",
    "Divers found a long scratch below the waterline but no leak, the shipyard in Ostervik reported in the evening.",
    "Its owner, Karl Lunde, expects the repair to take four days and three welders.",
    "Schoolchildren from the outer farms will be taken across by the lifeboat crew until then.",
    "A spare propeller is on its way from Hamburg by lorry.",
)


@pytest.mark.parametrize("shorter", [2, 5])
def test_the_reason_names_the_article_that_a_rule_chose_and_that_could_not_stand_for_the_rest(shorter: int) -> None:
    each = len(REPORT) // shorter
    short = [" ".join(REPORT[number * each : (number + 1) * each]) for number in range(shorter)]
    pieces = [Piece("whole", " ".join(REPORT), "Post", "2031-01-09")]
    pieces += [Piece(f"part-{at}", text, f"Paper {at}", f"2031-01-0{at + 1}") for at, text in enumerate(short)]
    says = "part-0, which does not share its text with all the others; "
    next_one = "whole is the next that does"  # behind a rule of the caller the longest is the next
    last = "nor do the next 3, but whole does" if shorter > 3 else next_one
    for rule, named, then in (
        (None, f"earliest published of {shorter + 1}", last),
        (_first_part, "chosen by your own rule", next_one),
    ):
        [group] = [one for one in find(pieces, canonical=rule).clusters if len(one.members) > 1]
        assert (group.canonical, len(group.members)) == ("whole", shorter + 1)
        assert group.reason == f"{named}: {says}{then}"


def _first_part(members: Sequence[Piece]) -> Piece:
    return next(one for one in members if one.id == "part-0")


def test_without_dates_the_longest_stands_then_the_smallest_id() -> None:
    text = story("harbour_ferry.toml")[0][0].text
    report = find([Piece("b", text), Piece("a", text), Piece("c", text + "\nThe ferry carries mail.")])
    assert report.clusters[0].canonical == "c"
    assert find([Piece("b", text), Piece("a", text)]).clusters[0].canonical == "a"


def test_scope_by_time_and_source() -> None:
    pieces = story("harbour_ferry.toml")[0]
    assert [len(members) for members in clusters(find(pieces, {"window": "12h"}))] != [5]
    assert clusters(find(pieces, {"window": "7d"})) == clusters(find(pieces))
    undated = find([Piece(one.id, one.text) for one in pieces], {"window": "1h"})
    assert "8 of 8 articles have no readable date" in undated.notes[0]
    assert clusters(find(pieces, {"group_by": "source"})) == [("coast-wire", "coast-wire-update")]
    across = {frozenset((match.a, match.b)) for match in find(pieces, {"across": "source"}).matches}
    assert frozenset(("coast-wire", "coast-wire-update")) not in across
    with pytest.raises(ConfigError, match="36h"):
        Finder({"window": "a week"})


def test_another_threshold_needs_no_second_reading() -> None:
    pieces = story("harbour_ferry.toml")[0]
    report = find(pieces, {"measure": "jaccard", "threshold": 0.5})
    assert checked(report.rethreshold(1.0), [one.id for one in pieces]).clusters != report.clusters
    assert report.rethreshold(0.5) == report


def test_related_coverage_is_linked_on_request_and_never_joins() -> None:
    pieces, expect = story("harbour_ferry.toml")
    pieces += seeds()
    without, with_links = find(pieces), find(pieces, {"related": True})
    assert without.clusters == with_links.clusters
    assert "related" not in {match.relation for match in without.matches}
    assert set(without.matches) <= set(with_links.matches)
    related = [match for match in with_links.matches if match.relation == "related"]
    linked = {frozenset((match.a, match.b)) for match in related}
    for one, others in expect["related"].items():
        assert {frozenset((one, other)) for other in others} <= linked
    assert not any("orchard" in pair for pair in linked)
    assert all("one event" in match.reason for match in related)


def test_nine_of_the_ten_pairs_of_one_running_story_are_linked() -> None:
    found = find(seeds(), {"related": True}).matches
    assert [match.relation for match in found] == ["related"] * 9


def test_two_articles_of_the_same_form_are_not_on_one_event() -> None:
    pieces = story("same_form.toml")[0]
    assert find(pieces, {"related": True}).matches == ()


def test_an_index_knows_what_came_before(tmp_path: Path) -> None:
    pieces = story("harbour_ferry.toml")[0]
    with Index.open(tmp_path / "all.nci") as index:
        assert [len(found) for found in index.add(pieces[:1])] == [0]
        later = index.add(pieces[1:2])[0]
        assert [(match.a, match.b, match.relation) for match in later] == [("coast-wire", "island-post", "copy")]
    with Index.open(tmp_path / "all.nci", mode="read") as index:
        assert len(index) == 2
        assert "coast-wire" in index
        assert list(index) == ["coast-wire", "island-post"]
        assert [match.relation for match in index.query(pieces[3:4])[0]] == ["excerpt", "excerpt"]
        report = find(pieces[3:], index=index)
        assert ("coast-wire", "island-post", "mirror-site", "valley-brief") in clusters(report)
    with Index.open(tmp_path / "all.nci") as index:
        assert index.remove(["coast-wire"]) == 1
        assert index.expire(before="2025-01-01") == 1
        index.compact()
        assert index.info()["articles"] == 0
    with pytest.raises(RecipeMismatch):
        Index.open(tmp_path / "all.nci", {"num_perm": 64})


def test_articles_come_in_any_dress() -> None:
    given = {"id": "x", "text": "Words.", "source": "Post", "date": "2024-01-02", "agency": "Coast Wire", "edits": 2}
    assert piece(given) == Piece("x", "Words.", "Post", "2024-01-02", agency=("Coast Wire",), quality=2)
    assert piece("Words.", id="3").id == "3"


def test_a_large_wire_cluster_is_neither_lost_nor_a_million_pairs() -> None:
    text = story("harbour_ferry.toml")[0][0].text
    finder = Finder().add(Piece(f"{number:04}", f"Outlet {number} reports.\n{text}") for number in range(300))
    report = finder.report()
    assert [len(members) for members in clusters(report)] == [300]
    assert finder.candidates < 300 * 20


def test_an_index_takes_one_article_alone_and_no_article_without_an_id(tmp_path: Path) -> None:
    text = story("harbour_ferry.toml")[0][0].text
    with Index.open(tmp_path / "news.index") as index:
        assert index.add({"id": 7, "text": text}) == [[]]
        assert len(index) == 1
        assert [match.relation for match in index.query(text)[0]] == ["exact"]
        with pytest.raises(BadRecord, match="no `id`"):
            index.add([text])
        with pytest.raises(BadRecord, match="int, where str"):
            index.add([7])  # type: ignore[list-item]
        assert (index.remove("no such"), index.remove(7), len(index)) == (0, 1, 0)


def test_ids_of_a_report_can_be_those_that_the_articles_brought() -> None:
    text = story("harbour_ferry.toml")[0][0].text
    report = find([{"id": 1, "text": text}, {"id": 2, "text": text}]).with_ids({"1": 1, "2": 2})
    assert [(match.a, match.b) for match in report.matches] == [(1, 2)]
    assert report.clusters[0].members == (1, 2)
    assert {row["id"]: row["relation"] for row in report.rethreshold(0.9).to_records()} == {1: None, 2: "exact"}


def test_ids_that_are_numbers_come_back_as_numbers() -> None:
    text = story("harbour_ferry.toml")[0][0].text
    report = find_duplicates([{"id": 7, "text": text}, {"id": "b", "text": text}, {"id": 9, "text": "Rain on Friday."}])
    assert {row["id"]: row["cluster"] for row in report.to_records()} == {7: 7, "b": 7, 9: 9}
    assert [(match.a, match.b) for match in report.matches] == [(7, "b")]
    assert newsclean.clean_and_explain({"id": 7, "text": text}).to_dict()["id"] == 7
    assert newsclean.clean_and_explain({"id": None, "text": text}).article.given_id == ""
    assert [one.members for one in find_duplicates({"id": 7, "text": text}).clusters] == [(7,)]


def test_a_finder_gives_ids_back_as_they_came() -> None:
    text = story("harbour_ferry.toml")[0][0].text
    finder = Finder().add([{"id": 7, "text": text}]).add([{"id": "b", "text": text}])
    assert [(match.a, match.b) for match in finder.report().matches] == [(7, "b")]


def test_another_threshold_gives_what_a_new_search_would_give() -> None:
    pieces, _ = story("harbour_ferry.toml")
    strict = find(pieces, {"threshold": 0.95})
    again = find(pieces).rethreshold(0.2).rethreshold(0.95)
    assert (again.matches, again.clusters) == (strict.matches, strict.clusters)


def test_the_further_two_articles_lie_apart_the_surer_they_must_be_to_be_on_one_event() -> None:
    def linked(months: list[int]) -> int:
        dated = [
            replace(one, published=f"{2031 + m // 12}-{m % 12 + 1:02}-01")
            for one, m in zip(seeds(), months, strict=True)
        ]
        return len(find(dated, {"related": True}).matches)

    assert linked([0, 0, 0, 0, 0]) >= linked([0, 1, 2, 1, 2]) > linked([0, 4, 8, 12, 16]) == 0


def test_an_id_that_comes_twice_in_a_batch_replaces_itself() -> None:
    first, second = (one.text for one in seeds()[:2])
    with Index.open(":memory:") as index:
        found = index.add([{"id": "a", "text": first}, {"id": "b", "text": first}, {"id": "a", "text": second}])
        assert [[(match.a, match.b) for match in one] for one in found] == [[], [("a", "b")], []]
        assert list(index) == ["b", "a"]


def test_a_question_is_held_against_the_index_not_against_another_question() -> None:
    first, second = (one.text for one in seeds()[:2])
    with Index.open(":memory:") as index:
        index.add({"id": "a", "text": first})
        asked = [{"id": "a", "text": second}, {"id": "b", "text": first}]
        assert [[(match.a, match.b) for match in one] for one in index.query(asked)] == [[], [("a", "b")]]
