"""The edit record: what it says happened is what happened."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import edits
from newsclean.errors import RecordMismatch
from newsclean.model import Edit, Pass


@st.composite
def recorded(draw: st.DrawFn) -> tuple[str, list[Pass]]:
    """A text and up to three passes of edits that fit it."""
    text = start = draw(st.text(max_size=60))
    passes = []
    for number in range(draw(st.integers(0, 3))):
        cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
        made = []
        for low, high in zip(cuts[::2], cuts[1::2], strict=False):
            after = draw(st.text(max_size=5))
            if after != text[low:high] and (not made or low > made[-1].end):
                made.append(Edit(low, text[low:high], after, f"rule{number}", "because"))
        passes.append(Pass(f"pass{number}", tuple(made)))
        text = edits.apply(text, made)
    return start, passes


@given(recorded())
def test_undo_gives_the_input_back(case: tuple[str, list[Pass]]) -> None:
    text, passes = case
    assert edits.undo(edits.replay(text, passes), passes) == text


@given(recorded())
def test_the_record_as_json_is_enough_to_undo(case: tuple[str, list[Pass]]) -> None:
    text, passes = case
    rows = json.loads(json.dumps([edit.to_dict() for edit in edits.in_input(passes)]))
    assert edits.undo(edits.replay(text, passes), edits.from_record(rows)) == text


@given(recorded(), st.data())
def test_a_span_outside_all_edits_comes_from_the_same_characters(
    case: tuple[str, list[Pass]], data: st.DataObject
) -> None:
    text, passes = case
    final = edits.replay(text, passes)
    start = data.draw(st.integers(0, len(final)))
    end = data.draw(st.integers(start, len(final)))
    low, high = edits.source_span(passes, start, end)
    assert 0 <= low <= high <= len(text)
    # Following the untouched characters forward: none of them may lie outside the span they are said to come from.
    origin: list[int | None] = list(range(len(text)))
    for one in passes:
        moved: list[int | None] = []
        at = 0
        for edit in one.edits:
            moved += origin[at : edit.start] + [None] * len(edit.after)
            at = edit.end
        origin = moved + origin[at:]
    kept = [place for place in origin[start:end] if place is not None]
    assert all(low <= place < high for place in kept)
    outside = [place for place in origin[:start] + origin[end:] if place is not None]
    if kept and all(place is not None for place in origin[start:end]):
        assert not any(low <= place < high for place in outside)


@given(recorded())
def test_edits_in_the_input_cover_what_they_changed(case: tuple[str, list[Pass]]) -> None:
    text, passes = case
    for one in edits.in_input(passes):
        assert 0 <= one.input_start <= one.input_end <= len(text)
        if one.pass_name == passes[0].name:
            assert text[one.input_start : one.input_end] == one.edit.before


@pytest.mark.parametrize(
    "wrong",
    [
        [Edit(0, "x", "", "r", "not what is there")],
        [Edit(0, "ab", "", "r", "first"), Edit(1, "bc", "", "r", "overlaps")],
        [Edit(9, "a", "", "r", "behind the end")],
    ],
)
def test_a_record_of_another_text_is_refused_and_says_where(wrong: list[Edit]) -> None:
    with pytest.raises(RecordMismatch, match=r"at \d+: the record \(r\) expects"):
        edits.apply("abc", wrong)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_diff_of_two_texts_replays(before: str, after: str) -> None:
    made = edits.from_texts(before, after, start=0, rule="r", reason="why", certainty=1.0, family="f")
    assert edits.apply(before, made) == after
