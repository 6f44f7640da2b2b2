"""One publication: files written aside, then named all at once by a new manifest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

from barograph.errors import LakeError
from barograph.lake.checkpoints import checkpoint
from barograph.lake.files import SCRATCH, publish_manifest, sync_files
from barograph.lake.journal import Journal, Record
from barograph.lake.manifest import JSON, Entry, Manifest

KEEP_RETIRED = 2
_DATASET = re.compile(r"[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)*")
_PART = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


class NewFile(NamedTuple):
    """A file written at a path that `Transaction.new_path` gave."""

    path: Path
    rows: int
    meta: Mapping[str, JSON] = {}


class Transaction:
    """What one run wants to publish. Made by `Lake.transaction`; not shared between threads.

    Nothing is visible to readers before the commit at the end of the `with` block. Without any change there
    is no new generation.
    """

    def __init__(self, root: Path, manifest: Manifest, journal: Journal | None) -> None:
        self.root = root
        self.before = manifest
        self._journal = journal
        self._datasets: dict[str, list[Entry]] = {
            name: list(found) for name, found in manifest.datasets.items()
        }
        self._marks: dict[str, JSON] = dict(manifest.marks)
        self._issued: dict[Path, tuple[str, dict[str, str]]] = {}
        self._added: list[Path] = []
        self._dropped: list[str] = []
        self._record: Record | None = None

    @property
    def generation(self) -> int:
        """The generation that this transaction will publish, if it changes anything."""
        return self.before.generation + 1

    def entries(self, dataset: str, **partition: str) -> tuple[Entry, ...]:
        """Entries as they will be after the commit."""
        return tuple(e for e in self._datasets.get(dataset, ()) if e.matches(partition))

    def mark(self, key: str) -> JSON:
        """The mark as it will be after the commit; None when it is not set."""
        return self._marks.get(key)

    def scratch(self) -> Path:
        """A folder for work in progress, deleted when the transaction ends or the next one begins."""
        folder = self.root / SCRATCH
        folder.mkdir(exist_ok=True)
        return folder

    def new_path(self, dataset: str, **partition: str) -> Path:
        """A path to write one Parquet file to; publish it with `add` or `replace`.

        Raises ValueError for a dataset or partition that cannot be a folder's name.
        """
        if not _DATASET.fullmatch(dataset):
            raise ValueError(f"dataset {dataset!r}: lower-case letters, digits, underscores and / only")
        for key, value in partition.items():
            if not _PART.fullmatch(value) or value in {".", ".."}:
                raise ValueError(f"partition {key}={value!r}: letters, digits and _ . : - only")
        folder = self.root.joinpath(dataset, *(f"{key}={value}" for key, value in partition.items()))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.generation:08d}-{len(self._issued):04d}.parquet"
        self._issued[path] = (dataset, dict(partition))
        return path

    def add(self, path: Path, rows: int, meta: Mapping[str, JSON] | None = None) -> None:
        """Publish the file written at `path`, with its number of rows, beside what is there."""
        if path not in self._issued:
            raise ValueError(f"{path} was not given by new_path")
        if path in self._added:
            raise ValueError(f"{path} was added already")
        dataset, partition = self._issued[path]
        entry = Entry(
            path.relative_to(self.root).as_posix(), rows, path.stat().st_size, partition, dict(meta or {})
        )
        self._datasets.setdefault(dataset, []).append(entry)
        self._added.append(path)

    def replace(self, dataset: str, partition: Mapping[str, str], files: Iterable[NewFile]) -> None:
        """Publish `files` in place of every entry of `dataset` that matches `partition`."""
        self.remove(dataset, **partition)
        for file in files:
            if self._issued.get(file.path, ("",))[0] != dataset:
                raise ValueError(f"{file.path} was not given by new_path for {dataset}")
            self.add(file.path, file.rows, file.meta)

    def remove(self, dataset: str, **partition: str) -> None:
        """Drop the entries of `dataset` that match `partition` (all of them without one)."""
        self.drop(dataset, self.entries(dataset, **partition))

    def drop(self, dataset: str, entries: Iterable[Entry]) -> None:
        """Drop these entries of `dataset`; their files stay for readers of the manifest before."""
        paths = {entry.path for entry in entries}
        if paths:
            self._datasets[dataset] = [e for e in self._datasets.get(dataset, []) if e.path not in paths]
            self._dropped.extend(sorted(paths))

    def set_mark(self, key: str, value: JSON) -> None:
        """Set a small value beside the datasets; None removes it."""
        if value is None:
            self._marks.pop(key, None)
        else:
            self._marks[key] = value

    def record(self, record: Record) -> None:
        """Say what this transaction is, for the audit journal. One record per transaction."""
        self._record = record

    def commit(self) -> Manifest:
        """Publish. Called by `Lake.transaction` when its block ends without an error."""
        datasets = {name: tuple(found) for name, found in self._datasets.items() if found}
        if datasets == dict(self.before.datasets) and self._marks == dict(self.before.marks):
            self._write_journal(self._record)
            return self.before
        missing = [path for path in self._added if not path.is_file()]
        if missing:
            raise LakeError(f"{missing[0].name} was added but is not on the disk.", where=str(missing[0]))
        record = replace(self._record, generation=self.generation) if self._record else None
        retired = (*self.before.retired, *((path, self.generation) for path in self._dropped))
        kept = tuple(pair for pair in retired if pair[1] > self.generation - KEEP_RETIRED)
        manifest = Manifest(self.generation, datasets, self._marks, kept, asdict(record) if record else None)
        sync_files(self.root, self._added)
        checkpoint("commit.files_synced")
        publish_manifest(self.root, manifest)
        self._write_journal(record)
        for path in {path for path, _ in retired} - manifest.files():
            (self.root / path).unlink(missing_ok=True)
        checkpoint("commit.retired_removed")
        return manifest

    def _write_journal(self, record: Record | None) -> None:
        if record is not None and self._journal is not None:
            self._journal.append(record)
            checkpoint("commit.journal_written")
