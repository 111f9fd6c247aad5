"""Languages are told by script, stop words, and py3langid where these leave doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsclean import language

SENTENCES = {
    "ar": "قال العمدة إن الجسر الذي أغلق في الربيع سوف يفتح من جديد بعد أن انتهى العمال من إصلاح كل ما كان فيه من عيوب.",
    "cs": "Starosta řekl, že most, který byl na jaře uzavřen, bude na konci týdne znovu otevřen, a to i pro auta.",
    "da": "Borgmesteren sagde, at broen, som blev lukket i foråret, skal åbnes igen, når der er kommet nye skilte op.",
    "de": "Der Bürgermeister sagte, dass die Brücke, die im Frühjahr gesperrt worden war, bald wieder geöffnet wird.",
    "el": "Ο δήμαρχος είπε ότι η γέφυρα που είχε κλείσει την άνοιξη θα ανοίξει και πάλι στο τέλος της εβδομάδας.",
    "en": "The mayor said that the bridge, which had been closed in the spring, would be open by the end of the week.",
    "es": "El alcalde dijo que el puente, que había sido cerrado en la primavera, se abrirá de nuevo a finales de la semana.",
    "fi": "Pormestari sanoo, että silta, joka on ollut kiinni keväästä, avataan jälleen kun se on saatu valmiiksi.",
    "fr": "Le maire a dit que le pont, qui avait été fermé au printemps, sera de nouveau ouvert à la fin de la semaine.",
    "id": "Wali kota mengatakan bahwa jembatan yang ditutup sejak musim lalu akan dibuka kembali pada akhir pekan ini.",
    "it": "Il sindaco ha detto che il ponte, che era stato chiuso in primavera, sarà di nuovo aperto alla fine della settimana.",
    "ja": "市長は、春に閉鎖された橋が今週末には再び開通すると述べた。",
    "ko": "시장은 봄에 폐쇄된 다리가 이번 주말에 다시 열릴 것이라고 말했다.",
    "nl": "De burgemeester zei dat de brug, die in het voorjaar was gesloten, aan het eind van de week weer open gaat.",
    "no": "Ordføreren sa at broen, som ble stengt i vår, skal åpnes igjen etter at noen av skiltene er byttet ut.",
    "pl": "Burmistrz powiedział, że most, który został zamknięty na wiosnę, będzie znów otwarty pod koniec tygodnia.",
    "pt": "O prefeito disse que a ponte, que tinha sido fechada na primavera, será aberta de novo até o fim da semana.",
    "ru": "Мэр сказал, что мост, который был закрыт весной, снова откроют уже в конце этой недели, и не только для машин.",
    "sv": "Borgmästaren sade att bron, som hade varit stängd sedan i våras, ska öppnas igen när den är klar.",
    "tr": "Belediye başkanı ilkbaharda kapatılan köprünün bu hafta sonuna kadar açılacağını ve çok çalıştıklarını söyledi.",
    "uk": "Мер сказав, що міст, який був закритий навесні, знову відкриють уже наприкінці цього тижня, і не лише для машин.",
    "zh": "市长说,春天关闭的大桥将于本周末重新开放。",
}


@pytest.mark.parametrize("code", SENTENCES)
def test_one_sentence_tells_the_language(code: str) -> None:
    found, confidence = language.detect(SENTENCES[code])
    assert found == code
    assert confidence > 0.6


@pytest.mark.parametrize(
    "text", ["", " \n", "12:30", "👍👍👍", "x", "— — —", "฿100", "๑๒๓", "Home | News | Sport | Weather"]
)
def test_nothing_to_go_by_is_no_language(text: str) -> None:
    found, confidence = language.detect(text)
    assert found == ""
    assert confidence < 0.5


def test_a_menu_around_the_text_does_not_change_its_language() -> None:
    menu = "Home\nNews\nSport\nVideo\nContact\n" * 3
    assert language.detect(menu + SENTENCES["de"] * 4 + "\n" + menu)[0] == "de"


def test_a_foreign_quotation_does_not_change_the_language() -> None:
    assert language.detect(SENTENCES["en"] * 3 + "“" + SENTENCES["fr"] + "”" + SENTENCES["en"] * 3)[0] == "en"


def test_names_in_another_script_do_not_change_the_language() -> None:
    assert language.detect(SENTENCES["en"] + " The sign read 大桥, and below it 다리.")[0] == "en"


def test_the_same_text_has_the_same_answer_every_time() -> None:
    text = SENTENCES["nl"] + SENTENCES["da"]
    assert len({language.detect(text) for _ in range(5)}) == 1


@pytest.mark.parametrize(("tag", "code"), [("pt-BR", "pt"), ("zh_Hant_TW", "zh"), ("EN", "en"), ("", "")])
def test_a_tag_is_cut_to_its_language(tag: str, code: str) -> None:
    assert language.base(tag) == code


def test_every_list_of_stop_words_has_enough_of_them() -> None:
    lists = sorted(Path(language.__file__).parent.glob("languages/*/words.txt"))
    assert len(lists) >= 22
    for path in lists:
        words = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        assert len(words) == len(set(words)), path
        assert len(words) >= 40, path


@given(st.text() | st.text(st.sampled_from("aB ß’“é²½1_ \n\t\u00a0\u0301中\ud800"), max_size=30))
def test_words_are_runs_of_letters(text: str) -> None:
    assert [word.decode() for word in language._words(text)] == language._WORD.findall(text)


@given(st.text(st.sampled_from("aBİZ’“é½1_ \n\t\u00a0\u0301ⒶÄ\ud800"), max_size=30))
def test_words_without_foreign_letters_are_the_same_words(text: str) -> None:
    if not language._WORD.search(language._beyond_ascii(text)):
        assert language._plain_words(text) == language._words(text.lower())
