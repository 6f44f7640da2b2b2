"""NDJSON: one JSON object per line. Objects inside become columns named with a dot."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from barograph.connectors.base import (
    BATCH_ROWS,
    Address,
    Fault,
    OnePart,
    Opened,
    ReadOptions,
    check_columns,
    text_batch,
)
from barograph.connectors.text import TextFile, inspect
from barograph.errors import ImportRefusedError

SUFFIXES = (".ndjson", ".jsonl")
KEPT_OF_FAULT = 4096


class NdjsonConnector(OnePart):
    """Lines of JSON, plain or gzip. Read twice: once for the names of the columns, once for the rows."""

    name = "ndjson"

    def accepts(self, address: Address) -> bool:
        return address.path is not None and address.path.name.lower().removesuffix(".gz").endswith(SUFFIXES)

    def open(self, address: Address, options: ReadOptions) -> Opened:
        shown = address.shown
        file = inspect(address.file, shown, options.encoding, options.limits)
        names: dict[str, None] = {}
        for _, _, item in _items(file, options.limits.record_bytes):
            if item is not None:
                names.update(dict.fromkeys(item))
                if len(names) > options.limits.columns:
                    break
        columns = tuple(names)
        check_columns(shown, columns, options.limits)
        opened = Opened(
            shown,
            columns,
            {"encoding": f"{file.encoding} ({file.how})"},
            lambda: _batches(file, opened, options.limits.record_bytes),
        )
        return opened


def _batches(file: TextFile, opened: Opened, longest: int) -> Iterator[pa.RecordBatch]:
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    make = partial(text_batch, width=len(opened.columns))
    for number, line, item in _items(file, longest):
        if item is None:
            opened.faults.append(Fault(number, "one JSON object on the line", line[:KEPT_OF_FAULT]))
            continue
        rows.append([item.get(name) for name in opened.columns])
        numbers.append(number)
        if len(rows) == BATCH_ROWS:
            yield make(rows, numbers)
            rows, numbers = [], []
    if rows:
        yield make(rows, numbers)


def _items(file: TextFile, longest: int) -> Iterator[tuple[int, str, dict[str, str | None] | None]]:
    """Line number, the line, and its flat object; None in its place where the line is not an object.

    Numbers keep the text that they have in the file, so that no digit of an id is lost.
    """
    decode = json.JSONDecoder(
        parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object
    ).decode
    with file.utf8() as stream:
        lines = io.TextIOWrapper(stream, "utf-8", newline="\n")
        number = 0
        while line := lines.readline(longest):
            number += 1
            if len(line) >= longest:
                raise ImportRefusedError(
                    f"row {number:,} is longer than {longest:,} characters.",
                    where=file.shown,
                    hint="Correct the row, or raise limits.record_bytes in barograph.toml.",
                )
            if not line.strip():
                continue
            try:
                value = decode(line.strip())
            except (ValueError, RecursionError):
                value = None
            yield number, line, _flat(value) if isinstance(value, dict) else None


class _TwiceError(ValueError):
    """A key is twice in one object, and neither value can be preferred."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceError
    return found


def _flat(item: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, value in item.items():
        name = f"{prefix}{key}"
        match value:
            case dict():
                flat.update(_flat(value, f"{name}."))
            case list():
                flat[name] = ";".join(part for part in map(_scalar, value) if part is not None)
            case _:
                flat[name] = _scalar(value)
    return flat


def _scalar(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case _:
            return json.dumps(value, ensure_ascii=False)
