#!/usr/bin/env python3
"""Kills a run again and again and compares its output byte for byte; feeds others hostile files, random bytes and millions.

    python benchmarks/reliability.py kills --files 20000 --kills 20
    python benchmarks/reliability.py hostile --files 10000
    python benchmarks/reliability.py memory ARTICLES.jsonl --workers 2 --limit 2000
    python benchmarks/reliability.py fuzz --minutes 5
    python benchmarks/reliability.py          # the first two at a tenth of that size

Files are made here from one seed: invented articles, a fifth of them copies, some damaged; and see hostile_files.py. The
killed run restores from copies, so the last stage is among those that die. Every command prints one row of JSON and ends
with code 1 if a byte differs, a record is not accounted for, an article cannot be undone, a failure is a bug, or memory
goes over its limit. Paths of a large input can be left to NEWSCLEAN_BENCH (make_bulk.py writes one).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile_files

Row = tuple[dict[str, Any], bool]

# How long the parent of a killed run sleeps between two looks at it.
LOOK_SECONDS = 0.01


def damaged(text: str, draw: random.Random) -> str:
    """The article with one small damage of a kind that a copy can undo."""
    return text.replace(
        *draw.choice((("near the", "near the the"), (" and the", " and. the"), ("of the", "of theof the"))), 1
    )


def write_articles(folder: Path, count: int, paragraphs: int) -> None:
    """Every fifth is a copy of one before, every third has furniture, every seventh is damaged."""
    draw = random.Random(7)
    # With the 33 words of the other articles, each of 20,000 would be like hundreds.
    syllables = "ba de fi go ku la me ni po ru sa te vi wo zu".split()
    words = ["".join(draw.choice(syllables) for _ in range(draw.randint(2, 4))) for _ in range(8_000)]
    texts: list[str] = []
    for number in range(count):
        text = draw.choice(texts[-500:]) if number % 5 == 4 else hostile_files.article(draw, paragraphs, words)
        texts.append(text)
        if number % 7 == 3:
            text = damaged(text, draw)
        tail = "\n\nLeave a Comment\n\nRequired fields are marked *" if number % 3 == 0 else ""
        path = folder / f"outlet{number % 20}" / f"{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}{tail}\n")


def command(source: Path | str, output: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "newsclean", "run", str(source), "-o", str(output), "--no-report", "-q", *more]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def parts(output: Path) -> int:
    return sum(1 for _ in (output / ".newsclean" / "parts").glob("*/*.jsonl"))


def stage(output: Path, total: int) -> str:
    """Where a killed run had come to."""
    done = parts(output)
    if not done:
        return "before the first part"
    try:
        joining = json.loads((output / ".newsclean" / "manifest.json").read_bytes()).get("joining")
    except (OSError, ValueError):
        joining = False
    return "writing" if joining else f"{done} of {total} parts" if done < total else "finding copies"


# -- kills


def kills(work: Path, given: argparse.Namespace) -> Row:
    """One run killed with SIGKILL at random moments and continued, against one that nobody disturbed."""
    source, output = work / "in", work / "out"
    write_articles(source, given.files, given.paragraphs)
    options = ("--workers", given.workers, "--repair-from-copies")
    began = time.monotonic()
    subprocess.run(command(source, work / "whole", *options), check=True)
    whole_seconds = time.monotonic() - began
    total = -(-given.files // 64)
    draw = random.Random(given.seed)
    # A quarter die when all parts are there: while copies are looked for or files are written. The others at any part,
    # or before the first.
    late = given.kills // 4
    targets = sorted(draw.randrange(total) for _ in range(given.kills - late)) + [total] * late
    where: list[str] = []
    for target in targets:
        run = subprocess.Popen(command(source, output, *options, "--resume"), start_new_session=True)
        while run.poll() is None and parts(output) < target:
            time.sleep(LOOK_SECONDS)
        until = time.monotonic() + draw.random() * (0.5 if target < total else whole_seconds / 10)
        while run.poll() is None and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)  # its workers see their pipes close, and end
            run.wait()
            where.append(stage(output, total))
        else:
            where.append("too late: the run was finished")
        print(f"{len(where)}: {where[-1]}", file=sys.stderr, flush=True)
    subprocess.run(command(source, output, *options, "--resume"), check=True)
    one, other = tree(output), tree(work / "whole")
    differ = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    restored = sum(b'"pass": "twins"' in line for line in (output / "edits.jsonl").open("rb"))
    row = {"files": given.files, "kills": where, "files compared": len(other), "that differ": differ[:20]}
    return {**row, "restored articles": restored, "uninterrupted seconds": round(whole_seconds, 1)}, not differ


# -- hostile files


def hostile(work: Path, given: argparse.Namespace) -> Row:
    """Every file is an article or a named failure, nothing is lost, memory stays bounded, and all can be undone."""
    source, output, beside = work / "hostile", work / "eaten", work / "tables"
    records = 0
    files = [*hostile_files.small(given.files, given.start), *([] if given.no_large else hostile_files.large())]
    for name, data, count in files:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        records += count
    beside.mkdir()
    inputs = [source]
    for name, data, _ in hostile_files.tables(max(2, given.files // 100), given.start // 100):
        (beside / name).write_bytes(data)
        inputs.append(beside / name)
    before = tree(source)
    began = time.monotonic()
    options = ("--workers", given.workers, "--json")
    run = command("", output, *options)
    run[4:5] = map(str, inputs)
    done, peak = watched(run, work / "said.json")
    seconds = time.monotonic() - began
    if done not in (0, 3):
        return {"exit code": done}, False
    summary = json.loads((work / "said.json").read_bytes())
    failures = [json.loads(line) for line in (output / "failures.jsonl").open("rb")]
    articles = [json.loads(line) for line in (output / "articles.jsonl").open("rb")]
    bugs = [row for row in failures if "bug" in row["why"] or "given up" in row["why"]]
    named = {str(row["id"]) for row in articles} | {row["where"].partition(":")[0] for row in failures}
    named |= {row["where"] for row in failures}
    texts = [name for name in before if ".txt" in name]
    lost = [name for name in texts if f"hostile/{name}" not in named]
    of_tables = sum(str(row["id"]).startswith("t") for row in articles)
    undo = subprocess.run([sys.executable, "-m", "newsclean", "undo", str(output), "-q"], check=False)
    back = tree(output / "undone" / "hostile") if (output / "undone" / "hostile").exists() else {}
    other = [name for name in back if name.endswith(".txt") and back[name] != before[name]]
    row = {
        "hostile files": len(files) + len(inputs) - 1,
        "records": summary["records"],
        "articles": summary["articles"],
        "failed": summary["failed"],
        "texts lost": lost[:10],
        "bugs": [f"{row['where']}: {row['why'][:200]}" for row in bugs],
        "undone byte for byte": sum(name.endswith(".txt") for name in back) - len(other),
        "undone otherwise": len(other),
        "undo exit code": undo.returncode,
        "slowest": summary["slowest"],
        "articles of tables": of_tables,
        "seconds": round(seconds, 1),
        "peak MB": peak,
    }
    counted = summary["records"] == summary["articles"] + summary["failed"] and summary["records"] >= records
    counted &= len(articles) == summary["articles"] and len(failures) == summary["failed"]
    good = counted and not (lost or bugs or other or undo.returncode)
    return row, good and tree(source) == before


# -- memory


def watched(run: list[str], said: Path, log: Callable[[str], object] = lambda line: None) -> tuple[int, int]:
    """The exit code of a command and the most memory, in MB, that it and its children held together at any second.

    Memory is PSS: what processes share is counted once. `log` gets a line every 10 seconds.
    """
    with said.open("wb") as stream:
        process = subprocess.Popen(run, stdout=stream)
    most, began = 0, time.monotonic()
    for tick in iter(lambda: 0 if process.poll() is None else 1, 1):
        held = [_held(one) for one in _family(process.pid)]
        most = max(most, sum(held) + tick)
        if int(time.monotonic() - began) % 10 == 0:
            log(
                f"{time.monotonic() - began:6.0f} s {sum(held) / 1e3:7.0f} MB in {len(held)}: {[kb // 1000 for kb in held]}"
            )
        time.sleep(1)
    return process.wait(), round(most / 1e3)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # ended meanwhile
            continue
        for child in children:
            yield from _family(int(child))


def _held(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def memory(work: Path, given: argparse.Namespace) -> Row:
    """The most memory a run takes, all its processes together."""
    data = given.input or os.environ.get("NEWSCLEAN_BENCH", "")
    if not data or not Path(data).is_file():
        raise SystemExit(f"{data or 'no input'}: name a JSONL of many articles; make_bulk.py makes one")
    began = time.monotonic()

    def log(line: str) -> None:
        print(f"{line} parts {parts(work / 'out')}", file=sys.stderr, flush=True)

    run = command(data, work / "out", "--workers", given.workers, "--json")
    if given.no_clean:
        run = [sys.executable, "-m", "newsclean", "dedup", data, "-o", str(work / "out"), "--no-clean", "-q", "--json"]
    code, peak = watched(run, work / "said.json", log)
    if code not in (0, 3):
        return {"exit code": code, "peak MB": peak}, False
    summary = json.loads((work / "said.json").read_bytes())
    row = {"articles": summary["articles"], "MB in": round(summary["bytes"] / 1e6), "workers": given.workers}
    row |= {"clusters with copies": summary["clusters_with_copies"], "peak MB": peak}
    return {**row, "seconds": round(time.monotonic() - began)}, peak <= given.limit


# -- random bytes


def fuzz(work: Path, given: argparse.Namespace) -> Row:
    """Bytes that hypothesis thinks of, through a whole run and back: no crash, no hang, all accounted for, all undone."""
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import given as drawn
    from hypothesis import strategies as st

    from newsclean import edits
    from newsclean.formats import Reading, read
    from newsclean.pipeline_stream import Cleaning
    from newsclean.settings import Settings

    def through(files: list[tuple[str, bytes]]) -> None:
        """As a run does with a part."""
        folder = Path(tempfile.mkdtemp(dir=work))
        for number, (ending, data) in enumerate(files):
            (folder / f"{number}{ending}").write_bytes(data)
        tried[0] += 1
        for path in sorted(folder.iterdir()):
            raws = list(read([str(path)], Reading()))
            for one in Cleaning(plain, Reading())(raws):
                assert (one.result is None) == bool(one.failure), path
                assert "bug" not in one.failure, one.failure
                assert one.seconds < 10, (path, one.seconds)
                if one.result:
                    assert edits.undo(one.result.text, one.result.passes) == one.result.article.text
                    again = Cleaning(plain, Reading())([*read([str(path)], Reading())])
                    assert next(two for two in again if two.raw.where == one.raw.where).result == one.result
            path.unlink()
        folder.rmdir()

    plain = Settings.of({"workers": 1})
    tried = [0]
    pieces = st.sampled_from((*hostile_files.CHARACTERS, *hostile_files.WORDS, " ", " ", ".", "\n"))
    texts = st.lists(pieces, max_size=120).map(lambda some: hostile_files.encoded("".join(some)))
    rows = st.dictionaries(st.sampled_from(["id", "text", "title", "date"]), st.text() | st.integers() | st.none())
    lines = st.lists(rows, max_size=4).map(lambda some: "\n".join(map(json.dumps, some)).encode())
    data = st.one_of(st.binary(max_size=2_000), texts, lines)
    endings = st.sampled_from([".txt", ".jsonl", ".csv", ".txt.gz", ".parquet"])
    until = time.monotonic() + given.minutes * 60
    seed = given.seed
    while time.monotonic() < until:
        profile = settings(
            max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )  # fmt: skip
        from hypothesis import seed as seeded

        seeded(seed)(profile(drawn(st.lists(st.tuples(endings, data), min_size=1, max_size=6))(through)))()
        seed += 1
        print(f"{tried[0]} examples, seed {seed}", file=sys.stderr, flush=True)
    return {"examples": tried[0], "minutes": given.minutes, "crashes": 0}, True


def main() -> int:
    """One command, or the first two at a tenth of their size; a row of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["kills", "hostile", "memory", "fuzz"])
    parser.add_argument("input", nargs="?", default="", help="of memory: a JSONL of many articles")
    parser.add_argument("--files", type=int, default=0, help="articles that are killed, or small hostile files")
    parser.add_argument("--paragraphs", type=int, default=1, help="of each article that is killed; 0: 4 to 8")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--start", type=int, default=0, help="number of the first hostile file")
    parser.add_argument("--no-large", action="store_true", help="without the largest hostile files")
    parser.add_argument("--workers", default="1")
    parser.add_argument("--limit", type=int, default=2_000, help="MB that a run may hold")
    parser.add_argument("--no-clean", action="store_true", help="of memory: look for copies only, which is most of it")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--work", help="folder to work in, kept afterwards")
    given = parser.parse_args()
    tests = {"kills": kills, "hostile": hostile, "memory": memory, "fuzz": fuzz}
    held = True
    for name in [given.what] if given.what else ["kills", "hostile"]:
        given.files = given.files or {"kills": 2_000, "hostile": 1_000}.get(name, 0)
        with tempfile.TemporaryDirectory() as folder:
            work = Path(given.work or folder)
            work.mkdir(parents=True, exist_ok=True)
            row, good = tests[name](work, given)
        held &= good
        print(json.dumps(row, ensure_ascii=True), flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
