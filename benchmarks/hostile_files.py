"""Files that nobody's newspaper printed: what `reliability.py hostile` feeds to a run, made from one seed.

Most are small and made by the thousand, each from its own number; a few are as large as the bounds of newsclean allow,
and there is one of each. Beside each file stands how many records it has, as far as that can be known.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import random
from collections.abc import Callable, Iterator, Sequence

WORDS = (
    "harbour council ferry keeper roof bridge winter market school train honey tide parish lamp quay field storm "
    "province board herring baker library museum tunnel valley meadow engine printer lantern orchard"
).split()
VERBS = "opened closed repaired counted visited praised delayed painted sold inherited flooded measured".split()

# One code point or sign each, of every kind that some step may stumble over.
CHARACTERS = (
    *"\x00\x07\x0b\x0c\x1a\x1c\x1d\x1e\x7f\x85\u2028\u2029\r\n\t",
    *"\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    *"\ufeff\ufffe\uffff\u200b\u200c\u200d\u2060\u00ad\ufffd\ufe0f\U000e0041\U0010ffff",
    *"\u0301\u0489\u20dd\u0e33\ufdfa\ufb01\u1100\uac00ßİıſ",
    *"“”‘’'\"()[]{}<>«»&;:.,!?|/\\*_-–—…•·#@=~^$%€",
    *("👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "â€", "Ã©", "&amp;", "&#0;", "&#xD800;", "&lt;script&gt;", "<br>", ". ", ". . ", "the the "),
    *("Share ", "Leave a Comment\n", "\n\n", "\r\n", "http://x.example/", "a\u0301", "\ud800"),
)


def article(draw: random.Random, paragraphs: int = 0, words: Sequence[str] = WORDS) -> str:
    """An invented article of about 2 KB, or of so many paragraphs."""
    return "\n\n".join(
        " ".join(
            f"The {draw.choice(words)} of the {draw.choice(words)} {draw.choice(VERBS)} the {draw.choice(words)} and the "
            f"{draw.choice(words)} near the {draw.choice(words)} in {draw.randint(1900, 2030)}."
            for _ in range(draw.randint(2, 5))
        )
        for _ in range(paragraphs or draw.randint(4, 8))
    )


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# -- small ones: each takes a source of chance and gives an ending, the bytes, and the number of records (-1: not known)

Made = tuple[str, bytes, int]


def noise(draw: random.Random) -> Made:
    return ".txt", draw.randbytes(draw.randint(0, 20_000)), 1


def flipped(draw: random.Random) -> Made:
    data = bytearray(article(draw).encode())
    for _ in range(draw.randint(1, 60)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    return ".txt", bytes(data), 1


def cut_encodings(draw: random.Random) -> Made:
    name = draw.choice(
        ["utf-8", "utf-16", "utf-8-sig", "utf-16-be", "utf-32", "cp1252", "shift_jis", "koi8-r", "gb18030"]
    )
    data = ("Größe łódź “naïve” — Привет 新聞 " * 40).encode(name, "ignore")
    return ".txt", data[: draw.randint(1, len(data))], 1


def mixed_marks(draw: random.Random) -> Made:
    marks = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff", b"+/v8"]
    text = article(draw, 1).encode(draw.choice(["utf-8", "utf-16-le", "utf-16-be"]))
    at = draw.randrange(len(text))
    return ".txt", draw.choice(marks) + text[:at] + draw.choice(marks) + text[at:], 1


def one_again_and_again(draw: random.Random) -> Made:
    return ".txt", encoded(draw.choice(CHARACTERS) * draw.randint(1, 5_000)), 1


def all_mixed(draw: random.Random) -> Made:
    return ".txt", encoded("".join(draw.choice((*CHARACTERS, "word ", "Word. ")) for _ in range(2_000))), 1


def anywhere(draw: random.Random) -> Made:
    return ".txt", encoded("".join(chr(draw.randrange(0x110000)) for _ in range(1_000))), 1


def sprinkled(draw: random.Random) -> Made:
    """An article with strange characters inside its words."""
    text = article(draw)
    for _ in range(draw.randint(1, 40)):
        at = draw.randrange(len(text))
        text = text[:at] + draw.choice(CHARACTERS) + text[at:]
    return ".txt", encoded(text), 1


def deep_bidi(draw: random.Random) -> Made:
    depth = draw.randint(1, 3_000)
    return ".txt", encoded("\u202e" * depth + article(draw, 1) + draw.choice("\u202c\u2069") * draw.randrange(depth)), 1


def separators(draw: random.Random) -> Made:
    ends = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
    return ".txt", "".join(word + draw.choice(ends) for word in article(draw).split(" ")).encode(), 1


def nested(draw: random.Random) -> Made:
    opening, closing = draw.choice([("(", ")"), ("[", "]"), ("“", "”"), ("<b>", "</b>"), ("{", "}"), ("((", ")")])
    depth = draw.randint(1, 4_000)
    return ".txt", (opening * depth + article(draw, 1) + closing * draw.randrange(depth + 1)).encode(), 1


def one_word(draw: random.Random) -> Made:
    letters = draw.choice(["a", "ab", "the", "aA", "é", "字", "a.", "a-", "A. "])
    return ".txt", (letters * draw.randint(1, 8_000)).encode(), 1


def broken_archive(draw: random.Random) -> Made:
    packing, pack = draw.choice([(".gz", lambda data: gzip.compress(data, mtime=0)), (".xz", lzma.compress)])
    data = bytearray(pack(article(draw).encode()))
    if draw.random() < 0.5:
        data[draw.randrange(8, len(data))] ^= 1 << draw.randrange(8)
    else:
        del data[draw.randrange(len(data)) :]
    return f".txt{packing}", bytes(data), 1


def strange_rows(draw: random.Random) -> Made:
    """JSONL whose values have any type, and whose ids climb, clash and are no text."""
    values = [
        None,
        1,
        1e308,
        True,
        [],
        {},
        ["x"],
        {"text": "x"},
        "",
        " ",
        "\ud800",
        "x" * 3_000,
        -(10**400),
        article(draw, 1),
    ]
    ids = ["../../etc/x", "/abs", "C:\\x", "con", "\ud800", None, ["l"], 7, "7", 7.0, "a\nb", "\u202ea", "x" * 500, ""]
    rows = [
        json.dumps(
            {
                "id": draw.choice(ids),
                "text": draw.choice(values),
                draw.choice(["title", "source", "x"]): draw.choice(values),
            }
        )
        for _ in range(draw.randint(1, 4))
    ]
    return ".jsonl", "\n".join(rows).encode(), len(rows)


def broken_rows(draw: random.Random) -> Made:
    """JSONL with one character put in or one stretch cut out, with no line end in it."""
    row = json.dumps({"id": f"r{draw.random()}", "text": article(draw, 1)})
    at = draw.randrange(len(row))
    inside = [one for one in CHARACTERS if "\n" not in one]
    row = row[:at] + (draw.choice(inside) + row[at:] if draw.random() < 0.5 else row[at + draw.randint(1, 9) :])
    return ".jsonl", encoded(row), 1 if row.strip() else 0


def bare_values(draw: random.Random) -> Made:
    lines = [
        "NaN",
        "Infinity",
        "[]",
        '"text"',
        "{}",
        "null",
        "[" * 5_000,
        '{"text":' * 3_000,
        "\x00",
        "9" * 6_000,
        "{'text': 1}",
    ]
    some = [draw.choice(lines) for _ in range(draw.randint(1, 5))]
    return ".jsonl", "\n".join(some).encode(), len(some)


def odd_name(draw: random.Random) -> Made:
    sign = draw.choice(
        [
            "\u202e",
            "\n",
            "\\",
            ":",
            "*",
            "?",
            '"',
            "<",
            "|",
            " ",
            "..",
            "~",
            "\u0301",
            "👩‍👩‍👧",
            "%00",
            "$(x)",
            "\x1b[31m",
        ]
    )
    return f"{sign}{draw.choice(['', 'con', 'x' * 180])}.txt", article(draw, 1).encode(), 1


SMALL: tuple[Callable[[random.Random], Made], ...] = (
    noise, flipped, cut_encodings, mixed_marks, one_again_and_again, all_mixed, anywhere, sprinkled, deep_bidi,
    separators, nested, one_word, broken_archive, strange_rows, broken_rows, bare_values, odd_name,
)  # fmt: skip


def small(count: int, start: int = 0) -> Iterator[tuple[str, bytes, int]]:
    """So many small files from a number on: name, bytes, records. One in fifty has a name that is no UTF-8, given as surrogates."""
    for number in range(start, start + count):
        draw = random.Random(number)
        ending, data, records = SMALL[number % len(SMALL)](draw)
        odd = "\udce9" if number % 50 == 7 else ""
        yield f"{number % 20:02d}/{number:06d}{odd}{ending}", data, records


def large() -> Iterator[tuple[str, bytes, int]]:
    """One of each thing that is too much of something."""
    draw = random.Random(5)
    million = 1_000_000
    yield "large/combining_marks.txt", encoded("e" + "\u0301" * million), 1
    yield "large/list.txt", b"".join(b"Item %d\n" % number for number in range(million))[:4_900_000], 1
    yield "large/equal_lines.txt", b"Read\n" * (million - 100_000), 1
    yield "large/bullets.txt", "".join(f"• {draw.choice(WORDS)}\n" for _ in range(400_000)).encode()[:4_900_000], 1
    yield "large/line_ends.txt", b"\n" * (4 * million), 1
    yield "large/separators.txt", ("a\u2028b\u2029c\x85" * 400_000).encode()[:4_900_000], 1
    yield "large/bidi.txt", ("\u202e" * million + "deep").encode(), 1
    yield "large/brackets.txt", b"(" * (2 * million) + b")" * (2 * million), 1
    yield "large/quotes.txt", ("“" * (million + 500_000)).encode(), 1
    yield "large/stops.txt", b". " * (2 * million), 1
    yield "large/blanks.txt", b" " * (4 * million) + b"x", 1
    yield "large/one_line.txt", b"word " * 900_000, 1
    yield "large/one_word.txt", b"a" * (4 * million), 1
    yield "large/doubled.txt", b"the the " * 500_000, 1
    yield "large/entities.txt", b"&amp;" * 900_000, 1
    yield "large/mojibake.txt", ("â€" * 900_000).encode(), 1
    yield "large/nul.txt", b"Text.\x00" * 10_000 + b"\x00" * million, 1
    yield "large/prose.txt", article(draw, 17_000).encode()[:4_900_000], 1
    yield "large/too_long.txt", b"word " * 1_100_000, 1
    yield "large/sparse.txt", b"\x00" * 40_000_000, 1
    yield "large/bomb.txt.gz", gzip.compress(b"x" * 200_000_000, mtime=0), 1
    yield "large/bomb.txt.xz", lzma.compress(b"x" * 200_000_000), 1
    yield "large/bomb.jsonl.gz", gzip.compress(b'{"text": "Good."}\n' + b"\n" * 200_000_000, mtime=0), 2
    yield "large/bomb_in_a_bomb.txt.gz", gzip.compress(gzip.compress(b"x" * 100_000_000, mtime=0), mtime=0), 1
    yield "large/long_line.jsonl", b'{"text": "' + b"x" * 40_000_000 + b'"}\n{"text": "Good."}\n', 2
    yield "large/many_fields.jsonl", json.dumps({"text": "Good.", **{f"f{n}": n for n in range(200_000)}}).encode(), 1
    yield "large/many_rows.jsonl", b'{"text": "Good."}\n' * 20_000, 20_000


def tables(count: int, start: int = 0) -> Iterator[tuple[str, bytes, int]]:
    """CSV and Parquet: unclosed quotes, rows of other lengths, headers of nothing, files cut short. -1: not known."""
    import pyarrow
    import pyarrow.parquet

    for number in range(start, start + count):
        draw = random.Random(number)
        rows = [(f"t{number}.{n}", article(draw, 1)) for n in range(5)]
        if number % 2:
            text = "id,text\n" + "".join(f'{one},"{two}"\n' for one, two in rows)
            at = draw.randrange(len(text))
            put = draw.choice(['"', '""', ",", "\n", "\r", "\x00", "\udcff", '"' * 999, ",x" * 5_000, "", "\ufeff"])
            text = text[:at] + put + text[at + draw.choice([0, 1, 400]) :]
            yield f"table{number:04d}.csv", text.encode("utf-8", "surrogateescape"), -1
        else:
            target = io.BytesIO()
            columns: dict[str, list[object]] = {"id": [one for one, _ in rows], "text": [two for _, two in rows]}
            if number % 4:
                columns["text"] = [draw.choice([None, 7, 7.5])] * 5
            pyarrow.parquet.write_table(pyarrow.table(columns), target)
            data = bytearray(target.getvalue())
            if number % 3 == 0:
                del data[draw.randrange(len(data)) :]
            elif number % 3 == 1:
                data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            yield f"table{number:04d}.parquet", bytes(data), -1
