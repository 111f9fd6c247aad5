"""The words that say what an article is about: how often, where, and what two articles share of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsclean import gist
from newsclean.anchors import NAME, Sketch, content_words, sketch_batch
from strategies import texts

STORY = (
    "Ferry Aldwina hits sandbank\n\nThe ferry Aldwina ran aground off Brenholm. " + "Divers looked at the ferry. " * 3
)


def words(text: str) -> dict[int, int]:
    return {int(one) >> 8: int(one) & 255 for one in gist.read(gist.gist_batch([text], ["en"])[0])}


def hashed(word: str) -> int:
    return content_words(word, "en")[0][2] >> 40


def test_a_gist_knows_how_often_a_word_stands_there_whether_it_begins_the_text_and_whether_it_is_a_name() -> None:
    filler = " ".join(f"river bank{at} stone" for at in range(gist.BEGINNING))
    found = words(f"{STORY} {filler} At last came Solheim.")
    ferry, aldwina, solheim = (found[hashed(word)] for word in ("ferry", "Aldwina", "Solheim"))
    assert [gist.TIMES[one >> 2 & 3] for one in (ferry, aldwina, solheim)] == [28, 17, 10]
    assert [bool(one & gist.BEGINS) for one in (ferry, aldwina, solheim)] == [True, True, False]
    assert [bool(one & gist.NAMED) for one in (ferry, aldwina, solheim)] == [False, True, True]


def test_a_long_text_keeps_what_tells_most() -> None:
    text = STORY + " ".join(f"Word{at}" for at in range(2 * gist.KEPT)) + " and the people said it was a day"
    found = words(text)
    assert len(found) == gist.KEPT
    assert hashed("Aldwina") in found


def test_two_articles_that_share_two_telling_words_share_a_key() -> None:
    one, other, third = (
        set(gist.telling_pairs(gist.read(made)).tolist())
        for made in gist.gist_batch([STORY, "Brenholm: the Aldwina still lies there, Renn said.", "Frost in Oberlind."])
    )
    assert one & other
    assert not one & third


def test_what_is_known_of_a_sketch_alone_is_every_word_once() -> None:
    sketch = Sketch.read(sketch_batch([STORY], ["en"])[0][0])
    found = gist.of_sketch(sketch)
    assert (found >> 8).tolist() == (sketch.words >> 8).tolist()
    assert ((found & 1) > 0).tolist() == ((sketch.words & NAME) > 0).tolist()
    assert not (found & 0b1110).any()
    assert gist.amounts(found).tolist() == (10 * (sketch.words >> 4 & 15)).tolist()


@given(st.lists(texts, max_size=5))
def test_a_gist_depends_on_its_text_alone(some: list[str]) -> None:
    together = gist.gist_batch(some)
    assert together == [gist.gist_batch([text])[0] for text in some]
    for made in together:
        found = gist.read(made)
        assert len(found) <= gist.KEPT
        assert np.all(np.diff((found >> 8).astype(np.int64)) > 0)
