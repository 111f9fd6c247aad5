"""All meetings of a collection at once are those that the buckets tell one article after another."""

from __future__ import annotations

import numpy as np
import pytest

from newsclean import index_meetings
from newsclean.index_buckets import Buckets, View
from newsclean.index_meetings import Keys, meetings

VIEWS = (View(0, "bands", bucket=4, shared=1), View(1, "anchors", bucket=12, shared=2))
MOST = 5


def one_after_another(keys: list[index_meetings.UInt64]) -> list[tuple[int, int, int]]:
    buckets = Buckets(VIEWS, most=MOST)
    found = []
    for start in range(0, len(keys), 17):
        met = buckets.add(range(start, min(start + 17, len(keys))), keys[start : start + 17])
        found += list(zip((met.rows + start).tolist(), met.numbers.tolist(), met.shared.tolist(), strict=True))
    return found


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(("articles", "kinds"), [(1, 5), (2, 2), (300, 40), (1000, 300)])
def test_all_at_once_is_as_one_after_another(
    articles: int, kinds: int, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if small:  # many parts, many files, many runs
        monkeypatch.setattr(index_meetings, "KEYS_AT_ONCE", 500)
        monkeypatch.setattr(index_meetings, "MEETINGS_AT_ONCE", 100)
        monkeypatch.setattr(index_meetings, "_ROWS_IN_FILE", 64)
    chance = np.random.default_rng(articles)
    keys = [
        np.concatenate(
            [
                VIEWS[0].keys(chance.integers(0, 3 * kinds, 5).astype(np.uint64)),
                VIEWS[1].keys(chance.integers(0, kinds, 10).astype(np.uint64)),
            ]
        )
        for _ in range(articles)
    ]
    arrived = chance.permutation(articles)  # by place: who came; what is told goes by rank
    held = Keys()
    for start in range(0, articles, 13):
        held.add([keys[rank] for rank in arrived[start : start + 13]])
    found = []
    for met in meetings(held, arrived, VIEWS, most=MOST):
        found += list(zip(met.rows.tolist(), met.numbers.tolist(), met.shared.tolist(), strict=True))
    assert found == one_after_another(keys)


def test_without_articles_and_without_keys_no_one_meets() -> None:
    held = Keys()
    assert list(meetings(held, np.zeros(0, np.int64), VIEWS, most=MOST)) == []
    held.add([np.zeros(0, np.uint64), np.zeros(0, np.uint64)])
    assert list(meetings(held, np.arange(2), VIEWS, most=MOST)) == []


def test_keys_come_back_as_they_went_in() -> None:
    held = Keys()
    held.add([np.arange(3, dtype=np.uint64), np.zeros(0, np.uint64)])
    held.add([np.arange(5, 7, dtype=np.uint64)])
    assert [own.tolist() for own in held.of(0, 3)] == [[0, 1, 2], [], [5, 6]]
    assert [own.tolist() for own in held.of(2, 3)] == [[5, 6]]
