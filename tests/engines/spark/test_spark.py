"""Reference: Spark gives the numbers of the default engine, every template at once (X3); what is missing is named.

Slow: a session takes long to start, and a cluster of processes longer. `just test-spark` runs them.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pyarrow as pa
import pytest

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.engines.spark import session
from barograph.engines.spark.engine import SparkEngine
from barograph.errors import UsageError
from support.oracle_compare import changed_cells
from support.signal_data import Raw
from support.spark_run import computed, some_raw

needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or which("java") is None, reason="pyspark or Java is not there"
)
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def raw() -> Raw:
    return some_raw()


def assert_same(left: pa.Table, right: pa.Table) -> None:
    assert left.schema == right.schema
    different = changed_cells(left.to_pylist(), right.to_pylist())
    assert not different, different[:8]


@slow
@needs_spark
def test_every_template_on_local_spark(tmp_path: Path, raw: Raw) -> None:
    expected = computed(DuckDBEngine(memory_limit="1GiB", threads=1), tmp_path / "duckdb", raw)
    found = computed(SparkEngine("local[2]", tmp_path, buckets=3), tmp_path / "spark", raw)
    assert_same(found, expected)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A standalone master and two workers, each a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    import pyspark  # noqa: PLC0415 - an extra

    launcher = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = [
        [
            launcher,
            f"{deploy}.master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            "0",
        ],
        *[
            [
                launcher,
                f"{deploy}.worker.Worker",
                address,
                "-c",
                "1",
                "-m",
                "1g",
                "--webui-port",
                "0",
                "-d",
                str(tmp_path / name),
            ]
            for name in ("one", "two")
        ],
    ]
    with (tmp_path / "cluster.log").open("w") as log:
        processes = [subprocess.Popen(command, stdout=log, stderr=log) for command in commands]
        try:
            _until_registered(tmp_path / "cluster.log", workers=2)
            yield address
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(timeout=30)


def _until_registered(log: Path, workers: int) -> None:
    end = time.monotonic() + 120
    while log.read_text(errors="replace").count("Successfully registered with master") < workers:
        assert time.monotonic() < end, log.read_text(errors="replace")[-2000:]
        time.sleep(0.5)


@slow
@needs_spark
def test_a_standalone_cluster_of_two_workers(tmp_path: Path, raw: Raw, cluster: str) -> None:
    """In a process of its own, since a process has one session."""
    expected = computed(DuckDBEngine(memory_limit="1GiB", threads=1), tmp_path / "duckdb", raw)
    done = subprocess.run(
        [sys.executable, "-m", "support.spark_run", cluster, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with pa.OSFile(str(tmp_path / "rows.arrow")) as file:
        found = pa.ipc.open_file(file).read_all()
    assert_same(found, expected)


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(UsageError, match=r"pyspark.*barograph\[spark\]"):
        session.spark_session("local[1]", 1)


@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not there")
def test_without_java_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session.shutil, "which", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match=r"Java 17.*openjdk-17"):
        session.spark_session("local[1]", 1)
