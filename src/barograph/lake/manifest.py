"""The manifest: the one list of the files that count, replaced atomically at each publication."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from barograph.errors import LakeError

# mypy cannot check recursive JSON through dict invariance without casts at every use; values are checked
# where they are read.
JSON = Any

FORMAT = 1
RESTORE = "Restore the workspace from a backup, or delete the lake folder and import again."


@dataclass(frozen=True, slots=True)
class Entry:
    """One published file. `path` is relative to the lake, with `/`; `bytes` is its size when published."""

    path: str
    rows: int
    bytes: int
    partition: Mapping[str, str] = field(default_factory=dict)
    meta: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def generation(self) -> int:
        """The publication that brought the file in; its name begins with it."""
        return int(PurePosixPath(self.path).name.partition("-")[0])

    def matches(self, partition: Mapping[str, str]) -> bool:
        """True when every given key has the given value here."""
        return all(self.partition.get(key) == value for key, value in partition.items())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is published: generation 0 is an empty lake, and each publication adds one.

    `retired` are files that an earlier generation named, with the generation that dropped them; they stay on
    disk for two more publications so that a reader of the older manifest is not cut off. `record` is the
    journal record of this publication, kept here so that a run killed before writing it loses nothing.
    """

    generation: int = 0
    datasets: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    marks: Mapping[str, JSON] = field(default_factory=dict)
    retired: tuple[tuple[str, int], ...] = ()
    record: Mapping[str, JSON] | None = None

    def entries(self, dataset: str, partition: Mapping[str, str] | None = None) -> tuple[Entry, ...]:
        """Entries of `dataset` that match `partition`, in publication order; empty when there is none."""
        found = self.datasets.get(dataset, ())
        return tuple(e for e in found if e.matches(partition)) if partition else found

    def rows(self, dataset: str) -> int:
        """Rows in all files of `dataset`."""
        return sum(entry.rows for entry in self.entries(dataset))

    def files(self) -> frozenset[str]:
        """Every path that must stay on disk: published or retired."""
        published = (entry.path for entries in self.datasets.values() for entry in entries)
        return frozenset(published) | {path for path, _ in self.retired}

    def to_text(self) -> str:
        """The manifest as JSON, the same text for the same content."""
        document = {
            "format": FORMAT,
            "generation": self.generation,
            "datasets": {
                name: [
                    {
                        "path": e.path,
                        "rows": e.rows,
                        "bytes": e.bytes,
                        "partition": dict(e.partition),
                        "meta": dict(e.meta),
                    }
                    for e in entries
                ]
                for name, entries in self.datasets.items()
            },
            "marks": dict(self.marks),
            "retired": [list(pair) for pair in self.retired],
            "record": self.record,
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(file: Path) -> Manifest:
    """The manifest in `file`; an empty one when there is no file.

    Raises LakeError when the file is cut short, is of a newer format, or names a path outside the lake.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Manifest()
    try:
        document = json.loads(text)
        version = document["format"]
        if version != FORMAT:
            raise LakeError(
                f"manifest format {version} is not {FORMAT}, the one this version reads.",
                where=str(file),
                hint="Use the version of Barograph that wrote this workspace, or a newer one.",
            )
        return Manifest(
            generation=int(document["generation"]),
            datasets={name: tuple(map(_entry, entries)) for name, entries in document["datasets"].items()},
            marks=document["marks"],
            retired=tuple((_inside(path), int(at)) for path, at in document["retired"]),
            record=document["record"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(f"the manifest cannot be read ({error}).", where=str(file), hint=RESTORE) from error


def _entry(item: Mapping[str, JSON]) -> Entry:
    return Entry(
        path=_inside(item["path"]),
        rows=int(item["rows"]),
        bytes=int(item["bytes"]),
        partition=dict(item["partition"]),
        meta=dict(item["meta"]),
    )


def _inside(path: str) -> str:
    """`path` itself; a manifest that was tampered with must not make us read or delete elsewhere."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        raise ValueError(f"path {path!r} leads out of the lake")
    return path
