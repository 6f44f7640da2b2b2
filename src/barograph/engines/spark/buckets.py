"""Raw tables laid out by bucket of accounts, so that one task finds all facts of its accounts and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from barograph.engines.duckdb.engine import describe_files
from barograph.signals.sources import NEXT_KNOWN, Columns, has_identity

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BUCKET = "bucket"
SPARK_TYPES = {
    "VARCHAR": "string",
    "DOUBLE": "double",
    "FLOAT": "double",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "timestamp_ntz",
    "DATE": "date",
    "VARCHAR[]": "array<string>",
}
"""Types of raw columns as Spark calls them."""


def write_buckets(
    spark: SparkSession, sources: Mapping[str, Sequence[Path]], folder: Path, buckets: int
) -> dict[str, Path]:
    """Every table under `folder`/table/bucket=N/, and beside it an empty file with its columns.

    A version is superseded by the next one of its fact even when that names another account: this is settled here,
    where all versions are together (`_kt`). Returns table -> its empty file.
    """
    from pyspark.sql.functions import col, expr, pmod, xxhash64  # noqa: PLC0415 - an extra

    empty: dict[str, Path] = {}
    for table, paths in sources.items():
        frame = _read(spark, paths, describe_files(paths))
        later = expr(NEXT_KNOWN) if has_identity(table) else expr("CAST(NULL AS INT)")
        place = pmod(xxhash64(col("account_id")), expr(str(buckets)))
        frame = frame.withColumn("_kt", later).where("account_id IS NOT NULL").withColumn(BUCKET, place)
        frame.repartition(buckets, BUCKET).write.mode("overwrite").partitionBy(BUCKET).parquet(
            str(folder / table)
        )
        empty[table] = folder / f"{table}.parquet"
        pq.write_table(_schema(frame).empty_table(), empty[table])
    return empty


def bucket_files(folder: Path, empty: Mapping[str, Path], bucket: int) -> dict[str, tuple[Path, ...]]:
    """Table -> the files of one bucket; a bucket without rows of a table has its columns all the same."""
    return {
        table: (first, *sorted((folder / table / f"{BUCKET}={bucket}").glob("*.parquet")))
        for table, first in empty.items()
    }


def _read(spark: SparkSession, paths: Sequence[Path], columns: Columns) -> DataFrame:
    """All files of a table in the types that the default engine gives them; columns that some lack are null."""
    alike: dict[str, list[str]] = {}
    for path in paths:
        alike.setdefault(str(pq.read_schema(path).remove_metadata()), []).append(str(path))
    frames = []
    for files in alike.values():
        frame = spark.read.parquet(*files)
        there = set(frame.columns)
        frames.append(
            frame.selectExpr(
                *(
                    f"CAST({_quoted(c) if c in there else 'NULL'} AS {SPARK_TYPES[kind]}) AS {_quoted(c)}"
                    for c, kind in columns.items()
                )
            )
        )
    whole = frames[0]
    for frame in frames[1:]:
        whole = whole.unionByName(frame)
    return whole


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _schema(frame: DataFrame) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema  # noqa: PLC0415 - an extra

    return to_arrow_schema(frame.drop(BUCKET).schema)
