"""The files of a finished run: joins what the parts know of each article with its cluster, row by row."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from newsclean import formats
from newsclean.errors import BadRecord, NewscleanError
from newsclean.formats import Reading, to_json
from newsclean.model import Cluster, Match, rows
from newsclean.pipeline_parts import whole_file

# Keys that newsclean gives a row of articles.jsonl. A field of the same name that came with the record is kept under
# `input`, so that neither hides the other.
OWN_KEYS = (
    "cluster",
    "canonical",
    "is_canonical",
    "relation",
    "chars",
    "removed_chars",
    "edits",
    "flags",
    "metadata",
    "encoding",
    "file",
    "id_made",
    "input",
)


@dataclass(slots=True)
class Placed:
    """Where each article stands: its cluster, and how it is related to the canonical.

    `own` has the ids that are no strings as the user wrote them; rows that are written name articles by those.
    `articles` counts those of the inputs, and `copies` those of them that another one stands for: the clusters may
    have members that lie in an index.
    """

    clusters: Sequence[Cluster] = ()
    matches: Sequence[Match] = ()
    relations: Mapping[str, str] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    articles: int = 0
    copies: int = 0
    _cluster_of: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, cluster in enumerate(self.clusters):
            for member in cluster.members:
                self._cluster_of[member] = number

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns `cluster, canonical, is_canonical, relation` of a cleaned article."""
        article_id = row["id"]
        number = self._cluster_of.get(article_id)
        if number is None:  # copies were not looked for: each article stands for itself
            own = own_id(row)
            return {"cluster": own, "canonical": own, "is_canonical": True, "relation": None}
        cluster = self.clusters[number]
        return {
            "cluster": self.own_id(cluster.id),
            "canonical": self.own_id(cluster.canonical),
            "is_canonical": cluster.canonical == article_id,
            "relation": self.relations.get(article_id),
        }

    def own_id(self, article_id: str) -> Any:
        """The id as the user wrote it."""
        return self.own.get(article_id, article_id)

    def copies_of(self, article_id: str, most: int) -> list[str]:
        """The other members of an article's cluster, at most so many: the canonical, then by id."""
        number = self._cluster_of.get(article_id)
        if number is None:
            return []
        cluster = self.clusters[number]
        members = (one for one in cluster.members if one not in (cluster.canonical, article_id))
        first = [cluster.canonical] if cluster.canonical != article_id else []
        return [*first, *islice(members, most - len(first))]

    def match_rows(self) -> Iterator[dict[str, Any]]:
        """The rows of matches.jsonl."""
        for match in self.matches:
            [row] = rows([match])
            yield {**row, "a": self.own_id(match.a), "b": self.own_id(match.b)}

    def cluster_rows(self) -> Iterator[dict[str, Any]]:
        """The rows of clusters.jsonl."""
        for cluster in self.clusters:
            yield {
                "cluster": self.own_id(cluster.id),
                "canonical": self.own_id(cluster.canonical),
                "reason": cluster.reason,
                "members": [self.own_id(member) for member in cluster.members],
                "unique_sources": cluster.unique_sources,
                "reprints": cluster.reprints,
                "earliest": cluster.earliest,
                "latest": cluster.latest,
            }


def article_row(row: Mapping[str, Any], placed: Mapping[str, Any], file: str) -> dict[str, Any]:
    """A row of articles.jsonl: the record's own fields in their order, the text cleaned, then what newsclean says."""
    own: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    fields = row["fields"]
    if fields is None:
        own["id"] = row["id"]
    else:
        if "id" not in fields:
            own["id"] = row["id"]
        for name, value in fields.items():
            if name == "id" and str(value) != row["id"]:
                own["id"], kept["id"] = row["id"], value
            elif name in OWN_KEYS:
                kept[name] = value
            else:
                own[name] = row["text"] if name == row["text_field"] else value
    if row["text_field"] in kept:
        own["text"] = row["text"]
        del kept[row["text_field"]]
    own |= placed
    own["chars"] = row["chars"]
    own["removed_chars"] = row["chars"] - len(row["text"])
    own["edits"] = len(row["edits"])
    own["flags"] = len(row["flags"])
    own["metadata"] = row["metadata"]
    if row["encoding"]:
        own["encoding"] = row["encoding"]
    if file:
        own["file"] = file
    if fields is not None and "id" not in fields:  # for undo: the id is a name that the row did not bring
        own["id_made"] = True
    if kept:
        own["input"] = kept
    return own


def edits_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of edits.jsonl, with the bytes of a text that cannot be had back from its letters."""
    own = {"id": own_id(row), "edits": row["edits"], "flags": row["flags"]}
    return {**own, "original": row["original"]} if "original" in row else own


def own_id(row: Mapping[str, Any]) -> Any:
    """The id as the user wrote it, which may be a number."""
    fields = row["fields"] or {}
    return fields["id"] if str(fields.get("id")) == row["id"] else row["id"]


# What a table gets beside the columns it came with.
TABLE_COLUMNS = ("cluster", "canonical", "is_canonical", "relation", "removed_chars")


def write_tables(output: Path, inputs: Sequence[str], reading: Reading, notes: list[str]) -> None:
    """For inputs that are all CSV or all Parquet, articles.csv or articles.parquet: their rows, cleaned and placed.

    The rows of articles.jsonl are joined with those of the inputs, which are read again because JSON keeps no types.
    The table has the columns of all inputs. One that cannot be written is left out, and `notes` says why.
    """
    kinds = {formats.format_of(one) or reading.format for one in inputs if one != "-"}
    if "-" in inputs or any(Path(one).is_dir() for one in inputs) or kinds not in ({"csv"}, {"parquet"}):
        return
    kind = kinds.pop()
    try:
        _write_table(kind, output, inputs, reading)
    except (ValueError, TypeError, KeyError, NotImplementedError, NewscleanError) as error:
        # What a value does not fit; the errors of Arrow are of these kinds.
        (output / f"articles.{kind}").unlink(missing_ok=True)
        why = " ".join(str(error).split())
        notes.append(f"articles.{kind} was not written ({why}); articles.jsonl has every article")


def _write_table(kind: str, output: Path, inputs: Sequence[str], reading: Reading) -> None:
    with (output / "articles.jsonl").open("rb") as found, whole_file(output / f"articles.{kind}") as target:
        pending = next(found, None)
        with formats.table(kind, target, inputs, TABLE_COLUMNS, reading) as write:
            for raw in formats.read(inputs, reading):
                if pending is None:
                    break
                row = json.loads(pending)
                try:
                    record = formats.parse(raw, reading)
                except BadRecord:
                    continue
                if record.article.id != str(row["id"]):  # dropped, or the second of its id
                    continue
                # As text, for a column has one type, and an id that was missing is the name of its row.
                own = {name: row[name] for name in TABLE_COLUMNS}
                own |= {name: str(row[name]) for name in ("cluster", "canonical")}
                write({**(record.fields or {}), record.text_field: row[record.text_field], **own})
                pending = next(found, None)


class Files(ExitStack):
    """The row files of a run: open together, and each appears whole at the end or not at all."""

    def __init__(self, output: Path, names: Iterable[str]) -> None:
        super().__init__()
        self._streams = {name: self.enter_context(whole_file(output / name)) for name in names}

    def add(self, name: str, row: Any) -> None:
        """One more row."""
        self._streams[name].write(f"{to_json(row)}\n".encode())


def count_edits(
    edits: Sequence[Mapping[str, Any]], lines: Counter[str], repairs: Counter[str], used: Counter[str]
) -> None:
    """Add the edits of one article to the counts: lines by family of rule, repairs by kind, and every rule by id."""
    for edit in edits:
        used[edit["rule"]] += 1
        if edit["pass"].partition(".")[0] == "lines":
            whole = [
                line for line in re.split(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", edit["before"]) if line.strip()
            ]
            lines[edit["family"]] += max(1, len(whole))
        else:
            repairs[edit["family"] or edit["rule"]] += 1
