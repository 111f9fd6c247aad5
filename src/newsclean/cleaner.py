"""Article → CleanResult: encoding repairs, then lines, then sentence repairs, in one visible order, until nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from newsclean import edits, language, lines, parallel, repair_requests, repairs
from newsclean.errors import BadRecord
from newsclean.model import Article, CleanResult, Context, Findings, Flag, Pass
from newsclean.settings import Settings
from newsclean.tokens import Tokens

# Articles that are cleaned together, and characters that they may have: enough to fill NumPy's loops, few enough that memory
# stays small. 256 take a twentieth less time than 64 (median of 28 pairs).
BATCH, BATCH_CHARACTERS = 256, 2_000_000

# Articles that one of several processes gets at a time: fewer, so that all of them have work.
SHARE = 64

# A text that still changes after this many rounds is left as it is then. No text of the development sets needs more
# than five; property tests look for one that does.
MAX_ROUNDS = 12


@dataclass(slots=True)
class _Work:
    """One article on its way through the rounds."""

    article: Article
    context: Context
    text: str
    passes: list[Pass] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)  # of this round, in the input
    metadata: dict[str, Any] = field(default_factory=dict)  # language, and what removed lines told
    standing: dict[str, list[str]] = field(default_factory=dict)  # what lines that stay tell, as of this round
    map: edits.SourceMap = field(default_factory=edits.SourceMap)
    changed: bool = False
    is_plain: bool = False  # no encoding can be broken in it, whatever is taken out of it
    round: int = 0
    # What lines and sentences found when they last read this article, and in which text: a reading depends on its text and
    # context alone, so the same text is not read again.
    read: dict[str, tuple[str, Findings]] = field(default_factory=dict)
    _tokens: Tokens | None = None

    @property
    def tokens(self) -> Tokens:
        """The reading of the text as it stands that all repairs share."""
        if self._tokens is None or self._tokens.text is not self.text:
            self._tokens = Tokens(self.text)
        return self._tokens

    @property
    def suffix(self) -> str:
        """What the passes of this round bear behind their names; nothing in the first."""
        return f".{self.round}" if self.round > 1 else ""

    def tell_language(self, given: str = "") -> None:
        """Take the language that is given, or else that of the text as it stands."""
        code, confidence = (given, 1.0) if given else language.detect(self.text)
        code = language.base(code)
        self.context = Context(code, self.article.source, self.article.title, self.context.settings)
        self.metadata["language"] = code
        self.metadata["language_confidence"] = round(confidence, 3)

    def known(self, reading: str) -> Findings | None:
        """What the reading found in this very text, if it has just read it."""
        text, found = self.read.get(reading, ("", None))
        return found if text == self.text else None

    def take(self, name: str, found: Findings) -> None:
        """Apply what one reading found."""
        for flag in found.flags:
            start, end = self.map.span(flag.start, flag.end)
            self.flags.append(Flag(flag.kind, start, end, flag.rule, flag.reason, flag.score, flag.proposal))
        for key, values in found.metadata.items():
            # A removed line will not be there to tell it again; one that stays may yet be repaired.
            for value in values:
                gone = any(value in edit.before for edit in found.edits)
                known = (self.metadata if gone else self.standing).setdefault(key, [])
                if value not in known:
                    known.append(value)
        if found.edits:
            one = Pass(name, found.edits)
            self.text = edits.apply(self.text, one.edits)
            self.passes.append(one)
            self.map.add(one)
            self.changed = True
            written = "".join([edit.after for edit in found.edits])
            self.is_plain = self.is_plain and (not written or repairs.is_plain(Tokens(written)))


class Cleaner:
    """Cleans articles. Holds its settings and nothing else: picklable, thread-safe, no state between two articles.

    `repairers` are callables of your own that take a flagged sentence (repair_requests.DamagedSentence) and give its
    rewrite or None. A rewrite is admitted through the fact guard only, and recorded as a pass named `repairers`.
    """

    def __init__(
        self,
        settings: Settings | Mapping[str, Any] | None = None,
        *,
        repairers: Sequence[repair_requests.Repairer] = (),
    ) -> None:
        self.settings = Settings.of(settings)
        self.repairers = tuple(repairers)

    def clean(self, article: str | Article | Mapping[str, Any]) -> CleanResult:
        """The cleaned article with its record. Raises BadRecord if a mapping has no `text`."""
        return self.clean_batch([article])[0]

    def clean_batch(self, articles: Sequence[str | Article | Mapping[str, Any]]) -> list[CleanResult]:
        """Many articles at once, which is faster; each result is what `clean` gives for that article alone."""
        return self._run(articles, lines_too=True)

    def repair(self, article: str | Article | Mapping[str, Any]) -> CleanResult:
        """The article with encoding and sentence repairs only; no line is removed."""
        return self.repair_batch([article])[0]

    def repair_batch(self, articles: Sequence[str | Article | Mapping[str, Any]]) -> list[CleanResult]:
        """Encoding and sentence repairs only; no line is removed."""
        return self._run(articles, lines_too=False)

    def pipe(
        self, articles: Iterable[str | Article | Mapping[str, Any]], workers: int | None = None
    ) -> Iterator[CleanResult]:
        """Results in the order of the articles, as they come: the same for any number of workers.

        `workers` None takes the setting `workers`: one process for each core. With 1, and for a single batch, all of
        it happens in this process. Raises BadRecord for an article that ends its process twice.
        """
        workers = (self.settings.run.workers or parallel.cores()) if workers is None else workers
        batches = _batches(articles, SHARE if workers > 1 else BATCH)
        wait_seconds = self.settings.run.article_seconds
        for _, results in parallel.ordered_map(self.clean_batch, batches, workers=workers, wait_seconds=wait_seconds):
            for result in results:
                if isinstance(result, parallel.Lost):
                    raise BadRecord(f"article {Article.of(result.item).id!r}", f"given up: {result.why}")
                yield result

    def _run(self, articles: Sequence[str | Article | Mapping[str, Any]], *, lines_too: bool) -> list[CleanResult]:
        read = [Article.of(article) for article in articles]
        return [result for some in _batches(read) for result in self._run_batch(some, lines_too=lines_too)]

    def _run_batch(self, articles: Sequence[Article], *, lines_too: bool) -> list[CleanResult]:
        works = [self._start(article) for article in articles]
        self._rounds(works, lines_too=lines_too)
        if self.repairers:
            for work in works:
                self._ask_repairers(work)
            self._rounds([work for work in works if work.changed], lines_too=lines_too)
        return [_finish(work) for work in works]

    def _rounds(self, works: Sequence[_Work], *, lines_too: bool) -> None:
        """All readings again and again, until a round changes nothing."""
        memo = lines.Memo()
        for number in range(MAX_ROUNDS):
            active = [work for work in works if work.changed or not number]
            if not active:
                break
            for work in active:
                work.changed = False
                work.flags.clear()
                work.standing.clear()
                work.round += 1
                work.is_plain = work.is_plain or repairs.is_plain(work.tokens)
                if not work.is_plain:
                    work.take(f"encoding{work.suffix}", repairs.encoding(work.text, work.context, work.tokens))
                if not number and work.changed and not (self.settings.clean.language or work.article.language):
                    work.tell_language()  # broken letters are of no language, and their repair is
            if lines_too:
                self._read_lines(active, memo)
            self._read_sentences(active)

    def _read_lines(self, works: Sequence[_Work], memo: lines.Memo) -> None:
        """The lines of all articles at once, where they are not those that were read in the round before."""
        unread = [work for work in works if work.known("lines") is None]
        found = lines.find_many([work.text for work in unread], [work.context for work in unread], memo)
        for work, of_lines in zip(unread, found, strict=True):
            work.read["lines"] = (work.text, of_lines)
        for work in works:
            work.take(f"lines{work.suffix}", work.read["lines"][1])

    def _read_sentences(self, works: Sequence[_Work]) -> None:
        """The sentences of all articles, where they are not those that were read in the round before."""
        unread = [work for work in works if work.known("sentences") is None]
        found = repairs.sentences_of([(work.tokens, work.context) for work in unread])
        for work, of_sentences in zip(unread, found, strict=True):
            work.read["sentences"] = (work.text, of_sentences)
        for work in works:
            work.take(f"sentences{work.suffix}", work.read["sentences"][1])

    def _ask_repairers(self, work: _Work) -> None:
        """The user's own repairers see the sentences that are still flagged; what the fact guard admits is an own pass."""
        flags = repairs.sentences(work.text, work.context).flags
        kinds = frozenset(rule for one in repairs.repairs("sentences") for rule in one.rules)
        admitted = repair_requests.rewrites(work.text, flags, work.context, self.repairers, kinds)
        work.take("repairers", Findings(tuple(admitted)))

    def _start(self, article: Article) -> _Work:
        work = _Work(article, Context("", article.source, article.title, self.settings.clean), article.text)
        work.tell_language(self.settings.clean.language or article.language)
        return work


_Given = TypeVar("_Given", bound=str | Article | Mapping[str, Any])


def _batches(articles: Iterable[_Given], most: int = BATCH) -> Iterator[list[_Given]]:
    """As many articles at a time as are cleaned together."""
    batch: list[_Given] = []
    characters = 0
    for article in articles:
        text: Any = article.text if isinstance(article, Article) else article
        text = text.get("text") if isinstance(text, Mapping) else text
        size = len(text) if isinstance(text, str) else 0  # what is no text is told of when it is read
        if batch and (len(batch) == most or characters + size > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(article)
        characters += size
    if batch:
        yield batch


def _finish(work: _Work) -> CleanResult:
    passes = tuple(work.passes)
    flags = tuple(sorted(work.flags, key=lambda flag: (flag.start, flag.end, flag.kind)))
    metadata = work.metadata
    for key, values in work.standing.items():
        metadata[key] = values + [value for value in metadata.get(key, ()) if value not in values]
    return CleanResult(work.article, work.text, passes, edits.in_input(passes), flags, metadata)
