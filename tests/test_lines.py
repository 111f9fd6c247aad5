"""What goes, what stays, and how the text around it is left."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import newsclean
from newsclean import (
    edits,
    line_echoes,
    line_lists,
    line_reading,
    line_reasons,
    line_runs,
    line_score,
    line_shapes,
    lines,
)
from newsclean.cleaner import Cleaner
from newsclean.model import Context, Findings
from newsclean.rulebook import WEIGHTS
from newsclean.settings import CleanSettings, Settings
from strategies import texts

HEADLINE = "Ferry to the islands sails again after a winter in dock"
BODY = [
    "HARLSEN — The ferry to the outer islands sailed again on Monday, four months after a fire in its engine room.",
    "“We had begun to think that we would never see it again,” said Agnes Holm, who runs the only shop on Lower Skerry.",
    "The company has promised to pay for the flights that islanders had to take, a sum that it put at 40,000 crowns.",
    "It has also ordered two new engines, which are to be built into the ship while it is in service, one each summer.",
    "The harbour master, Ole Brandt, said the repairs had been held up by a strike and then by a storm in January.",
]
FORM = ["Leave a Comment", "Your email address will not be published. Required fields are marked *"]


def context(**settings: object) -> Context:
    return Context("en", "", "", Settings.of(settings).clean)


def find(text: str, **settings: object) -> Findings:
    (found,) = lines.find_many([text], [context(**settings)])
    return found


def cleaned(text: str, **settings: object) -> str:
    return edits.apply(text, find(text, **settings).edits)


def article(*tail: str, gap: str = "\n\n") -> str:
    return gap.join([HEADLINE, *BODY, *tail])


@pytest.mark.parametrize("learned_score", [False, True])
def test_a_comment_form_goes_and_the_article_stays(learned_score: bool) -> None:
    assert cleaned(article(*FORM), learned_score=learned_score) == article()


def test_an_article_without_furniture_is_left_alone() -> None:
    assert find(article()) == find(article(gap="\n")) == Findings(metadata={"place": ["HARLSEN"]})


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x85", "\r", "\n\n", "\n\n\n", "\n \t\n"])
def test_line_ends_are_those_of_the_author(end: str) -> None:
    assert cleaned(article(*FORM, gap=end)) == article(gap=end)
    assert cleaned(article(*FORM, gap=end) + end) == article(gap=end) + end


def test_removing_a_line_leaves_no_double_gap() -> None:
    text = f"{HEADLINE}\n\n{BODY[0]}\n\nAdvertisement\n\n{BODY[1]}\n{BODY[2]}"
    assert cleaned(text) == f"{HEADLINE}\n\n{BODY[0]}\n\n{BODY[1]}\n{BODY[2]}"


def test_the_wider_gap_stays() -> None:
    text = f"{HEADLINE}\n\n{BODY[0]}\nAdvertisement\n\n\n{BODY[1]}"
    assert cleaned(text) == f"{HEADLINE}\n\n{BODY[0]}\n\n\n{BODY[1]}"


def test_each_line_has_its_own_edit() -> None:
    found = find(article(*FORM))
    assert len(found.edits) == 2
    assert all(edit.after == "" and edit.reason and 0.5 < edit.certainty <= 1 for edit in found.edits)


def test_a_heading_takes_the_headlines_under_it() -> None:
    headlines = [
        "Council to vote on new harbour wall",
        "Islands lose their last bank branch",
        "Storm damage put at two million",
    ]
    assert cleaned(article("Related Articles", *headlines)) == article()


@pytest.mark.parametrize("profile", ["safe", "balanced"])
@pytest.mark.parametrize(
    ("language", "body", "heading", "sentence"),
    [
        (
            "ja",
            "町長は月曜日に、来年の春までに新しい橋を建設すると発表した。費用は四億円になる見込みだという。",
            "関連記事",
            "住民は新しい橋を求めていた。",
        ),
        (
            "tr",
            "Belediye başkanı pazartesi günü yeni köprünün gelecek bahara kadar yapılacağını söyledi.",
            "İlgili haberler",
            "Halk yeni köprüyü istiyordu.",
        ),
        (
            "ar",
            "قال رئيس البلدية يوم الاثنين إن الجسر الجديد سيبنى قبل الربيع المقبل بتكلفة أربعين مليونا.",
            "أخبار ذات صلة",
            "كان السكان يريدون جسرا جديدا.",
        ),
        ("en", BODY[0], "Related Articles", "The islanders wanted a new ferry."),
    ],
)
def test_a_sentence_alone_under_a_related_heading_stays(
    profile: str, language: str, body: str, heading: str, sentence: str
) -> None:
    cleaner = Cleaner(Settings.of({"profile": profile}))
    result = cleaner.clean({"text": f"{body}\n{heading}\n{sentence}", "language": language})
    assert result.text.startswith(body)
    assert result.text.endswith(sentence)


@pytest.mark.parametrize("profile", ["safe", "balanced"])
@pytest.mark.parametrize("last", ["居民们说：“好的。”", "居民们在等船。", "「はい。」"])
def test_a_short_sentence_of_chinese_or_japanese_does_not_go_by_its_score_alone(profile: str, last: str) -> None:
    body = "居民们在星期一说，他们已经在这里等了四个月，直到新的渡轮再次开航，把他们带到外岛。"
    text = f"港口大火\n{body}\n{last}"
    assert last in Cleaner(Settings.of({"profile": profile})).clean({"text": text, "language": "zh"}).text


def test_bylines_and_credits_stay_and_are_told() -> None:
    text = "\n".join([HEADLINE, "By Ruth Anders", *BODY, "Jonas Vik contributed reporting from Lower Skerry."])
    found = find(text)
    assert edits.apply(text, found.edits) == text
    assert found.metadata["author"] == ["Ruth Anders"]
    assert any("Jonas Vik" in one for one in found.metadata["credits"])


def test_thorough_takes_a_wire_credit_and_leaves_the_byline() -> None:
    text = "\n".join([HEADLINE, "By Ruth Anders", *BODY, "With files from The Canadian Press"])
    found = find(text, profile="thorough")
    assert edits.apply(text, found.edits) == text.removesuffix("\nWith files from The Canadian Press")
    assert found.metadata["author"] == ["Ruth Anders"]
    assert found.metadata["credits"] == ["With files from The Canadian Press"]


def test_bylines_and_credits_go_on_request() -> None:
    text = "\n".join([HEADLINE, "By Ruth Anders", *BODY, "Jonas Vik contributed reporting from Lower Skerry."])
    undated = BODY[0].removeprefix("HARLSEN — ")
    assert undated != BODY[0]
    assert cleaned(text, drop_credits=True) == "\n".join([HEADLINE, undated, *BODY[1:]])


def test_a_notice_goes_and_its_agency_is_kept() -> None:
    found = find(
        article("© 2024 Harlsen Courier. Visit harlsencourier.example. Distributed by Northern News Agency, LLC.")
    )
    assert len(found.edits) == 1
    assert "Northern News Agency" in " ".join(found.metadata["agency"])


def test_a_headline_stays_even_where_it_looks_like_a_link() -> None:
    assert cleaned("Ferry sails again\n" + "\n".join(BODY)).startswith("Ferry sails again\n")
    (found,) = lines.find_many(
        ["Share\nFerry back\n" + "\n".join(BODY)], [Context("en", "", "Ferry back", CleanSettings())]
    )
    assert "Ferry back" not in "".join(edit.before for edit in found.edits)


@pytest.mark.parametrize(
    ("first", "profile", "stays"),
    [
        ("News | Politics", "balanced", True),
        ("News | Politics", "thorough", False),
    ],
)
def test_a_first_line_is_no_headline_where_it_clearly_scores_as_furniture(
    first: str, profile: str, stays: bool
) -> None:
    assert cleaned("\n".join([first, HEADLINE, *BODY]), profile=profile).startswith(first) == stays


@pytest.mark.parametrize("first", ["Ten walks", "Interview", "Book review", "In memoriam", "Court list"])
@pytest.mark.parametrize("behind", [(), ("Harwick",), ("The paths open again on Monday", "By Ann Merton")])
def test_a_short_headline_stays_above_a_dateline_or_a_standfirst(first: str, behind: tuple[str, ...]) -> None:
    text = "\n".join([first, *behind, *BODY])
    assert cleaned(text).startswith(first)


@pytest.mark.parametrize("first", ["Video: The ferry sails", "Related: how the ferry came back to the islands"])
def test_no_rule_is_sure_where_a_headline_is_expected(first: str) -> None:
    text = "\n".join([first, *BODY])
    assert cleaned(text) == text


def test_a_heading_of_choices_stays_with_its_list_where_the_article_goes_on() -> None:
    picks = ["Editor’s choice", "• The Skerry light", "• The chapel of Lower Skerry", "• The boat yard"]
    text = "\n".join([HEADLINE, *BODY, *BODY[:3], *picks, *BODY[3:]])
    assert "Editor’s choice" in cleaned(text)


@pytest.mark.parametrize("profile", ["balanced", "thorough"])
def test_an_article_about_notices_is_not_taken_apart(profile: str) -> None:
    notices = [
        "By continuing to use the site you agree to the use of cookies: this sentence on the Herald's pages broke the law.",
        "We and our partners store and access information on a device, such as cookies: so the notice went on, for a year.",
    ]
    text = "\n".join(["Herald told to change its notice", *notices, BODY[4]])
    found = find(text, profile=profile)
    assert edits.apply(text, found.edits) == text
    assert [flag.kind for flag in found.flags] == ["too_much_removed"]


@pytest.mark.parametrize("title", ["Letters to the editor", "Advertisement", "Share"])
@pytest.mark.parametrize("above", [(), ("Ferry and harbour",)])
def test_no_rule_takes_the_given_title(title: str, above: tuple[str, ...]) -> None:
    head = [*above, title, *BODY]
    (found,) = lines.find_many(["\n".join([*head, title])], [Context("en", "", title, CleanSettings())])
    assert [edit.start for edit in found.edits] in ([], [len("\n".join(head))]), "what says it once more may go"


def test_a_label_that_is_not_the_title_goes_from_the_top() -> None:
    assert cleaned("\n".join(["Advertisement", HEADLINE, *BODY])) == "\n".join([HEADLINE, *BODY])


def test_prose_is_never_taken_wholesale(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "greedy.toml"
    path.write_text('[[rule]]\nid = "own.greedy"\nwhy = "Takes everything."\nmatch = "."\ndrops = ["x"]\n', "utf-8")
    found = find(article(), rules=(str(path),))
    assert [flag.kind for flag in found.flags] == ["too_much_removed"]
    kept = edits.apply(article(), found.edits)
    assert all(line in kept for line in BODY)
    assert find("Share\nPrint", rules=(str(path),)).edits == ()
    assert cleaned(article(*FORM), rules=(str(path),), max_prose_removed=1.0, max_removed=0.5) == article(*FORM)


def test_a_notice_that_rule_and_score_agree_on_is_no_prose_to_be_protected() -> None:
    notice = "We use cookies to improve your experience on our website. By browsing it you agree to our use of cookies."
    text = "\n".join([HEADLINE, *BODY[:3]])
    assert len(notice) >= 100
    assert cleaned(f"{text}\n{notice}", profile="thorough") == text


def test_max_removed_keeps_the_article_whole() -> None:
    found = find(article(*FORM), max_removed=0.01)
    assert found.edits == ()
    assert [flag.kind for flag in found.flags] == ["too_much_removed"]


def test_leftovers_inside_a_paragraph_are_cut_out_of_it() -> None:
    text = f"{HEADLINE}\n{BODY[0]}\n{BODY[1]} (Read more: Islands lose their last bank branch)\n{BODY[2]}"
    assert cleaned(text) == f"{HEADLINE}\n{BODY[0]}\n{BODY[1]}\n{BODY[2]}"


@pytest.mark.parametrize(
    "stays",
    [
        "Sign up for the newsletter, the council told its tenants, and you will be told of every new lease in your street.",
        "The minister, asked to leave a comment, said that he had none, and that he would have none before the vote on Friday.",
        "Advertisement spending fell by a tenth, the paper's owners said, and the share of subscribers rose to 61 percent.",
    ],
)
def test_prose_about_newsletters_and_comments_stays(stays: str) -> None:
    text = "\n\n".join([HEADLINE, *BODY[:3], stays, *BODY[3:]])
    assert cleaned(text) == text


def test_lists_of_results_stay() -> None:
    results = [
        "1. Holm, Lower Skerry, 48.2",
        "2. Brandt, Harlsen, 48.9",
        "3. Vik, Harlsen, 51.0",
        "4. Anders, Upper Skerry, 51.4",
    ]
    text = "\n".join([HEADLINE, *BODY[:3], "Results of the rowing:", *results, *BODY[3:]])
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("form", "others"),
    [
        ("Capacity: 84", ["Length: 84 metres", "Built: 1998", "Passengers: 350"]),
        ("4 Holm 2339 1 1 8", ["1 Brandt 2401 3 2 9", "2 Dahl 2398 2 2 7"]),
        ("座席：84", ["全長：84メートル", "建造：1998年"]),
    ],
)
def test_a_list_of_which_one_line_stays_is_broken_by_going_elsewhere(form: str, others: list[str]) -> None:
    run = ["The ferry is new.", *others, form, "Share this"]
    last = len(run) - 2
    assert list(line_lists.broken(run, {last, last + 1}, 2)) == [range(1, last + 1)]
    assert not list(line_lists.broken(run, set(range(1, len(run))), len(run) - 1))
    assert not list(line_lists.broken(run, {last + 1}, 1))


@pytest.mark.parametrize("label", [["Pros"] * 6, [f"{9 * n} votes" for n in range(1, 7)], ["价格：84元"] * 6])
def test_a_label_that_comes_back_with_each_item_stays(label: list[str]) -> None:
    items = [part for n, own in enumerate(label) for part in (f"Lamp {chr(65 + n)} burns for a week", own)]
    page = ["The lamps of the islands, tried out.", *items, "We bought them ourselves.", "Share this", "Tweet"]
    labels = set(range(2, 2 + 2 * len(label), 2))
    gone = labels | {len(page) - 2, len(page) - 1}
    assert set(line_lists.woven(page, gone, gone)) == labels
    assert not list(line_lists.woven(page, gone, gone - labels)), "what a rule takes goes"
    assert not list(line_lists.woven(page[3:], {i - 3 for i in gone}, {i - 3 for i in labels})), (
        "five times are too few"
    )
    assert not list(line_lists.woven(page, set(range(1, len(page))), labels)), "the items go, too"


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (10, 9, 8, 7)])
def test_headings_that_number_the_parts_of_an_article_stay(order: tuple[int, ...]) -> None:
    parts = [line for number in order for line in (f"{number}. Harlsen", BODY[0], BODY[1])]
    page = [HEADLINE, *parts, "1. Storm closes harbour", "2. Ferry is late", "3. Prize for island"]
    headings = {1, 4, 7, 10}
    most_read = {len(page) - 3, len(page) - 2, len(page) - 1}
    assert set(line_lists.numbered(page, {4, 7} | most_read, {4, 7} | most_read)) == {4, 7}
    assert not list(line_lists.numbered(page, headings | most_read, headings)), "most go"
    assert not list(line_lists.numbered(page, {4, 7}, set())), "what a rule takes goes"


def test_a_list_of_facts_stays_whole_in_front_of_furniture() -> None:
    facts = ["Length: 84 metres", "Built: 1998", "Passengers: 350"]
    tail = ["Related Articles", "Storm closes harbour for third day", "Comments", "Sign up now"]
    assert cleaned(article(*facts, *tail)) == article(*facts)


def test_a_text_is_cleaned_alike_alone_and_among_others() -> None:
    some = [
        article(*FORM),
        "",
        article("Related Articles", "Storm damage put at two million"),
        "Share\nPrint\n" + article(),
        "x",
    ]
    together = lines.find_many(some, [context() for _ in some])
    assert together == [find(text) for text in some]
    assert together == list(reversed(lines.find_many(some[::-1], [context() for _ in some])))


def test_a_learned_drop_says_why_in_words() -> None:
    assert line_score.present()
    text = article(
        "Islands lose their last bank branch", "Storm damage put at two million", "Home", "Sport", "Weather", "Jobs"
    )
    learned = [edit for edit in find(text, ignore=("any.", "en.")).edits if edit.rule == lines.LEARNED_SCORE]
    assert learned
    for edit in learned:
        assert len(edit.reason) > 10, edit
        assert "_" not in edit.reason


def test_profiles_take_more_and_more() -> None:
    text = article(
        "Islands lose their last bank branch", "Storm damage put at two million", "Read more", "Home", "Sport", "Jobs"
    )
    safe, balanced, thorough = (
        {edit.before.strip() for edit in find(text, profile=name).edits} for name in ("safe", "balanced", "thorough")
    )
    assert safe <= balanced <= thorough


def test_a_rule_that_is_not_sure_enough_needs_the_score(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n\n".join([HEADLINE, *BODY[:3], "You must be logged in to post a comment.", *BODY[3:]])
    assert [edit.rule for edit in find(text).edits] == ["en.comment_form"]
    doubted = replace(line_score.load(), certainty={"en.comment_form": 0.9})
    monkeypatch.setattr(line_score, "load", lambda: doubted)
    assert find(text).edits == ()


def test_without_the_score_only_rules_decide() -> None:
    text = article("Home", "Sport", *FORM)
    assert lines.LEARNED_SCORE not in {edit.rule for edit in find(text, learned_score=False).edits}


def test_a_copyright_notice_is_no_prose_to_the_stop() -> None:
    notice = (
        "© 2024 Harlsen Courier. All rights reserved. This material may not be published, broadcast, rewritten, or "
        "redistributed without written consent."
    )
    text = f"{HEADLINE}\n\n{BODY[0]}\n\n{BODY[1]}\n\n{notice}"
    found = find(text)
    assert not found.flags
    assert edits.apply(text, found.edits) == f"{HEADLINE}\n\n{BODY[0]}\n\n{BODY[1]}"


def test_most_doubtful_lines_of_an_article_get_no_more_than_a_glance() -> None:
    reading = line_reading.read([article(), article(*FORM)], [context()] * 2)
    model, evidence = line_score.load(), line_reading.evidence(reading)
    looked = line_score.sift(reading.grid, evidence, model.glance, np.full(2, model.looks["balanced"][0]))
    here = len(BODY) + 1
    assert looked[:here].sum() <= reading.grid.doubtful[:here].sum() / 2
    assert looked[2 * here :].all(), "the comment form is looked at"


def leaf_below(node: int, row: list[float], kind: str, arrays: dict[str, np.ndarray]) -> int:
    """The leaf that a row comes to, one node after the other."""
    child = arrays[kind + "child"]
    while child[2 * node] != node:
        node = child[2 * node + (row[arrays[kind + "feature"][node]] > arrays[kind + "bound"][node])]
    return int(node)


@pytest.mark.parametrize("kind", ["", "first_", "glance_"])
def test_trees_that_are_asked_at_once_say_what_each_says_by_itself(kind: str) -> None:
    with np.load(WEIGHTS / "lines.npz") as stored:
        arrays = {name: stored[name] for name in stored.files}
    model = line_score.load()
    trees = {"": model.trees, "first_": model.first, "glance_": model.glance}[kind]
    columns = int(arrays[kind + "feature"].max()) + 1
    bounds = arrays[kind + "bound"][np.isfinite(arrays[kind + "bound"])]
    # Values that are bounds themselves: what is equal goes the first way.
    rows = np.random.default_rng(5).choice(bounds, (40, columns))
    values = np.array(
        [
            [arrays[kind + "value"][leaf_below(root, row, kind, arrays)] for root in arrays[kind + "root"]]
            for row in rows.tolist()
        ]
    )
    assert (trees.score(rows) * line_score.UNIT == values.sum(axis=1)).all()


@given(st.lists(texts, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_what_is_known_of_lines_changes_nothing(some: list[str]) -> None:
    contexts = [context() for _ in some]
    memo = lines.Memo()
    assert lines.find_many(some, contexts, memo) == lines.find_many(some, contexts, memo) == [find(one) for one in some]


def in_word(sign: str) -> bool:
    return sign < "\U00010000" and unicodedata.category(sign) in ("Lu", "Lt", "Ll", "Lo", "Lm", "Nd", "Mn")


@given(st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_signs_and_words_of_a_line_are_counted_as_they_stand(some: list[str]) -> None:
    every = [line for text in some for line in line_reading.Page(text).lines]
    for part in ([every] if every else []), ([line] for line in every):
        for counted in part:
            shape = dict(zip(line_shapes.NAMES, line_shapes.shapes(counted), strict=True))
            assert shape["length"].tolist() == list(map(len, counted))
            assert shape["at"].tolist() == [line.count("@") + line.count("#") for line in counted]
            assert shape["digit_count"].tolist() == [len(re.findall(r"\d", line)) for line in counted]
            words = [
                sum(in_word(sign) and not in_word(before) for before, sign in pairwise(f" {line}")) for line in counted
            ]
            assert shape["words"].tolist() == [max(1, number) for number in words]


def test_the_grounds_of_a_score_add_up_to_it() -> None:
    model = line_score.load()
    rows = np.random.default_rng(3).normal(3, 4, (7, len(model.names)))
    for trees in (model.first, model.trees):
        assert (trees.shares(rows).sum(axis=1) + trees.start == trees.score(rows) * line_score.UNIT).all()
        assert (trees.shares(rows) == np.concatenate([trees.shares(row[None]) for row in rows])).all()


def test_reasons_are_put_into_words_only_for_lines_that_go(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    say = line_reasons.reasons

    def count(model: line_score.Model, rows: line_score.Floats) -> list[str]:
        told.append(len(rows))
        return say(model, rows)

    monkeypatch.setattr(line_reasons, "reasons", count)
    text = article("Home", "Sport", "Weather", "Jobs", "Cars", "Homes")
    gone = [edit for edit in find(text).edits if edit.rule == lines.LEARNED_SCORE]
    assert sum(told) == len(gone) > 0
    told.clear()
    assert find(text, max_removed=0.001).edits == ()
    assert not told


def test_a_text_of_very_many_short_lines_takes_seconds() -> None:
    text = "\n".join(f"{name} {n}" for n in range(4000) for name in ("Home", "Results", "Share", "Vik", "Next page"))
    find("Home\nSport")  # rules and weights are read
    start = time.process_time()
    find(text)
    # One second for 20,000 lines on the machine this was written on, which shares its cores.
    assert time.process_time() - start < 10


@given(texts)
@settings(max_examples=40)
def test_only_whole_lines_and_white_space_around_them_go(text: str) -> None:
    found = find(text)
    for edit in found.edits:
        assert edit.after == ""
        assert text[edit.start : edit.end] == edit.before
    edits.apply(text, found.edits)


@given(texts)
@settings(max_examples=40)
def test_cleaning_lines_comes_to_rest(text: str) -> None:
    result = Cleaner().clean(text)
    assert find(result.text).edits == ()


def test_newsclean_repair_takes_no_line() -> None:
    assert newsclean.repair(article(*FORM)) == article(*FORM)


def echoes(*texts: str) -> list[dict[str, float]]:
    """What is told of each doubtful line, by its name."""
    grid = line_reading.read(texts, [context()] * len(texts)).grid
    rows = np.flatnonzero(grid.doubtful)
    names, table = line_echoes.describe(grid, rows, rows)
    told = [dict(zip(names, row, strict=True)) for row in table.tolist()]
    return [one | {"line": float(i)} for one, i in zip(told, rows.tolist(), strict=True)]


def test_a_subheading_has_its_words_from_the_article_and_a_related_headline_has_not() -> None:
    prose = "The Arnholm ferries sailed again on Monday, nine weeks after a boiler failed in the harbour of Vesby."
    text = "\n\n".join(("Islands wait", prose, "“Ferry” in the Harbours?", prose, "Banker sells orchard"))
    told = {one["line"]: one for one in echoes(text)}
    assert told[2]["echo_share"] == told[2]["echo_before"] == told[2]["echo_after"] == 0.5, "Ferry, but not Harbours"
    assert (told[4]["echo_share"], told[4]["echo_new"], told[4]["echo_after"]) == (0, 3, -1)


def test_prose_is_no_echo_of_itself() -> None:
    first = "The council of Holm met on Monday evening to decide on the new line, and the talks took three hours."
    last = "Nobody else spoke before midnight, when members finally agreed that voting should happen during spring."
    alone, twice = echoes(f"{first}\n\n{last}"), echoes(f"{first}\n\n{last}\n\n{last}")
    assert [one["echo_share"] for one in alone] == [0, 0]
    assert [one["echo_share"] for one in twice] == [0, 1, 1]


def test_a_word_in_capitals_is_the_same_word() -> None:
    prose = "İzmir'de çıkan yangın üç saatte söndürüldü; ekipler gece boyunca bölgede çalıştı ve kimse yaralanmadı."
    told = {one["line"]: one for one in echoes(f"{prose}\n\nİZMİR'DE EKİPLER\n\n{prose}")}
    assert told[1]["echo_share"] == 1


def test_a_word_with_a_nul_behind_it_is_another_word() -> None:
    prose = "The Arnholm ferr\0 sailed again on Monday, nine weeks after a boiler failed in the harbour of Vesby."
    told = {one["line"]: one for one in echoes(f"{prose}\n\nFerr\n\n{prose}\n\nFerr\0")}
    assert (told[1]["echo_share"], told[3]["echo_share"]) == (0, 1)


def test_every_two_signs_of_a_text_without_spaces_are_a_word() -> None:
    prose = "北方列车公司周一表示，渡轮将在五月重新开航，此前锅炉故障使其停航九周，岛上居民对此表示欢迎。"
    told = echoes(f"{prose}\n\n重新开航\n\n{prose}\n\n银行出售")
    share = {one["line"]: one["echo_share"] for one in told}
    assert (share[1], share[3]) == (1, 0)


def test_what_is_told_of_a_line_does_not_depend_on_other_articles() -> None:
    texts = [article("Home", "Sport", *FORM), "", "One", article("Read more", "Storm damage put at two million")]
    readings = [line_reading.read(some, [context()] * len(some)) for some in (texts, *([one] for one in texts))]
    tables = []
    for reading in readings:
        grid, evidence = reading.grid, line_reading.evidence(reading)
        rows = np.flatnonzero(grid.doubtful)
        known = np.array([len(line) % 7 - 3.5 for line in grid.lines])
        parts = [line_runs.describe(grid, rows, known, evidence)[1], line_echoes.describe(grid, rows, rows)[1]]
        tables.append(np.concatenate(parts, axis=1) if len(rows) else np.zeros((0, 0)))
    assert (tables[0] == np.concatenate([one for one in tables[1:] if len(one)])).all()
