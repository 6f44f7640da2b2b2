"""Runs a compiled script on Spark: buckets of accounts side by side, each by the default engine's own steps.

Spark lays the facts out by account, schedules, and tries again what fails; the arithmetic of a bucket is the same
code as on one machine, so that the numbers are the same (docs/adr/0010-one-arithmetic-for-all-engines.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa

from barograph.engines.duckdb.connection import connect
from barograph.engines.duckdb.engine import DuckDBEngine, check_references, compiled
from barograph.engines.duckdb.script_run import ScriptRun
from barograph.engines.spark.buckets import bucket_files, write_buckets
from barograph.engines.spark.session import spark_session
from barograph.errors import BarographError
from barograph.signals.request import SignalRequest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Tables = dict[str, pa.Table]
Work = Callable[[int], Tables]
"""Bucket -> named tables that a task made of it."""
RESULT = "bucket int, name string, rows binary"


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """The engine for a cluster.

    master: local[N], spark://host:port or sc://host:port. folder: where facts are laid out by account, readable and
    writable under the same path by every worker (None: the system's temporary folder, for local work only).
    buckets: parts that the accounts are spread over; each must fit into a task's memory. memory_limit: of a task.
    Workers need Python with barograph installed.
    """

    master: str = "local[2]"
    folder: Path | None = None
    buckets: int = 16
    memory_limit: str = "2GiB"

    def compute(self, request: SignalRequest) -> pa.Table:
        """See `SignalEngine.compute`. Raises UsageError naming pyspark, Java or the address when one is missing,
        BarographError with Spark's first words when a task fails for good."""
        check_references(request)
        request = replace(request, sources={t: paths for t, paths in request.sources.items() if paths})
        if not request.sources:
            return DuckDBEngine(memory_limit=self.memory_limit).compute(request)
        spark = spark_session(self.master, self.buckets)
        with TemporaryDirectory(prefix="barograph-buckets-", dir=self.folder) as place:
            folder = Path(place)
            empty = write_buckets(spark, request.sources, folder, self.buckets)
            part = _Part(request, folder, empty, self.memory_limit)
            spans = _together(self._run(spark, part.spans))
            shared = {name: _ipc(table) for name, table in spans.items()}
            found = self._run(spark, lambda bucket: {"rows": part.rows(bucket, shared)})
        rows = _together(found)["rows"]
        return rows.sort_by([("as_of", "ascending"), ("account_id", "ascending")])

    def _run(self, spark: SparkSession, work: Work) -> list[tuple[str, pa.Table]]:
        """Named tables of all buckets."""

        def tasks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for bucket in batch.column(0).to_pylist():
                    made = work(int(bucket))
                    yield pa.RecordBatch.from_pydict(
                        {
                            "bucket": pa.array([int(bucket)] * len(made), pa.int32()),
                            "name": list(made),
                            "rows": pa.array([_ipc(table) for table in made.values()], pa.binary()),
                        }
                    )

        frame = spark.range(0, self.buckets, 1, self.buckets).mapInArrow(tasks, RESULT)
        try:
            found = frame.toArrow().to_pylist()
        except Exception as error:
            told = [line for line in str(error).splitlines() if line.strip()]
            raise BarographError(
                f"Spark could not compute the signals: {told[-1] if told else error}"
            ) from error
        return [(row["name"], _table(row["rows"])) for row in found]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a task needs to know; travels to the workers."""

    request: SignalRequest
    folder: Path
    empty: Mapping[str, Path]
    memory_limit: str

    def spans(self, bucket: int) -> Tables:
        """When each source has facts of the bucket's accounts."""
        return self._with(bucket, _spans)

    def rows(self, bucket: int, shared: Mapping[str, bytes]) -> pa.Table:
        """The signals of the bucket's accounts."""
        return self._with(
            bucket, lambda work: {"rows": _rows(work, {n: _table(t) for n, t in shared.items()})}
        )["rows"]

    def _with(self, bucket: int, step: Callable[[ScriptRun], Tables]) -> Tables:
        request = replace(self.request, sources=bucket_files(self.folder, self.empty, bucket))
        with connect(memory_limit=self.memory_limit, threads=1) as connection:
            return step(ScriptRun(connection, compiled(connection, request), len(request.days)))


def _spans(work: ScriptRun) -> Tables:
    work.number_entities()
    work.view_sources()
    return work.spans()


def _rows(work: ScriptRun, spans: Tables) -> pa.Table:
    entities = work.number_entities()
    work.load_sources(None)
    work.share(spans)
    return work.rows(0, entities)


def _together(found: list[tuple[str, pa.Table]]) -> Tables:
    names = dict.fromkeys(name for name, _ in found)
    return {name: pa.concat_tables([table for other, table in found if other == name]) for name in names}


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_stream(data).read_all()
