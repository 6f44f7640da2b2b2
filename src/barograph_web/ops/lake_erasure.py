"""Personal text out of a raw table of the lake: files that hold it are written anew without it (X4).

The rows, their answers and their instants stay, and so does the digest of each, by which an import of the
same file again is known to bring nothing new. The files before leave the disk two publications later. Done
twice it changes nothing, so that a run killed on the way is begun again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.lake import Record
from barograph.lake.store import user_name
from barograph.workspace import Workspace
from barograph_web.ops.models import Erasure


def take_out(place: Workspace, table: str, columns: Sequence[str], *, kind: str, now: datetime) -> int:
    """Empty some columns of erased rows of a raw table, in every version; of how many versions.

    kind: under which the rows are remembered (ops.models.Erasure), by the SHA-256 of their key in the table. Raises
    LockedError while another process writes to the workspace.
    """
    dataset = f"raw/{table}"
    erased = set(Erasure.objects.filter(kind=kind).values_list("digest", flat=True))
    if not erased or not place.lake.manifest().entries(dataset):
        return 0
    total = 0
    with place.lake.transaction("erasure") as txn:
        for entry in txn.entries(dataset):
            (path,) = place.lake.resolve((entry,))
            cleaned, count = without(pq.read_table(path, partitioning=None), columns, erased)
            if count:
                new = txn.new_path(dataset, **entry.partition)
                pq.write_table(cleaned, new, compression="zstd")
                txn.drop(dataset, [entry])
                txn.add(new, entry.rows, entry.meta)
                total += count
        if total:
            txn.record(Record.of(now, user_name(), "erasure", counts={table: total}))
    return total


def without(table: pa.Table, columns: Sequence[str], digests: Collection[str]) -> tuple[pa.Table, int]:
    """The same rows, without what those of these keys say in `columns`; how many rows lost something."""
    hit = [digest_of(key) in digests for key in table["_key"].to_pylist()]
    lost = [False] * len(hit)
    for name in (name for name in columns if name in table.column_names):
        values = table[name].to_pylist()
        lost = [
            before or (gone and value is not None)
            for before, gone, value in zip(lost, hit, values, strict=True)
        ]
        kept = [None if gone else value for value, gone in zip(values, hit, strict=True)]
        field = pa.field(name, table.schema.field(name).type, nullable=True)
        table = table.set_column(table.column_names.index(name), field, pa.array(kept, field.type))
    return table, sum(lost)


def digest_of(key: str) -> str:
    """How an erased row is remembered."""
    return sha256(key.encode()).hexdigest()
