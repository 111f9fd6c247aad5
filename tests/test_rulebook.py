"""Rules: every example of every rule, what is wrong with a file told in a sentence, and choosing rules by name."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import newsclean
from newsclean import line_index, lines, rulebook
from newsclean.cleaner import Cleaner
from newsclean.errors import RuleError
from newsclean.model import Context
from newsclean.settings import CleanSettings, Settings
from strategies import texts

OURS = list(rulebook.all_ours())
BOOK = rulebook.for_context("en", "", CleanSettings())

PROSE = "The harbour office said on Monday that the ferry would sail again before the month ends, weather permitting."
MORE = "Nobody had expected the repairs to take this long, least of all the engineers who promised them by Easter."


def rules_file(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(textwrap.dedent(text), "utf-8")
    return str(path)


LANGUAGES = sorted({Path(rule.file).parent.name + "/" + Path(rule.file).stem for rule in OURS})


@pytest.mark.parametrize("name", LANGUAGES)
def test_rules_agree_with_their_own_examples(name: str) -> None:
    problems = []
    for rule in OURS:
        if Path(rule.file).parent.name + "/" + Path(rule.file).stem == name:
            problems += rulebook.disagreements(rule)
            # The index is a superset: no line that a rule finds is kept from it.
            index = line_index.Index([rule])
            problems += [
                f"{rule.id} is not asked about {line!r}"
                for line in rule.drops
                if index.ask([line.strip()], 1, [3]) != {0: [rule]}
            ]
    assert problems == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(texts, st.sampled_from([line for rule in OURS for line in rule.drops])), min_size=1, max_size=4)
)
def test_every_rule_that_matches_an_odd_line_is_asked(several: list[str]) -> None:
    """The index only saves work: in small and capital letters, with any white space."""
    rules = BOOK.rules
    lines = [line for text in several for line in map(str.strip, text.splitlines()) if line]
    lines += [line.upper() for line in lines] + [line.replace(" ", "\xa0", 1) for line in lines]
    asked = line_index.of(BOOK).ask(lines, len(lines), [3] * len(lines)) if lines else {}
    for i, line in enumerate(lines):
        missed = [rule.id for rule in rules if rule not in asked.get(i, ()) and rule.search(line)]
        assert missed == [], line


@pytest.mark.parametrize(
    ("line", "odd", "asked"),
    [
        ("Ad", True, True),
        ("Ad", False, False),  # a short opening
        ("Read this", False, True),
        ("Reading", False, True),
        ("Rea", True, False),
        ("1. Read this", True, True),  # behind a bullet
        ("1. Read this", False, False),
        ("ÉCOUTEZ", False, True),
        ("Council meets", True, False),
    ],
)
def test_lines_are_told_by_how_they_begin(line: str, odd: bool, asked: bool) -> None:
    rule = rulebook.Rule(id="own", family="share", why="", match=r"^(?:ad|read|écoute)\w*\b.{0,10}$")
    index = line_index.Index([rule])
    lines = [line, "Council meets"] if odd else ["Council meets", line]
    assert index.ask(lines, 1, [3, 3]) == ({lines.index(line): [rule]} if asked else {})


def test_no_rule_for_a_line_takes_the_heading_of_a_block_first() -> None:
    """Of equally strong rules the first decides: a heading that a rule for its line alone takes leaves its block behind."""
    headings, robbed = 0, []
    for language in sorted({Path(rule.file).parent.name for rule in OURS}):
        rules = rulebook.for_context(language, "", Settings.of({}).clean).rules
        drops = [rule for rule in rules if rule.action == "drop" and rule.scope != "span"]
        for heading in (rule for rule in drops if rule.scope in ("block", "tail")):
            for line in heading.drops:
                first = max((rule for rule in drops if rule.search(line)), key=lambda rule: rule.weight)
                headings += 1
                if first.scope not in ("block", "tail"):
                    robbed.append((heading.id, line, first.id))
    assert headings >= 100
    assert robbed == []


def test_ids_are_unique() -> None:
    ids = [rule.id for rule in OURS]
    assert sorted(set(ids)) == sorted(ids)


def test_rules_are_chosen_as_in_ruff() -> None:
    def chosen(**settings: object) -> set[str]:
        return {rule.id for rule in rulebook.for_context("en", "a.example", Settings.of(settings).clean).rules}

    everything = chosen()
    some = next(rule for rule in OURS if rule.id.startswith("any."))
    assert some.id in everything
    assert some.id not in chosen(ignore=(some.id,))
    assert not any(one.startswith("any.") for one in chosen(ignore=("any.",)))
    assert some.id in chosen(ignore=("any.",), select=("ALL", some.id))
    assert not {one.id for one in OURS if one.family == some.family} & chosen(ignore=(some.family,))
    assert some.id not in chosen(per_source={"a.example": {"ignore": [some.id]}})
    assert some.id in chosen(per_source={"b.example": {"ignore": [some.id]}})
    assert chosen(select=(some.id,)) == {some.id}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule]]\nmatch = 'x'\nwhy = 'w'", "no `id`"),
        ("[[rule]]\nid = 'a'\nmatch = '('\nwhy = 'w'", "no valid pattern"),
        ("[[rule]]\nid = 'a'\nmatch = 'x'\nwhy = 'w'\nwhere = 'top'", "`where` is 'top'; it must be one of head, tail"),
        ("[[rule]]\nid = 'a'\nmatch = 'x'\nwhy = 'w'\nweight = 3", "`weight` must be between 0 and 1"),
        ("[[rule]]\nid = 'a'\nmatch = 'x'\nwhy = 'w'\ndrop = []", "unknown key 'drop'"),
        ("[[rules]]\nid = 'a'", "unknown table [[rules]]"),
        ("[rule]\nid = 'a'", "write rule entries as [[rule]]"),
        ("[[line]]\nsource = 'a.example'", "no `text` or `hash`"),
        ("id = ", "not valid TOML"),
        ("[[rule]]\nid = 'a'\nmatch = '^x'\nwhy = 'w'\ndrops = ['y']", "does not match its own `drops` 'y'"),
        ("[[rule]]\nid = 'a'\nmatch = '^x'\nwhy = 'w'\ndrops = ['x']\nkeeps = ['xy']", "matches its own `keeps` 'xy'"),
        ("[[rule]]\nid = 'a'\nmatch = 'x'\nwhy = 'w'", "has no `drops`"),
    ],
)
def test_check_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    problems = rulebook.check(rules_file(tmp_path, text))
    assert any(says in problem and "own.toml" in problem for problem in problems), problems


def test_a_rules_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no `why`"):
        newsclean.clean("A text.", settings={"rules": (rules_file(tmp_path, "[[rule]]\nid = 'a'\nmatch = 'x'"),)})
    with pytest.raises(RuleError, match="cannot be read"):
        newsclean.clean("A text.", settings={"rules": (str(tmp_path / "none.toml"),)})
    with pytest.raises(RuleError, match="no rule pack 'nexsis'"):
        newsclean.clean("A text.", settings={"packs": ("nexsis",)})


def test_a_rule_of_ones_own_is_used_at_once(tmp_path: Path) -> None:
    path = rules_file(
        tmp_path,
        """
        [[rule]]
        id = "own.harbour_radio"
        family = "related"
        why = "Our radio's jingle."
        match = "^you are listening to harbour radio"
        drops = ["You are listening to Harbour Radio"]
        """,
    )
    assert rulebook.check(path) == []
    text = f"{PROSE}\n\nYou are listening to Harbour Radio\n\n{MORE}"
    result = Cleaner({"rules": (path,)}).clean(text)
    assert result.text == f"{PROSE}\n\n{MORE}"
    assert [one.edit.rule for one in result.edits] == ["own.harbour_radio"]


def test_a_rule_for_one_source_leaves_the_others_alone(tmp_path: Path) -> None:
    path = rules_file(
        tmp_path,
        """
        [[rule]]
        id = "own.jingle"
        why = "Jingle."
        match = "^harbour radio, always on air today$"
        source = "radio.example"
        drops = ["Harbour Radio, always on air today"]
        """,
    )
    settings = Settings.of(rules=(path,), learned_score=False)
    text = f"{PROSE}\nHarbour Radio, always on air today\n{MORE}"
    assert newsclean.clean(text, source="radio.example", settings=settings) == f"{PROSE}\n{MORE}"
    assert newsclean.clean(text, source="other.example", settings=settings) == text


def test_learned_lines_go_for_their_source_only(tmp_path: Path) -> None:
    path = rules_file(
        tmp_path,
        """
        [[line]]
        source = "radio.example"
        text = "Heard 1,204 times since Monday"
        where = "anywhere"
        count = 31
        stories = 29
        """,
    )
    settings = Settings.of(rules=(path,), learned_score=False)
    text = f"{PROSE}\nHeard 88 times since Monday\n{MORE}"
    result = Cleaner(settings).clean({"text": text, "source": "radio.example"})
    assert result.text == f"{PROSE}\n{MORE}"
    assert "29 different stories of radio.example" in result.edits[0].edit.reason
    assert newsclean.clean(text, source="other.example", settings=settings) == text
    assert (
        newsclean.clean(text, source="radio.example", settings=settings.updated({"ignore": ["learned"]}, where=""))
        == text
    )


def test_a_pattern_that_never_ends_is_stopped_and_named(tmp_path: Path) -> None:
    path = rules_file(
        tmp_path,
        r"""
        [[rule]]
        id = "own.endless"
        why = "Backtracks for ever."
        match = '^(?:\w+\W*){5,40}(?:\w+\W*){5,40}(?:\w+\W*){5,40}[xy]$'
        drops = ["one two three four five six seven eight nine ten one two three four five x"]
        """,
    )
    line = " ".join(["harbour"] * 60) + ": !"
    start = time.process_time()
    result = Cleaner({"rules": (path,), "learned_score": False}).clean(f"{PROSE}\n{line}\n{MORE}")
    assert time.process_time() - start < 10
    assert [flag.rule for flag in result.flags if flag.kind == "rule_too_slow"] == ["own.endless"]


def test_the_version_names_the_data() -> None:
    assert len(rulebook.version()) == 12
    assert rulebook.version() == rulebook.version()


def test_a_rule_for_the_tail_stays_out_of_the_body() -> None:
    rule = next(
        rule for rule in OURS if rule.where == "tail" and rule.alone and rule.action == "drop" and rule.scope == "line"
    )
    line = rule.drops[0]
    language = "" if rule.id.startswith("any.") else rule.id.split(".")[0]
    context = Context(language, "", "", CleanSettings(learned_score=False))
    body = "\n".join([PROSE] * 6)
    (middle,) = lines.find_many([f"{body}\n{line}\n{body}"], [context])
    (end,) = lines.find_many([f"{body}\n{line}"], [context])
    assert rule.id not in {edit.rule for edit in middle.edits}
    assert rule.id in {edit.rule for edit in end.edits}
