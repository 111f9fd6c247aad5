"""Invented texts for the property tests: news-like lines, every kind of damage, and characters that break naive code."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = """the council said on Monday that a bridge over river Arn would open after two years of work and
cost 3.4 million crowns mayor Ilse Brandt told reporters it was “very, very” late but safe New York U.S. don’t
Hamas's p.m. 6 Nov. www.example.com café naïve Größe résumé 東京 ニュース привет мир هذا الخبر Δήμος""".split()

FURNITURE = [
    "Leave a Comment",
    "Source link",
    "Related Articles",
    "Share on Facebook",
    "Sign up to our newsletter",
    "Your email address will not be published. Required fields are marked *",
    "© 2024 Harbour News. All rights reserved.",
    "Read more",
    "Advertisement",
    "Home",
    "Mehr zum Thema",
    "Lire aussi",
    "Leia também",
    "By Ada Quill",
    "LEEDS, Friday —",
    "Load-Date: March 3, 2021",
    "10:42",
    "1,204 views",
]

DAMAGE = [
    "â€œQuietâ€\x9d",
    "cafÃ©",
    "&amp;amp; &rsquo;s",
    "said. . These",
    "the the",
    "do so to do. So.",
    "spoke to condition of anonymity",
    "said.The",
    "word ,word",
    "won. do not",
    "\ufb01nal",
    "so\xadft",
    "zero\u200bwidth",
    "nb\xa0sp",
    "e\u0301t\u00e9",
    "it\ufffds",
    "T he",
    "govern-\nment",
    "… [+3421 chars]",
]

STRANGE = [
    "\r\n",
    "\r",
    "\n\n\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\t",
    "\u3000",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\x00",
    "\x9d",
    "\U0001f469\u200d\U0001f680",
    "\ud800",
    "\ufdd0",
    "\U000f0000",
    "¶",
    "{}",
    "\\",
    "<b>",
    "$1",
]

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(lambda words: " ".join(words) + ".")
pieces = st.one_of(
    sentences,
    sentences,
    st.sampled_from(FURNITURE),
    st.sampled_from(DAMAGE),
    st.sampled_from(STRANGE),
    st.text(max_size=40),
)
texts = st.lists(
    st.tuples(pieces, st.sampled_from(["\n", "\n\n", " ", "", "\n \n", "\r\n"])), min_size=0, max_size=14
).map(lambda pairs: "".join(piece + gap for piece, gap in pairs))
