"""Scores on a user's own cases, and the pytest plugin that runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import scoring
from newsclean.errors import BadRecord, ConfigError

pytest_plugins = ["pytester"]

ARTICLE = (
    "Harbour bridge to reopen\n\n"
    "The harbour bridge in Eastmere will reopen to traffic on Monday after eleven weeks of repairs, the council said.\n\n"
    "Engineers replaced four cables and tested each of them twice, according to a report published on Thursday.\n"
)
FURNITURE = "\nLeave a Comment\n"


def write_pair(folder: Path, name: str, source: str, expected: str | None, facts: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.in.txt").write_text(source, "utf-8")
    if expected is not None:
        (folder / f"{name}.out.txt").write_text(expected, "utf-8")
    if facts:
        (folder / f"{name}.toml").write_text(facts, "utf-8")


def write_rows(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_what_comes_out_as_expected_scores_one(tmp_path: Path) -> None:
    write_pair(tmp_path, "bridge", ARTICLE + FURNITURE, ARTICLE)
    score = scoring.evaluate(tmp_path)
    (part,) = score.parts
    assert (score.f1, part.kind, part.cases, part.worst) == (1.0, "cleaning", 1, ())
    assert part.figures["exact match"] == 1.0
    assert part.figures["body loss"] == 0.0


def test_a_line_left_behind_costs_recall_and_is_named(tmp_path: Path) -> None:
    write_pair(tmp_path, "bridge", ARTICLE + FURNITURE, ARTICLE.replace("Harbour bridge to reopen\n\n", ""))
    (part,) = scoring.evaluate(tmp_path).parts
    assert part.figures["line recall"] == 0.5
    assert part.figures["line precision"] == 1.0
    assert part.worst[0].name == "bridge"
    assert "Harbour bridge to reopen" in part.worst[0].why


def test_article_lost_costs_precision_and_comes_first(tmp_path: Path) -> None:
    write_pair(tmp_path, "a-left", ARTICLE + FURNITURE, ARTICLE.replace("Harbour bridge to reopen\n\n", ""))
    write_pair(tmp_path, "b-lost", ARTICLE + FURNITURE, ARTICLE + FURNITURE)
    (part,) = scoring.evaluate(tmp_path).parts
    assert part.figures["line precision"] == 0.5
    assert part.figures["articles damaged"] == 0.5
    assert part.figures["body loss"] > 0
    assert [one.name for one in part.worst] == ["b-lost", "a-left"]


def test_phrases_alone_are_a_case(tmp_path: Path) -> None:
    facts = 'must_remove = ["Leave a Comment"]\nmust_keep = ["Engineers replaced", "a phrase that is nowhere"]\n'
    write_pair(tmp_path, "bridge", ARTICLE + FURNITURE, None, facts)
    (part,) = scoring.evaluate(tmp_path).parts
    assert part.figures["line recall"] == 1.0
    assert part.figures["phrases as asked"] == pytest.approx(2 / 3)
    assert "gone: 'a phrase that is nowhere'" in part.worst[0].why


def test_rows_of_text_and_expected_are_cleaning_cases(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "cases.jsonl", {"id": "b", "text": ARTICLE + FURNITURE, "expected": ARTICLE})
    assert scoring.evaluate(path).f1 == 1.0


def test_repairs_count_what_was_mended_and_what_had_to_stay(tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "repairs.jsonl",
        {"name": "mojibake", "before": "said the mayorâ€™s office.", "after": "said the mayor’s office."},
        {"name": "beyond us", "before": "He went to the xqz yesterday.", "after": "He went to the court yesterday."},
        {"name": "a title", "must_not_change": "AÇÃO NO PORTO"},
        {"name": "a pause", "before": "It was very, very late.", "must_not_change": True},
    )
    (part,) = scoring.evaluate(path).parts
    assert part.kind == "repairs"
    assert part.figures["mended exactly"] == 1
    assert part.figures["left as they were"] == 1
    assert part.figures["had to stay, changed"] == 0
    assert part.f1 == pytest.approx(2 / 3)
    assert [one.name for one in part.worst] == ["beyond us"]


def test_agreement_of_perfect_clusters_is_one() -> None:
    truth = {"a": 1, "b": 1, "c": 2, "d": 3}
    figures = scoring.agreement(truth, {"a": "x", "b": "x", "c": "y", "d": "z"})
    assert {figures[name] for name in ("pair F1", "B-cubed F1", "adjusted Rand index")} == {1.0}


def test_agreement_by_hand() -> None:
    # labels {a b c} {d e}; found {a b} {c d e}: 2 right pairs of 4 found and of 4 labelled; by chance 4 * 4 / 10
    figures = scoring.agreement(dict(zip("abcde", "11122", strict=True)), dict(zip("abcde", "11222", strict=True)))
    assert figures["pair precision"] == figures["pair recall"] == 0.5
    assert figures["B-cubed precision"] == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert figures["B-cubed recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert figures["adjusted Rand index"] == pytest.approx((2 - 1.6) / (4 - 1.6))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_agreement_agrees_with_counting_pairs(labels: list[tuple[int, int]]) -> None:
    truth = {str(at): label for at, (label, _) in enumerate(labels)}
    found = {str(at): label for at, (_, label) in enumerate(labels)}
    pairs = [(a, b) for a in truth for b in truth if a < b]
    together = sum(truth[a] == truth[b] and found[a] == found[b] for a, b in pairs)
    joined = sum(found[a] == found[b] for a, b in pairs)
    figures = scoring.agreement(truth, found)
    assert figures["pair precision"] == (together / joined if joined else 1.0)
    assert -1 <= figures["adjusted Rand index"] <= 1
    assert 0 < figures["B-cubed F1"] <= 1


def test_copies_are_scored_against_their_labels(tmp_path: Path) -> None:
    other = (
        "The reservoir above Halden is full again after a wet spring, and boats may return in June, its warden said.\n"
        * 2
    )
    rows = [
        {"id": "a", "text": ARTICLE + FURNITURE, "cluster": "bridge"},
        {"id": "b", "text": "Sign up to our newsletter\n\n" + ARTICLE, "cluster": "bridge"},
        {"id": "c", "text": other, "cluster": None},
        {"id": "d", "text": ARTICLE, "cluster": "not the bridge"},
    ]
    (part,) = scoring.evaluate(write_rows(tmp_path / "copies.jsonl", *rows[:3])).parts
    assert (part.kind, part.f1, part.worst) == ("copies", 1.0, ())
    (part,) = scoring.evaluate(write_rows(tmp_path / "copies.jsonl", *rows)).parts
    assert part.figures["pair precision"] == pytest.approx(1 / 3)
    assert part.worst[0].why == "joined, and labelled apart (cluster of 3)"


LINES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1).filter(str.strip)
)


@given(LINES)
def test_all_is_left_of_a_text_that_did_not_change(lines: list[str]) -> None:
    assert scoring.share_left(lines, "\n".join(lines)) == (1.0,) * len(lines)


@given(LINES)
def test_nothing_is_left_in_an_empty_text(lines: list[str]) -> None:
    assert scoring.share_left(lines, "") == (0.0,) * len(lines)


def test_a_mended_line_is_still_there() -> None:
    share = scoring.share_left(
        ["Shops shut early, he said. . These were the last.", "Tags: shops"],
        "Shops shut early, he said. These were the last.",
    )
    assert share[0] > scoring.DAMAGED_BELOW
    assert share[1] == 0.0


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"text": "x", "expected": 3}, "`expected`"),
        ({"expected": "x"}, "`text`"),
        ({"before": "x"}, "`after`"),
        ({"title": "x"}, "a case needs"),
    ],
)
def test_a_row_that_is_no_case_is_named_with_its_line(tmp_path: Path, row: dict[str, object], why: str) -> None:
    path = write_rows(tmp_path / "cases.jsonl", row)
    with pytest.raises(BadRecord, match=r"cases\.jsonl:1: .*" + why):
        scoring.evaluate(path)


def test_no_case_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no cases; write name\.in\.txt"):
        scoring.evaluate(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        scoring.evaluate(tmp_path / "nowhere")


def test_a_half_case_is_said(tmp_path: Path) -> None:
    write_pair(tmp_path, "bridge", ARTICLE, None)
    with pytest.raises(BadRecord, match=r"no bridge\.out\.txt beside it"):
        scoring.evaluate(tmp_path)
    write_pair(tmp_path, "bridge", ARTICLE, ARTICLE, "must_removed = []")
    with pytest.raises(BadRecord, match="unknown key 'must_removed'"):
        scoring.evaluate(tmp_path)


def test_the_table_and_the_json_say_the_same(tmp_path: Path) -> None:
    write_pair(tmp_path, "bridge", ARTICLE + FURNITURE, ARTICLE)
    score = scoring.evaluate(tmp_path)
    told = score.to_dict()
    assert told["f1"] == 1.0
    assert json.loads(json.dumps(told)) == told
    assert ("cleaning", "1 case") in score.lines()
    assert ("  exact match", "1.000") in score.lines()


# — the plugin, in a pytest of its own —


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nnewsclean_cases = cases\n")
    return pytester


def test_a_case_that_comes_out_as_expected_passes(project: pytest.Pytester) -> None:
    write_pair(project.path / "cases", "bridge", ARTICLE + FURNITURE, ARTICLE)
    write_pair(project.path / "elsewhere", "not-a-case", ARTICLE + FURNITURE, "")
    outcome = project.runpytest("-v")
    outcome.assert_outcomes(passed=1)
    outcome.stdout.fnmatch_lines(["*bridge.in.txt::bridge PASSED*"])


def test_a_case_that_fails_shows_the_diff_and_the_rule(project: pytest.Pytester) -> None:
    write_pair(project.path / "cases", "bridge", ARTICLE + FURNITURE, ARTICLE + FURNITURE)
    outcome = project.runpytest()
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(
        [
            "*the cleaned text is not bridge.out.txt",
            "--- expected",
            "-Leave a Comment",
            "* removed 'Leave a Comment':*",
            "*ignore = *",
        ]
    )
    outcome.stdout.no_fnmatch_line("*Traceback*")


def test_the_nearest_newsclean_toml_holds(project: pytest.Pytester) -> None:
    write_pair(project.path / "cases", "bridge", ARTICLE + FURNITURE, ARTICLE + FURNITURE)
    (project.path / "newsclean.toml").write_text('ignore = ["comments"]\nlearned_score = false\n', "utf-8")
    project.runpytest().assert_outcomes(passed=1)


def test_a_broken_case_fails_with_what_to_do(project: pytest.Pytester) -> None:
    write_pair(project.path / "cases", "bridge", ARTICLE, None)
    outcome = project.runpytest()
    outcome.assert_outcomes(failed=1)
    outcome.stdout.fnmatch_lines(["*no bridge.out.txt beside it*"])
