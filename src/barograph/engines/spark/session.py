"""A Spark session, or a message that says what is missing and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from barograph.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MEMORY = "2g"


def spark_session(master: str, partitions: int) -> SparkSession:
    """The session at `master`: local[N], spark://host:port, or a Spark Connect address sc://host:port.

    Raises UsageError by name when pyspark or Java is missing, or the address does not answer.
    """
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "the Spark engine needs pyspark, which is not installed.",
            hint="pip install 'barograph[spark]'",
        ) from error
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    connect = master.startswith("sc://")
    if not connect and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise UsageError(
            "the Spark engine needs Java 17 or newer, and there is none.",
            hint="Install it (Debian: apt install openjdk-17-jre-headless), or name a Spark Connect address sc://host:port.",
        )
    builder = SparkSession.builder.appName("barograph")
    try:
        if connect:
            session = builder.remote(master).getOrCreate()
        else:
            session = (
                builder.master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.ui.showConsoleProgress", "false")
                .config("spark.driver.memory", MEMORY)
                .getOrCreate()
            )
            session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, OSError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"Spark at {master} does not answer: {first}", hint="Check the address.") from error
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    session.conf.set("spark.sql.parquet.inferTimestampNTZ.enabled", "true")
    return session
