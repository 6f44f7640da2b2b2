"""Erased text of pulses out of the raw table: files that hold it are written anew without it (X4).

That there was a pulse, its answers and its instants stay, and so does the digest of the row, by which an import of the
same file again is known to bring nothing new. The files before leave the disk two publications later. Done twice it
changes nothing, so that a run killed on the way is begun again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.lake import Record
from barograph.lake.store import user_name
from barograph.workspace import Workspace
from barograph_web.ops.models import Erasure
from barograph_web.portfolio.erasure import digest_of
from barograph_web.pulses.erasure import NAME

DATASET = "raw/pulses"
TEXT = "reason"


def take_out(place: Workspace, now: datetime) -> int:
    """Take the text of erased pulses out of the raw table; of how many versions it was taken.

    Raises LockedError while another process writes to the workspace.
    """
    erased = set(Erasure.objects.filter(kind=NAME).values_list("digest", flat=True))
    if not erased or not place.lake.manifest().entries(DATASET):
        return 0
    total = 0
    with place.lake.transaction("erasure") as txn:
        for entry in txn.entries(DATASET):
            (path,) = place.lake.resolve((entry,))
            table = pq.read_table(path, partitioning=None)
            cleaned, count = without_text(table, erased)
            if count:
                new = txn.new_path(DATASET, **entry.partition)
                pq.write_table(cleaned, new, compression="zstd")
                txn.drop(DATASET, [entry])
                txn.add(new, entry.rows, entry.meta)
                total += count
        if total:
            txn.record(Record.of(now, user_name(), "erasure", counts={"pulses": total}))
    return total


def without_text(table: pa.Table, erased: Collection[str]) -> tuple[pa.Table, int]:
    """The same rows, without the text of those whose key has one of these digests; how many lost it."""
    if TEXT not in table.column_names:
        return table, 0
    texts, keys = table[TEXT].to_pylist(), table["_key"].to_pylist()
    hit = [text is not None and digest_of(key) in erased for text, key in zip(texts, keys, strict=True)]
    kept = [None if gone else text for text, gone in zip(texts, hit, strict=True)]
    field = pa.field(TEXT, table.schema.field(TEXT).type, nullable=True)
    return table.set_column(table.column_names.index(TEXT), field, pa.array(kept, field.type)), sum(hit)
