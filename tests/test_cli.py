"""The command line as a user meets it: what goes to stdout, what to stderr, and with which code it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import newsclean
from newsclean import cli
from newsclean.cli_reference import page

INBOX = Path(__file__).parent / "fixtures" / "inbox"
PAGE = INBOX / "eastmere-courier" / "2031-03-04-ferry-terminal-fire.txt"
DAMAGED = "The quay reopened on Monday, the harbour board said. . Trams follow in May.\n\nLeave a Comment\n"
MENDED = "The quay reopened on Monday, the harbour board said. Trams follow in May."


class Ended(Exception):
    """How a command ended, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        super().__init__(code, out, err)
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def call(capfdbinary: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run a command in this process, in an empty folder; give back its code and both outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str | Path, stdin: str | bytes | None = None) -> Ended:
        if stdin is not None:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            path = tmp_path / ".stdin"
            path.write_bytes(data)
            monkeypatch.setattr(sys, "stdin", path.open("r"))
        code = cli._run([str(one) for one in arguments])
        if stdin is not None:
            sys.stdin.close()
            path.unlink()
        out, err = capfdbinary.readouterr()
        return Ended(code, out.decode(), err.decode())

    return run


def process(*arguments: str | Path, stdin: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a shell would."""
    command = [sys.executable, "-m", "newsclean", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False, **more)


# -- help and versions


def test_help_takes_no_time() -> None:
    before = os.times()
    done = process("--help")
    after = os.times()
    assert done.returncode == 0
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    assert spent < 0.6, f"{spent:.2f} s of CPU; 0.3 s on an idle machine"


def test_every_command_has_help_with_an_example(call: Any) -> None:
    for name, command in cli.cli.commands.items():
        text = call(name, "--help").out
        assert text.startswith(f"Usage: newsclean {name}")
        for inner in getattr(command, "commands", {}):
            assert call(name, inner, "--help").code == 0
        assert hasattr(command, "commands") or f"newsclean {name}" in text.partition("\n")[2], name


def test_the_reference_page_is_current() -> None:
    path = Path(__file__).parents[1] / "docs" / "cli.md"
    assert path.read_text("utf-8") == page(), "write it again: python -m newsclean.cli_reference > docs/cli.md"


def test_version_names_package_rules_and_recipe(call: Any) -> None:
    lines = call("--version").out.splitlines()
    assert lines[0] == f"newsclean {newsclean.__version__}"
    assert re.fullmatch(r"rules +[0-9a-f]{12}", lines[1])
    assert lines[2].startswith("recipe")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rnu"], "Did you mean 'run'?"),
        (["run"], "Missing argument"),
        (["run", "nothing", "-o", "out"], "nothing: no such file or folder"),
        (["clean", "--profile", "saef", "x"], "is not one of"),
        (["rules", "show", "mojibak"], "did you mean mojibake"),
        (["clean", "--select", "en.nosuchrule", PAGE], "en.nosuchrule"),
    ],
)
def test_mistakes_end_with_code_2_and_say_what_to_do(call: Any, arguments: list[Any], said: str) -> None:
    ended = call(*arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


def test_an_unknown_setting_suggests_the_nearest(call: Any, tmp_path: Path) -> None:
    (tmp_path / "newsclean.toml").write_text('profil = "safe"\n')
    ended = call("clean", PAGE)
    assert ended.code == 2
    assert "did you mean 'profile'?" in ended.err


def test_flags_override_the_settings_file(call: Any, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.newsclean]\nprofile = "safe"\nmax_removed = 0.5\n')
    shown = call("config", "show", "--profile", "thorough").out
    assert "pyproject.toml" in shown
    assert 'profile = "thorough"' in shown
    assert "max_removed = 0.5" in shown
    assert "MinHash lookup" in shown


# -- clean


def test_one_text_goes_to_stdout_and_nothing_else(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED)
    ended = call("clean", "a.txt")
    assert (ended.code, ended.out.rstrip("\n"), ended.err) == (0, MENDED, "")
    assert call("clean", "-", stdin=DAMAGED).out == ended.out
    assert call("clean", stdin=DAMAGED).out == ended.out
    assert (tmp_path / "a.txt").read_text() == DAMAGED


def test_a_line_of_json_on_stdin_is_a_record_unless_told_otherwise(call: Any) -> None:
    line = json.dumps({"id": 1, "text": DAMAGED, "tag": None}) + "\n"
    row = json.loads(call("clean", "-", stdin=line).out)
    assert list(row) == ["id", "text", "tag", "newsclean"]
    assert row["text"].rstrip("\n") == MENDED
    assert row["newsclean"]["removed_chars"] == len(DAMAGED) - len(row["text"])
    assert json.loads(call("clean", "-", "--format", "jsonl", stdin=line).out) == row
    assert '"id"' in call("clean", "-", "--format", "text", stdin=line).out


def test_several_texts_need_a_folder_or_jsonl(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED)
    (tmp_path / "b.txt").write_text("Fine text stands here alone.")
    ended = call("clean", "a.txt", "b.txt")
    assert ended.code == 2
    assert "-o FOLDER or --format jsonl" in ended.err
    rows = [json.loads(line) for line in call("clean", "a.txt", "b.txt", "--format", "jsonl").out.splitlines()]
    assert [row["id"] for row in rows] == ["a.txt", "b.txt"]
    assert call("clean", "a.txt", "b.txt", "-o", "out", "-q").code == 0
    assert (tmp_path / "out" / "a.txt").read_text().rstrip("\n") == MENDED
    assert "Leave a Comment" in (tmp_path / "out" / "edits.jsonl").read_text()


def test_a_file_is_not_written_over_unless_asked(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED)
    (tmp_path / "b.txt").write_text("mine")
    assert call("clean", "a.txt", "-o", "b.txt").code == 2
    assert (tmp_path / "b.txt").read_text() == "mine"
    assert call("clean", "a.txt", "-o", "b.txt", "--overwrite").code == 0
    assert (tmp_path / "b.txt").read_text().rstrip("\n") == MENDED
    ended = call("clean", "a.txt", "-o", "a.txt", "--overwrite")
    assert ended.code == 2
    assert "is the input" in ended.err
    assert not list(tmp_path.glob(".*tmp"))


def test_a_failed_record_is_named_and_the_rest_is_written(call: Any) -> None:
    ended = call("clean", "-", "--format", "jsonl", stdin='{"text": "Good."}\n{"text": \n{"text": "Good too."}\n')
    assert ended.code == 3
    assert len(ended.out.splitlines()) == 2
    assert "stdin:2: broken JSON" in ended.err


def test_repair_removes_no_line(call: Any) -> None:
    out = call("repair", "-", stdin=DAMAGED).out
    assert "said. Trams" in out
    assert "Leave a Comment" in out


def test_diff_and_dry_run_write_nothing(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED)
    ended = call("clean", "a.txt", "--diff")
    assert ended.code == 0
    assert "-Leave a Comment" in ended.out
    ended = call("clean", "a.txt", "--dry-run", "-o", "out")
    assert ended.out.startswith("a.txt: 2 edits")
    assert call("run", "a.txt", "-o", "out", "--dry-run", "-q").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt"}


def test_check_ends_with_1_if_anything_would_change(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(DAMAGED)
    (tmp_path / "b.txt").write_text(MENDED)
    ended = call("check", "a.txt", "b.txt")
    assert ended.code == 1
    assert ended.out.startswith("a.txt: 2 edits")
    assert "1 of 2 articles would change" in ended.err
    assert call("check", "b.txt").code == 0


def test_options_reach_the_cleaner(call: Any, tmp_path: Path) -> None:
    assert "Leave a Comment" in call("clean", "-", "--ignore", "comments", stdin=DAMAGED).out
    assert "Leave a Comment" in call("clean", "-", "--max-removed", "0", stdin=DAMAGED).out
    row = json.loads(call("explain", "--json", "--language", "de", "-", stdin=DAMAGED).out)
    assert row["metadata"]["language"] == "de"


def test_explain_names_rule_and_reason(call: Any, tmp_path: Path) -> None:
    ended = call("explain", "-", stdin=DAMAGED + "\x1b[31mred\x1b[0m")
    assert "\x1b" not in ended.out
    assert "doubled_stop" in ended.out
    assert "certainty" in ended.out
    assert "language: en" in ended.out


def test_explain_in_a_pipe_marks_what_went_and_what_came(call: Any) -> None:
    text = (
        "The ferry sails on, she said. . It hardened terms so that the forces won. do not enter the the city."
        + " Rain." * 40
    )
    lines = call("explain", "--language", "en", "-", stdin=text).out.splitlines()
    assert "she said[-. .-]{+.+}[1] It" in lines[0]
    assert "forces [?won. do?][a] not" in lines[0]
    assert "enter the[- the-][2] city." in lines[0]
    assert lines[0].endswith("Rain. Rain.")


def test_a_diff_shows_each_edit_in_its_sentence(call: Any) -> None:
    out = call("clean", "--diff", "-", stdin=DAMAGED).out
    notes, _, diff = out.partition("--- ")
    assert all(line.startswith("# ") for line in notes.splitlines())
    assert "doubled_stop" in notes
    assert "certainty" in notes
    assert "[-. .-]{+.+}" in notes
    assert "@@" in diff


# -- run


def test_one_is_one_and_nothing_is_said_of_what_is_not_there(call: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    light = ("--select", "comments", "--workers", "1")
    empty = call("run", "in", "-o", "none", "--no-report", *light).err
    assert "no articles were found" in empty
    for name in ("a", "b"):
        (tmp_path / "in" / f"{name}.txt").write_text(
            "The quay at Eastmere reopened on Monday, the harbour board said.\n"
        )
    dry = call("run", "in", "-o", "out", "--dry-run", *light).err
    assert "exact 1; 1 group\n" in re.sub(" +\n", "\n", dry)
    assert "lines removed" not in dry
    assert "nothing was written" in dry
    assert "written to" not in dry
    assert not (tmp_path / "out").exists()
    (tmp_path / "c.txt").write_text("It rained.\n\nLeave a Comment\n")
    assert call("check", "c.txt", *light).err == "newsclean: 1 of 1 article would change\n"
    assert "c.txt: 1 edit (comments 1)" in call("check", "c.txt", *light).out


def test_a_run_talks_on_stderr_and_ends_with_a_table(call: Any, tmp_path: Path) -> None:
    ended = call("run", INBOX, "-o", "out", "--workers", "1")
    assert ended.code == 0
    assert ended.out == ""
    for word in ("articles", "lines removed", "repairs", "flags", "copies", "time", "written to out", "report.html"):
        assert word in ended.err
    assert "\x1b" not in ended.err
    assert (tmp_path / "out" / "report.html").exists()
    again = call("run", INBOX, "-o", "out", "--workers", "1", "--json", "-q", "--overwrite")
    assert again.err == ""
    summary = json.loads(again.out)
    assert summary["articles"] == 30
    assert summary["seconds"] > 0
    (tmp_path / "out" / "report.html").unlink()
    assert call("report", "out", "-q").code == 0
    assert (tmp_path / "out" / "report.html").exists()
    undone = call("undo", "out", "--to", "back")
    assert undone.code == 0
    assert (tmp_path / "back" / PAGE.relative_to(INBOX)).read_bytes() == PAGE.read_bytes()


def test_failures_end_with_3(call: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(DAMAGED)
    (tmp_path / "in" / "b.txt").write_bytes(b"%PDF-1.7")
    ended = call("run", "in", "-o", "out", "--workers", "1", "--no-report")
    assert ended.code == 3
    assert "named in failures.jsonl" in ended.err
    assert call("run", "in", "-o", "out").code == 2


def test_a_pipe_of_commands(tmp_path: Path) -> None:
    lines = (INBOX / "coastline-press" / "wire.jsonl").read_bytes()
    light = ("--select", "copyright")
    cleaned = process("clean", "-", "--format", "jsonl", *light, stdin=lines, cwd=tmp_path)
    assert cleaned.returncode == 0, cleaned.stderr
    found = process("dedup", "-", "-o", "out", "--workers", "1", *light, stdin=cleaned.stdout, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    rows = [json.loads(line) for line in (tmp_path / "out" / "articles.jsonl").read_text().splitlines()]
    assert [row["desk"] for row in rows if "desk" in row] == ["coast"] * 3
    assert rows[0]["cluster"] == rows[1]["cluster"] == rows[2]["cluster"] != rows[3]["cluster"]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"text": DAMAGED * 5, "n": n}) + "\n" for n in range(600)))
    command = f"{sys.executable} -m newsclean clean in.jsonl --workers 1 --select comments | head -n 1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_can_complete(shell: str) -> None:
    done = process(env={**os.environ, "_NEWSCLEAN_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0
    assert b"newsclean" in done.stdout


def in_a_terminal(*arguments: str | Path, env: dict[str, str], cwd: Path) -> str:
    """What a command prints when stdout and stderr are a terminal."""
    import pty

    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "newsclean", *map(str, arguments)]
    started = subprocess.Popen(
        command, stdin=follower, stdout=follower, stderr=follower, cwd=cwd, env={**os.environ, **env}
    )
    os.close(follower)
    seen = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            data = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        seen += data
    os.close(leader)
    assert started.wait(10) == 0
    return seen.decode(errors="replace")


def test_a_terminal_gets_colour_and_a_bar_and_no_colour_when_asked(tmp_path: Path) -> None:
    plain = {"TERM": "xterm-256color", "COLUMNS": "100"}
    light = ("--select", "comments")
    options = ("--workers", "1", "--no-report", "--no-learn")
    seen = in_a_terminal("run", INBOX, "-o", "out", *options, *light, env=plain, cwd=tmp_path)
    assert "cleaning" in seen
    assert "left" in seen
    seen = in_a_terminal("explain", PAGE, *light, env=plain, cwd=tmp_path)
    assert re.search(r"\x1b\[[0-9;]*31", seen)
    seen = in_a_terminal("explain", PAGE, *light, env={**plain, "NO_COLOR": "1"}, cwd=tmp_path)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", seen)


# -- collections


def test_an_index_grows_answers_and_forgets(call: Any, tmp_path: Path) -> None:
    post, gazette = INBOX / "valley-post", INBOX / "northfield-gazette"
    light = ("--select", "comments", "--workers", "1")
    added = call("index", "add", "n.idx", post, *light)
    assert added.code == 0
    assert "5 articles added" in added.err
    asked = call("index", "query", "n.idx", gazette / "terminal-blaze.txt", *light)
    row = json.loads(asked.out)
    assert row["id"] == "terminal-blaze.txt"
    assert {match["relation"] for match in row["matches"]} >= {"copy", "excerpt"}
    against = call("dedup", gazette, "-o", "out", "--against", "n.idx", "--no-learn", "-q", *light)
    assert against.code == 0
    rows = {row["id"]: row for row in map(json.loads, (tmp_path / "out" / "articles.jsonl").read_text().splitlines())}
    assert rows["terminal-blaze.txt"]["canonical"] == "ferry-fire.txt"
    assert not rows["terminal-blaze.txt"]["is_canonical"]
    assert json.loads(call("index", "info", "n.idx", "--json").out)["articles"] == 5
    assert "1 of 2 removed; 4 in the index" in call("index", "remove", "n.idx", "honey.txt", "nobody").err
    assert "0 expired" in call("index", "expire", "n.idx", "--before", "2031-01-01").err
    assert call("index", "compact", "n.idx").code == 0
    missing = call("index", "info", "nothing.idx")
    assert missing.code == 2
    assert not (tmp_path / "nothing.idx").exists()


def test_compare_shows_what_differs(call: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Mayor Ida Brandt opened the new bridge on 3 May before a large crowd.")
    (tmp_path / "b.txt").write_text("Mayor Ida Brandt opened the new bridge on 9 June before a large crowd.")
    shown = call("compare", "a.txt", "b.txt", "--no-clean").out
    assert "numbers only in A: 3; only in B: 9" in shown
    assert json.loads(call("compare", "a.txt", "b.txt", "--json", "--no-clean").out)["numbers_only_a"] == ["3"]


def test_what_was_learned_is_a_rules_file_that_run_and_rules_check_take(call: Any, tmp_path: Path) -> None:
    ended = call("learn", INBOX, "-o", "rules.toml")
    assert ended.code == 0
    assert "lines learned from 30 articles" in ended.err
    assert "[[line]]" in (tmp_path / "rules.toml").read_text()
    assert call("learn", INBOX, "-o", "rules.toml").code == 2
    assert call("rules", "check", "rules.toml").code == 0
    options = (
        "--rules",
        "rules.toml",
        "--select",
        "comments",
        "--select",
        "learned",
        "--workers",
        "1",
        "--no-report",
        "--json",
        "-q",
    )
    summary = json.loads(call("run", INBOX, "-o", "out", *options).out)
    assert summary["lines_removed"]["learned"] > 0
    assert not (tmp_path / "out" / "learned.toml").exists()


def test_eval_scores_cases_and_holds_a_bound(call: Any, tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "one.in.txt").write_text(DAMAGED)
    (tmp_path / "cases" / "one.out.txt").write_text(MENDED)
    assert call("eval", "cases", "--min-f1", "0.9").code == 0
    assert json.loads(call("eval", "cases", "--json").out)["f1"] == 1.0
    (tmp_path / "cases" / "one.out.txt").write_text(DAMAGED.replace(". .", "."))
    worse = call("eval", "cases", "--min-f1", "0.9")
    assert worse.code == 1
    assert "below 0.9" in worse.err
