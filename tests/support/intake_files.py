"""Read a source whole through its connector, for the connectors' tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.connectors import Address, Fault, Opened, ReadOptions, address_of, connector_for


@dataclass(frozen=True)
class Whole:
    """All rows as tuples with their numbers, the faults, and how the source was read."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    numbers: list[int]
    faults: list[Fault]
    facts: dict[str, str]


def parts(path: str | Path, **options: Any) -> tuple[Address, ...]:
    address = address_of(path)
    return connector_for(address).parts(address, ReadOptions(**options))


def read(path: str | Path, **options: Any) -> Whole:
    """The one part of a source."""
    address = address_of(path)
    connector = connector_for(address)
    (part,) = connector.parts(address, ReadOptions(**options))
    return whole(connector.open(part, ReadOptions(**options)))


def whole(opened: Opened) -> Whole:
    rows: list[tuple[Any, ...]] = []
    numbers: list[int] = []
    for batch in opened.batches():
        records = [tuple(record.values()) for record in batch.to_pylist()]
        numbers += [record[0] for record in records]
        rows += [record[1:] for record in records]
    return Whole(opened.columns, rows, numbers, opened.faults, dict(opened.facts))
