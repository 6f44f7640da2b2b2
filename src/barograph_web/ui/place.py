"""What pages say of the workspace itself: its name and the currency of its money. Read once per workspace."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from barograph.workspace import Settings, Workspace


def reporting_currency() -> str:
    """ISO 4217 code of the workspace's reporting currency."""
    return _settings(Path(settings.WORKSPACE)).currency.reporting


def workspace_name() -> str:
    """The workspace's name."""
    return _settings(Path(settings.WORKSPACE)).name


@lru_cache(maxsize=8)
def _settings(folder: Path) -> Settings:
    return Workspace.open(folder).settings
