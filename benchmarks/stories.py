"""Fresh made-up copies and non-copies from real articles: other recipes and seeds than those that anything was fitted on.

    python benchmarks/stories.py --data ../shared/bench [--seeds 101 102 103] [--articles 1500] [--keep FOLDER]

From cleaned articles of n1 that no pair of n1 lists; each story has up to three of the copies below. Non-copies: the same
template with other figures, the same disclaimer, the same gallery of captions under two articles, a follow-up that ends
in the background of an earlier article. Figures are for pairs within and across stories, per recipe for a copy and its
original. Seeds of this table were never used to choose anything.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from copy_sets import cleaned, folder, parser, scorer, texts  # the script beside this one
from newsclean.duplicates import Finder, Piece

Story = list[str]  # sentences
SENTENCE = re.compile(r"(?<=[.!?][\"”’']) +(?=[A-Z“\"])|(?<=[.!?]) +(?=[A-Z“\"])|\n+")
MISREAD = {"rn": "m", "m": "rn", "l": "1", "o": "0", "e": "c", "cl": "d", "i": "l", "h": "b", "u": "n", "t": "f"}


def cut(story: Story, chance: random.Random, pool: Story) -> Story:
    return story[: max(5, round(len(story) * chance.uniform(0.25, 0.75)))]


def tail(story: Story, chance: random.Random, pool: Story) -> Story:
    """The last fifth goes, another article's sentences follow, as where related stories were taken for the text."""
    at = chance.randrange(len(pool) - 8)
    return [*story[: round(len(story) * 0.8)], *pool[at : at + chance.randint(3, max(3, len(story) // 4))]]


def update(story: Story, chance: random.Random, pool: Story) -> Story:
    """New numbers in places, two new sentences, one gone, the first told anew."""
    said = [
        re.sub(r"\b\d+\b", lambda m: str(int(m[0][:9]) + 1) if chance.random() < 0.3 else m[0], one) for one in story
    ]
    del said[chance.randrange(1, len(said))]
    for _ in range(2):
        said.insert(chance.randint(1, len(said)), chance.choice(pool))
    words = said[0].split(" ")
    return [" ".join(words[len(words) // 2 :] + words[: len(words) // 2]), *said[1:]]


def spun(share: float) -> Callable[[Story, random.Random, Story], Story]:
    """Content words replaced by others, the same one by the same, as by a thesaurus."""

    def spin(story: Story, chance: random.Random, pool: Story) -> Story:
        others: dict[str, str] = {}
        words = [word for one in chance.sample(pool, 40) for word in re.findall(r"\b[a-z]{5,}\b", one)]

        def other(match: re.Match[str]) -> str:
            if match[0] not in others:
                others[match[0]] = chance.choice(words) if chance.random() < share else match[0]
            return others[match[0]]

        return [re.sub(r"\b[a-z]{5,}\b", other, one) for one in story]

    return spin


def scanned(story: Story, chance: random.Random, pool: Story) -> Story:
    """One word in twelve misread."""

    def misread(word: str) -> str:
        if chance.random() < 1 / 12:
            for right, wrong in chance.sample(sorted(MISREAD.items()), len(MISREAD)):
                if right in word:
                    return word.replace(right, wrong, 1)
        return word

    return [" ".join(map(misread, one.split(" "))) for one in story]


def excerpt(story: Story, chance: random.Random, pool: Story) -> Story:
    """A run from anywhere, six sentences at least."""
    size = max(6, round(len(story) * chance.uniform(0.3, 0.5)))
    at = chance.randint(0, max(0, len(story) - size))
    return story[at : at + size]


def shuffled(story: Story, chance: random.Random, pool: Story) -> Story:
    """Paragraphs of three sentences in another order, behind the first."""
    blocks = [story[at : at + 3] for at in range(3, len(story), 3)]
    chance.shuffle(blocks)
    return story[:3] + [one for block in blocks for one in block]


COPIES: dict[str, Callable[[Story, random.Random, Story], Story]] = {
    "cut to 25-75 %": cut,
    "another's tail": tail,
    "updated": update,
    "15 % of words spun": spun(0.15),
    "40 % of words spun": spun(0.40),
    "scanned, 1 word in 12 wrong": scanned,
    "excerpt from anywhere": excerpt,
    "paragraphs shuffled": shuffled,
}
DISCLAIMER = (
    "This material is provided for general information and is not an offer to buy or sell any security. Past results do not "
    "promise future returns, and the value of an investment may fall as well as rise. Figures were believed to be correct "
    "when they were compiled, but no warranty is given, and readers should take advice of their own before they act on them. "
    "The publisher, its directors and its staff may hold positions in the companies named in this report, and may change "
    "them at any time without notice. Reproduction in any form needs written consent."
)
TEMPLATE = (
    "{a} on {day} reported a {quarter}-quarter profit of ${n1}.{n2} million. On a per-share basis, the {b}-based company said it "
    "had net income of {n3} cents. Earnings, adjusted for one-time gains and costs, came to {n4} cents per share. The results "
    "topped Wall Street expectations. The average estimate of {n5} analysts was for earnings of {n6} cents per share. The "
    "company posted revenue of ${n7}.{n8} million in the period, against ${n9} million a year before. {a} expects full-year "
    "earnings in the range of ${n10} to ${n11} per share, with revenue of about ${n12} million. Its shares have risen {n13} "
    "percent since the beginning of the year and closed at ${n14} on {day}."
)


def made(stories: list[Story], captions: list[Story], seed: int) -> tuple[list[Piece], dict[str, str], dict[str, str]]:
    """Articles, the story of each, and what each was made by."""
    chance = random.Random(seed)
    pool = [one for story in chance.sample(stories, min(200, len(stories))) for one in story if len(one) > 40]
    pieces: list[Piece] = []
    of: dict[str, str] = {}
    by: dict[str, str] = {}

    def put(said: Story, story: str, recipe: str) -> None:
        id_ = f"s{len(pieces):06d}"
        paragraphs = [" ".join(said[at : at + 3]) for at in range(0, len(said), 3)]
        pieces.append(Piece(id_, "\n\n".join(paragraphs), language="en"))
        of[id_], by[id_] = story, recipe

    chance.shuffle(stories)
    for number, story in enumerate(stories):
        put(story, f"o{number}", "original")
        for recipe in chance.sample(sorted(COPIES), chance.choice((0, 1, 2, 3))):
            put(COPIES[recipe](story, chance, pool), f"o{number}", recipe)
        if number % 5 == 0:
            put([*chance.sample(pool, 8), DISCLAIMER], f"d{number}", "disclaimer")
        if number % 5 == 1:
            gallery = captions[(number // 25) % len(captions)]
            put([*chance.sample(pool, 14), *gallery], f"g{number}", "gallery")
        if number % 5 == 2:
            put(
                [*chance.sample(pool, len(story) // 2 + 6), *story[-max(4, len(story) // 4) :]],
                f"f{number}",
                "follow-up",
            )
        if number % 5 == 3:
            figures = {f"n{at}": chance.randint(2, 99) for at in range(1, 15)}
            names = re.findall(r"\b[A-Z][a-z]{4,}\b", " ".join(chance.sample(pool, 30)))
            day, quarter = chance.choice(("Monday", "Tuesday", "Thursday")), chance.choice(("first", "second", "third"))
            said = TEMPLATE.format(
                a=" ".join(chance.sample(names, 2)), b=chance.choice(names), day=day, quarter=quarter, **figures
            )
            put([said], f"t{number}", "template")
    return pieces, of, by


def main() -> None:
    """A Markdown table, a column for each seed."""
    options = parser(__doc__)
    options.add_argument("--seeds", nargs="+", type=int, default=[101, 102, 103])
    options.add_argument("--articles", type=int, default=1500)
    told = options.parse_args()
    data = folder(told)
    listed = {row[side] for row in scorer(data).rd(data / "n1_dev_pairs.jsonl") for side in ("a", "b")}
    articles = cleaned(texts(data, "n1"), told.keep, "n1")
    plain = [
        [one.strip() for one in SENTENCE.split(text) if one.strip()] for id_, text in articles if id_ not in listed
    ]
    plain = [story for story in plain if 12 <= len(story) <= 60]
    columns: list[dict[str, str]] = []
    for seed in told.seeds:
        chance = random.Random(seed)
        chosen = chance.sample(plain, min(told.articles, len(plain)))
        captions = [[one for story in chance.sample(plain, 12) for one in story[:2]] for _ in range(12)]
        pieces, of, by = made(chosen, captions, seed)
        report = Finder().add(pieces).report()
        group = {member: one.id for one in report.clusters for member in one.members}
        right = wrong = 0
        merged: Counter[str] = Counter()
        inside = defaultdict(list)
        for id_, one in group.items():
            inside[one].append(id_)
        for members in inside.values():
            for at, a in enumerate(members):
                for b in members[at + 1 :]:
                    same = of[a] == of[b]
                    right, wrong = right + same, wrong + (not same)
                    if not same:
                        merged[" and ".join(sorted({by[a], by[b]}))] += 1
        sizes = Counter(of.values())
        every = sum(size * (size - 1) // 2 for size in sizes.values())
        original = {of[id_]: id_ for id_, recipe in by.items() if recipe == "original"}
        found: Counter[str] = Counter(
            by[id_] for id_ in by if by[id_] in COPIES and group[id_] == group[original[of[id_]]]
        )
        count = Counter(by.values())
        precision, recall = right / max(right + wrong, 1), right / every
        columns.append(
            {
                "articles": f"{len(pieces):,}",
                "precision": f"{precision:.4f}",
                "recall": f"{recall:.4f}",
                "F1": f"{2 * precision * recall / (precision + recall):.4f}",
                **{recipe: f"{found[recipe] / count[recipe]:.3f}" for recipe in COPIES},
                "false pairs": f"{wrong} ({', '.join(f'{kind} {n}' for kind, n in merged.most_common(4)) or 'none'})",
            }
        )
    print("| seed | " + " | ".join(map(str, told.seeds)) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


if __name__ == "__main__":
    main()
