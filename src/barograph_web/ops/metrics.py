"""Prometheus metrics: counted by the middleware while the process lives, and read from the database when asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from barograph import __version__
from barograph.errors import BarographError
from barograph_web.ops import health
from barograph_web.ops.models import RunState
from barograph_web.ops.workspace import now

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "barograph_requests",
    "Requests answered by this process.",
    ["view", "method", "status"],
    registry=REGISTRY,
)
DURATIONS = Histogram(
    "barograph_request_seconds",
    "Time to answer, by view.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)


def observe(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request. view: its name in the URLconf, never its address: those name accounts."""
    known = method if method in {"GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    REQUESTS.labels(view, known, str(status)).inc()
    DURATIONS.labels(view).observe(seconds)


class FromDatabase:
    """What every process sees alike: runs, the queue, the worker, the newest week."""

    def collect(self) -> Iterator[Metric]:
        """Read when Prometheus asks. What cannot be read is left out, and `barograph_up` says so."""
        up = GaugeMetricFamily(
            "barograph_up", "1 when database and workspace could be read.", labels=["version"]
        )
        try:
            found = list(self._read(now()))
            up.add_metric([__version__], 1)
        except (DatabaseError, BarographError, OSError):
            found = []
            up.add_metric([__version__], 0)
        yield up
        yield from found

    def _read(self, moment: datetime) -> Iterator[Metric]:
        counts = health.runs_by_state()
        runs = GaugeMetricFamily("barograph_runs", "Runs by state.", labels=["state"])
        for state, count in counts.items():
            runs.add_metric([state], count)
        yield runs
        yield GaugeMetricFamily("barograph_queue_length", "Runs that wait.", value=counts[RunState.QUEUED])
        worker, week = health.worker_age(moment), health.newest_week_age(moment)
        if worker is not None:
            words = "Seconds since a worker was seen."
            yield GaugeMetricFamily("barograph_worker_seen_seconds", words, value=worker.total_seconds())
        if week is not None:
            words = "Days since the newest published week."
            yield GaugeMetricFamily("barograph_newest_week_days", words, value=week.days)


REGISTRY.register(FromDatabase())  # type: ignore[arg-type] - the collector protocol is duck-typed


def as_text() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
