"""What is known of each article while copies are looked for: facts and sketches on disk, a few numbers in memory.

A million articles take some 150 MB of memory and 4 GB of temporary files (TMPDIR says where).
"""

from __future__ import annotations

import marshal
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO, overload

import numpy as np

from newsclean import gist
from newsclean.anchors import Sketch
from newsclean.arrays import Float, Int64, UInt32
from newsclean.index import moment

# Chooses the one that stands for its copies from a cluster's articles (sorted by id, without their texts).
Policy = Callable[["Sequence[Piece]"], "Piece"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A cleaned article as copies are looked for among them. The title is kept for reasons, never compared."""

    id: str
    text: str
    source: str = ""
    published: str = ""
    title: str = ""
    url: str = ""
    language: str = ""
    agency: tuple[str, ...] = ()
    quality: int = 0  # edits and flags of its cleaning: fewer is cleaner
    characters: int = 0  # of the text; filled in when the text is let go


class Shelf:
    """Records by number, on disk. The file vanishes with the shelf."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="newsclean-", buffering=0)  # noqa: SIM115 -- as long as this lives
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, records: Iterable[bytes]) -> None:
        """Put records behind those that are there."""
        together = list(records)
        self._file.seek(self._ends[-1])
        self._file.write(b"".join(together))
        end = self._ends[-1]
        for record in together:
            end += len(record)
            self._ends.append(end)

    def get(self, number: int) -> bytes:
        """One record."""
        begin, end = self._ends[number], self._ends[number + 1]
        self._file.seek(begin)
        return self._file.read(end - begin)


class Collection:
    """Articles by number, in the order in which they came."""

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}  # in order; a dict, because an id must not come twice
        self._facts, self._sketches, self._gists = Shelf(), Shelf(), Shelf()
        self._sources: dict[str, int] = {}
        self._source, self._quality, self._characters = array("i"), array("i"), array("i")
        self._moment = array("d")

    def __len__(self) -> int:
        return len(self._moment)

    def add(self, pieces: Sequence[Piece], sketches: Sequence[bytes], gists: Sequence[bytes] = ()) -> None:
        """Put articles, whose ids are not there yet, behind the others; of a text only sketch and gist are kept."""
        self.ids.update(dict.fromkeys(one.id for one in pieces))
        self._facts.add(
            marshal.dumps((one.source, one.published, one.title, one.url, one.language, one.agency)) for one in pieces
        )
        self._sketches.add(sketches)
        self._gists.add(gists)
        for one in pieces:
            self._source.append(self._sources.setdefault(one.source, len(self._sources)))
            self._quality.append(min(one.quality, 1 << 30))
            self._characters.append(one.characters or len(one.text))
            when = moment(one.published)
            self._moment.append(np.nan if when is None else when)

    def fact(self, number: int) -> Piece:
        """What is known of one article, without its text."""
        source, published, title, url, language, agency = marshal.loads(self._facts.get(number))
        return Piece(
            "", "", source, published, title, url, language, agency, self._quality[number], self._characters[number]
        )

    def sketch(self, number: int) -> Sketch:
        """What one article is compared by."""
        return Sketch.read(self._sketches.get(number))

    def gist(self, number: int) -> UInt32:
        """What one article is about; as far as its sketch tells, where no gist was given."""
        return gist.read(self._gists.get(number)) if len(self._gists) else gist.of_sketch(self.sketch(number))

    def columns(self) -> tuple[list[str], Float, list[str]]:
        """Ids, moments of publication (seconds since 1970; not a number where unknown) and sources."""
        names = list(self._sources)
        moments = np.frombuffer(self._moment, np.float64).copy()
        return list(self.ids), moments, [names[one] for one in self._source]


class Ranked(Sequence[Piece]):
    """The articles of some collections in the order of their ids, whatever order they came in.

    An id stands in one of the collections only. Numbers go on from one collection to the next.
    """

    def __init__(self, *collections: Collection) -> None:
        self._held = collections
        ids, moments, sources = [], [], []
        for one in collections:
            own_ids, own_moments, own_sources = one.columns()
            ids += own_ids
            moments.append(own_moments)
            sources += own_sources
        self.numbers: Int64 = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
        self.ids = [ids[number] for number in self.numbers]
        self.moments: Float = np.concatenate([np.zeros(0), *moments])[self.numbers]
        codes: dict[str, int] = {}
        self.sources: Int64 = np.array([codes.setdefault(one, len(codes)) for one in sources], np.int64)[self.numbers]

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, rank: int) -> Piece: ...

    @overload
    def __getitem__(self, rank: slice) -> list[Piece]: ...

    def __getitem__(self, rank: int | slice) -> Piece | list[Piece]:
        if isinstance(rank, slice):
            return [self[one] for one in range(*rank.indices(len(self)))]
        held, number = self._place(rank)
        return replace(held.fact(number), id=self.ids[rank])

    def sketch(self, rank: int) -> Sketch:
        """What one article is compared by."""
        held, number = self._place(rank)
        return held.sketch(number)

    def gist(self, rank: int) -> UInt32:
        """What one article is about."""
        held, number = self._place(rank)
        return held.gist(number)

    def _place(self, rank: int) -> tuple[Collection, int]:
        number = int(self.numbers[rank])
        for held in self._held:
            if number < len(held):
                return held, number
            number -= len(held)
        raise IndexError(rank)

    def ranks(self) -> Int64:
        """The rank of each article, by its number."""
        found = np.empty(len(self.numbers), np.int64)
        found[self.numbers] = np.arange(len(self.numbers))
        return found


class Few(Ranked):
    """The same for the few articles that one new article is held against, all in memory."""

    def __init__(self, pieces: Sequence[Piece], sketches: Sequence[Sketch]) -> None:
        self._pieces, self._sketches = pieces, sketches
        self.ids = [one.id for one in pieces]
        self.numbers = np.arange(len(pieces))
        self.moments = np.array([np.nan if (when := moment(one.published)) is None else when for one in pieces], float)
        codes: dict[str, int] = {}
        self.sources = np.array([codes.setdefault(one.source, len(codes)) for one in pieces], np.int64)

    @overload
    def __getitem__(self, rank: int) -> Piece: ...

    @overload
    def __getitem__(self, rank: slice) -> list[Piece]: ...

    def __getitem__(self, rank: int | slice) -> Piece | list[Piece]:
        return list(self._pieces[rank]) if isinstance(rank, slice) else self._pieces[rank]

    def sketch(self, rank: int) -> Sketch:
        """What one article is compared by."""
        return self._sketches[rank]
