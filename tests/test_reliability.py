"""Faults: killed runs, dying workers, full disks, forbidden files, hostile input. Nothing is lost, and all is accounted for."""

from __future__ import annotations

import contextlib
import errno
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsclean import Cleaner, parallel, pipeline_parts
from newsclean.errors import Interrupted, OutputFailed
from newsclean.formats import Raw, Reading
from newsclean.model import Article
from newsclean.pipeline import run
from newsclean.pipeline_stream import Cleaning
from newsclean.settings import Settings

# A few rules only: what is tried here is the run, and reading all rules takes each new process seconds.
LIGHT = {"select": "comments", "workers": 1}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def write_articles(folder: Path, count: int) -> Path:
    """Invented articles, some of them copies, some damaged."""
    folder.mkdir()
    draw = random.Random(7)
    words = (
        "harbour council ferry keeper roof bridge winter market school train honey tide parish lamp quay field".split()
    )
    for number in range(count):
        story = random.Random(number % (count - count // 10))
        text = " ".join(story.choice(words) for _ in range(60)).capitalize() + f" in the year {number % 7}."
        tail = "\n\nLeave a Comment" if draw.random() < 0.5 else ""
        (folder / f"{number:05d}.txt").write_text(f"{text} She said. . Trams follow.{tail}\n")
    return folder


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "newsclean", "run", *map(str, arguments)]
    command += ["--select", "comments", "--no-learn", "--no-report", "-q"]
    return subprocess.Popen(command, cwd=cwd, stderr=subprocess.PIPE)


def parts(output: Path) -> int:
    return sum(1 for _ in (output / ".newsclean" / "parts").glob("*/*.jsonl"))


# -- killed, then continued


def in_a_child(work: Callable[[], object]) -> int:
    """The id of a copy of this process that does the work and ends: no interpreter to start, no rules to read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's threads, which the child does not use
        child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 -- the child must never come back into pytest
        os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_killed_again_and_again_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 640)
    light = {**LIGHT, "learn": False}
    run(tmp_path / "in", tmp_path / "whole", settings=light, report=False)
    output = tmp_path / "out"
    draw = random.Random(3)
    partial = 0
    for _ in range(6):
        child = in_a_child(lambda: run(tmp_path / "in", output, settings=light, report=False, resume=True))
        wanted = parts(output) + draw.randint(0, 3)
        until = time.monotonic() + 60
        while parts(output) < wanted and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(draw.random() / 50)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        partial += 0 < parts(output) < 10
    assert partial >= 2
    summary = run(tmp_path / "in", output, settings=light, report=False, resume=True)
    assert summary.parts_resumed > 0 or "finished before" in summary.notes[-1]
    assert tree(output) == tree(tmp_path / "whole")


def stop_before_copies(folder: Path) -> None:
    """A run from `folder`/in to `folder`/out that ends when everything is cleaned and no copy is found."""

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "finding copies":
            raise RuntimeError("as if the machine had stopped")

    with pytest.raises(RuntimeError, match="as if"):
        run(folder / "in", folder / "out", settings=LIGHT, report=False, progress=stop)


@pytest.mark.parametrize("stage", ["learning", "cleaning", "finding copies"])
def test_ctrl_c_finishes_what_is_in_hand_and_can_be_continued(tmp_path: Path, stage: str) -> None:
    write_articles(tmp_path / "in", 200)
    light = {**LIGHT, "learn": stage == "learning"}
    run(tmp_path / "in", tmp_path / "whole", settings=light, report=False)
    seen: list[str] = []

    def interrupt(now: str, done: int, total: int) -> None:
        if now == stage and now not in seen:
            os.kill(os.getpid(), signal.SIGINT)
        seen.append(now)

    def interrupted() -> None:
        run(tmp_path / "in", tmp_path / "out", settings=light, report=False, progress=interrupt)

    if stage == "finding copies":
        interrupted()  # nothing is in hand any more that could not be finished
    else:
        with pytest.raises(Interrupted, match="--resume"):
            interrupted()
        assert (parts(tmp_path / "out") > 0) == (stage == "cleaning")
        run(tmp_path / "in", tmp_path / "out", settings=light, report=False, resume=True)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_the_command_ends_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 2000)
    started = start("in", "-o", "out", "--workers", "1", cwd=tmp_path)
    until = time.monotonic() + 60
    while not parts(tmp_path / "out") and time.monotonic() < until:
        time.sleep(0.005)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert b"--resume" in said
    assert b"Traceback" not in said


def test_resuming_with_other_settings_or_changed_files_cleans_again(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 70)
    stop_before_copies(tmp_path)
    assert parts(tmp_path / "out") == 2
    (tmp_path / "in" / "00003.txt").write_text("Another text stands here now.\n")
    (tmp_path / "in" / "00069.txt").unlink()
    summary = run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False, resume=True)
    run(tmp_path / "in", tmp_path / "whole", settings=LIGHT, report=False)
    assert summary.articles == 69
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    # Finished: the same again has nothing to do, other settings begin anew.
    assert "finished before" in run(tmp_path / "in", tmp_path / "out", settings=LIGHT, resume=True).notes[-1]
    other = {**LIGHT, "ignore": "comments"}
    assert "comments" not in run(tmp_path / "in", tmp_path / "out", settings=other, resume=True).lines_removed


def test_a_run_is_not_continued_half_by_another_newsclean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_articles(tmp_path / "in", 70)
    stop_before_copies(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("newsclean.pipeline_job._code", lambda: "another")
        assert run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False, resume=True).parts_resumed == 0
    again = run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False, resume=True)
    assert "nothing to do: this run was finished before" not in again.notes


@pytest.mark.parametrize("missing", ["report.html", "summary.json"])
def test_a_run_that_died_after_its_last_stage_is_made_whole(tmp_path: Path, missing: str) -> None:
    write_articles(tmp_path / "in", 12)
    run(tmp_path / "in", tmp_path / "whole", settings=LIGHT)
    run(tmp_path / "in", tmp_path / "out", settings=LIGHT)
    (tmp_path / "out" / missing).unlink()
    run(tmp_path / "in", tmp_path / "out", settings=LIGHT, resume=True)
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_what_was_learned_from_other_fields_is_learned_again(tmp_path: Path) -> None:
    tails = {"text": "Read it in the Post.", "body": "Call the desk at noon."}
    words = "harbour council ferry keeper roof bridge winter market school train honey tide parish".split()
    draw = random.Random(5)
    with (tmp_path / "in.jsonl").open("w") as stream:
        for number in range(40):
            story = " ".join(draw.choice(words) for _ in range(80)).capitalize() + "."
            row = {name: f"{story} {number}.\n\n{tail}" for name, tail in tails.items()}
            stream.write(json.dumps({"id": str(number), "source": "post", **row}) + "\n")

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "cleaning":
            raise RuntimeError("as if the machine had stopped")

    out = tmp_path / "out"
    with pytest.raises(RuntimeError):
        run(tmp_path / "in.jsonl", out, settings=LIGHT, report=False, progress=stop)
    assert "Read it in the Post" in (out / "learned.toml").read_text()
    run(tmp_path / "in.jsonl", out, settings=LIGHT, report=False, resume=True, fields={"text": "body"})
    assert "Call the desk" in (out / "learned.toml").read_text()
    run(tmp_path / "in.jsonl", tmp_path / "whole", settings=LIGHT, report=False, fields={"text": "body"})
    assert tree(out) == tree(tmp_path / "whole")


# -- workers


def squares_and_deaths(numbers: Sequence[int]) -> list[int]:
    """Work for other processes: 13 kills its process, 17 never ends, 19 is an error."""
    for number in numbers:
        if number == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 17:
            time.sleep(600)
        if number == 19:
            raise ValueError("nineteen")
    return [number * number for number in numbers]


def test_a_dead_worker_costs_its_item_alone() -> None:
    batches = [list(range(start, start + 4)) for start in range(0, 16, 4)]
    for workers in (1, 2):
        found = list(parallel.ordered_map(squares_and_deaths, batches, workers=workers, apart=True))
        assert [batch for batch, _ in found] == batches
        results = [one for _, results in found for one in results]
        assert results[:13] + results[14:] == [n * n for n in range(16) if n != 13]
        assert isinstance(results[13], parallel.Lost)
        assert "SIGKILL" in results[13].why


def test_a_worker_that_never_answers_is_ended() -> None:
    found = list(parallel.ordered_map(squares_and_deaths, [[16, 17, 18]], workers=1, apart=True, wait_seconds=1.5))
    lost = found[0][1][1]
    assert isinstance(lost, parallel.Lost)
    assert "no answer for 1.5 s" in lost.why
    assert found[0][1][::2] == [256, 324]


def test_an_error_in_a_worker_is_raised_here() -> None:
    with pytest.raises(ValueError, match="nineteen"):
        list(parallel.ordered_map(squares_and_deaths, [[1], [19]], workers=2))


def test_work_that_cannot_be_sent_says_so() -> None:
    with pytest.raises(parallel.WorkerFailed, match="workers=1"):
        list(parallel.ordered_map(lambda items: items[:], [[1], [2]], workers=2))


def children() -> list[int]:
    """Processes started by this one."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end meanwhile
            found += [int(one) for one in (task / "children").read_text().split()]
    return found


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_killed_worker_changes_nothing_in_the_output(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 300)
    light = {**LIGHT, "learn": False}
    run(tmp_path / "in", tmp_path / "whole", settings=light, report=False)
    killed: list[int] = []

    def kill_one(stage: str, done: int, total: int) -> None:
        if stage == "cleaning" and len(killed) < 2:
            for child in children()[:1]:
                os.kill(child, signal.SIGKILL)
                killed.append(child)

    summary = run(tmp_path / "in", tmp_path / "out", settings={**light, "workers": 2}, report=False, progress=kill_one)
    assert killed
    assert summary.failed == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


def test_pipe_is_in_order_and_the_same_for_any_number_of_workers() -> None:
    articles = [Article(str(number), f"Text {number}, she said. . It went on.") for number in range(150)]
    cleaner = Cleaner(LIGHT)
    one = list(cleaner.pipe(iter(articles), workers=1))
    two = list(cleaner.pipe(iter(articles), workers=2))
    assert [result.article.id for result in two] == [article.id for article in articles]
    assert [result.to_dict() for result in one] == [result.to_dict() for result in two]


# -- disks and permissions


def no_space(after: int) -> Any:
    """os.fsync for a disk that is full after so many files."""
    left = [after]
    real = os.fsync

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    return fsync


@pytest.mark.parametrize("after", [0, 1, 40, 75, 103])
def test_a_full_disk_is_named_and_leaves_no_half_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    write_articles(tmp_path / "in", 100)
    light = {**LIGHT, "learn": False}
    run(tmp_path / "in", tmp_path / "whole", settings=light, report=False)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline_parts.os, "fsync", no_space(after))
        with pytest.raises(OutputFailed, match="No space left on device"):
            run(tmp_path / "in", tmp_path / "out", settings=light, report=False)
    left = tree(tmp_path / "out")
    whole = tree(tmp_path / "whole")
    assert not [name for name in left if "tmp" in name]
    for name, data in left.items():
        assert name.startswith(".newsclean/") or data == whole[name]
    run(tmp_path / "in", tmp_path / "out", settings=light, report=False, resume=True)
    assert tree(tmp_path / "out") == whole


def test_a_really_full_disk(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        write_articles(tmp_path / "in", 400)
        with pytest.raises(OutputFailed, match="No space left on device"):
            run(tmp_path / "in", small / "out", settings=LIGHT, report=False)
        assert not list(small.rglob("*tmp"))
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_articles(tmp_path / "in", 3)
    forbidden = tmp_path / "in" / "00001.txt"
    real = Path.open

    def refuse(self: Path, *arguments: Any, **more: Any) -> Any:
        if self == forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return real(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so the permission bits alone prove nothing
    summary = run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False)
    assert (summary.articles, summary.failed) == (2, 1)
    assert rows(tmp_path / "out" / "failures.jsonl") == [
        {"where": "00001.txt", "why": "cannot be read: Permission denied"}
    ]


def test_an_output_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 1)
    (tmp_path / "file").touch()
    with pytest.raises(OutputFailed, match="Not a directory"):
        run(tmp_path / "in", tmp_path / "file" / "out", settings=LIGHT)


def test_a_text_whose_place_cannot_be_written_is_a_failure_of_its_own(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 3)
    (tmp_path / "out" / "articles" / "00001.txt").mkdir(parents=True)  # a folder is in the way
    summary = run(tmp_path / "in", tmp_path / "out", settings={**LIGHT, "overwrite": True}, report=False)
    assert (summary.articles, summary.failed) == (2, 1)
    assert "cannot be written" in rows(tmp_path / "out" / "failures.jsonl")[0]["why"]


def test_inputs_are_opened_for_reading_only_and_stay_as_they_are(tmp_path: Path) -> None:
    write_articles(tmp_path / "in", 3)
    for path in (tmp_path / "in").iterdir():
        path.chmod(0o444)
    before = tree(tmp_path / "in")
    run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False)
    assert tree(tmp_path / "in") == before


# -- hostile and strange input


def hostile() -> Iterator[tuple[str, bytes]]:
    """Names and bytes that nobody's newspaper printed."""
    draw = random.Random(11)
    for number in range(20):
        yield f"noise{number}.txt", draw.randbytes(draw.randint(0, 3000))
    yield "nul.txt", b"A text\0with NULs\0in it stands here.\0"
    yield "bidi.txt", ("\u202e" * 2000 + "deep" + "\u2067" * 2000).encode()
    yield "marks.txt", ("e" + "\u0301" * 20_000).encode()
    yield "separators.txt", "A\u2028B\u2029C\x85D\x0bE\x0cF\x1cG\r\nH\rI\n".encode()
    yield "surrogates.txt", "lone \ud800 surrogate".encode("utf-8", "surrogatepass")
    yield "list.txt", b"Item\n" * 3_000
    yield "line.txt", b"word " * 20_000
    yield "nested.txt", b"(" * 50_000 + b")" * 50_000
    yield "quotes.txt", ("“" * 20_000).encode()
    yield "stops.txt", b". " * 50_000
    yield "mojibake.txt", ("â€" * 20_000).encode()
    yield "entities.txt", b"&amp;" * 5_000
    yield "crlf.txt", b"One line.\r\nAnother line.\r\n\r\nLeave a Comment\r\n"
    yield "wide.txt", "Größe".encode("utf-16")
    yield "wide_cut.txt", "Größe".encode("utf-16")[:-1]
    yield "bomb.txt.gz", gzip.compress(b"x" * 20_000_000)
    yield "no.txt.gz", b"not packed at all"
    yield "emoji.txt", ("👩‍👩‍👧‍👦" * 5000).encode()
    yield "tags.txt", ("\U000e0041" * 5000).encode()
    yield "a\u202eb.txt", b"Its name turns around."
    yield "x" * 250 + ".txt", b"Its name is long."
    yield "con.txt", b"Its name is a device on other systems."
    yield "Case.txt", b"One."
    yield "case.txt", b"Two."
    yield "new\nline.txt", b"Its name has two lines."
    rows = [{"id": "../../../etc/x", "text": "Up."}, {"id": "/abs", "text": "Abs."}, {"id": "\ud800", "text": "\ud800"}]
    rows += [{"id": None, "text": "x"}, {"id": ["l"], "text": "x"}, {"id": "", "text": ""}, {"id": 1e999, "text": "x"}]
    rows += [{"text": "x", "deep": json.loads("[" * 500 + "]" * 500)}, {"text": "x" * 100, "title": {"a": 1}}]
    yield "rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_hostile_files_are_all_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    count = 0
    for name, data in hostile():
        (tmp_path / "in" / name).write_bytes(data)
        count += 9 if name == "rows.jsonl" else 1
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    bad_name = os.fsencode(tmp_path / "in") + b"/caf\xe9.txt"
    Path(os.fsdecode(bad_name)).write_bytes(b"Its name is no UTF-8.")
    before = set(tmp_path.iterdir())
    summary = run(tmp_path / "in", tmp_path / "out", settings={**LIGHT, "max_article_size": 1_000_000}, report=False)
    assert summary.records == count + 2 == summary.articles + summary.failed
    assert len(rows(tmp_path / "out" / "articles.jsonl")) == summary.articles
    failures = rows(tmp_path / "out" / "failures.jsonl")
    assert len(failures) == summary.failed
    assert not [row for row in failures if "bug" in row["why"]], failures
    assert set(tmp_path.iterdir()) - before == {tmp_path / "out"}
    assert {"Case.txt", "case.txt", "con.txt"} <= {path.name for path in (tmp_path / "out" / "articles").iterdir()}


def test_a_long_line_and_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "line.txt").open("wb") as stream:
        stream.truncate(1_000_000_000)  # a hole: nothing is written
    (tmp_path / "in" / "lines.txt").write_bytes(b"A short line of some words\n" * 100_000)
    with (tmp_path / "in" / "rows.jsonl").open("wb") as stream:
        stream.write(b'{"text": "')
        stream.seek(200_000_000)
        stream.write(b'"}\n{"text": "Good."}\n')
    began = time.process_time()
    summary = run(tmp_path / "in", tmp_path / "out", settings=LIGHT, report=False)
    assert (summary.articles, summary.failed) == (2, 2)
    assert all("--max-article-size" in row["why"] for row in rows(tmp_path / "out" / "failures.jsonl"))
    assert time.process_time() - began < 30


def test_memory_stays_flat(tmp_path: Path) -> None:
    """Twice the articles must not take twice the memory: what grows is a few hundred bytes an article."""
    code = (
        "import resource, sys\n"
        "from newsclean.pipeline import run\n"
        "run(sys.argv[1], sys.argv[2], settings={'select': 'comments', 'workers': 1, 'learn': False}, report=False,"
        " copies=False)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    sizes = []
    for count in (200, 1200):
        path = tmp_path / f"{count}.jsonl"
        text = "The quay reopened on Monday, said the harbour board of Eastmere in a long letter. " * 60
        path.write_text("".join(json.dumps({"text": f"{n} {text}"}) + "\n" for n in range(count)))
        done = subprocess.run(
            [sys.executable, "-c", code, path, tmp_path / f"out{count}"], capture_output=True, check=True, text=True
        )
        sizes.append(int(done.stdout))
    assert sizes[1] - sizes[0] < 4_000, sizes  # KB; the articles themselves are 5 MB more


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(["text", "jsonl", "csv"]))
def test_any_bytes_become_results_or_named_failures(data: bytes, kind: str) -> None:
    import io

    from newsclean import formats

    reading = Reading(format=kind)
    raws = list(formats.read(["-"], reading, stdin=io.BufferedReader(io.BytesIO(data))))
    for one in Cleaning(Settings.of(LIGHT), reading)(raws):
        assert (one.result is None) == bool(one.failure)
        assert "bug" not in one.failure
        if one.result:
            from newsclean import edits

            assert edits.undo(one.result.text, one.result.passes) == one.result.article.text


def test_a_bug_in_cleaning_costs_one_article_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Cleaner.clean_batch

    def fails(self: Cleaner, articles: Sequence[Any]) -> Any:
        if any("poison" in article.text for article in articles):
            raise ZeroDivisionError("poison")
        return real(self, articles)

    monkeypatch.setattr(Cleaner, "clean_batch", fails)
    raws = [Raw(str(n), str(n), "text", b"poison" if n == 2 else b"A sound text.") for n in range(5)]
    found = Cleaning(Settings.of(LIGHT), Reading())(raws)
    assert [bool(one.failure) for one in found] == [False, False, True, False, False]
    assert "ZeroDivisionError" in found[2].failure


def test_a_users_rule_that_backtracks_badly_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "slow.toml").write_text(
        '[[rule]]\nid = "mine.slow"\nfamily = "mine"\nwhy = "Backtracks."\nwhere = "anywhere"\n'
        'match = \'^(?:\\w|\\w|\\w\\w)+$\'\nseen = "here"\ndrops = ["aa"]\nkeeps = ["a b"]\n'
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(
        "The quay reopened on Monday, the harbour board said.\n\n" + "a" * 30 + " -\n"
    )
    began = time.process_time()
    summary = run(
        tmp_path / "in",
        tmp_path / "out",
        settings={"workers": 1, "select": ["comments", "mine"], "rules": str(tmp_path / "slow.toml")},
        report=False,
    )
    assert summary.articles + summary.failed == 1
    assert time.process_time() - began < 20
    told = (tmp_path / "out" / "edits.jsonl").read_text() + (tmp_path / "out" / "failures.jsonl").read_text()
    assert "mine.slow" in told


def test_no_file_that_is_read_is_unpickled() -> None:
    source = Path(pipeline_parts.__file__).parent
    for path in source.rglob("*.py"):
        if path.name != "parallel.py":  # between processes of ours, over pipes that nobody else has
            assert "pickle" not in path.read_text("utf-8").replace("picklable", ""), path
    assert "allow_pickle=True" not in "".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    assert threading.active_count() >= 1
