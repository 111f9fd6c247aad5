"""Laws of cleaning: properties that hold for any text."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsclean import Article, Cleaner, CleanResult, cleaner, edits
from newsclean.settings import Settings
from strategies import texts

CLEANER = Cleaner()
EXPLICIT = st.sampled_from(["", "en", "de", "fr", "zh", "ar", "xx"])


def cleaned(text: str, language: str = "") -> CleanResult:
    return CLEANER.clean(Article("a", text, language=language))


@given(texts, EXPLICIT)
def test_replaying_the_record_gives_the_result(text: str, language: str) -> None:
    result = cleaned(text, language)
    assert edits.replay(text, result.passes) == result.text


@given(texts, EXPLICIT)
def test_undoing_the_record_gives_the_source(text: str, language: str) -> None:
    result = cleaned(text, language)
    assert edits.undo(result.text, result.passes) == text


@given(texts, EXPLICIT)
def test_the_record_as_json_undoes_the_result(text: str, language: str) -> None:
    result = cleaned(text, language)
    row = json.loads(json.dumps(result.to_dict()))
    assert edits.undo(row["text"], edits.from_record(row["edits"])) == text


@settings(max_examples=250)
@given(texts, EXPLICIT)
def test_cleaning_twice_changes_nothing_more(text: str, language: str) -> None:
    once = cleaned(text, language)
    # The language of the article is not detected again: what is left may be too little to tell it by.
    again = cleaned(once.text, once.metadata["language"] or "xx")
    assert again.text == once.text


def test_the_language_is_that_of_the_repaired_letters() -> None:
    told = """Το λιμάνι άνοιξε ξανά τη Δευτέρα, είπε ο δήμαρχος, και τα πλοία έφυγαν για τα νησιά μετά από εννέα εβδομάδες.

Οι κάτοικοι περίμεναν στην προβλήτα από το πρωί, και πολλοί είπαν ότι δεν το πίστευαν πια μέχρι να δουν το πλοίο."""
    page = told + "\n\nΔιαβάστε επίσης: Η καταιγίδα έκλεισε το λιμάνι"
    result = Cleaner().clean(page.encode().decode("latin-1"))
    assert (result.text, result.metadata["language"]) == (told, "el")
    # What the user says of the language is not told anew.
    assert Cleaner().clean({"text": page.encode().decode("latin-1"), "language": "en"}).metadata["language"] == "en"


@given(texts)
def test_repairing_twice_changes_nothing_more(text: str) -> None:
    once = CLEANER.repair(Article("a", text, language="en"))
    assert CLEANER.repair(Article("a", once.text, language="en")).text == once.text


@given(texts, EXPLICIT)
def test_the_record_is_well_formed(text: str, language: str) -> None:
    result = cleaned(text, language)
    for one in result.passes:
        assert one.edits, "a pass without edits is not recorded"
        at = 0
        for edit in one.edits:
            assert edit.start >= at
            assert edit.before != edit.after
            assert edit.rule
            assert edit.reason
            assert edit.family
            assert 0 <= edit.certainty <= 1
            at = edit.end
    assert len({one.name for one in result.passes}) == len(result.passes)
    for flag in result.flags:
        assert 0 <= flag.start <= flag.end <= len(text)
        assert flag.kind
        assert flag.rule
        assert flag.reason
        assert 0 <= flag.score <= 1


@given(st.lists(texts, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_a_result_does_not_depend_on_the_other_articles(several: list[str], random: object) -> None:
    articles = [Article(str(number), text) for number, text in enumerate(several)]
    alone = {article.id: CLEANER.clean(article) for article in articles}
    random.shuffle(articles)  # type: ignore[attr-defined]
    for result in CLEANER.clean_batch(articles):
        assert result.to_dict() == alone[result.article.id].to_dict()


def test_more_articles_than_are_cleaned_together_come_out_as_each_does_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"Ferry {n} sails\n\nThe ferry sailed again on day {n} , the company said .\n\nLeave a Comment"
        for n in range(7)
    ]
    texts.insert(3, "The harbour of Vesby is long. " * 20)
    alone = [CLEANER.clean(text).to_dict() for text in texts]
    together: list[int] = []
    run = Cleaner._run_batch

    def count(self: Cleaner, articles: list[Article], *, lines_too: bool) -> list[CleanResult]:
        together.append(len(articles))
        assert len(articles) == 1 or sum(len(article.text) for article in articles) <= 200
        return run(self, articles, lines_too=lines_too)

    monkeypatch.setattr(Cleaner, "_run_batch", count)
    monkeypatch.setattr(cleaner, "BATCH_CHARACTERS", 200)
    assert [one.to_dict() for one in CLEANER.clean_batch(texts)] == alone
    assert [one.to_dict() for one in CLEANER.pipe(iter(texts), workers=1)] == alone
    # The long one by itself, as many of the others as have 200 characters.
    assert together[: len(together) // 2] == [2, 1, 1, 2, 2]


@given(texts)
def test_a_rule_switched_off_leaves_no_trace_by_any_entry_point(text: str) -> None:
    result = cleaned(text)
    rules = sorted({edit.edit.rule for edit in result.edits} | {flag.rule for flag in result.flags})
    if not rules:
        return
    off = Cleaner(Settings.of(ignore=rules))
    for again in (off.clean(Article("a", text)), off.clean_batch([text])[0], off.repair(text)):
        assert not {edit.edit.rule for edit in again.edits} & set(rules)
        assert not {flag.rule for flag in again.flags} & set(rules)


@given(texts)
def test_repair_removes_no_line(text: str) -> None:
    result = CLEANER.repair(text)
    assert not any(one.name.startswith("lines") for one in result.passes)


def test_a_cleaner_travels_to_another_process() -> None:
    text = "The bridge opens on Monday.\n\nLeave a Comment"
    copy = pickle.loads(pickle.dumps(CLEANER))
    assert copy.clean(text).to_dict() == CLEANER.clean(text).to_dict()


@given(
    st.sampled_from(
        ["Größe 100\xa0%", "👩\u200d🚀 lands", "می\u200cخواهم", "« Oui », dit-il", "¿Qué?", "ＡＢＣ「東京」"]
    )
)
def test_what_languages_set_on_purpose_survives(text: str) -> None:
    for language in ("", "fr", "fa", "ja", "es", "de"):
        kept = cleaned(f"Before it.\n\n{text}\n\nAfter it.", language).text
        assert text.replace("\xa0", " ") in kept.replace("\xa0", " ")
