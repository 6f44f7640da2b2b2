"""The engine that a workspace's settings name."""

from __future__ import annotations

from barograph.engines.base import SignalEngine
from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.engines.spark.engine import SparkEngine
from barograph.workspace import Workspace


def engine_of(workspace: Workspace) -> SignalEngine:
    """The engine of `[engine]` in barograph.toml, DuckDB without it. Nothing of Spark is loaded before it computes."""
    wanted = workspace.settings.engine
    if wanted.kind == "duckdb":
        return DuckDBEngine(memory_limit=wanted.memory, threads=wanted.threads)
    folder = workspace.inside(wanted.folder) if wanted.folder else workspace.path / "lake"
    return SparkEngine(
        master=wanted.master, folder=folder, buckets=wanted.buckets, memory_limit=wanted.memory
    )
