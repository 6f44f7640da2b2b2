"""The audit journal: who wrote what, when and why, one JSON line per write, never edited."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from barograph.lake.manifest import JSON


@dataclass(frozen=True, slots=True)
class Record:
    """One write. `generation` is the manifest generation it published, null when it published none."""

    at: str
    user: str
    what: str
    reason: str = ""
    counts: Mapping[str, JSON] = field(default_factory=dict)
    generation: int | None = None

    @staticmethod
    def of(
        at: datetime, user: str, what: str, *, reason: str = "", counts: Mapping[str, JSON] | None = None
    ) -> Record:
        """A record at the instant `at`, which must carry a time zone."""
        if at.tzinfo is None:
            raise ValueError("the time of a journal record needs a time zone")
        stamp = at.astimezone(UTC).isoformat(timespec="seconds")
        return Record(stamp, user, what, reason, counts or {})


class Journal:
    """`folder/YYYY-MM.jsonl`, by the UTC month of the record."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def append(self, record: Record) -> None:
        """Add `record` and have it on the disk before returning.

        A line torn by a killed run is closed first, so that it spoils itself only.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self._file(record)
        line = json.dumps(asdict(record), ensure_ascii=False, sort_keys=True).encode() + b"\n"
        with file.open("ab+") as stream:
            if stream.seek(0, os.SEEK_END) > 0:
                stream.seek(-1, os.SEEK_END)
                if stream.read(1) != b"\n":
                    line = b"\n" + line
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())

    def has_generation(self, record: Record) -> bool:
        """True when the publication that `record` is about is in the journal already."""
        file = self._file(record)
        return file.exists() and any(r.generation == record.generation for r in _read(file))

    def records(self) -> Iterator[Record]:
        """All records, oldest month first; torn lines are left out."""
        if self.folder.exists():
            for file in sorted(self.folder.glob("*.jsonl")):
                yield from _read(file)

    def _file(self, record: Record) -> Path:
        return self.folder / f"{record.at[:7]}.jsonl"


def record_from(item: Mapping[str, JSON]) -> Record:
    """The record that `dataclasses.asdict` turned into `item`."""
    return Record(
        at=str(item["at"]),
        user=str(item["user"]),
        what=str(item["what"]),
        reason=str(item["reason"]),
        counts=dict(item["counts"]),
        generation=item["generation"],
    )


def _read(file: Path) -> Iterator[Record]:
    with file.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            try:
                yield record_from(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
