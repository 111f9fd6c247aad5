"""Records in, cleaned records out, one after another: what `run` does part by part and `clean` does to a pipe."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from newsclean import formats, parallel
from newsclean.errors import BadRecord, ConfigError
from newsclean.formats import Raw, Reading, Record
from newsclean.model import CleanResult, Flag
from newsclean.settings import Settings

# A part: as many records as fill one batch of the cleaner, or fewer long ones.
PART_RECORDS = 64
PART_BYTES = 1_000_000

# An article of more characters is cleaned apart from the others of its part, so that its time is its own.
LONG_CHARACTERS = 100_000

# A batch slower than this is cleaned again article by article, to find the one that costs so much. Usual are 1,000,000
# to 3,000,000 characters a second; a busy machine makes that a third.
SLOW_CHARACTERS_PER_SECOND = 250_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A record and what became of it: a result, or the reason why there is none."""

    raw: Raw
    record: Record | None = None
    result: CleanResult | None = None
    failure: str = ""
    seconds: float = 0.0  # of CPU time that cleaning took; of articles cleaned together, a share by length


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What a worker does with a batch of records. `mode`: clean, repair (no line goes) or none (the text as it is)."""

    settings: Settings
    reading: Reading
    mode: str = "clean"

    def __call__(self, raws: Sequence[Raw]) -> list[Cleaned]:
        """Read each, then clean all at once."""
        found: list[Cleaned] = []
        for raw in raws:
            try:
                found.append(Cleaned(raw, formats.parse(raw, self.reading)))
            except BadRecord as error:
                found.append(Cleaned(raw, failure=error.why))
        records = [one.record for one in found if one.record]
        results = iter(self._timed(records))
        for place, one in enumerate(found):
            if one.record:
                result, seconds = next(results)
                if isinstance(result, CleanResult):
                    found[place] = replace(one, result=result, seconds=seconds)
                else:
                    found[place] = Cleaned(one.raw, failure=result)
        return found

    def _timed(self, records: list[Record]) -> list[tuple[CleanResult | str, float]]:
        """Each result with the seconds it took."""
        done: list[tuple[CleanResult | str, float]] = [("", 0.0)] * len(records)
        lengths = [len(record.article.text) for record in records]
        long = [[place] for place, length in enumerate(lengths) if length > LONG_CHARACTERS]
        short = [place for place, length in enumerate(lengths) if length <= LONG_CHARACTERS]
        for together in (short, *long):
            results, seconds = self._clock([records[place] for place in together])
            characters = sum(lengths[place] for place in together)
            own = [seconds * lengths[place] / max(1, characters) for place in together]
            if seconds >= 1 and seconds * SLOW_CHARACTERS_PER_SECOND > characters:
                # Once more, one by one: the first time may have been that of reading rules.
                own = [self._clock([records[place]])[1] for place in together]
            for place, result, spent in zip(together, results, own, strict=True):
                done[place] = (result, spent)
        return done

    def _clock(self, records: list[Record]) -> tuple[list[CleanResult | str], float]:
        began = time.thread_time()
        return self._clean(records), time.thread_time() - began

    def _clean(self, records: list[Record]) -> list[CleanResult | str]:
        from newsclean.cleaner import Cleaner

        articles = [record.article for record in records]
        if self.mode == "none":
            return [CleanResult(article, article.text) for article in articles]
        cleaner = Cleaner(self.settings)
        clean = cleaner.repair_batch if self.mode == "repair" else cleaner.clean_batch
        try:
            return [result if result.article.text.strip() else _empty(result) for result in clean(articles)]
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001 -- one by one, to find the article it is about
            if len(records) > 1:
                return [self._clean([record])[0] for record in records]
            return [f"newsclean failed on it ({type(error).__name__}: {error}); please report this as a bug"]


def _empty(result: CleanResult) -> CleanResult:
    """An article without a word is no failure, but nobody wants to find it among the others unmarked."""
    flag = Flag("empty", 0, len(result.article.text), "empty_article", "the article holds no text")
    return replace(result, flags=(*result.flags, flag))


def batches(raws: Iterable[Raw]) -> Iterator[list[Raw]]:
    """Records in parts. Where a part ends depends on the records alone."""
    batch: list[Raw] = []
    size = 0
    for raw in raws:
        batch.append(raw)
        size += raw.size
        if len(batch) == PART_RECORDS or size >= PART_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def stream(
    inputs: Sequence[str],
    settings: Settings,
    reading: Reading,
    *,
    mode: str = "clean",
    stdin: BinaryIO | None = None,
) -> Iterator[Cleaned]:
    """Every record of the inputs, cleaned, in order and as they come. Nothing is learned and nothing is kept."""
    formats.check_inputs(inputs, reading)
    raws = formats.read(inputs, reading, stdin=stdin)
    workers = settings.run.workers or parallel.cores()
    done = parallel.ordered_map(
        Cleaning(settings, reading, mode), batches(raws), workers=workers, wait_seconds=settings.run.article_seconds
    )
    for _, batch in done:
        for one in batch:
            yield Cleaned(one.item, failure=f"given up: {one.why}") if isinstance(one, parallel.Lost) else one
