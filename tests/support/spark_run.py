"""All templates on generated facts, on any engine; `python -m support.spark_run MASTER FOLDER` does it on Spark."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pyarrow as pa

from barograph.definitions.model import Population
from barograph.engines.base import SignalEngine
from barograph.engines.spark.engine import SparkEngine
from support.oracle_compare import run
from support.oracle_facts import day_number
from support.oracle_signals import SIGNALS
from support.signal_data import Raw, build_raw

ZONE = "America/New_York"
DAYS = tuple(day_number(date(2024, 10, 21)) + 7 * week for week in range(3))
SOME = tuple(signal for many in SIGNALS.values() for signal in many[:4])
"""Up to four signals of each template."""


def some_raw() -> Raw:
    """Facts with nulls, duplicates, ties, late rows and corrections."""
    return build_raw(43, DAYS, timezone=ZONE)


def computed(engine: SignalEngine, folder: Path, raw: Raw) -> pa.Table:
    """The signals of everybody in all weeks."""
    return run(engine, folder, raw, SOME, DAYS, population=Population(rule="accounts"), timezone=ZONE)


def main() -> None:
    """Compute on the master named and leave the rows in FOLDER/rows.arrow."""
    master, folder = sys.argv[1], Path(sys.argv[2])
    table = computed(SparkEngine(master, folder, buckets=4), folder / "raw", some_raw())
    with pa.OSFile(str(folder / "rows.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


if __name__ == "__main__":
    main()
