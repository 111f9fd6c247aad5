"""The index file: whom an article meets does not depend on batches, what was acknowledged survives, foreign files are refused."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import index, index_buckets
from newsclean.errors import ConfigError, IndexFileError, RecipeMismatch
from newsclean.index import MEMORY, Entry, IndexFile, moment
from newsclean.index_buckets import Buckets, View

BANDS = View(0, "bands", bucket=2, shared=1)
ANCHORS = View(1, "anchors", bucket=3, shared=2, crowded=3)
VIEWS = (BANDS, ANCHORS)
MOST = 4


def entry(id_: str, bands: list[int], anchors: list[int] = [], published: str = "") -> Entry:  # noqa: B006 -- never changed
    keys = np.concatenate([BANDS.keys(np.array(bands, np.uint64)), ANCHORS.keys(np.array(anchors, np.uint64))])
    return Entry(id_, keys, b"signature", b"sketch", published=published, source=f"Paper {id_}", title="Ferry sails")


def opened(path: str | Path = MEMORY, **options: object) -> IndexFile:
    return IndexFile.open(path, **{"recipe": "fold1 words-5", "views": VIEWS, "most": MOST, **options})  # type: ignore[arg-type]


# — whom an article meets —


def plainly(entries: list[Entry], removed: dict[int, set[str]]) -> list[list[str]]:
    """The definition, one article at a time: the first members of each bucket, enough shared keys, the best of them."""
    held: list[Entry] = []
    found = []
    for at, new in enumerate(entries):
        held = [one for one in held if one.id not in removed.get(at, set()) and one.id != new.id]
        enough: dict[str, bool] = {}
        shared: dict[str, int] = {}
        for view in VIEWS:
            counts: dict[str, int] = {}
            telling: dict[str, int] = {}
            for key in {k for k in new.keys.tolist() if k & 3 == view.tag}:
                members = [one for one in held if key in one.keys.tolist()][: view.bucket]
                for member in members:
                    counts[member.id] = counts.get(member.id, 0) + 1
                    telling[member.id] = telling.get(member.id, 0) + (len(members) < view.bucket)
            for id_, count in counts.items():
                shared[id_] = shared.get(id_, 0) + count
                many = telling[id_] >= view.shared or count >= view.crowded
                enough[id_] = enough.get(id_, False) or many
        order = [one.id for one in held]
        best = sorted((id_ for id_ in shared if enough[id_]), key=lambda id_: (-shared[id_], order.index(id_)))
        found.append(best[:MOST])
        held.append(new)
    return found


SMALL = st.lists(st.integers(0, 5), max_size=4)
STEPS = st.lists(
    st.tuples(st.integers(0, 9), SMALL, SMALL, st.sets(st.integers(0, 9), max_size=2), st.booleans()), max_size=14
)


@given(STEPS)
@settings(max_examples=80)
def test_batches_and_single_articles_meet_the_same(
    steps: list[tuple[int, list[int], list[int], set[int], bool]],
) -> None:
    entries = [entry(f"a{id_}", bands, anchors) for id_, bands, anchors, _, _ in steps]
    removed = {at: {f"a{id_}" for id_ in ids} for at, (_, _, _, ids, new_batch) in enumerate(steps) if new_batch}
    wanted = plainly(entries, removed)
    found: list[list[str]] = []
    with opened() as batches:
        batch: list[Entry] = []
        for at, one in enumerate(entries):
            if at in removed:
                found += batches.add(batch)
                batch = []
                batches.remove(removed[at])
            batch.append(one)
        found += batches.add(batch)
    assert found == wanted
    with opened() as singles:
        single = []
        for at, one in enumerate(entries):
            singles.remove(removed.get(at, set()))
            single += singles.add([one])
    assert single == wanted


def test_sweeping_and_long_runs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    entries = [entry(f"a{i}", draw.integers(0, 90, 6).tolist(), draw.integers(0, 60, 6).tolist()) for i in range(300)]
    gone = [f"a{i}" for i in draw.integers(0, 150, 60)]

    def met() -> list[list[str]]:
        with opened() as held:
            first = held.add(entries[:150])
            held.remove(gone)
            return first + held.add(entries[150:])

    wanted = met()
    monkeypatch.setattr(index_buckets, "_LONGEST_RUN", 100)
    monkeypatch.setattr(index_buckets, "_MERGED_UP_TO", 2)
    monkeypatch.setattr(index_buckets, "_SWEPT_FROM", 5)
    monkeypatch.setattr(index, "_BATCH", 7)
    monkeypatch.setattr(index, "_SEGMENT_FROM", 64)
    assert met() == wanted


def test_five_thousand_copies_of_one_story_stay_a_star() -> None:
    keys = [BANDS.keys(np.arange(32, dtype=np.uint64))] * 5000
    met = Buckets(VIEWS, most=MOST).add(range(5000), keys)
    assert len(met.rows) == 2 * 5000 - 3
    assert set(met.numbers.tolist()) == {0, 1}


def test_when_the_owner_of_a_bucket_goes_the_next_takes_its_place() -> None:
    with opened() as held:
        held.add([entry(f"a{i}", [1, 2, 3]) for i in range(5)])
        assert held.query([entry("new", [1, 2])]) == [["a0", "a1"]]
        assert held.remove(["a0", "a2", "nobody"]) == 2
        assert held.query([entry("new", [1, 2])]) == [["a1", "a3"]]
        assert held.add([entry("a1", [9])]) == [[]]  # replaced: it is a new article now
        assert held.query([entry("new", [1, 2]), entry("other", [9])]) == [["a3", "a4"], ["a1"]]


def test_an_article_is_not_held_against_itself() -> None:
    with opened() as held:
        held.add([entry("a", [1, 2]), entry("b", [1, 2])])
        assert held.query([entry("a", [1, 2])]) == [["b"]]
        assert held.add([entry("a", [1, 2])]) == [["b"]]
        assert len(held) == 2


def test_views_do_not_mix() -> None:
    with opened() as held:
        held.add([entry("a", [1, 2, 3])])
        assert held.query([entry("b", [], [1, 2, 3]), entry("c", [3], [])]) == [[], ["a"]]


# — the file —


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    full = Entry(
        "ü/1.txt",
        np.array([1, 2**36 - 1], np.uint64),
        b"\0\1",
        b"",
        "Src",
        "2026-11-20",
        "T",
        "u",
        "de",
        "dpa",
        7,
        2,
        1,
    )
    with opened(tmp_path / "deep" / "x.index") as held:
        held.add([full])
    with opened(tmp_path / "deep" / "x.index", mode="read") as held:
        assert "ü/1.txt" in held
        assert "no" not in held
        assert list(held) == ["ü/1.txt"]
        (got,) = held.get(["ü/1.txt", "no"]).values()
        for one in (got, next(held.entries())):
            for name in Entry.__slots__:
                mine, theirs = getattr(full, name), getattr(one, name)
                assert (mine.tolist() == theirs.tolist()) if name == "keys" else mine == theirs
        with pytest.raises(IndexFileError, match="opened for reading"):
            held.add([full])


def test_reopening_packing_and_compacting_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_SEGMENT_FROM", 100)
    monkeypatch.setattr(index, "_LONGEST_SEGMENT", 1000)
    draw = np.random.default_rng(3)
    entries = [entry(f"a{i}", draw.integers(0, 200, 8).tolist(), draw.integers(0, 90, 6).tolist()) for i in range(250)]
    with opened() as whole:
        wanted = [*whole.add(entries), [f"{len(whole)}"]]
    path = tmp_path / "x.index"
    found: list[list[str]] = []
    for start in range(0, 250, 30):
        with opened(path) as held:
            found += held.add(entries[start : start + 30])
            if start == 120:
                held.add([entry("gone", [1, 2, 3])])
                held.remove(["gone"])
                held.compact()
    with opened(path, mode="read") as held:
        assert [*found, [f"{len(held)}"]] == wanted
        assert held.info()["keys"] == sum(len(set(one.keys.tolist())) for one in entries)
        assert 1 <= held.info()["segments"] <= 6


def test_expire_takes_what_is_older_and_leaves_what_has_no_date() -> None:
    dates = ["2026-01-01", "2026-03-01T08:00:00+02:00", "2026-03-01T08:00:00Z", "", "last week", "2026-05-01 10:00"]
    with opened() as held:
        held.add([entry(f"a{i}", [i], published=day) for i, day in enumerate(dates)])
        assert held.expire(before="2026-03-01T07:00:00Z") == 2
        assert list(held) == ["a2", "a3", "a4", "a5"]
        assert held.info()["undated"] == 2
        assert held.info()["latest"] == "2026-05-01T10:00:00Z"
        with pytest.raises(ConfigError, match="ISO 8601"):
            held.expire(before="tomorrow")
    assert moment("2026-03-01T08:00:00+02:00") == moment("2026-03-01T06:00:00Z")


def test_the_same_id_twice_in_one_batch_is_replaced() -> None:
    with opened() as held:
        assert held.add([entry("a", [1]), entry("b", [1]), entry("a", [1]), entry("c", [1])]) == [
            [], ["a"], ["b"], ["b", "a"],
        ]  # fmt: skip
        assert list(held) == ["b", "a", "c"]


# — one writer, many readers —


def test_a_reader_sees_what_the_writer_adds_and_removes(tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    with opened(path) as writer:
        writer.add([entry("a", [1])])
        with opened(path, mode="read") as reader, opened(path, mode="read") as second:
            assert reader.query([entry("n", [1])]) == [["a"]]
            writer.add([entry("b", [1])])
            assert reader.query([entry("n", [1])]) == [["a", "b"]]
            writer.remove(["a"])
            assert reader.query([entry("n", [1])]) == [["b"]]
            assert len(reader) == 1
            writer.compact()
            writer.add([entry("c", [1])])
            assert reader.query([entry("n", [1])]) == [["b", "c"]]
            assert second.query([entry("n", [1])]) == [["b", "c"]]


def test_there_is_one_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    with opened(path), pytest.raises(IndexFileError, match="another process is writing"):
        opened(path)
    with opened(path) as held:  # the lock is gone with its holder
        assert len(held) == 0


def test_a_closed_index_says_so(tmp_path: Path) -> None:
    held = opened(tmp_path / "x.index")
    held.add([entry("a", [1])])
    held.close()
    held.close()
    for used in (
        lambda: len(held), lambda: "a" in held, lambda: list(held), lambda: held.add([entry("b", [1])]),
        lambda: held.query([entry("b", [1])]), lambda: held.remove(["a"]), lambda: held.expire(before="2026-11-30"),
        held.compact, held.info, lambda: held.get(["a"]), lambda: list(held.entries()),
    ):  # fmt: skip
        with pytest.raises(IndexFileError, match="was closed"):
            used()


# — what is not ours —


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("The ferry sailed at noon. " * 50)
    with pytest.raises(IndexFileError, match="not an index of newsclean"):
        opened(tmp_path / "text")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (x)")
    other.commit()
    other.close()
    with pytest.raises(IndexFileError, match="an SQLite file, but not an index"):
        opened(tmp_path / "other.db")
    with pytest.raises(IndexFileError, match="newsclean index add"):
        opened(tmp_path / "nothing.index", mode="read")
    assert not (tmp_path / "nothing.index").exists()
    with pytest.raises(IndexFileError):
        opened(tmp_path)


@pytest.mark.parametrize(("version", "said"), [(index.FORMAT + 1, "a newer newsclean"), (0, "an older newsclean")])
def test_another_format_is_refused_with_what_to_do(tmp_path: Path, version: int, said: str) -> None:
    opened(tmp_path / "x.index").close()
    db = sqlite3.connect(tmp_path / "x.index")
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    with pytest.raises(IndexFileError, match=f"{said}.*build the index again"):
        opened(tmp_path / "x.index")


def test_another_recipe_is_refused_with_what_to_do(tmp_path: Path) -> None:
    opened(tmp_path / "x.index").close()
    for mode in ("write", "read"):
        with pytest.raises(RecipeMismatch, match=r"fold1 words-5.*words-3.*use the settings of the index"):
            opened(tmp_path / "x.index", recipe="fold1 words-3", mode=mode)


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    with opened(path) as held:
        held.add([entry(f"a{i}", [i] * 50) for i in range(300)])
        held.compact()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 4096 * 8 + whole[4096 * 9 :])
    with pytest.raises(IndexFileError, match=r"damaged.*build the index again"):
        opened(path)


# — crashes —


def test_a_full_disk_leaves_the_index_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    with opened(path) as held:
        held.add([entry("a", [1])])
        held._db.execute("PRAGMA max_page_count = 40")
        with pytest.raises(IndexFileError, match="full; the index is as it was"):
            held.add([entry("b", [1]), Entry("c", entry("c", [1]).keys, sketch=b"k" * 400_000)])
        assert held.query([entry("n", [1])]) == [["a"]]
        held._db.execute("PRAGMA max_page_count = 4000000")
        assert held.add([entry("b", [1])]) == [["a"]]
    with opened(path, mode="read") as held:
        assert list(held) == ["a", "b"]


WRITER = """
import sys, numpy as np
from newsclean import index
index._SEGMENT_FROM = 300
from newsclean.index import Entry, IndexFile
from newsclean.index_buckets import View
path, start = sys.argv[1], int(sys.argv[2])
views = (View(0, "bands", bucket=2, shared=1), View(1, "anchors", bucket=3, shared=2, crowded=3))
with IndexFile.open(path, recipe="fold1 words-5", views=views, most=4) as held:
    print("open", flush=True)
    for at in range(start, start + 100_000, 5):
        held.add([Entry(f"a{i}", views[0].keys(np.array([i, i // 7], np.uint64)), b"s" * 512, b"k" * 3000)
                  for i in range(at, at + 5)])
        if at % 3 == 0:
            held.remove([f"a{at}"])
        print(at, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    start = 0
    wanted: set[str] = set()
    for seconds in (0.0, 0.02, 0.09, 0.2, 0.3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(start)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout
            assert child.stdout.readline() == "open\n"
            time.sleep(seconds)
            child.send_signal(signal.SIGKILL)
            acknowledged = [int(line) for line in child.stdout.read().split("\n")[:-1]]
        for at in acknowledged:
            wanted |= {f"a{i}" for i in range(at, at + 5)} - ({f"a{at}"} if at % 3 == 0 else set())
        with opened(path) as held:  # the lock went with the process
            there = set(held)
            # The last batch may be there whole, though nobody was told, and its removal may be missing.
            last = {f"a{i}" for at in [(acknowledged or [start - 5])[-1] + 5] for i in range(at, at + 5)}
            assert wanted <= there <= wanted | last
            assert not last & there or len(last - there) <= 1
            assert len(held) == len(there)
            for id_ in sorted(wanted)[:: max(1, len(wanted) // 20)]:
                number = int(id_[1:])
                probe = Entry("probe", BANDS.keys(np.array([number], np.uint64)))
                assert id_ in held.query([probe])[0]
            held.remove(last)
            assert held._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        start = max([start, *(at + 10 for at in acknowledged)])
    assert start > 100
