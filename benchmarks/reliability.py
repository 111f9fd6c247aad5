#!/usr/bin/env python3
"""Kills a run again and again and compares its output byte for byte; feeds another one hostile files and counts them all.

    python benchmarks/reliability.py                                    # 2,000 files, 5 kills; 1,000 hostile files
    python benchmarks/reliability.py --files 20000 --kills 20 --hostile 10000

All files are made here, from one seed: invented articles of about 2 KB, a fifth of them copies, some damaged; and random
bytes, cut and flipped UTF-8, controls, marks, walls of brackets, broken archives and broken JSON. The killed run restores
from copies, so the last stage is among those that die. Exit code 1 if a byte differs, a record is not accounted for, an
article cannot be undone, or a failure is a bug.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WORDS = (
    "harbour council ferry keeper roof bridge winter market school train honey tide parish lamp quay field storm "
    "province board herring baker library museum tunnel valley meadow engine printer lantern orchard"
).split()
VERBS = "opened closed repaired counted visited praised delayed painted sold inherited flooded measured".split()


def article(draw: random.Random) -> str:
    """An invented article of about 2 KB."""
    paragraphs = []
    for _ in range(draw.randint(4, 8)):
        sentences = [
            f"The {draw.choice(WORDS)} of the {draw.choice(WORDS)} {draw.choice(VERBS)} the {draw.choice(WORDS)} and the "
            f"{draw.choice(WORDS)} near the {draw.choice(WORDS)} in {draw.randint(1900, 2030)}."
            for _ in range(draw.randint(2, 5))
        ]
        paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def damaged(text: str, draw: random.Random) -> str:
    """The article with one small damage of a kind that a copy can undo."""
    return text.replace(
        *draw.choice((("near the", "near the the"), (" and the", " and. the"), ("of the", "of theof the"))), 1
    )


def write_articles(folder: Path, count: int) -> None:
    """Every fifth is a copy of one before, every third has furniture, every seventh is damaged."""
    draw = random.Random(7)
    texts: list[str] = []
    for number in range(count):
        text = draw.choice(texts[-500:]) if number % 5 == 4 else article(draw)
        texts.append(text)
        if number % 7 == 3:
            text = damaged(text, draw)
        tail = "\n\nLeave a Comment\n\nRequired fields are marked *" if number % 3 == 0 else ""
        path = folder / f"outlet{number % 20}" / f"{number:06d}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}{tail}\n")


def hostile(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes that nobody's newspaper printed."""
    draw = random.Random(11)
    characters = [
        "\u202e",
        "\u0301",
        "\u2028",
        "\x85",
        "\x00",
        "\ufeff",
        "\u200d",
        "👩",
        "“",
        "â€",
        "&amp;",
        "(",
        ". ",
        "\r",
    ]
    for number in range(count):
        good = article(draw).encode()
        kind = number % 8
        name = f"{number:06d}.txt"
        if kind == 0:
            data = draw.randbytes(draw.randint(0, 20_000))
        elif kind == 1:  # flipped bits
            flipped = bytearray(good)
            for _ in range(draw.randint(1, 60)):
                flipped[draw.randrange(len(flipped))] = draw.randrange(256)
            data = bytes(flipped)
        elif kind == 2:  # another encoding, cut anywhere
            data = ("Größe łódź “naïve” — " * 40).encode(draw.choice(["utf-8", "utf-16", "utf-8-sig"]))
            data = data[: draw.randint(1, len(data))]
        elif kind == 3:  # one thing, again and again
            data = (draw.choice(characters) * draw.randint(1, 20_000)).encode()
        elif kind == 4:  # all things, mixed
            data = "".join(draw.choice([*characters, "word ", "\n", "Share "]) for _ in range(3_000)).encode()
        elif kind == 5:  # code points of anywhere, surrogates among them
            data = "".join(chr(draw.randrange(0x110000)) for _ in range(1_500)).encode("utf-8", "surrogatepass")
        elif kind == 6:
            packed = bytearray(gzip.compress(good, mtime=0))
            packed[draw.randrange(10, len(packed))] ^= 1 << draw.randrange(8)
            name, data = f"{number:06d}.txt.gz", bytes(packed)
        else:
            row = json.dumps({"id": draw.choice(["../x", "/abs", "\ud800", None, ["l"], 1e999]), "text": good.decode()})
            at = draw.randrange(len(row))
            name, data = f"{number:06d}.jsonl", (row[:at] + draw.choice(characters) + row[at:]).encode()
        yield name, data


def command(source: Path, output: Path, *more: str) -> list[str]:
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


def killed(work: Path, count: int, kills: int, workers: str) -> tuple[dict[str, Any], bool]:
    """The row of the kill test, and whether the output was the same."""
    source, output = work / "in", work / "out"
    write_articles(source, count)
    options = ("--workers", workers, "--repair-from-copies")
    began = time.monotonic()
    subprocess.run(command(source, work / "whole", *options), check=True)
    whole_seconds = time.monotonic() - began
    total = -(-count // 64)
    draw = random.Random(3)
    # Most die while they clean, at any part; the last two in what comes after.
    targets = sorted(draw.randrange(total) for _ in range(max(0, kills - 2))) + [total] * min(2, kills)
    where: list[str] = []
    for target in targets:
        run = subprocess.Popen(command(source, output, *options, "--resume"), start_new_session=True)
        while run.poll() is None and parts(output) < target:
            time.sleep(0.002)
        until = time.monotonic() + draw.random() * (0.5 if target < total else whole_seconds / 20)
        while run.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)  # its workers see their pipes close, and end
            run.wait()
            where.append(stage(output, total))
        else:
            where.append("too late: the run was finished")
    subprocess.run(command(source, output, *options, "--resume"), check=True)
    same = tree(output) == tree(work / "whole")
    restored = sum(b'"pass":"twins"' in line.replace(b": ", b":") for line in (output / "edits.jsonl").open("rb"))
    row = {"files": count, "kills": where, "same bytes": same, "restored articles": restored}
    return {**row, "uninterrupted seconds": round(whole_seconds, 1)}, same


def fed(work: Path, count: int, workers: str) -> tuple[dict[str, Any], bool]:
    """The row of the hostile files, and whether all were accounted for."""
    source, output = work / "hostile", work / "eaten"
    source.mkdir()
    for name, data in hostile(count):
        (source / name).write_bytes(data)
    before = tree(source)
    began = time.monotonic()
    done = subprocess.run(command(source, output, "--workers", workers, "--json"), capture_output=True, text=True)
    seconds = time.monotonic() - began
    if done.returncode not in (0, 3):
        return {"exit code": done.returncode, "stderr": done.stderr[-2000:]}, False
    summary = json.loads(done.stdout)
    failures = [json.loads(line) for line in (output / "failures.jsonl").open("rb")]
    bugs = [row for row in failures if "bug" in row["why"] or "given up" in row["why"]]
    undone = subprocess.run(
        [sys.executable, "-m", "newsclean", "undo", str(output), "-q"], capture_output=True, text=True
    )
    back = tree(output / "undone")
    texts = [name for name in back if name.endswith(".txt")]
    other = [name for name in texts if back[name] != before[name]]
    row = {
        "hostile files": count,
        "records": summary["records"],
        "articles": summary["articles"],
        "failed": summary["failed"],
        "bugs": [row["why"][:200] for row in bugs],
        "undone byte for byte": len(texts) - len(other),
        "undone otherwise": len(other),
        "undo exit code": undone.returncode,
        "seconds": round(seconds, 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }
    # What is not valid in any encoding comes back as the text it was read as; see docs/reliability.md.
    accounted = summary["records"] == summary["articles"] + summary["failed"] and len(failures) == summary["failed"]
    return row, accounted and not bugs and undone.returncode == 0 and tree(source) == before


def main() -> int:
    """Both tests; a row of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2_000, help="articles of the run that is killed")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--hostile", type=int, default=1_000, help="hostile files")
    parser.add_argument("--workers", default="1")
    given = parser.parse_args()
    held = True
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for test in (
            (lambda: killed(work, given.files, given.kills, given.workers)) if given.files else None,
            (lambda: fed(work, given.hostile, given.workers)) if given.hostile else None,
        ):
            if test:
                row, good = test()
                held &= good
                print(json.dumps(row, ensure_ascii=False), flush=True)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
