"""Approving and going back, as work that a process can die in."""

from __future__ import annotations

from pathlib import Path

from barograph.engines.duckdb.engine import DuckDBEngine
from barograph.pipeline.learn_approve import approve, rollback
from barograph.pipeline.learn_inputs import models_of
from barograph.pipeline.learn_proposals import Proposals
from barograph.pipeline.refresh import refresh
from barograph.workspace import Workspace
from support.small_workspace import MONDAY, NOW


def run_approve(folder: Path, key: str) -> None:
    """Approve a proposal of the workspace."""
    models = models_of(Workspace.open(folder))
    kept = Proposals(models.registry.folder).by_key(key)
    approve(models, kept, reason="checked", override=None, day=MONDAY, now=NOW)


def run_rollback(folder: Path) -> None:
    """Go back to the version before."""
    rollback(models_of(Workspace.open(folder)), to=None, reason="it cried wolf", day=MONDAY, now=NOW)


def run_week_after(folder: Path) -> None:
    """Score the week after the last."""
    refresh(Workspace.open(folder), DuckDBEngine(), as_of=MONDAY + 7, now=NOW)
