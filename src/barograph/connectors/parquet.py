"""Parquet files, streamed by row group with the types that they declare."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from barograph.connectors.base import (
    BATCH_ROWS,
    ROW,
    Address,
    OnePart,
    Opened,
    ReadOptions,
    check_columns,
    positional,
)
from barograph.errors import ImportRefusedError

SUFFIXES = (".parquet", ".pq", ".parq")


class ParquetConnector(OnePart):
    """Parquet files. A column of records becomes one column per field, named with a dot."""

    name = "parquet"

    def accepts(self, address: Address) -> bool:
        return address.path is not None and address.path.suffix.lower() in SUFFIXES

    def open(self, address: Address, options: ReadOptions) -> Opened:
        shown = address.shown
        try:
            file = pq.ParquetFile(address.file)
            size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
            schema = file.schema_arrow
        except (pa.ArrowException, OSError) as error:
            raise _refusal(error, shown) from error
        if size > options.limits.file_bytes:
            raise ImportRefusedError(
                f"it unpacks to {size:,} bytes; the limit is {options.limits.file_bytes:,}.",
                where=shown,
                hint="Split the file, or raise limits.file_bytes in barograph.toml.",
            )
        columns = _flattened(schema)
        check_columns(shown, columns, options.limits)
        return Opened(shown, columns, {"rows": str(file.metadata.num_rows)}, lambda: _batches(file, shown))


def _flattened(schema: pa.Schema) -> tuple[str, ...]:
    while any(pa.types.is_struct(field.type) for field in schema):
        schema = pa.schema(
            [
                pa.field(f"{field.name}.{inner.name}", inner.type) if outer else inner
                for field in schema
                for outer, inner in _fields(field)
            ]
        )
    return tuple(schema.names)


def _fields(field: pa.Field) -> list[tuple[bool, pa.Field]]:
    if pa.types.is_struct(field.type):
        return [(True, field.type.field(i)) for i in range(field.type.num_fields)]
    return [(False, field)]


def _batches(file: pq.ParquetFile, shown: str) -> Iterator[pa.RecordBatch]:
    row = 1
    batches = file.iter_batches(batch_size=BATCH_ROWS)
    while True:
        try:
            batch = next(batches)
            table = pa.Table.from_batches([batch])
            while any(pa.types.is_struct(field.type) for field in table.schema):
                table = table.flatten()
            arrays = [_plain(column.combine_chunks()) for column in table.columns]
        except StopIteration:
            return
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _refusal(error, shown) from error
        numbers = pa.array(np.arange(row, row + batch.num_rows, dtype=np.int64))
        yield pa.record_batch([numbers, *arrays], names=[ROW, *positional(len(arrays))])
        row += batch.num_rows


def _plain(array: pa.Array) -> pa.Array:
    """The array in a type that the importer knows: text, number, boolean, date or timestamp."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain(array.dictionary_decode())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pc.binary_join(pc.cast(array, pa.list_(pa.string())), ";")
    if pa.types.is_timestamp(kind):
        return pc.cast(array, pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
    if pa.types.is_date(kind):
        return pc.cast(array, pa.date32())
    if pa.types.is_floating(kind):
        return pc.cast(array, pa.float64())
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return pc.cast(array, pa.int64())
    if pa.types.is_boolean(kind) or pa.types.is_string(kind):
        return array
    return pc.cast(array, pa.string())


def _refusal(error: Exception, shown: str) -> ImportRefusedError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return ImportRefusedError(
        f"the Parquet file cannot be read: {reason}.",
        where=shown,
        hint="Copy or export it again.",
    )
