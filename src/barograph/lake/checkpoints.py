"""The points at which a run can die, by name.

Work that publishes calls `checkpoint(name)` between its steps. In production that does nothing; the tests
set `hook` to end the process at each point of `POINTS` in turn, and check that running again gives what an
uninterrupted run gives. A new publishing step adds its point here, and so is tested.
"""

from __future__ import annotations

from collections.abc import Callable

POINTS: tuple[str, ...] = (
    "transaction.locked",
    "transaction.swept",
    "import.staged",
    "import.typed",
    "import.merged",
    "import.written",
    "refresh.signals_written",
    "refresh.scores_written",
    "approve.registered",
    "approve.model_written",
    "commit.files_synced",
    "commit.manifest_aside",
    "commit.manifest_replaced",
    "commit.directory_synced",
    "commit.journal_written",
    "commit.retired_removed",
)

hook: Callable[[str], None] | None = None


def checkpoint(name: str) -> None:
    """Mark that the step `name` is done. Raises ValueError for a name that `POINTS` does not list."""
    if name not in POINTS:
        raise ValueError(f"checkpoint {name!r} is not in lake.checkpoints.POINTS")
    if hook is not None:
        hook(name)
