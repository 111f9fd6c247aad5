"""What two articles share: the same figures alone and in a batch, for cut, spun and templated texts and for any text."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import anchors
from newsclean.anchors import Sketch, content_word, content_words, sketch_batch
from newsclean.compare import judge, measure
from newsclean.compare_texts import explain

STORIES = Path(__file__).parent / "fixtures" / "stories"
TEXTS = {
    one["id"]: one["text"]
    for path in sorted(STORIES.glob("*.toml"))
    for one in tomllib.loads(path.read_text("utf-8"))["article"]
}
FERRY = TEXTS["coast-wire"]


def sketches(*texts: str) -> list[Sketch]:
    return [Sketch.read(one) for one in sketch_batch(texts)[0]]


def verdict(a: str, b: str) -> tuple[float, bool]:
    first, second = sketches(a, b)
    told = judge(measure([(first, second)]))
    return float(told.score[0]), bool(told.template[0])


def long_text(words: int, seed: int = 1) -> str:
    chance = random.Random(seed)
    known = [
        f"{a}{b}{c}" for a in "bdfglmnprst" for b in ("ar", "en", "ol", "ist") for c in ("ding", "mark", "ton", "feld")
    ]
    return " ".join(chance.choice(known) for _ in range(words)) + "."


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Organised", "organizing"),
        ("centre", "center"),
        ("travelled", "traveled"),
        ("colours", "color"),
        ("García’s", "garcia"),
        ("parties", "party"),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert content_word(one) == content_word(other)


def content(text: str) -> list[int]:
    return [value for _, _, value in content_words(text)]


def test_a_grouped_number_is_the_number() -> None:
    assert content("14,500 crowns") == content("14500 crowns")
    assert content("3.5 crowns") != content("35 crowns")


def test_a_sketch_fits_into_four_kilobytes_whatever_the_length() -> None:
    for words in (0, 1, 50, 600, 5000, 60000):
        stored, keys = sketch_batch([long_text(words)])
        assert len(stored[0]) <= 4096
        assert len(keys[0]) <= anchors.ANCHORS


def test_sampling_does_not_bias_what_is_contained() -> None:
    whole = long_text(6000)
    part = " ".join(whole.split()[1000:2500])
    shares = measure([tuple(sketches(part, whole))])  # type: ignore[list-item]
    assert shares.plain[0, 0] > 0.97
    assert 0.15 < shares.plain[0, 1] < 0.6


def test_alone_and_in_a_batch_a_text_has_the_same_sketch() -> None:
    texts = [*TEXTS.values(), long_text(3000), "", "Ein Wort.", "東京都の橋が月曜日に開通した。", "İstanbul'da köprü"]
    together = sketch_batch(texts)
    for at, text in enumerate(texts):
        alone = sketch_batch([text])
        assert alone[0][0] == together[0][at]
        assert np.array_equal(alone[1][0], together[1][at])


def test_a_pair_measures_the_same_alone_and_among_others() -> None:
    known = sketches(*TEXTS.values())
    pairs = [(a, b) for a in known for b in known]
    together = measure(pairs)
    for at in range(0, len(pairs), 7):
        alone = measure([pairs[at]])
        for name in alone.__slots__:
            assert np.array_equal(getattr(alone, name)[0], getattr(together, name)[at]), name


def test_both_ways_are_one() -> None:
    known = sketches(*TEXTS.values())
    for a in known:
        for b in known:
            there, back = judge(measure([(a, b)])), judge(measure([(b, a)]))
            assert there.template[0] == back.template[0]
            assert there.score[0] == pytest.approx(back.score[0], abs=0.2)


def test_a_cut_and_a_spun_text_are_still_copies() -> None:
    sentences = FERRY.strip().split(". ")
    assert verdict(FERRY, ". ".join(sentences[: len(sentences) // 2]))[0] > 0.9
    chance = random.Random(3)
    spun = " ".join(f"vor{word}" if chance.random() < 0.25 else word for word in FERRY.split())
    assert verdict(FERRY, spun)[0] > 0.9


def test_own_reporting_on_the_same_event_is_no_copy() -> None:
    assert verdict(FERRY, TEXTS["own-reporting"])[0] < 0.2


def test_the_same_form_with_other_numbers_is_a_template() -> None:
    assert verdict(TEXTS["halvard"], TEXTS["nordstrand"])[1]


def test_a_disclaimer_in_common_makes_no_copy() -> None:
    assert verdict(TEXTS["poll-one"], TEXTS["poll-two"])[0] < 0.5


def test_a_gallery_under_two_different_articles_makes_no_copy() -> None:
    gallery = long_text(400, seed=9)
    assert verdict(long_text(130, seed=1) + gallery, long_text(130, seed=2) + gallery)[0] < 0.5
    assert verdict(long_text(130, seed=1) + gallery, gallery)[0] > 0.5


def test_moved_paragraphs_make_no_new_article() -> None:
    paragraphs = FERRY.strip().split("\n\n")
    assert len(paragraphs) > 4
    assert verdict(FERRY, "\n\n".join(paragraphs[3:] + paragraphs[:3]))[0] > 0.5


def test_a_brief_that_begins_as_its_source_may_end_in_another_tail() -> None:
    source = long_text(400, seed=3)
    brief = source[: len(source) // 6]
    assert verdict(source, brief + " " + long_text(45, seed=4))[0] > 0.5
    assert verdict(source, long_text(45, seed=4) + " " + brief)[0] < 0.5


def test_unspaced_scripts_are_compared() -> None:
    text = "東京都は月曜日、新しい橋の開通式を隅田川で行った。市長は二年間の工事を経て三百四十億円をかけた橋を誇りに思うと述べた。"
    other = (
        "大阪の野球チームは日曜日の試合で延長十二回の末に逆転勝ちし、監督は若い投手の粘り強さを高く評価したと話した。"
    )
    assert verdict(text, text + "多くの住民が雨の中で式を見守った。")[0] > 0.5
    assert verdict(text, other)[0] < 0.2


def test_two_texts_are_shown_side_by_side() -> None:
    told = explain(FERRY, TEXTS["coast-wire-update"])
    assert told.score > 0.9
    assert told.blocks[0].a_start == 0
    assert told.blocks[-1].a_end == len(FERRY)
    for before, after in zip(told.blocks, told.blocks[1:], strict=False):
        assert (before.a_end, before.b_end) == (after.a_start, after.b_start)
    assert "Thirteen" in told.names_only_b or "Eleven" in told.names_only_a
    shared = [FERRY[block.a_start : block.a_end] for block in told.blocks if block.shared]
    assert any("booms laid around the hull" in passage for passage in shared)


def test_a_template_is_told_by_its_numbers() -> None:
    told = explain(TEXTS["halvard"], TEXTS["nordstrand"])
    assert told.template
    assert "the same form" in told.reason
    assert "43.1" in told.numbers_only_a


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_can_be_explained(a: str, b: str) -> None:
    told = explain(a, b)
    assert 0 <= told.score <= 1
    assert sum(block.a_end - block.a_start for block in told.blocks) == len(a)
    assert sum(block.b_end - block.b_start for block in told.blocks) == len(b)
