"""From a connector's batches to Parquet files in a scratch folder, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from barograph.connectors import ROW, Fault, Opened
from barograph.connectors.base import positional
from barograph.intake.sql import lit
from barograph.intake.values import present

_DUCK = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What the bytes of a text column have somewhere, so that nothing is looked for that is not there.

    `blanks`: spaces, other control characters, or anything beyond ASCII (among which are more blanks).
    `controls`: control characters, NUL among them. `longest` is in bytes.
    """

    blanks: bool = False
    controls: bool = False
    longest: int = 0

    def seen(self, column: pa.Array) -> Traits:
        """These traits, and those of one more batch of the column."""
        if not pa.types.is_string(column.type) or len(column) == 0:
            return self
        longest = max(self.longest, pc.max(pc.binary_length(column)).as_py() or 0)
        data = column.buffers()[2]
        if data is None or self.controls:
            return Traits(self.blanks, self.controls, longest)
        octets = np.frombuffer(data, dtype=np.uint8)
        controls = bool(((octets < 0x20) | (octets == 0x7F)).any())
        blanks = self.blanks or controls or bool(((octets == 0x20) | (octets > 0x7F)).any())
        return Traits(blanks, controls, longest)


# Text made by the mapping itself, and text about which nothing is known.
NO_TRAITS = Traits()
ANY_TRAITS = Traits(blanks=True, controls=True, longest=1 << 62)


@dataclass(frozen=True, slots=True)
class Staged:
    """A source on disk, its values untouched. `types` are DuckDB's, by position like `columns`, as `traits`.

    `faults` are the records that have no columns and so are not in `path`.
    """

    shown: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    traits: tuple[Traits, ...]
    path: Path
    facts: Mapping[str, str]
    faults: tuple[Fault, ...]

    def relation(self) -> str:
        """The rows as a FROM item, less those without any value."""
        names = positional(len(self.columns))
        filled = " OR ".join(
            f"{present(name, duck)} IS NOT NULL" for name, duck in zip(names, self.types, strict=True)
        )
        return f"(SELECT * FROM read_parquet({lit(str(self.path))}) WHERE {filled})"


def stage(opened: Opened, path: Path) -> Staged:
    """Write all batches of `opened` to `path`. Raises what the connector raises on a broken source."""
    width = len(opened.columns)
    schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in positional(width))])
    traits = [NO_TRAITS] * width
    writer: pq.ParquetWriter | None = None
    try:
        for batch in opened.batches():
            if writer is None:
                schema = batch.schema
                writer = _writer(path, schema)
            writer.write_batch(batch)
            traits = [trait.seen(column) for trait, column in zip(traits, batch.columns[1:], strict=True)]
        if writer is None:
            writer = _writer(path, schema)
    finally:
        if writer is not None:
            writer.close()
    types = tuple(_DUCK[schema.field(name).type] for name in positional(width))
    return Staged(
        opened.shown, opened.columns, types, tuple(traits), path, dict(opened.facts), tuple(opened.faults)
    )


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # Read once or twice and deleted: fast to write matters more than small.
    return pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False)
