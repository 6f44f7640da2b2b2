"""Writes of this app are audited, although the audit log stands above it: `ops` puts its `audit` here at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_recorders: list[Callable[..., Any]] = []


def record_with(function: Callable[..., Any]) -> None:
    """Have every write recorded by `function` (the signature of ops.audit.audit); the last one given counts."""
    _recorders[:] = [function]


def record(action: str, thing: Any, **details: Any) -> None:
    """Record one write, inside its transaction. Raises RuntimeError where nothing records: no write goes unseen."""
    if not _recorders:
        raise RuntimeError(f"{action} cannot be recorded: no audit log is installed")
    _recorders[0](action, thing, **details)
